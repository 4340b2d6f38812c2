// Makes dist: one bundle an entry, what they share beside them, the templates, and the types.
// handlebars, yaml and fs-extra go into the bundle, for to load their many files costs more than all the rest.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { build } from 'esbuild';

rmSync('dist', { recursive: true, force: true });
const { metafile } = await build({
  entryPoints: { index: 'lib/index.ts', assertions: 'lib/assertions/index.ts', cli: 'lib/cli/index.ts', cdkv: 'bin/cdkv.ts' },
  outdir: 'dist',
  bundle: true,
  splitting: true,
  chunkNames: 'chunk-[hash]',
  format: 'esm',
  platform: 'node',
  target: 'node20',
  external: ['constructs', 'diff'],
  // What is bundled calls require() for Node's own modules.
  banner: { js: "import { createRequire as __createRequire } from 'node:module';\nconst require = __createRequire(import.meta.url);" },
  // tree.json names the classes.
  keepNames: true,
  legalComments: 'none',
  metafile: true,
});
execFileSync('node_modules/.bin/tsc', ['-p', 'tsconfig.build.json'], { stdio: 'inherit' });

// Each source names its templates as a folder beside it, which is one folder here.
mkdirSync('dist/templates');
for (const room of readdirSync('lib', { withFileTypes: true }).filter((entry) => entry.isDirectory())) {
  const folder = `lib/${room.name}/templates`;
  if (!existsSync(folder)) continue;
  for (const name of readdirSync(folder)) {
    cpSync(`${folder}/${name}`, `dist/templates/${name}`, { errorOnExist: true, force: false });
  }
}

const bundled = [
  ...new Set(Object.keys(metafile.inputs).flatMap((path) => /(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? [])),
];
if (bundled.length === 0) throw new Error('nothing seems to be bundled, so no licenses were found');
const licenses = bundled.sort().map((name) => {
  const folder = `node_modules/${name}`;
  const { version, license } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'));
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  if (file === undefined) throw new Error(`${name} is bundled and has no license file`);
  return `${name} ${version} (${license})\n\n${readFileSync(`${folder}/${file}`, 'utf8').trim()}\n`;
});
writeFileSync('dist/THIRD-PARTY-LICENSES.txt', licenses.join(`\n${'-'.repeat(80)}\n\n`));
