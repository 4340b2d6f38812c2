import { cpSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { fill, output, ROOT, removeTemporaries, temporary } from '../support.js';

removeTemporaries();

it('the line of the user is found wherever the project stands', () => {
  const folder = join(temporary(), 'odd (folder) #1 100% ñ');
  cpSync(join(ROOT, 'lib/core'), join(folder, 'lib/core'), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  fill(folder, {
    'package.json': '{"type": "module"}',
    'app.ts': [
      "import { BaseApp, Stack } from './lib/core/index.ts';",
      "const stack = new Stack(new BaseApp({}, []), 's');",
      'console.log(stack.createdAt.userLine);',
    ].join('\n'),
  });
  const line = output('node', ['--import', 'tsx', 'app.ts'], { cwd: folder }).trim();
  expect(line).toBe(`${join(folder, 'app.ts')}:2:15`);
});
