import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { main } from '../../lib/cli/main.js';
import { contents, fill, ROOT, type RunOptions, removeTemporaries, start, temporary } from '../support.js';

removeTemporaries();

const APP = `
import { Machine, Stack, App } from ${JSON.stringify(join(ROOT, 'lib/index.ts'))};
const app = new App({ context: { name: 'default', other: 'kept' } });
const stack = new Stack(app, app.node.tryGetContext('name') + '-' + app.node.tryGetContext('other'));
new Machine(stack, 'vm', { address: process.env.ADDRESS ?? '192.168.56.5' });
app.synth();
console.log('after');
`;
const RUN_APP = `node --import ${JSON.stringify(join(ROOT, 'node_modules/tsx/dist/loader.mjs'))} app.ts`;

const project = (files: Readonly<Record<string, string>> = {}) =>
  fill(temporary(), {
    'package.json': '{"type": "module"}',
    'app.ts': APP,
    'cdk.json': JSON.stringify({ app: RUN_APP, output: 'out' }),
    ...files,
  });

const cdkv = (cwd: string, words: readonly string[], options: RunOptions = {}) =>
  start('node', ['--import', join(ROOT, 'node_modules/tsx/dist/loader.mjs'), join(ROOT, 'bin/cdkv.ts'), ...words], { cwd, ...options });

describe.concurrent('cdkv', () => {
  it('synthesises what cdk.json names', async ({ expect }) => {
    const folder = project();
    expect(await cdkv(folder, ['synth'])).toEqual({ code: 0, out: 'after\n', err: '' });
    expect(Object.keys(contents(join(folder, 'out')))).toContain('default-kept/Vagrantfile');
  });

  it('gives options the last word', async ({ expect }) => {
    const folder = project({ 'cdk.json': JSON.stringify({ app: 'false', output: 'out', context: { name: 'json', other: 'json' } }) });
    const { code, err } = await cdkv(folder, ['synth', '-a', RUN_APP, '-o', 'else/where', '-c', 'name=a', '--context', 'name=b.c']);
    expect(`${code}${err}`).toBe('0');
    expect(Object.keys(contents(join(folder, 'else/where')))).toContain('b.c-json/Vagrantfile');
  });

  it('tells errors with the line of the user, writes nothing and ends with 1', async ({ expect }) => {
    const folder = project();
    const { code, out, err } = await cdkv(folder, ['synth'], { env: { ADDRESS: '192.168.56.255' } });
    expect([code, out]).toEqual([1, '']);
    expect(err).toMatch(
      /^1 error, nothing was written\n\nerror \[reserved-address\] address 192\.168\.56\.255 .* choose another\n {4}in default-kept\/vm\n {4}at app\.ts:5:1\n/,
    );
    expect(err).not.toContain('node_modules');
    expect(Object.keys(contents(folder))).toEqual(['app.ts', 'cdk.json', 'package.json']);
  });

  it('prints warnings and ends with 0', async ({ expect }) => {
    const { code, err } = await cdkv(project(), ['synth'], { env: { ADDRESS: '192.168.100.5' } });
    expect([code, err]).toEqual([0, expect.stringContaining('warning [subnet-refused-by-virtualbox]')]);
  });

  it('overwrites with --force only', async ({ expect }) => {
    const folder = project({ 'out/default-kept/Vagrantfile': 'by hand' });
    const { code, err } = await cdkv(folder, ['synth']);
    expect([code, err]).toEqual([1, expect.stringContaining('[output-blocked]')]);
    expect((await cdkv(folder, ['synth', '--force'])).code).toBe(0);
    expect(contents(folder)['out/default-kept/Vagrantfile']).toContain('Vagrant.configure');
  });
});

describe('cdkv, asked for what it cannot do,', () => {
  afterEach(() => {
    process.chdir(ROOT);
    vi.restoreAllMocks();
  });

  /** Runs the command line in this process. */
  async function ask(words: readonly string[], json = '{"app": "true"}') {
    process.chdir(fill(temporary(), { 'cdk.json': json }));
    const [out, err] = [process.stdout, process.stderr].map((stream) => vi.spyOn(stream, 'write').mockReturnValue(true));
    const code = await main(words);
    return { code, out: out?.mock.calls.join(''), err: err?.mock.calls.join('') };
  }

  it.each([
    ['no command', [], 'unknown command ""; the only one is: synth'],
    ['another command', ['deploy'], 'unknown command "deploy"'],
    ['an unknown option', ['synth', '--fast'], '--fast'],
    ['context that is none', ['synth', '-c', 'novalue'], '"novalue" is not KEY=VALUE'],
    ['context without a name', ['synth', '-c', '=x'], '"=x" is not KEY=VALUE'],
  ])('ends with 2: %s', async (_what, words, message) => {
    expect(await ask(words)).toMatchObject({ code: 2, out: '', err: expect.stringContaining(message) });
  });

  it('ends with 2: no app', async () => {
    expect(await ask(['synth'], '{}')).toMatchObject({ code: 2, err: expect.stringContaining('no app; name it in cdk.json') });
  });

  it('ends with 2: a cdk.json that is none', async () => {
    expect(await ask(['synth'], '{')).toMatchObject({ code: 2, err: expect.stringContaining('cdk.json is no JSON') });
  });

  it('ends with 2: an app that is not there', async () => {
    expect((await ask(['synth', '-a', 'no-such-program 2>/dev/null'])).code).toBe(2);
  });

  it('ends with 0 when all went well, and helps', async () => {
    expect(await ask(['synth'])).toEqual({ code: 0, out: '', err: '' });
    expect(await ask(['--help'])).toMatchObject({ code: 0, out: expect.stringMatching(/^cdkv synth .*--force.*Example: /s) });
  });
});
