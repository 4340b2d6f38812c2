// Compiles lib and bin to dist, and puts the templates beside the code that reads them.
import { execFileSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';

rmSync('dist', { recursive: true, force: true });
execFileSync('node_modules/.bin/tsc', ['-p', 'tsconfig.build.json'], { stdio: 'inherit' });
cpSync('lib', 'dist/lib', { recursive: true, filter: (path) => !path.endsWith('.ts') });
