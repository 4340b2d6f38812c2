// The same bytes from another folder, user, umask, locale, time zone, and on each Node that the package is for: the packed library
// and the paper's app, as synth-out/balanceador has it. Needs the registry, and root for the other user; `npm run test:everywhere`.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transformSync } from 'esbuild';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
const PROBE = fileURLToPath(new URL('probe.mjs', import.meta.url));
/** The oldest that package.json allows, and one of each line since. */
const NODES = ['20.19.0', '22.23.3', '24.21.0'] as const;
const NOBODY = 65534;

/** What a scene has in place of what is usual. `probe.mjs` looks in each process whether it is so. */
interface Scene {
  readonly name: string;
  readonly node?: (typeof NODES)[number];
  /** Name of the app's folder. */
  readonly folder?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly umask?: string;
  readonly isOtherUser?: boolean;
}

const SCENES: readonly Scene[] = [
  ...NODES.map((node) => ({ name: `Node ${node}`, node })),
  { name: 'a folder with an odd name', folder: "it's #{1} $HOME `id` (ñ) %s" },
  { name: 'Turkish', env: { LC_ALL: 'tr_TR.UTF-8', LANG: 'tr_TR.UTF-8' } },
  { name: 'no locale', env: { LC_ALL: 'C', LANG: 'C' } },
  { name: 'the first time zone to see a day', env: { TZ: 'Pacific/Kiritimati' } },
  { name: 'umask 077', umask: '077' },
  { name: 'another user', isOtherUser: true },
  {
    name: 'all of it at once',
    node: '24.21.0',
    folder: 'A b',
    env: { LC_ALL: 'tr_TR.UTF-8', LANG: 'tr_TR.UTF-8', TZ: 'Pacific/Kiritimati' },
    umask: '077',
    isOtherUser: true,
  },
];

const work = mkdtempSync(join(tmpdir(), 'cdkv-everywhere-'));

function sh(command: string, cwd: string): string {
  console.log(`$ ${command}`);
  return execFileSync('sh', ['-c', command], { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
}

/** All files below a folder, by path. */
function contents(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map((entry) => join(entry.parentPath, entry.name)).sort();
  return Object.fromEntries(paths.map((path) => [relative(folder, path), readFileSync(path, 'latin1')]));
}

/** The paper's app as a project of its own, with the library as npm installs it. */
function makeProject(folder: string): void {
  mkdirSync(folder);
  const [{ filename }] = JSON.parse(sh(`npm pack --json --pack-destination "${work}"`, PROJECT).replace(/^[^[]*/, ''));
  const { constructs } = JSON.parse(readFileSync(join(PROJECT, 'package.json'), 'utf8')).devDependencies;
  writeFileSync(join(folder, 'package.json'), '{ "type": "module", "private": true }\n');
  sh(`npm install --no-audit --no-fund "${join(work, filename)}" constructs@${constructs}`, folder);
  for (const part of ['sites', 'pages']) cpSync(join(PROJECT, 'bin', part), join(folder, 'bin', part), { recursive: true });
  const source = readFileSync(join(PROJECT, 'bin/balanceador.ts'), 'utf8').replaceAll(/'..\/lib(\/\w+)?\/index.js'/g, "'cdk-vagrant$1'");
  writeFileSync(join(folder, 'bin/balanceador.js'), transformSync(source, { loader: 'ts', target: 'node20' }).code);
  writeFileSync(join(folder, 'cdk.json'), '{ "app": "node bin/balanceador.js", "output": "synth-out" }\n');
  cpSync(PROBE, join(folder, 'probe.mjs'));
}

/** Binaries of Node from npm, by version. */
function installNodes(folder: string): Map<string, string> {
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  const wanted = NODES.map((version) => `node-${version}@npm:node-${process.platform}-${process.arch}@${version}`);
  sh(`npm install --no-audit --no-fund ${wanted.join(' ')}`, folder);
  return new Map(NODES.map((version) => [version, join(folder, `node_modules/node-${version}/bin`)]));
}

function play(scene: Scene, project: string, nodes: ReadonlyMap<string, string>): Record<string, string> {
  const { node = '22.23.3', folder: name = 'app', env = {}, umask = '022', isOtherUser = false } = scene;
  const home = mkdtempSync(join(work, 'scene-'));
  const folder = join(home, name);
  cpSync(project, folder, { recursive: true });
  const expected = {
    version: `v${node}`,
    umask,
    uid: isOtherUser ? NOBODY : process.getuid?.(),
    zone: env.TZ ?? 'UTC',
    locale: env.LC_ALL ?? 'en_US.UTF-8',
  };
  if (isOtherUser) sh(`chown -R ${NOBODY}:${NOBODY} "$(pwd)"`, home);
  chmodSync(home, 0o755);
  const command = `umask ${umask} && exec node node_modules/cdk-vagrant/dist/cdkv.cjs synth --quiet`;
  const as = isOtherUser ? ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'] : [];
  const [program, ...words] = [...as, 'sh', '-c', command];
  execFileSync(program as string, words, {
    cwd: folder,
    env: {
      PATH: `${nodes.get(node)}:${process.env.PATH}`,
      HOME: isOtherUser ? '/nonexistent' : home,
      USER: isOtherUser ? 'nobody' : 'somebody',
      TZ: 'UTC',
      LC_ALL: 'en_US.UTF-8',
      ...env,
      NODE_OPTIONS: '--import=./probe.mjs',
      SCENE: JSON.stringify(expected),
    },
    stdio: 'inherit',
  });
  const made = contents(join(folder, 'synth-out'));
  rmSync(home, { recursive: true, force: true });
  return made;
}

try {
  chmodSync(work, 0o755);
  const project = join(work, 'project');
  makeProject(project);
  const nodes = installNodes(join(work, 'nodes'));
  const committed = contents(join(PROJECT, 'synth-out'));
  const isRoot = process.getuid?.() === 0;
  for (const scene of SCENES) {
    if (scene.isOtherUser && !isRoot) {
      console.log(`- ${scene.name}: left out, for only root may become another user`);
      continue;
    }
    assert.deepEqual(play(scene, project, nodes), committed, `other bytes: ${scene.name}`);
    console.log(`- ${scene.name}: the same bytes`);
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}
