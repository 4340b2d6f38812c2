// Lets real processes publish, and kills them, fills their disk, takes their rights, sets two of them on one folder.
// Usage: npm run test:faults [-- SEED]
import { execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { disk } from '../../lib/core/disk.js';
import { publish } from '../../lib/core/publish.js';
import type { Task } from './child.js';
import { FOREIGN, filesOf, judgeInterrupted, judgePublished, ours, outputsOf, same, type Version } from './scene.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const NOBODY = 65534;
const SEED = Number(process.argv[2] ?? 1);
const isRoot = process.getuid?.() === 0;
const work = mkdtempSync(join(tmpdir(), 'cdkv-faults-'));
const failures: string[] = [];
const mounts: string[] = [];

interface Ended {
  readonly signal: string | null;
  readonly obstacles: readonly string[];
  readonly error: string | undefined;
  readonly changes: number;
}

/** Compiles the child, so that its start takes no longer than it must. */
function build(): void {
  const config = {
    extends: join(ROOT, 'tsconfig.json'),
    compilerOptions: { outDir: join(work, 'built'), rootDir: ROOT, declaration: false, typeRoots: [join(ROOT, 'node_modules/@types')] },
    include: [],
    files: [join(ROOT, 'test/faults/child.ts')],
  };
  writeFileSync(join(work, 'tsconfig.json'), JSON.stringify(config));
  writeFileSync(join(work, 'package.json'), '{"type": "module"}');
  symlinkSync(join(ROOT, 'node_modules'), join(work, 'node_modules'));
  execFileSync(join(ROOT, 'node_modules/.bin/tsc'), ['-p', join(work, 'tsconfig.json')], { stdio: 'inherit' });
  chmodSync(work, 0o755);
}

function child(task: Task, killAfterMs?: number): Promise<Ended> {
  return new Promise((done, fail) => {
    const started = spawn(process.execPath, [join(work, 'built/test/faults/child.js'), JSON.stringify(task)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let text = '';
    started.stdout.on('data', (data) => {
      text += data;
    });
    started.on('error', fail);
    const timer = killAfterMs === undefined ? undefined : setTimeout(() => started.kill('SIGKILL'), killAfterMs);
    started.on('close', (_, signal) => {
      clearTimeout(timer);
      done({ signal, obstacles: [], error: undefined, changes: 0, ...(text === '' ? {} : JSON.parse(text)) });
    });
  });
}

/** Numbers between 0 and 1 that a seed determines (mulberry32). */
function randomBy(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * Some files of two stacks. Versions of different seeds share some, in content or in name only; what is a file in one may be a folder in
 * another, unless it is fixed.
 */
function aVersion(random: () => number, isFixed = false): Version {
  const stack = () => {
    const either = isFixed || random() < 0.5 ? ['u', 'v/w'] : ['u/x/y', 'u/z', 'v'];
    const paths = ['Vagrantfile', 'a', 'b/c/d', 'b/e', 'f/g/h', 'f/i', 'j', 'k/l/m/n', ...either].filter(
      (path) => path === 'Vagrantfile' || random() < 0.7,
    );
    return Object.fromEntries(paths.map((path) => [path, `${path} ${Math.floor(random() * 3)}\n`.repeat(1 + Math.floor(random() * 200))]));
  };
  return { one: stack(), two: stack() };
}

function contents(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(paths.map((path) => [path.slice(folder.length + 1), readFileSync(path, 'latin1')]));
}

function fill(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
}

/** Publishes in this process; it must go well. */
function bring(outdir: string, version: Version, what: string): void {
  try {
    expectThat(
      what,
      publish(outputsOf(outdir, version), { force: false }).plans.flatMap(({ obstacles }) => obstacles),
    );
  } catch (error) {
    expectThat(what, [(error as Error).message]);
  }
  expectThat(what, judgePublished(contents(outdir), version));
}

function expectThat(what: string, wrong: readonly string[]): void {
  if (wrong.length > 0) failures.push(`${what}: ${wrong.join('; ')}`);
}

function fresh(name: string, version: Version, parent = work): string {
  const outdir = join(parent, name);
  fill(outdir, FOREIGN);
  bring(outdir, version, `${name}, at first`);
  return outdir;
}

/** Children that kill themselves at a change, or are killed at a moment. Some completions are killed as well. */
async function kills(count: number): Promise<string> {
  const seen = { whole: 0, half: 0, unharmed: 0, again: 0 };
  const trial = async (number: number) => {
    const random = randomBy(SEED * 100_000 + number);
    const [old, next] = [aVersion(random), aVersion(random)];
    const outdir = fresh(`kill-${number}`, old);
    const copy = join(work, `count-${number}`);
    cpSync(outdir, copy, { recursive: true });
    const changes = countChanges(copy, next);
    rmSync(copy, { recursive: true });
    // Spread evenly: the number of the trial says where, from the first change to the last.
    const killAt = 1 + Math.floor(((number - 1) / count) * changes);
    const torn = random() < 0.5;
    const what = `seed ${SEED}, trial ${number}, ${number % 10 === 0 ? 'killed at a moment' : `killed ${torn ? 'amid' : 'before'} change ${killAt} of ${changes}`}`;
    const ended =
      number % 10 === 0 ? await child({ outdir, version: next }, 40 + random() * 60) : await child({ outdir, version: next, killAt, torn });
    if (ended.signal === null) seen.unharmed++;
    else if (existsSync(join(outdir, 'one/.cdkv/journal.json')) || existsSync(join(outdir, 'two/.cdkv/journal.json'))) seen.half++;
    else seen.whole++;
    if (number % 10 !== 0 && ended.signal !== 'SIGKILL') expectThat(what, ['it was not killed']);
    expectThat(what, judgeInterrupted(outdir, contents(outdir), old, next));
    if (number % 3 === 0) {
      if ((await child({ outdir, version: next, killAt: 1 + Math.floor(random() * 20), torn })).signal !== null) seen.again++;
      expectThat(`${what}, and again`, judgeInterrupted(outdir, contents(outdir), old, next));
    }
    bring(outdir, number % 4 === 0 ? aVersion(random) : next, what);
    rmSync(outdir, { recursive: true });
  };
  const left = Array.from({ length: count }, (_, index) => index + 1);
  const worker = async () => {
    for (let number = left.shift(); number !== undefined; number = left.shift()) await trial(number);
  };
  await Promise.all([worker(), worker()]);
  return `${count} publishes to be killed (seed ${SEED}): ${seen.half} left a journal, ${seen.whole} a whole version, ${seen.unharmed} ended before; ${seen.again} were killed twice`;
}

/** The first publish of one stack: killed, or beside another. */
async function firsts(count: number): Promise<string> {
  const seen = { absent: 0, whole: 0, half: 0 };
  for (let trial = 0; trial < count; trial++) {
    const random = randomBy(SEED * 10_000 + trial);
    const [{ one: left }, { one: right }] = [aVersion(random), aVersion(random)] as [Version, Version];
    const versions = [left, right].map((files): Version => ({ one: files ?? {} }));
    const outdir = join(work, `first-${trial}`);
    const present = () => (existsSync(outdir) ? contents(outdir) : {});
    const what = `seed ${SEED}, first publish ${trial}`;
    const isWhole = () => versions.some((version) => same(ours(present(), 'one'), filesOf(version)));
    const at = Date.now() + 150;
    const isBeside = trial % 2 === 1;
    // Some come to a folder that the other has made meanwhile. Others do so where processes begin late.
    const begin = trial % 4 === 3 ? { at: at + 100 } : {};
    const killed = { outdir, version: versions[0] as Version, killAt: 1 + (trial % 14), torn: random() < 0.5, ...begin };
    await Promise.all([child(killed), ...(isBeside ? [child({ outdir, version: versions[1] as Version, at })] : [])]);
    if (!existsSync(join(outdir, 'one'))) seen.absent++;
    else if (isWhole()) seen.whole++;
    else if (isBeside && existsSync(join(outdir, 'one/.cdkv/journal.json'))) seen.half++;
    else expectThat(what, ['it is neither there nor absent']);
    const [next] = versions as [Version];
    const obstacles = publish(outputsOf(outdir, next), { force: false }).plans.flatMap((plan) => plan.obstacles);
    expectThat(what, [...obstacles, ...(same(present(), filesOf(next)) ? [] : ['something else is there after the next'])]);
    rmSync(outdir, { recursive: true });
  }
  return `${count} first publishes, half of them beside another: ${seen.absent} left none, ${seen.whole} a whole one, ${seen.half} a journal over that of the other`;
}

/** How many changes a publish makes. */
function countChanges(outdir: string, version: Version): number {
  const real = { ...disk };
  let changes = 0;
  for (const name of Object.keys(real) as (keyof typeof disk)[]) {
    (disk as Record<string, unknown>)[name] = (...words: unknown[]) => {
      changes++;
      return (real[name] as (...words: unknown[]) => unknown)(...words);
    };
  }
  bring(outdir, version, 'a count');
  Object.assign(disk, real);
  return changes;
}

/** A disk with less and less room, in bytes and in files. */
async function fullDisk(): Promise<string> {
  if (!isRoot) return 'full disk: skipped, only root can mount one';
  const random = randomBy(SEED);
  const [old, some] = [aVersion(random, true), aVersion(random, true)];
  // Its new folders, made after the commit and before what makes room, may be too many by then.
  const next = { one: { new: 'N\n', 'o/p/q/r/s/t': 'T\n', ...old.one, ...some.one }, two: { ...old.two, ...some.two } };
  const seen = { refused: 0, half: 0, done: 0 };
  for (let trial = 0; trial < 30; trial++) {
    const mount = join(work, `disk-${trial}`);
    mkdirSync(mount);
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k,nr_inodes=90', 'tmpfs', mount], { stdio: 'pipe' });
    } catch (error) {
      return `full disk: skipped, it cannot be mounted here (${(error as Error).message.split('\n')[0]})`;
    }
    mounts.push(mount);
    const outdir = fresh('out', old, mount);
    // Some room is left: a few pages, or a few files.
    mkdirSync(join(mount, 'ballast'));
    try {
      for (let number = 0; ; number++) writeFileSync(join(mount, 'ballast', String(number)), trial % 2 === 0 ? Buffer.alloc(4096) : '');
    } catch {}
    for (const name of readdirSync(join(mount, 'ballast')).slice(0, trial)) rmSync(join(mount, 'ballast', name));
    const before = contents(outdir);
    const { obstacles, error } = await child({ outdir, version: next });
    const what = `full disk, trial ${trial}`;
    if (obstacles.length > 0) {
      seen.refused++;
      if (!/no room is left \(ENOSPC.*\); make room/.test(obstacles.join())) expectThat(what, obstacles);
      if (JSON.stringify(before) !== JSON.stringify(contents(outdir))) expectThat(what, ['something was changed']);
    } else if (error !== undefined) {
      seen.half++;
      if (!error.includes('which completes it')) expectThat(what, [error]);
    } else {
      seen.done++;
    }
    expectThat(what, judgeInterrupted(outdir, contents(outdir), old, next));
    rmSync(join(mount, 'ballast'), { recursive: true });
    bring(outdir, next, what);
    unmount(mount);
  }
  return `full disk: ${seen.refused} publishes changed nothing, ${seen.half} were completed by the next, ${seen.done} had room`;
}

function unmount(mount: string): void {
  execFileSync('umount', [mount]);
  mounts.splice(mounts.indexOf(mount), 1);
}

/** Folders that a user may not write to: from the start, or once a publish was killed. */
async function readOnly(): Promise<string> {
  if (!isRoot) return 'read-only folder: skipped, only root can become somebody else';
  const random = randomBy(SEED);
  const [old, next] = [aVersion(random), aVersion(random)];
  for (const killAt of [0, 12, 22, 28]) {
    const outdir = fresh(`read-only-${killAt}`, old);
    for (const path of ['', ...readdirSync(outdir, { recursive: true }).map(String)]) chownSync(join(outdir, path), NOBODY, NOBODY);
    const what = `read-only folder, after a kill at ${killAt}`;
    const task = { outdir, version: next, uid: NOBODY };
    if (killAt > 0) await child({ ...task, killAt });
    const before = contents(outdir);
    for (const stack of ['one', 'two']) chmodSync(join(outdir, stack), 0o555);
    const { obstacles } = await child(task);
    if (!/grant (it|the right)/.test(obstacles.join())) expectThat(what, [`it said ${obstacles.join()}`]);
    if (JSON.stringify(before) !== JSON.stringify(contents(outdir))) expectThat(what, ['something was changed']);
    for (const stack of ['one', 'two']) chmodSync(join(outdir, stack), 0o755);
    const { obstacles: left } = await child(task);
    expectThat(what, [...left, ...judgePublished(contents(outdir), next)]);
  }
  return 'read-only folder: refused, then completed by its user';
}

/** Two that publish different versions at one moment. */
async function race(count: number): Promise<string> {
  const won = [0, 0];
  for (let trial = 0; trial < count; trial++) {
    const random = randomBy(SEED * 1000 + trial);
    const [old, left, right] = [aVersion(random), aVersion(random), aVersion(random)];
    const outdir = fresh(`race-${trial}`, old);
    const at = Date.now() + 150;
    const ended = await Promise.all([left, right].map((version, index) => child({ outdir, version, at: at + index * (trial % 4) })));
    const present = contents(outdir);
    const whose = [left, right].findIndex((version) => judgePublished(present, version).length === 0);
    expectThat(`race ${trial} of seed ${SEED}`, [
      ...ended.flatMap(({ obstacles, error }) => [...obstacles, ...(error === undefined ? [] : [error])]),
      ...(whose === -1 ? [`a mixture: ${judgePublished(present, left).join(', ')}`] : []),
    ]);
    won[whose] = (won[whose] ?? 0) + 1;
    rmSync(outdir, { recursive: true });
  }
  return `${count} races of two: ${won[0]} ended with the one, ${won[1]} with the other, none with a mixture unless said below`;
}

const begun = Date.now();
try {
  build();
  for (const part of [() => kills(220), fullDisk, readOnly, () => race(25), () => firsts(60)]) {
    const from = Date.now();
    process.stdout.write(`${await part()}; ${((Date.now() - from) / 1000).toFixed(1)} s\n`);
  }
} finally {
  for (const mount of [...mounts]) unmount(mount);
  rmSync(work, { recursive: true, force: true });
}
process.stdout.write(
  `${failures.map((failure) => `FAILED ${failure}\n`).join('')}${failures.length} failures, ${((Date.now() - begun) / 1000).toFixed(1)} s\n`,
);
process.exitCode = failures.length === 0 ? 0 : 1;
