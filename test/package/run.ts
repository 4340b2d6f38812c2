// What npm gives to a user, tried as the README says: packed, its types looked at (attw), installed into an empty project, required,
// imported, type-checked; then `cdkv init`, its test, `cdkv synth`. Needs the registry; run by `npm run test:package`.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
const work = mkdtempSync(join(tmpdir(), 'cdkv-package-'));
const project = join(work, 'project');

function sh(command: string, cwd = project): string {
  console.log(`$ ${command}`);
  return execFileSync('sh', ['-c', command], { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
}

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
  assert.match(sh('npx cdkv synth'), /wrote \d+ files/);
  assert.match(sh('npx cdkv synth'), /nothing to change/);
  assert.match(sh('npx cdkv diff'), /no difference/);
  assert.match(sh('npx cdkv check'), /no findings/);
  assert.match(sh('npx cdkv graph'), /^site \(Stack\)\n/);
  assert.equal(JSON.parse(sh('npx cdkv doctor --json || true')).ailments.length > 5, true);
  assert.equal(sh('npx cdkv graph | head -n 1'), 'site (Stack)\n');
  assert(readdirSync(join(project, 'synth-out/site')).includes('Vagrantfile'));
  console.log('the package is well');
} finally {
  rmSync(work, { recursive: true, force: true });
}
