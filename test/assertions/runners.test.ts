import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { fill, ROOT, removeTemporaries, run, temporary } from '../support.js';

removeTemporaries();

const library = (path: string) => JSON.stringify(pathToFileURL(join(ROOT, 'lib', path)).href);

const TEST = `
import test from 'node:test';
import { App, Machine, Stack } from ${library('index.ts')};
import { Template } from ${library('assertions/index.ts')};

const stack = new Stack(new App(), 's');
new Machine(stack, 'm1', { address: '192.168.56.11' });
const template = Template.fromStack(stack);

test('holds', () => template.hasMachine('m1', { cpus: 1 }));
test('fails', () => template.hasMachine('m1', { cpus: 2 }));
`;

it("works in Node's own test runner", () => {
  const folder = fill(temporary(), { 'stack.test.mjs': TEST });
  const { code, out } = run('node', ['--import', 'tsx', '--test', '--test-reporter=tap', join(folder, 'stack.test.mjs')], { cwd: ROOT });
  expect(code, out).toBe(1);
  expect(out).toMatch(/^ *ok 1 - holds$/m);
  expect(out).toMatch(/^ *not ok 2 - fails$/m);
  expect(out).toContain('Machine "m1" (s/m1) is not as expected:\n');
  expect(out).toMatch(/^ +cpus: expected 2, got 1$/m);
  expect(out).toMatch(/stack\.test\.mjs:11:/);
});
