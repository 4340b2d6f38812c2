import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, symlinkSync, watch } from 'node:fs';
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
    expect(await cdkv(folder, ['synth'])).toEqual({
      code: 0,
      out: `after\n${join(folder, 'out')}: wrote default-kept/Vagrantfile, wrote default-kept/.gitignore, wrote default-kept/topology.svg, wrote default-kept/tree.json, wrote default-kept/manifest.json\n`,
      err: '',
    });
    expect(Object.keys(contents(join(folder, 'out')))).toContain('default-kept/Vagrantfile');
    expect(await cdkv(folder, ['synth'])).toEqual({ code: 0, out: `after\n${join(folder, 'out')}: nothing to change\n`, err: '' });
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

  it('refuses a second app of the process that would write to the folder of the first', async ({ expect }) => {
    const another = "const b = new App();\nnew Machine(new Stack(b, 'default-kept'), 'n', { address: '192.168.57.5' });\nb.synth();\n";
    const folder = project({ 'app.ts': `${APP}app.synth();\n${another}` });
    const { code, err } = await cdkv(folder, ['synth']);
    expect([code, err]).toEqual([
      1,
      expect.stringMatching(/error \[duplicate-stack\] another App of this process .*\n {4}in default-kept\n {4}at app\.ts:/),
    ]);
    expect(contents(join(folder, 'out'))['default-kept/Vagrantfile']).toContain('192.168.56.5');
    expect((await cdkv(folder, ['diff'])).code).toBe(2);
  });

  it('prints warnings and ends with 0', async ({ expect }) => {
    const { code, err } = await cdkv(project(), ['synth'], { env: { ADDRESS: '192.168.100.5' } });
    expect([code, err]).toEqual([0, expect.stringContaining('warning [subnet-refused-by-virtualbox]')]);
  });

  it('refuses warnings with --strict, and answers programs with --json', async ({ expect }) => {
    const folder = project();
    const { code, out, err } = await cdkv(folder, ['synth', '--strict', '--json'], { env: { ADDRESS: '192.168.100.5' } });
    // What the app itself prints does not get between.
    expect([code, err, JSON.parse(out)]).toEqual([
      1,
      '',
      expect.objectContaining({
        outcome: 'refused',
        outputs: [{ outdir: join(folder, 'out'), written: [], removed: [] }],
        diagnostics: [expect.objectContaining({ severity: 'warning', id: 'subnet-refused-by-virtualbox' })],
      }),
    ]);
    expect(Object.keys(contents(folder))).toEqual(['app.ts', 'cdk.json', 'package.json']);
    const quiet = await cdkv(folder, ['synth', '--quiet'], { env: { ADDRESS: '192.168.100.5' } });
    expect(quiet).toEqual({ code: 0, out: 'after\n', err: '' });
  });

  it('shows what would change, and writes nothing', async ({ expect }) => {
    const folder = project();
    const first = await cdkv(folder, ['diff']);
    expect([first.code, first.out]).toEqual([1, expect.stringContaining('5 added, 0 changed, 0 removed')]);
    expect(Object.keys(contents(folder))).toEqual(['app.ts', 'cdk.json', 'package.json']);
    await cdkv(folder, ['synth']);
    expect(await cdkv(folder, ['diff'])).toEqual({ code: 0, out: 'no difference\n', err: 'after\n' });

    cpSync(join(folder, 'out/default-kept'), join(folder, 'out/left'), { recursive: true });
    expect(await cdkv(folder, ['diff'])).toEqual({
      code: 0,
      out: 'no difference\n',
      err: expect.stringMatching(/info \[orphan-stack\] ".*\/out\/left" is of a stack that this app does not make, .*\n {4}in the app\n/),
    });
    const left = await cdkv(folder, ['synth', '--strict', '--json']);
    expect([left.code, JSON.parse(left.out)]).toEqual([
      0,
      expect.objectContaining({ outcome: 'written', diagnostics: [expect.objectContaining({ severity: 'info', id: 'orphan-stack' })] }),
    ]);
    rmSync(join(folder, 'out/left'), { recursive: true });

    const before = contents(folder);
    const changed = await cdkv(folder, ['diff'], { env: { ADDRESS: '192.168.56.77' } });
    expect(changed.code).toBe(1);
    expect(changed.out).toMatch(/^default-kept$/m);
    expect(changed.out).toMatch(/^-.*"192\.168\.56\.5".*\n\+.*"192\.168\.56\.77"/m);
    expect(changed.out).toContain('0 added, 3 changed, 0 removed');
    expect(contents(folder)).toEqual(before);

    fill(folder, { 'out/default-kept/Vagrantfile': 'by hand\n' });
    const edited = await cdkv(folder, ['diff', '--json']);
    expect([edited.code, JSON.parse(edited.out)]).toEqual([
      1,
      {
        changes: [expect.objectContaining({ kind: 'changed', path: 'default-kept/Vagrantfile' })],
        obstacles: [expect.stringContaining('was edited')],
      },
    ]);
    expect((await cdkv(folder, ['diff'], { env: { ADDRESS: 'nowhere' } })).code).toBe(2);
  });

  it('shows the tree', async ({ expect }) => {
    const folder = project();
    const text = await cdkv(folder, ['graph', '--format', 'text']);
    expect(text).toEqual({
      code: 0,
      out: 'default-kept (Stack)\n\u251c\u2500 vm (Machine)\n\u251c\u2500 Vagrantfile (OutputFile) -> Vagrantfile\n\u251c\u2500 GitIgnore (OutputFile) -> .gitignore\n\u2514\u2500 topology.svg (OutputFile) -> topology.svg\n',
      err: 'after\n',
    });
    const json = await cdkv(folder, ['graph', '--json']);
    expect([json.code, JSON.parse(json.out)]).toEqual([0, [expect.objectContaining({ id: 'default-kept', type: 'Stack' })]]);
    const mermaid = await cdkv(folder, ['graph', '--format', 'mermaid']);
    expect(mermaid.out).toBe(
      'flowchart LR\n  n0["default-kept: Stack"]\n  n1["vm: Machine"]\n  n0 --> n1\n  n2["Vagrantfile: OutputFile"]\n  n0 --> n2\n  n3["GitIgnore: OutputFile"]\n  n0 --> n3\n  n4["topology.svg: OutputFile"]\n  n0 --> n4\n',
    );
    expect(await cdkv(folder, ['graph', '--format', 'png'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('"png" is none of text, json, mermaid, svg'),
    });
    expect((await cdkv(folder, ['graph'], { env: { ADDRESS: 'nowhere' } })).code).toBe(1);
  });

  it('shows the picture of a stack', async ({ expect }) => {
    const folder = project();
    const { code, out } = await cdkv(folder, ['graph', '--svg']);
    expect([code, out]).toEqual([0, expect.stringMatching(/^<svg [\s\S]*>default-kept<[\s\S]*<\/svg>\n$/)]);
    await cdkv(folder, ['synth']);
    expect(readFileSync(join(folder, 'out/default-kept/topology.svg'), 'utf8')).toBe(out);
  });

  it.each([
    ['a picture of several stacks', ['--format', 'svg'], { code: 2, out: '', err: 'choose one with --stack: default-kept, two' }],
    ['the picture of one of them', ['--svg', '--stack', 'two'], { code: 0, out: '>two<', err: '' }],
    ['the tree of one of them', ['--stack', 'two'], { code: 0, out: 'two (Stack)\n', err: '' }],
    ['one that is not there', ['--stack', 'three'], { code: 2, out: '', err: 'no stack "three"; choose one of default-kept, two' }],
  ])('answers who asks for %s', async (_, words, { code, out, err }) => {
    const second = "new Machine(new Stack(app, 'two'), 'vm', { address: '192.168.56.6' });\napp.synth();";
    const told = await cdkv(project({ 'app.ts': APP.replace('app.synth();', second) }), ['graph', ...words]);
    expect(told).toEqual({ code, out: expect.stringContaining(out), err: expect.stringContaining(err) });
    expect(told.out).not.toContain('default-kept');
  });

  it('says why there is no picture', async ({ expect }) => {
    const folder = project({ 'app.ts': APP.replace('new App({', 'new App({ topology: false,') });
    expect(await cdkv(folder, ['graph', '--svg'])).toMatchObject({ code: 2, err: expect.stringContaining('take "topology: false" out') });
  });

  it('explains a file and a line of it', async ({ expect }) => {
    const folder = project();
    expect((await cdkv(folder, ['synth'])).code).toBe(0);
    const lines = readFileSync(join(folder, 'out/default-kept/Vagrantfile'), 'utf8').split('\n');
    const at = lines.indexOf('    node.vm.hostname = "vm"') + 1;
    const told = {
      code: 0,
      out: `default-kept/Vagrantfile:${at}: node.vm.hostname = "vm"\n  default-kept/vm (Machine)\n    at app.ts:5:1\n       new Machine(stack, 'vm', { address: process.env.ADDRESS ?? '192.168.56.5' });\n`,
      err: 'after\n',
    };
    expect(await cdkv(folder, ['explain', `out/default-kept/Vagrantfile:${at}`])).toEqual(told);
    const json = JSON.parse((await cdkv(folder, ['explain', `Vagrantfile:${at}`, '--json'])).out);
    expect(json).toMatchObject([
      { file: 'default-kept/Vagrantfile', from: at, to: at, origins: [{ construct: 'default-kept/vm', type: 'Machine' }] },
    ]);

    fill(folder, { 'out/default-kept/Vagrantfile': 'edited' });
    const whole = await cdkv(folder, ['explain', join(folder, 'out/default-kept/Vagrantfile')]);
    expect(whole.err).toContain('differs from what the app makes');
    expect(whole.out).toMatch(/^default-kept\/Vagrantfile:1-\d+\n {2}default-kept \(Stack\) at app\.ts:4:15\n/);
    expect(whole.out).toMatch(/\n {2}default-kept\/vm \(Machine\) at app\.ts:5:1\n/);
  });

  it('asks which of several stacks a file to be explained is of', async ({ expect }) => {
    const second = "new Machine(new Stack(app, 'two'), 'vm', { address: '192.168.56.6' });\napp.synth();";
    const folder = project({ 'app.ts': APP.replace('app.synth();', second) });
    expect(await cdkv(folder, ['explain', 'Vagrantfile:3'])).toMatchObject({
      code: 2,
      err: expect.stringContaining(
        'several stacks have a file "Vagrantfile"; name one of out/default-kept/Vagrantfile, out/two/Vagrantfile',
      ),
    });
    expect(await cdkv(folder, ['explain', 'two/Vagrantfile'])).toMatchObject({ code: 0, out: expect.stringContaining('two (Stack)') });
  });

  it('explains only what there is', async ({ expect }) => {
    const folder = project();
    expect(await cdkv(folder, ['explain', 'Vagrantfile:9999'])).toMatchObject({ code: 2, err: expect.stringContaining('so no line 9999') });
    expect(await cdkv(folder, ['explain', 'haproxy.cfg'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('the app makes no file "haproxy.cfg"'),
    });
    expect((await cdkv(folder, ['explain', 'Vagrantfile'], { env: { ADDRESS: 'nowhere' } })).code).toBe(1);
  });

  it('asks the real parsers', async ({ expect }) => {
    const raw = APP.replace(
      'app.synth()',
      "new OutputFile(stack, 'Script', { path: 'x.sh', render: () => 'fi\\n' });\napp.synth()",
    ).replace('import { ', 'import { OutputFile, ');
    const folder = project({ 'bad.ts': raw });
    const good = await cdkv(folder, ['check']);
    expect([good.code, good.out]).toEqual([0, expect.stringContaining('ruby -c: 1 file\n')]);
    const bad = await cdkv(folder, ['check', '--json', '-a', RUN_APP.replace('app.ts', 'bad.ts')]);
    expect(bad.code).toBe(1);
    expect(JSON.parse(bad.out).findings).toContainEqual({
      by: 'bash -n',
      file: 'default-kept/x.sh',
      line: 1,
      message: expect.stringContaining("`fi'"),
      construct: 'default-kept',
      userLine: expect.stringContaining('bad.ts:4:'),
    });
    // Nothing but node to be found: what cannot run is said, the rest runs.
    const PATH = temporary();
    symlinkSync(process.execPath, join(PATH, 'node'));
    symlinkSync('/bin/sh', join(PATH, 'sh'));
    const alone = await cdkv(folder, ['check', '-a', RUN_APP.replace('app.ts', 'bad.ts')], { env: { PATH } });
    expect(alone.out).toMatch(/bash -n did not run: bash is not installed[\s\S]*no findings/);
    expect(Object.keys(contents(folder))).toEqual(['app.ts', 'bad.ts', 'cdk.json', 'package.json']);
  });

  it('makes a new app, beside what is there', async ({ expect }) => {
    const folder = fill(temporary(), {
      'package.json': '{"name": "mine", "scripts": {"test": "echo \\"Error: no test specified\\" && exit 1"}}',
    });
    fill(folder, { '.gitignore': 'dist/' });
    expect((await cdkv(folder, ['init'])).code).toBe(0);
    expect(Object.keys(contents(folder))).toEqual(['.gitignore', 'app.mjs', 'cdk.json', 'package.json', 'site.mjs', 'site.test.mjs']);
    expect(JSON.parse(contents(folder)['package.json'] ?? '')).toMatchObject({
      name: 'mine',
      scripts: { test: 'node --test', synth: 'cdkv synth' },
    });
    expect(contents(folder)['.gitignore']).toBe('dist/\nnode_modules/\n.vagrant/\n');
    const before = contents(folder);
    expect(await cdkv(folder, ['init'])).toMatchObject({ code: 2, err: expect.stringContaining('"app.mjs"') });
    expect(await cdkv(folder, ['init', 'package.json'])).toMatchObject({
      code: 2,
      err: expect.stringMatching(/^cdkv: no app can be made in "package.json": .*\n$/),
    });
    expect(contents(folder)).toEqual(before);
  });

  it('says what went wrong with the app itself', async ({ expect }) => {
    const folder = project();
    expect(await cdkv(folder, ['synth', '-a', 'exit 3'])).toEqual({
      code: 2,
      out: '',
      err: 'cdkv: the app (exit 3) ended with exit code 3\n',
    });
    expect(await cdkv(folder, ['synth', '-a', 'true'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('call app.synth() at its end'),
    });
    expect((await cdkv(folder, ['synth', '-a', 'no-such-program 2>/dev/null'])).code).toBe(2);
  });

  it('puts several syntheses of one process together', async ({ expect }) => {
    const folder = project({
      'app.ts': `${APP}app.synth();
const other = new App({ outdir: 'elsewhere' });
new Machine(new Stack(other, 'two'), 'vm', { address: '192.168.56.6' });
other.synth();
`,
    });
    const env = { ADDRESS: '192.168.100.5' };
    const { code, out, err } = await cdkv(folder, ['synth'], { env });
    expect([code, out]).toEqual([0, expect.stringMatching(/out: wrote default-kept\/.*\n.*elsewhere: wrote two\/.*\n$/)]);
    expect(err.match(/subnet-refused-by-virtualbox/g)).toHaveLength(1);
    expect(JSON.parse((await cdkv(folder, ['graph', '--json'], { env })).out)).toMatchObject([{ id: 'default-kept' }, { id: 'two' }]);
  });

  it('ends the app when it is ended itself, and leaves nothing behind', async ({ expect }) => {
    const folder = project({
      'app.ts': `import { writeFileSync } from 'node:fs';\nwriteFileSync('pid', String(process.pid));\nsetTimeout(() => {}, 60_000);\n`,
    });
    const TMPDIR = temporary();
    const child = spawn('node', ['--import', join(ROOT, 'node_modules/tsx/dist/loader.mjs'), join(ROOT, 'bin/cdkv.ts'), 'synth'], {
      cwd: folder,
      env: { ...process.env, TMPDIR },
      stdio: 'ignore',
    });
    await vi.waitUntil(() => existsSync(join(folder, 'pid')), { timeout: 30_000 });
    child.kill('SIGTERM');
    expect(await new Promise((done) => child.once('exit', done))).toBe(143);
    const pid = Number(readFileSync(join(folder, 'pid'), 'utf8'));
    const state = () =>
      existsSync(`/proc/${pid}/status`) ? /^State:\s+(\w)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] : 'none';
    await vi.waitUntil(() => ['none', 'Z', undefined].includes(state()), { timeout: 10_000 });
    expect(readdirSync(TMPDIR).filter((name) => name.startsWith('cdkv-'))).toEqual([]);
  });

  it('leaves nothing behind when it is ended before the app runs', async ({ expect }) => {
    const TMPDIR = temporary();
    const watcher = watch(TMPDIR);
    const child = spawn('node', ['--import', join(ROOT, 'node_modules/tsx/dist/loader.mjs'), join(ROOT, 'bin/cdkv.ts'), 'synth'], {
      // A shell that is told while it starts a program may forget it, so that one ends soon.
      cwd: project({ 'cdk.json': '{"app": "sleep 2"}' }),
      env: { ...process.env, TMPDIR },
      stdio: 'ignore',
    });
    watcher.on('change', (_, name) => !child.killed && name.toString().startsWith('cdkv-') && child.kill('SIGINT'));
    expect(await once(child, 'exit')).toEqual([130, null]);
    watcher.close();
    expect(readdirSync(TMPDIR).filter((name) => name.startsWith('cdkv-'))).toEqual([]);
  });

  it('ends quietly when its reader has enough', async ({ expect }) => {
    const folder = project();
    const command = `node --import ${join(ROOT, 'node_modules/tsx/dist/loader.mjs')} ${join(ROOT, 'bin/cdkv.ts')} graph --json | true`;
    expect(await start('sh', ['-c', command], { cwd: folder })).toEqual({ code: 0, out: '', err: 'after\n' });
  });

  it('answers programs when it fails, too', async ({ expect }) => {
    const folder = project();
    const refused = await cdkv(folder, ['diff', '--json'], { env: { ADDRESS: 'nowhere' } });
    expect([refused.code, JSON.parse(refused.out)]).toEqual([
      2,
      { outcome: 'refused', diagnostics: expect.arrayContaining([expect.objectContaining({ id: 'bad-address' })]) },
    ]);
    const failed = await cdkv(folder, ['check', '--json', '-a', 'true']);
    expect([failed.code, JSON.parse(failed.out)]).toEqual([2, { outcome: 'failed', message: expect.stringContaining('call app.synth()') }]);
  });

  it('does not compare for ever', async ({ expect }) => {
    const lines = (mark: string) => Array.from({ length: 60_000 }, (_, n) => `${mark} ${(n * 7919) % 60_013}\n`).join('');
    const folder = project({
      'app.ts': APP.replace(
        'app.synth()',
        `new OutputFile(stack, 'Big', { path: 'big.txt', render: () => ${JSON.stringify('')} + process.env.BIG });\napp.synth()`,
      )
        .replace('import { ', "import { readFileSync } from 'node:fs';\nimport { OutputFile, ")
        .replace('process.env.BIG', "readFileSync('big', 'utf8')"),
      big: lines('a'),
    });
    await cdkv(folder, ['synth']);
    fill(folder, { big: lines('b') });
    const { code, out } = await cdkv(folder, ['diff']);
    expect([code, out]).toEqual([1, expect.stringContaining('changed default-kept/big.txt (no text, or too different to show)')]);
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
  async function ask(words: readonly string[], json = '{"app": "true"}', folder = fill(temporary(), { 'cdk.json': json })) {
    process.chdir(folder);
    const [out, err] = [process.stdout, process.stderr].map((stream) => vi.spyOn(stream, 'write').mockClear().mockReturnValue(true));
    const code = await main(words);
    return { code, out: out?.mock.calls.join(''), err: err?.mock.calls.join('') };
  }

  it.each([
    ['another command', ['deploy'], 'unknown command "deploy"; there are synth, '],
    ['a word too many', ['synth', 'all'], '"all" is not what synth takes'],
    ['an unknown option', ['synth', '--fast'], '--fast'],
    ['context that is none', ['synth', '-c', 'novalue'], '"novalue" is not KEY=VALUE'],
    ['context without a name', ['synth', '-c', '=x'], '"=x" is not KEY=VALUE'],
    ['an output that is none', ['synth', '-o', ''], '--output is empty; see: cdkv synth --help'],
    ['an app that is none', ['synth', '--app='], '--app is empty'],
    ['two formats', ['graph', '--svg', '--format', 'text'], 'formats text and svg are asked for; choose one'],
    ['help for another command', ['help', 'deploy'], 'unknown command "deploy"'],
  ])('ends with 2: %s', async (_what, words, message) => {
    expect(await ask(words)).toMatchObject({ code: 2, out: '', err: expect.stringContaining(message) });
  });

  it('ends with 2: no app', async () => {
    expect(await ask(['synth'], '{}')).toMatchObject({ code: 2, err: expect.stringContaining('no app; name it in cdk.json') });
    const below = join(fill(temporary(), { 'cdk.json': '{"app": "true"}', 'lib/site/x': '' }), 'lib/site');
    expect(await ask(['synth'], undefined, below)).toMatchObject({
      code: 2,
      err: 'cdkv: no app; run cdkv in ../.., where a cdk.json is, or name it with --app\n',
    });
  });

  it.each([
    ['null', 'holds no object'],
    ['{"app": 5}', '"app" in cdk.json is 5; make it a text'],
    ['{"app": "true", "output": ""}', '"output" in cdk.json is ""'],
    ['{"app": "true", "context": "abc"}', '"context" in cdk.json is "abc"; make it an object'],
  ])('ends with 2: a cdk.json of %s', async (json, message) => {
    expect(await ask(['synth'], json)).toMatchObject({ code: 2, out: '', err: expect.stringContaining(message) });
  });

  it('ends with 2: a cdk.json that is none', async () => {
    expect(await ask(['synth'], '{')).toMatchObject({ code: 2, err: expect.stringContaining('cdk.json is no JSON') });
  });

  it('refuses two formats for programs, too', async () => {
    const { code, out } = await ask(['graph', '--svg', '--json']);
    expect([code, JSON.parse(out ?? '')]).toEqual([2, { outcome: 'failed', message: 'formats json and svg are asked for; choose one' }]);
  });

  it('notes keys of cdk.json that look like its own', async () => {
    const told = await ask(['synth'], '{"app": "true", "outptu": "x", "contex": {}, "watch": {}, "requireApproval": "never", "apps": 1}');
    expect(told.err).toMatch(
      /^cdk\.json has "outptu", which cdkv does not read; it reads "output"\n.*"contex".*; it reads "context"\ncdkv: /,
    );
  });

  it('helps', async () => {
    expect(await ask([])).toMatchObject({ code: 2, out: expect.stringContaining('cdkv COMMAND --help') });
    expect(await ask(['--help'])).toMatchObject({ code: 0, out: expect.stringMatching(/synth .*\n {2}diff /) });
    expect(await ask(['synth', '--help'])).toMatchObject({
      code: 0,
      out: expect.stringMatching(/cdkv synth .*--force.*Exit codes.*Examples: /s),
    });
    expect(await ask(['help', 'synth'])).toEqual(await ask(['synth', '--help']));
    expect(await ask(['--version'])).toMatchObject({ code: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
  });
});
