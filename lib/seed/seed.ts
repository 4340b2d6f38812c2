import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { SeedFile, SeedValue } from '../cloud-init/index.js';
import { type AssembledStack, isProcess } from '../core/index.js';
import { archiveOf, type Entry, writeArchive } from './archive.js';
import { keyPair } from './keys.js';
import { makeMedium } from './medium.js';

export interface SeedOptions {
  /**
   * Names of the machines.
   *
   * @default - all of the stack
   */
  readonly machines?: readonly string[];
  /**
   * `medium`: an image for cloud-init's NoCloud, with all that the machine needs. `archive`: what the user data does not hold, to be put
   * on the machine as /var/lib/cdk-vagrant/seed.tar.
   *
   * @default "medium"
   */
  readonly kind?: 'medium' | 'archive';
  /** Whether these machines come back to a cluster that the others have: none of them founds a new one. */
  readonly rejoin?: boolean;
}

/** What was made for a machine. */
export interface Seed {
  readonly machine: string;
  /** Absolute path; only its owner may read it, for it holds keys. */
  readonly path: string;
  /** Variables of the environment that it takes a password from and that are not set: a machine keeps the one it has, if it has one. */
  readonly unset: readonly string[];
  /** What the app tells whoever brings the machine up. */
  readonly postUpLines: readonly string[];
}

/** Where keys and seeds of a stack are kept, which no synthesis touches and git does not see. */
const KEPT = '.cdkv-seed';

/**
 * Makes what each machine is handed over. Keys are made with the first seed of a stack and used by all later ones.
 *
 * @throws Error when the stack is not written for cloud-init, has no such machine, or a file or a program is missing
 */
export async function makeSeeds(stack: AssembledStack, options: SeedOptions = {}): Promise<Seed[]> {
  const { kind = 'medium', rejoin = false } = options;
  const all = stack.files.filter(({ path }) => /^cloud-init\/[^/]+\/seed\.json$/.test(path));
  const known = all.map(({ content }) => JSON.parse(Buffer.from(content).toString()) as SeedFile);
  const names = known.map(({ machine }) => machine);
  if (known.length === 0)
    throw new Error(`stack "${stack.name}" is not written for cloud-init; give it the target: new CloudInitTarget(...)`);
  const { machines = names } = options;
  const unknown = machines.filter((name) => !names.includes(name));
  if (unknown.length > 0) throw new Error(`stack "${stack.name}" has no machine ${unknown.join(', ')}; there are ${names.join(', ')}`);
  const wanted = known.filter(({ machine }) => machines.includes(machine));
  const missing = wanted.flatMap(({ uploads }) => uploads.filter(({ source }) => !isFile(resolve(stack.folder, source))));
  if (missing.length > 0) throw new Error(`${missing.map(({ source }) => `"${source}"`).join(', ')} is no file; put it there`);

  const kept = join(stack.folder, KEPT);
  const keys = join(kept, 'keys');
  mkdirSync(stack.folder, { recursive: true });
  mkdirSync(keys, { recursive: true, mode: 0o700 });
  // Whatever the folder is in: the stack need not have been synthesised yet.
  writeFileSync(join(kept, '.gitignore'), '*\n');
  for (const place of [kept, keys]) removeAbandoned(place);
  const seeds: Seed[] = [];
  for (const seed of wanted) {
    const entries = await entriesOf(stack, seed, (value) => encoded(value, keys, rejoin));
    const path = join(kept, `${seed.machine}.${kind === 'medium' ? 'iso' : 'tar'}`);
    if (kind === 'archive') await writeArchive(path, entries);
    else await writeMedium(stack, seed.machine, entries, path, kept);
    const unset = seed.scripts.flatMap(({ environment }) =>
      Object.values(environment).flatMap((value) =>
        'hostVariable' in value && !process.env[value.hostVariable] ? [value.hostVariable] : [],
      ),
    );
    seeds.push({ machine: seed.machine, path, unset, postUpLines: seed.postUpLines });
  }
  return seeds;
}

/** What runs that were killed left, which holds keys: names of theirs end in the process's number. */
function removeAbandoned(folder: string): void {
  for (const name of readdirSync(folder)) {
    const [, pid] = /\.(\d+)(?:\.iso)?$/.exec(name) ?? [];
    if (pid !== undefined && Number(pid) !== process.pid && !isProcess(Number(pid)))
      rmSync(join(folder, name), { recursive: true, force: true });
  }
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

/** Names of variables and values in single quotes, of which base64 has none. */
function encoded(value: SeedValue, keys: string, rejoin: boolean): string {
  const text =
    'keyPair' in value
      ? keyPair(keys, value.keyPair)[value.half]
      : 'hostVariable' in value
        ? (process.env[value.hostVariable] ?? '')
        : (rejoin ? value.others : []).join(' ');
  return `'${Buffer.from(text).toString('base64')}'`;
}

async function entriesOf(stack: AssembledStack, seed: SeedFile, told: (value: SeedValue) => string): Promise<Entry[]> {
  const contents = new Map(stack.files.map(({ path, content }) => [path, content]));
  const contentOf = (path: string) => contents.get(path) ?? new Uint8Array();
  const bundle = await archiveOf(seed.bundle.map((name) => ({ name, content: contentOf(name), mode: 0o644 })));
  const scripts = seed.scripts.map(({ name, file, environment }, n) => {
    const number = `${String(n + 1).padStart(2, '0')}-${name}`;
    const lines = Object.entries(environment).map(([variable, value]) => `${variable}=${told(value)}\n`);
    return [
      { name: `environment/${number}`, content: lines.join('') },
      { name: `scripts/${number}`, content: contentOf(file), mode: 0o700 },
    ];
  });
  const uploads = seed.uploads.map(({ source }, n) => ({ name: `uploads/${n}`, content: { file: resolve(stack.folder, source) } }));
  const list = seed.uploads.map(({ destination }, n) => `uploads/${n} ${destination}\n`).join('');
  return [
    ...scripts.flat().sort(({ name: a }, { name: b }) => (a < b ? -1 : 1)),
    { name: 'environment/none', content: '' },
    { name: 'machine', content: `${seed.machine}\n` },
    { name: 'bundle.tar', content: bundle },
    { name: 'uploads.txt', content: list },
    ...uploads,
  ];
}

/** All of it in the root of a medium: cloud-init's own files, and the archive. */
async function writeMedium(stack: AssembledStack, machine: string, entries: readonly Entry[], path: string, kept: string): Promise<void> {
  const folder = join(kept, `medium.${process.pid}`);
  mkdirSync(folder, { mode: 0o700 });
  try {
    for (const name of ['user-data', 'meta-data', 'network-config']) {
      const file = stack.files.find((one) => one.path === `cloud-init/${machine}/${name}`);
      writeFileSync(join(folder, name), file?.content ?? '');
    }
    await writeArchive(join(folder, 'seed.tar'), entries);
    makeMedium(folder, path);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
