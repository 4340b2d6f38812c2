// Makes dist: one bundle an entry, what they share beside them, the templates (those of Handlebars compiled), and the types.
// yaml, undici and echarts go into the bundle, for to load their many files costs more than all the rest.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, relative, resolve } from 'node:path';
import * as constructs from 'constructs';
import { build } from 'esbuild';
import { compileTemplate } from '../lib/core/compile-template.ts';

const templates = readdirSync('lib').flatMap((room) => {
  const folder = `lib/${room}/templates`;
  return existsSync(folder) ? readdirSync(folder).map((name) => ({ name, path: `${folder}/${name}` })) : [];
});

const twice = templates.find(({ name }, n) => templates.findIndex((one) => one.name === name) !== n);
if (twice !== undefined) throw new Error(`two templates are named ${twice.name}`);

/** Handlebars' templates are part of the bundle, compiled: to find and load each by itself costs more than to fill it. */
const compiledTemplates = {
  name: 'compiled-templates',
  setup({ onResolve, onLoad }) {
    const path = resolve('lib/core/compiled-template.ts');
    onResolve({ filter: /^\.\/template\.js$/ }, ({ importer }) => (roomOf(importer) === 'core' ? { path } : undefined));
    onResolve({ filter: /^compiled-templates$/ }, () => ({ path: 'all', namespace: 'compiled' }));
    onLoad({ filter: /.*/, namespace: 'compiled' }, () => {
      const compiled = templates
        .filter(({ name }) => name.endsWith('.hbs'))
        .map(({ name, path }) => `'${name}': ${compileTemplate(readFileSync(path, 'utf8'))}`);
      return { contents: `export const TEMPLATES = {\n${compiled.join(',\n')}\n};` };
    });
  },
};

/** The room of lib that a file is in, if any. */
const roomOf = (path) => /^lib[\\/](\w[\w-]*)[\\/]/.exec(relative('.', path))?.[1];

/** Of what a file of lib imports only what is used comes along. */
const onlyUsed = {
  name: 'only-used',
  setup({ onResolve }) {
    const source = (folder, path) => resolve(folder, path.replace(/\.js$/, '.ts'));
    onResolve({ filter: /^\.\.?\/.*\.js$/ }, ({ importer, resolveDir, path }) =>
      roomOf(importer) === undefined ? undefined : { path: source(resolveDir, path), sideEffects: false },
    );
  },
};

/** The files that a bundle holds something of. */
const filesOf = ({ outputs }) =>
  Object.values(outputs).flatMap((output) => Object.keys(output.inputs).filter((path) => output.inputs[path].bytesInOutput > 0));

const copied = [];

/** A bundle within the bundle: a copy of what is told to it, which is shared with nobody. */
async function copyOf(contents) {
  const options = { bundle: true, write: false, format: 'esm', platform: 'node', target: 'node20', plugins: [onlyUsed], metafile: true };
  const { outputFiles, metafile } = await build({ stdin: { contents, resolveDir: resolve('.'), loader: 'ts' }, ...options });
  const files = filesOf(metafile);
  const core = files.find((path) => roomOf(path) === 'core');
  if (core !== undefined) throw new Error(`a copy must not bring a second core, and has ${core}`);
  copied.push(...files);
  return outputFiles[0].text;
}

const YAML = './node_modules/yaml/browser/dist';

/**
 * What an app and the command line have both is a chunk by itself, and each file costs an import of the library half a millisecond. So
 * these get copies of the little they need: the writer of YAML, which goes without the parser, for the app; plain data and arithmetic for
 * the command line.
 */
const COPIES = {
  yaml: {
    filter: /^yaml$/,
    for: ['cloud-init'],
    contents: ['doc/Document', 'nodes/Scalar', 'visit'].map((name) => `export * from '${YAML}/${name}.js';`).join('\n'),
  },
  machine: {
    filter: /^\.\.\/machine\/index\.js$/,
    for: ['cli', 'running'],
    contents: `export * from './lib/machine/address.ts'; export { GUEST_FOLDER } from './lib/machine/host-value.ts';`,
  },
  topology: {
    filter: /^\.\.\/topology\/index\.js$/,
    for: ['report'],
    contents: `export { DARK, LIGHT } from './lib/topology/style.ts';`,
  },
};

const copies = {
  name: 'copies',
  setup({ onResolve, onLoad }) {
    for (const [name, copy] of Object.entries(COPIES))
      onResolve({ filter: copy.filter }, ({ importer }) =>
        copy.for.includes(roomOf(importer)) ? { path: name, namespace: 'copy' } : undefined,
      );
    onLoad({ filter: /.*/, namespace: 'copy' }, async ({ path }) => ({ contents: await copyOf(COPIES[path].contents) }));
  },
};

/** Its modules of today's kind, of which only what is used comes along. */
const modularYaml = {
  name: 'modular-yaml',
  setup({ onResolve }) {
    onResolve({ filter: /^yaml$/ }, () => ({ path: resolve(YAML, 'index.js'), sideEffects: false }));
  },
};

/** `constructs` is CommonJS: to import it from here costs Node a look through its files for names; to require it does not. */
const requiredConstructs = {
  name: 'required-constructs',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^constructs$/, namespace: 'file' }, ({ path }) => ({ path, namespace: 'required' }));
    onLoad({ filter: /.*/, namespace: 'required' }, () => ({
      contents: `const { createRequire } = process.getBuiltinModule('node:module');
        export const { ${Object.keys(constructs)
          .filter((name) => /^[A-Z]/.test(name))
          .join(', ')} } = createRequire(import.meta.url)('constructs');`,
    }));
  },
};

