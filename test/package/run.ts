// What npm gives to a user, tried as the README says: packed, its types looked at (attw), installed into an empty project, required,
// imported, type-checked; then `cdkv init`, its test, `cdkv synth`, what `cdkv` does where things go wrong, and Jest. Needs the registry;
// run by `npm run test:package`.
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
const work = mkdtempSync(join(tmpdir(), 'cdkv-package-'));
const project = join(work, 'project');

function sh(command: string, cwd = project): string {
  console.log(`$ ${command}`);
  return execFileSync('sh', ['-c', command], { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
}

/** Runs a program, whatever comes of it. */
function attempt(program: string, words: readonly string[], cwd = project) {
  console.log(`$ ${program.replace(work, '')} ${words.join(' ')}`);
  return spawnSync(program, words, { cwd, encoding: 'utf8', timeout: 30_000 });
}

async function until(what: string, isSo: () => boolean): Promise<void> {
  for (let n = 0; !isSo(); n++) {
    assert(n < 500, `it takes too long until ${what}`);
    await pause(20);
  }
}

/** An app of one machine. */
const appOf = (address: string, end = 'app.synth();') => `import { App, Machine, Size, Stack } from 'cdk-vagrant';
const app = new App();
new Machine(new Stack(app, 's'), 'vm', { address: '${address}' });
${end}
`;

try {
  interface Packed {
    readonly filename: string;
    readonly size: number;
    readonly unpackedSize: number;
    readonly files: readonly { readonly path: string }[];
  }
  const [packed] = JSON.parse(sh(`npm pack --json --pack-destination ${work}`, PROJECT).replace(/^[^[]*/, '')) as Packed[];
  assert(packed !== undefined);
  console.log(
    `  ${packed.files.length} files, ${Math.round(packed.size / 1000)} kB packed, ${Math.round(packed.unpackedSize / 1000)} kB unpacked`,
  );
  const surplus = packed.files
    .map(({ path }) => path)
    .filter((path) => !/^(dist\/|docs\/|package\.json$|README\.md$|LICENSE$|CHANGELOG\.md$)/.test(path));
  assert.deepEqual(surplus, [], 'the package holds only what is needed');

  sh(`npx attw ${join(work, packed.filename)} --profile esm-only`, PROJECT);

  mkdirSync(project);
  sh('npm init -y');
  sh(`npm install --no-audit --no-fund ${join(work, packed.filename)} constructs`);
  assert.deepEqual(
    readdirSync(join(project, 'node_modules'))
      .filter((name) => !name.startsWith('.'))
      .sort(),
    ['cdk-vagrant', 'constructs', 'diff'],
    'it brings nothing else along',
  );
  assert.equal(sh('npx cdkv --version').trim(), JSON.parse(readFileSync(join(PROJECT, 'package.json'), 'utf8')).version);

  const uses =
    "new App(); if (typeof Template.fromStack !== 'function' || typeof difference !== 'function' || typeof runLoad !== 'function' || typeof renderPage !== 'function' || typeof LoadTest !== 'function') throw new Error('missing');";
  const names = [
    ['{ App }', 'cdk-vagrant'],
    ['{ Template }', 'cdk-vagrant/assertions'],
    ['{ difference }', 'cdk-vagrant/cli'],
    ['{ runLoad }', 'cdk-vagrant/load'],
    ['{ renderPage }', 'cdk-vagrant/report'],
    ['{ LoadTest }', 'cdk-vagrant/trials'],
  ] as const;
  const imports = names.map(([what, from]) => `import ${what} from '${from}';`).join('\n');
  writeFileSync(join(project, 'esm.mjs'), `${imports}\n${uses}\n`);
  writeFileSync(join(project, 'cjs.cjs'), `${names.map(([what, from]) => `const ${what} = require('${from}');`).join('\n')}\n${uses}\n`);
  sh('node esm.mjs && node cjs.cjs');
  writeFileSync(
    join(project, 'load.mjs'),
    `import { createServer } from 'node:http';
import { runLoad } from 'cdk-vagrant/load';
const server = createServer((_, response) => response.end()).listen(0, '127.0.0.1', async () => {
  const url = 'http://127.0.0.1:' + server.address().port;
  const { sent, failed } = await runLoad({ url, paths: ['/'], timeoutMs: 5000, rate: 20, durationMs: 500 });
  if (sent !== 10 || failed !== 0) throw new Error(sent + ' sent, ' + failed + ' failed');
  server.close();
});
`,
  );
  sh('node load.mjs');
  writeFileSync(
    join(project, 'types.mts'),
    `${imports}\nconst app: App = new App();\nexport const made = app.assemble();\nexport const used = [Template, difference, runLoad, renderPage, LoadTest];\n// @ts-expect-error no such option\nnew App({ nonsense: 1 });\n`,
  );
  for (const resolution of ['nodenext', 'bundler']) {
    const module = resolution === 'nodenext' ? 'nodenext' : 'esnext';
    sh(
      `${join(PROJECT, 'node_modules/.bin/tsc')} --noEmit --strict --types "" --module ${module} --moduleResolution ${resolution} types.mts`,
    );
  }
  for (const file of ['esm.mjs', 'cjs.cjs', 'load.mjs', 'types.mts']) rmSync(join(project, file));

  sh('npx cdkv init');
  sh('npm test');
  const checked = '--noEmit --allowJs --strict --types "" --module nodenext';
  sh(`${join(PROJECT, 'node_modules/.bin/tsc')} ${checked} app.mjs site.mjs`);
  writeFileSync(join(project, 'wrong.mjs'), readFileSync(join(project, 'site.mjs'), 'utf8').replace('publishPort', 'publishPrt'));
  assert.match(sh(`${join(PROJECT, 'node_modules/.bin/tsc')} ${checked} wrong.mjs || true`), /'publishPrt' does not exist/);
  assert.match(sh('npx cdkv synth'), /wrote \d+ files/);
  assert.match(sh('npx cdkv synth'), /nothing to change/);
  assert.match(sh('npx cdkv diff'), /no difference/);
  assert.match(sh('npx cdkv check'), /no findings/);
  assert.match(sh('npx cdkv graph'), /^site \(Stack\)\n/);
  assert.equal(JSON.parse(sh('npx cdkv doctor --json || true')).ailments.length > 5, true);
  assert.equal(sh('npx cdkv graph | head -n 1'), 'site (Stack)\n');
  assert(readdirSync(join(project, 'synth-out/site')).includes('Vagrantfile'));

  const cdkv = join(project, 'node_modules/.bin/cdkv');
  writeFileSync(join(project, 'refused.mjs'), appOf('nowhere'));
  for (const [code, ...words] of [
    [1, 'synth'],
    [1, 'check'],
    [1, 'graph'],
    [1, 'explain', 'Vagrantfile'],
    [1, 'doctor'],
    [2, 'diff'],
  ] as const) {
    const { status, stdout, stderr } = attempt(cdkv, [...words, '-a', 'node refused.mjs']);
    assert.deepEqual([status, stdout], [code, '']);
    assert.match(stderr, /^1 error, nothing was written\n\nerror \[bad-address\] [^\n]*\n {4}in s\/vm\n {4}at refused\.mjs:3:1\n/);
  }

  writeFileSync(join(project, 'throws.mjs'), appOf('192.168.56.5', 'Size.mebibytes(-1);'));
  const thrown = attempt(cdkv, ['synth', '--json', '-a', 'node throws.mjs']);
  assert.deepEqual(
    [thrown.status, JSON.parse(thrown.stdout)],
    [2, { outcome: 'failed', message: 'the app (node throws.mjs) ended with exit code 1' }],
  );
  assert.match(thrown.stderr, /throws\.mjs:4:6/, "the user's line is told");
  assert(thrown.stderr.length < 3000, `an uncaught error prints ${thrown.stderr.length} characters`);

  writeFileSync(
    join(project, 'sleeps.mjs'),
    "import { writeFileSync } from 'node:fs';\nsetTimeout(() => {}, 60_000);\nwriteFileSync('pid', String(process.pid));\n",
  );
  const TMPDIR = join(work, 'temporary');
  mkdirSync(TMPDIR);
  const sleeping = spawn(cdkv, ['synth', '-a', 'node sleeps.mjs'], {
    cwd: project,
    env: { ...process.env, TMPDIR },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [sleeping.stdout, sleeping.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const ended = once(sleeping, 'close');
  await until('the app runs', () => existsSync(join(project, 'pid')));
  sleeping.kill('SIGINT');
  assert.deepEqual([...(await ended), said], [130, null, '']);
  const status = `/proc/${readFileSync(join(project, 'pid'), 'utf8')}/status`;
  await until('the app has ended, too', () => !existsSync(status) || /^State:\s+Z/m.test(readFileSync(status, 'utf8')));
  assert.deepEqual(readdirSync(TMPDIR), []);

  mkdirSync(join(work, 'elsewhere'));
  symlinkSync(join(project, 'node_modules/cdk-vagrant/dist/cdkv.cjs'), join(work, 'elsewhere/cdkv'));
  assert.match(attempt(join(work, 'elsewhere/cdkv'), ['graph']).stdout, /^site \(Stack\)\n/);

  const odd = join(work, 'my sité');
  cpSync(project, odd, { recursive: true, verbatimSymlinks: true });
  assert.match(attempt(join(odd, 'node_modules/.bin/cdkv'), ['synth'], odd).stdout, /my sité\/synth-out: nothing to change\n$/);
  const moved = attempt(join(odd, 'node_modules/.bin/cdkv'), ['synth', '-a', 'node refused.mjs'], odd);
  assert.match(moved.stderr, /at refused\.mjs:3:1\n/);

  // Jest has names of its own for what node:test is imported for.
  const test = readFileSync(join(project, 'site.test.mjs'), 'utf8').replace("import { test } from 'node:test';\n", '');
  writeFileSync(join(project, 'jest.test.mjs'), test);
  sh('npm install --no-audit --no-fund --no-save jest');
  sh('NODE_OPTIONS=--experimental-vm-modules npx jest jest.test.mjs');
  console.log('the package is well');
} finally {
  rmSync(work, { recursive: true, force: true });
}
