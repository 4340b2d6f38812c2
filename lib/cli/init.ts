import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { type Command, CommandFailed, version } from './command.js';

const APP = `import { App } from 'cdk-vagrant';
import { site } from './site.mjs';

const app = new App();
site(app);
app.synth();
`;

const SITE = `import { BackupPool, Cluster, HaproxyFrontend, Site, Stack, WebBackend } from 'cdk-vagrant';

/** Two web servers that are balanced, and one that serves when both are down. */
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

/** `cdkv init`: a new app with a test. What is there already stays as it is. */
export const init: Command = async ({ words: [folder = '.'] }) => {
  const target = resolve(folder);
  const files = { ...newApp(packageName(target)) };
  // Installed by "npm install cdk-vagrant", a package.json is there and lists what was installed.
  const kept = join(target, 'package.json');
  if (existsSync(kept)) files['package.json'] = withScripts(kept);
  const taken = Object.keys(files).filter((path) => path !== 'package.json' && existsSync(join(target, path)));
  if (taken.length > 0) {
    throw new CommandFailed(`${taken.map((path) => `"${join(folder, path)}"`).join(', ')} is there already; choose an empty folder`);
  }
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(target, path)), { recursive: true });
    writeFileSync(join(target, path), content);
  }
  process.stdout.write(`made an app in ${target}; next: npm install, npm test, npx cdkv synth\n`);
  return 0;
};

function packageName(folder: string): string {
  const name = folder
    .split(/[\\/]/)
    .at(-1)
    ?.toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[^a-z0-9]+/, '');
  return name || 'app';
}

/** The user's package.json with what the app needs and it does not say yet. */
function withScripts(path: string): string {
  let present: Record<string, unknown>;
  try {
    present = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
  } catch (error) {
    throw new CommandFailed(`"${path}" is no JSON: ${(error as Error).message}; correct it first`);
  }
  const fresh = JSON.parse(newApp('app')['package.json'] as string) as Record<string, Record<string, string>>;
  const scripts = { ...fresh.scripts, ...(present.scripts as Record<string, string> | undefined) };
  // npm writes a test that fails into each new package.json.
  if (scripts.test?.includes('no test specified')) scripts.test = fresh.scripts?.test ?? '';
  const dependencies = { ...fresh.dependencies, ...(present.dependencies as Record<string, string> | undefined) };
  return `${JSON.stringify({ ...present, scripts, dependencies }, undefined, 2)}\n`;
}
