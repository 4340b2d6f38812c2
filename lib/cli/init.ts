import { lstatSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Command, CommandFailed, version } from './command.js';

// The editor tells wrong names and types. Not in the test: what Node's own modules are it does not know everywhere.
const APP = `// @ts-check
import { App } from 'cdk-vagrant';
import { site } from './site.mjs';

const app = new App();
site(app);
app.synth();
`;

const SITE = `// @ts-check
import { BackupPool, Cluster, HaproxyFrontend, Site, Stack, WebBackend } from 'cdk-vagrant';

/**
 * Two web servers that are balanced, and one that serves when both are down.
 *
 * @param {import('cdk-vagrant').App} app
 */
export function site(app) {
  const stack = new Stack(app, 'site');
  const cluster = new Cluster(stack, 'Cluster', { subnet: '192.168.56.0/24' });
  const balancer = cluster.addMember('balancer', { address: '192.168.56.5' });
  const server1 = cluster.addMember('server1', { address: '192.168.56.6' });
  const server2 = cluster.addMember('server2', { address: '192.168.56.7' });

  const web = new WebBackend(stack, 'web', { site: Site.html('<h1>It works</h1>\\n') });
  web.addServer('web1', { on: server1 });
  web.addServer('web2', { on: server2 });
  new BackupPool(stack, 'Backups', { backend: web }).addServer('web3', { on: balancer });

  new HaproxyFrontend(stack, 'http', { on: balancer, port: 80, publishPort: 1080, defaultBackend: web });
  return stack;
}
`;

const TEST = `import { test } from 'node:test';
import { App } from 'cdk-vagrant';
import { Template } from 'cdk-vagrant/assertions';
import { site } from './site.mjs';

test('two web servers are balanced, one stands by', () => {
  const template = Template.fromStack(site(new App()));
  template.resourceCountIs('Machine', 3);
  template.hasFrontend('http', { publishPort: 1080 });
  template.hasServer('web', 'web1', { role: 'primary' });
  template.hasServer('web', 'web3', { role: 'backup' });
});
`;

/** The files of a new app, by path. */
export function newApp(name: string): Readonly<Record<string, string>> {
  const manifest = {
    name,
    version: '0.0.0',
    private: true,
    scripts: { synth: 'cdkv synth', test: 'node --test' },
    dependencies: { 'cdk-vagrant': `^${version()}`, constructs: '^10.4.0' },
  };
  return {
    'package.json': `${JSON.stringify(manifest, undefined, 2)}\n`,
    'cdk.json': `${JSON.stringify({ app: 'node app.mjs' }, undefined, 2)}\n`,
    'app.mjs': APP,
    'site.mjs': SITE,
    'site.test.mjs': TEST,
    '.gitignore': 'node_modules/\n.vagrant/\n',
  };
}

/** `cdkv init`: a new app with a test. What is there already stays as it is; package.json and .gitignore get what they lack. */
export const init: Command = async ({ words: [folder = '.'] }) => {
  const target = resolve(folder);
  try {
    const files: Record<string, string> = { ...newApp(packageName(target)) };
    for (const [path, extend] of Object.entries(EXTENDED)) {
      const present = readIfPresent(join(target, path));
      if (present !== undefined) files[path] = extend(present, files[path] as string);
    }
    const taken = Object.keys(files).filter((path) => !(path in EXTENDED) && lstatSync(join(target, path), { throwIfNoEntry: false }));
    if (taken.length > 0) {
      throw new CommandFailed(`${taken.map((path) => `"${join(folder, path)}"`).join(', ')} is there already; choose another folder`);
    }
    mkdirSync(target, { recursive: true });
    for (const [path, content] of Object.entries(files)) {
      if (readIfPresent(join(target, path)) !== content)
        writeFileSync(join(target, path), content, { flag: path in EXTENDED ? 'w' : 'wx' });
    }
  } catch (error) {
    if (error instanceof CommandFailed) throw error;
    throw new CommandFailed(`no app can be made in "${folder}": ${(error as Error).message}`);
  }
  process.stdout.write(`made an app in ${target}; next: npm install, npm test, npx cdkv synth\n`);
  return 0;
};

/** Files that may be there, and what is added to them. */
const EXTENDED: Readonly<Record<string, (present: string, fresh: string) => string>> = {
  'package.json': withScripts,
  '.gitignore': (present, fresh) => {
    const lacking = fresh.split('\n').filter((line) => line !== '' && !present.split(/\r?\n/).includes(line));
    const joint = present === '' || present.endsWith('\n') ? '' : '\n';
    return lacking.length === 0 ? present : `${present}${joint}${lacking.join('\n')}\n`;
  },
};

function readIfPresent(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function packageName(folder: string): string {
  const name = folder
    .split(/[\\/]/)
    .at(-1)
    ?.toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[^a-z0-9]+/, '');
  return name || 'app';
}

type Table = Record<string, unknown>;

/** The user's package.json with what the app needs and it does not say yet, laid out as it was. */
function withScripts(present: string, fresh: string): string {
  let found: unknown;
  try {
    found = JSON.parse(present.replace(/^\ufeff/, ''));
  } catch (error) {
    throw new CommandFailed(`package.json is no JSON: ${(error as Error).message}; correct it first`);
  }
  if (!isTable(found)) throw new CommandFailed('package.json holds no object; correct it first');
  const { scripts = {}, dependencies = {}, devDependencies = {}, peerDependencies = {} } = found as Record<string, unknown>;
  if (![scripts, dependencies, devDependencies, peerDependencies].every(isTable)) {
    throw new CommandFailed('"scripts" or a list of dependencies in package.json is no object; correct it first');
  }
  const wanted = JSON.parse(fresh) as { scripts: Table; dependencies: Table };
  const allScripts: Table = { ...wanted.scripts, ...(scripts as Table) };
  // npm writes a test that fails into each new package.json.
  if (String(allScripts.test).includes('no test specified')) allScripts.test = wanted.scripts.test;
  const elsewhere = { ...(devDependencies as Table), ...(peerDependencies as Table) };
  const needed = Object.fromEntries(Object.entries(wanted.dependencies).filter(([name]) => !Object.hasOwn(elsewhere, name)));
  const allDependencies = { ...needed, ...(dependencies as Table) };
  const whole = { ...found, scripts: allScripts, ...(Object.keys(allDependencies).length > 0 ? { dependencies: allDependencies } : {}) };
  const indent = /^([ \t]+)"/m.exec(present)?.[1] ?? '  ';
  const text = `${JSON.stringify(whole, undefined, indent)}\n`;
  return present.includes('\r\n') ? text.replaceAll('\n', '\r\n') : text;
}

function isTable(value: unknown): value is Table {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
