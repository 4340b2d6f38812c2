#!/usr/bin/env node
import './node-version.js';
import { main } from '../lib/cli/main.js';

// Whoever reads has enough (cdkv graph | head), or there is no room for more.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') process.stderr.write(`cdkv: standard output: ${error.message}\n`);
  process.exit(error.code === 'EPIPE' ? 0 : 2);
});

main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