/**
 * Node's own modules are asked for, not imported: for an import Node lists all that a module has, which makes it load what nobody asked
 * for, like all streams for `node:fs`.
 */
const askedFor = (source) =>
  source.replaceAll(/^import (?!type )(\{[^}]*\}|\w+) from '(node:[^']+)';$/gm, (_, names, path) => {
    const values = names.replaceAll(/\btype \w+,?/g, '').replaceAll(/ as /g, ': ');
    return `const ${values} = process.getBuiltinModule('${path}');`;
  });

/** Classes keep the names that tree.json has, which bundling changes. (To keep all names costs every closure a call.) */
function withClassNames(source) {
  const names = [...source.matchAll(/^export (?:abstract )?class (\w+)/gm)].map(([, name]) => name);
  return source + names.map((name) => `Object.defineProperty(${name}, 'name', { value: '${name}' });\n`).join('');
}

const ownSources = {
  name: 'own-sources',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/](?:lib|bin)[\\/].*\.ts$/ }, ({ path }) => ({
      contents: withClassNames(askedFor(readFileSync(path, 'utf8'))),
      loader: 'ts',
    }));
  },
};

/** What each command of the command line is, loaded when it is asked for. */
const COMMANDS = [...readFileSync('lib/cli/main.ts', 'utf8').matchAll(/import\('\.\/(\w+)\.js'\)/g)].map(([, name]) => name);
const bundleOf = (command) => `command-${command}`;

/** The command line itself has no command in it. */
const commandsApart = {
  name: 'commands-apart',
  setup({ onResolve }) {
    onResolve({ filter: /^\.\/\w+\.js$/ }, ({ kind, path }) =>
      kind === 'dynamic-import' ? { path: `./${bundleOf(basename(path))}`, external: true } : undefined,
    );
  },
};

const OPTIONS = {
  outdir: 'dist',
  bundle: true,
  platform: 'node',
  target: 'node20',
  external: ['constructs', 'diff'],
  // Names stay, for whoever reads a stack trace.
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: 'none',
  // Node prints the whole source line of an uncaught error.
  lineLimit: 120,
};

rmSync('dist', { recursive: true, force: true });
const { metafile } = await build({
  ...OPTIONS,
  entryPoints: {
    index: 'lib/index.ts',
    ...Object.fromEntries(['assertions', 'cli', 'load', 'report', 'trials'].map((room) => [room, `lib/${room}/index.ts`])),
    ...Object.fromEntries(COMMANDS.map((command) => [bundleOf(command), `lib/cli/${command}.ts`])),
  },
  splitting: true,
  chunkNames: 'chunk-[hash]',
  format: 'esm',
  // What is bundled calls require() for Node's own modules. Whichever file comes first says so where Node cannot do that.
  banner: {
    js: `const require = process.getBuiltinModule;
if (!require) throw new Error('cdk-vagrant needs Node 22.12 or later, or the newest 20; this is ' + process.versions.node);`,
  },
  plugins: [compiledTemplates, copies, modularYaml, requiredConstructs, ownSources],
  metafile: true,
});

// esbuild's own helpers are imported by all for the sake of a few; where no name is asked for, the import does nothing.
const helpers = Object.keys(metafile.outputs).filter((path) => {
  const { inputs, imports } = metafile.outputs[path];
  return Object.keys(inputs).length === 0 && imports.length === 0;
});
for (const path of Object.keys(metafile.outputs)) {
  const text = readFileSync(path, 'utf8');
  writeFileSync(
    path,
    helpers.reduce((left, helper) => left.replace(`import"./${basename(helper)}";`, ''), text),
  );
}

// The command line is CommonJS: to begin with an ES module takes Node a fifth longer.
await build({
  ...OPTIONS,
  entryPoints: ['bin/cdkv.ts'],
  outExtension: { '.js': '.cjs' },
  format: 'cjs',
  define: { 'import.meta.dirname': '__dirname' },
  plugins: [commandsApart, ownSources],
});
execFileSync('node_modules/.bin/tsc', ['-p', 'tsconfig.build.json'], { stdio: 'inherit' });

// Each source names its templates as a folder beside it, which is one folder here.
mkdirSync('dist/templates');
for (const { name, path } of templates.filter(({ name }) => !name.endsWith('.hbs')))
  cpSync(path, `dist/templates/${name}`, { errorOnExist: true, force: false });

const bundled = [
  ...new Set([...filesOf(metafile), ...copied].flatMap((path) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? [])),
];
if (bundled.length === 0) throw new Error('nothing seems to be bundled, so no licenses were found');
const licenses = bundled.sort().map((folder) => {
  const { name, version, license } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'));
  const own = readdirSync(folder).filter((entry) => /^(licen[cs]e|notice)(\.|$)/i.test(entry));
  if (!own.some((entry) => /^licen/i.test(entry))) throw new Error(`${name} is bundled and has no license file`);
  // What it has of others.
  const others = existsSync(`${folder}/licenses`) ? readdirSync(`${folder}/licenses`).map((entry) => `licenses/${entry}`) : [];
  const texts = [...own, ...others].map((entry) => readFileSync(`${folder}/${entry}`, 'utf8').trim());
  return `${name} ${version} (${license})\n\n${texts.join('\n\n')}\n`;
});
writeFileSync('dist/THIRD-PARTY-LICENSES.txt', licenses.join(`\n${'-'.repeat(80)}\n\n`));
