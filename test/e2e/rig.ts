import { execFile, spawn } from 'node:child_process';
import { createWriteStream, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Root of the project. */
export const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
/** What the tests build and keep between runs: box, image, the app's copy, its output. */
export const WORK = process.env.CDK_VAGRANT_RIG ?? '/var/lib/cdk-vagrant-rig';
/** Name of the stack under test, so of its libvirt domains and networks. */
export const STACK = 'cdkvtest';
/** Folder of the synthesised stack. */
export const OUTPUT = join(WORK, 'project', 'synth-out', STACK);

export const MACHINES = ['vmBalanceador', 'vmServidor1', 'vmServidor2'] as const;
export type MachineName = (typeof MACHINES)[number];
export const ADDRESS: Readonly<Record<MachineName, string>> = {
  vmBalanceador: '192.168.56.5',
  vmServidor1: '192.168.56.6',
  vmServidor2: '192.168.56.7',
};
export const SITE = `http://${ADDRESS.vmBalanceador}:1080/`;

const began = Date.now();

/** Prints a line with the seconds since the run began. */
export function say(line: string): void {
  console.log(`${String(Math.round((Date.now() - began) / 1000)).padStart(5)} s  ${line}`);
}

export class CheckFailed extends Error {}

/** Fails the run unless the condition holds. */
export function expect(condition: boolean, what: string): void {
  if (!condition) throw new CheckFailed(what);
  say(`  ok: ${what}`);
}

export const sleep = (ms: number) => new Promise((done) => setTimeout(done, ms));

/** Repeats a question until it is answered, at most `seconds`. */
export async function until<T>(seconds: number, what: string, ask: () => Promise<T | undefined>): Promise<T> {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > end) throw new CheckFailed(`waited ${seconds} s for ${what}`);
    await sleep(1000);
  }
}

interface Finished {
  readonly code: number;
  readonly out: string;
}

/** Runs a program; its output is returned, not printed. */
export function run(
  program: string,
  words: readonly string[],
  options: { readonly cwd?: string; readonly input?: string; readonly timeoutMs?: number } = {},
): Promise<Finished> {
  return new Promise((resolve) => {
    const child = execFile(
      program,
      [...words],
      { cwd: options.cwd ?? PROJECT, maxBuffer: 64 * 1024 * 1024, timeout: options.timeoutMs ?? 900_000, env: environment() },
      (error, stdout, stderr) =>
        resolve({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : 1, out: stdout + stderr }),
    );
    child.stdin?.on('error', () => {}); // a program that reads nothing may be gone already
    child.stdin?.end(options.input ?? '');
  });
}

/** Runs a program that must succeed. */
export async function must(
  program: string,
  words: readonly string[],
  options: { readonly cwd?: string; readonly input?: string; readonly timeoutMs?: number } = {},
): Promise<string> {
  const { code, out } = await run(program, words, options);
  if (code !== 0) throw new CheckFailed(`${program} ${words.join(' ')} ended with ${code}:\n${out.slice(-3000)}`);
  return out;
}

function environment(): NodeJS.ProcessEnv {
  return { ...process.env, VAGRANT_DEFAULT_PROVIDER: 'libvirt', VAGRANT_CHECKPOINT_DISABLE: '1', VAGRANT_BOX_UPDATE_CHECK_DISABLE: '1' };
}

export interface VagrantRun extends Finished {
  readonly seconds: number;
  /** What came when, in seconds after the start. */
  readonly pieces: readonly { readonly at: number; readonly text: string }[];
}

/**
 * Runs Vagrant as a user would, on a terminal. Its output goes to a log beside the box as well.
 *
 * @param killAt the run is killed (-9) when this appears in its output; the result's code is then -9
 */
export async function vagrant(words: readonly string[], killAt?: RegExp): Promise<VagrantRun> {
  const start = Date.now();
  say(`$ vagrant ${words.join(' ')}${killAt === undefined ? '' : `   (to be killed at ${killAt})`}`);
  mkdirSync(WORK, { recursive: true });
  const log = createWriteStream(join(WORK, 'vagrant.log'), { flags: 'a' });
  log.write(`\n===== vagrant ${words.join(' ')}\n`);
  return await new Promise((resolve) => {
    const child = spawn('script', ['-qefc', `exec vagrant ${words.join(' ')}`, '/dev/null'], {
      cwd: OUTPUT,
      detached: true,
      env: environment(),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let out = '';
    let killed = false;
    const pieces: { at: number; text: string }[] = [];
    const take = (chunk: Buffer) => {
      out += chunk.toString();
      pieces.push({ at: (Date.now() - start) / 1000, text: chunk.toString() });
      log.write(chunk);
      if (killAt?.test(out) && !killed) {
        killed = true;
        void killVagrant(child.pid);
      }
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    child.on('exit', (code) => {
      log.end();
      const seconds = Math.round((Date.now() - start) / 1000);
      say(`  ${killed ? 'killed' : `ended with ${code}`} after ${seconds} s`);
      resolve({ code: killed ? -9 : (code ?? 1), out, seconds, pieces });
    });
  });
}

/** Kills Vagrant and whatever it started, by process id, at once. */
async function killVagrant(script: number | undefined): Promise<void> {
  if (script === undefined) return;
  const pids: number[] = [script];
  for (let next = 0; next < pids.length; next++) {
    const { out } = await run('ps', ['-o', 'pid=', '--ppid', String(pids[next])]);
    pids.push(...out.split(/\s+/).filter(Boolean).map(Number));
  }
  for (const pid of pids.toReversed()) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // it is gone already
    }
  }
}

/** Runs a command as root in a machine. */
export async function ssh(machine: MachineName, command: string, input?: string): Promise<string> {
  return await must('ssh', [...sshOptions(machine), '--', 'sudo', 'bash', '-c', quote(command)], {
    timeoutMs: 300_000,
    ...(input === undefined ? {} : { input }),
  });
}

/** The same, when failing is an answer too. */
export async function trySsh(machine: MachineName, command: string): Promise<Finished> {
  return await run('ssh', [...sshOptions(machine), '--', 'sudo', 'bash', '-c', quote(command)], { timeoutMs: 60_000 });
}

/** Vagrant's well-known key, which the box lets in, with the rights that ssh wants. */
export async function prepareKey(): Promise<void> {
  const path = (await must('dpkg', ['-L', 'vagrant'])).split('\n').find((line) => line.endsWith('keys/vagrant'));
  await must('install', ['-D', '-m', '600', path ?? 'keys/vagrant', join(WORK, 'ssh-key')]);
  writeFileSync(join(WORK, 'ssh-key.pub'), await must('ssh-keygen', ['-y', '-f', join(WORK, 'ssh-key')]));
}

function sshOptions(machine: MachineName): string[] {
  return [
    '-i',
    join(WORK, 'ssh-key'),
    '-o',
    'StrictHostKeyChecking=no',
    '-o',
    'UserKnownHostsFile=/dev/null',
    '-o',
    'LogLevel=ERROR',
    '-o',
    'ConnectTimeout=10',
    '-o',
    'ServerAliveInterval=15',
    `${user}@${ADDRESS[machine]}`,
  ];
}

export function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

export async function virsh(...words: string[]): Promise<string> {
  return await must('virsh', ['-q', '-c', 'qemu:///system', ...words]);
}

export const domain = (machine: MachineName) => `${STACK}_${machine}`;

/** Removes every domain, volume and network of the test, and what Vagrant remembers of them. */
export async function cleanUp(): Promise<void> {
  if (existsSync(join(OUTPUT, 'Vagrantfile'))) await vagrant(['destroy', '-f']);
  await must(join(PROJECT, 'test/e2e/rig/clean'), [STACK]);
  rmSync(join(OUTPUT, '.vagrant'), { recursive: true, force: true });
}

/** A copy of the project that the tests may change as a user would, and its app synthesised for the rig's box. */
export async function makeProject(): Promise<void> {
  const project = join(WORK, 'project');
  const kept = join(OUTPUT, '.vagrant');
  if (existsSync(kept)) throw new Error(`${kept} is there; clean up first`);
  rmSync(project, { recursive: true, force: true });
  mkdirSync(project, { recursive: true });
  const files = (
    await must('git', [
      'ls-files',
      '--cached',
      '--others',
      '--exclude-standard',
      '--',
      'bin',
      'lib',
      'test/e2e',
      'package.json',
      'cdk.json',
      'tsconfig.json',
    ])
  )
    .trim()
    .split('\n');
  for (const file of files) {
    mkdirSync(dirname(join(project, file)), { recursive: true });
    await must('cp', [join(PROJECT, file), join(project, file)]);
  }
  await must('ln', ['-s', join(PROJECT, 'node_modules'), join(project, 'node_modules')]);
  await synth();
}

/** Who may log in. */
let user = 'vagrant';

/** From here on the machines are those of the cloud image, whose user is another, and which cloud-init brings up. */
export function onClouds(): void {
  user = 'debian';
  const key = readFileSync(join(WORK, 'ssh-key.pub'), 'utf8').trim();
  CONTEXT.push('-c', 'cloud=eth0,eth1', '-c', `key=${key}`);
}

/** Boxes of the rig's own, and what their clusters run. */
const BOXES = {
  debian12: { suite: 'bookworm', system: 'debian/12', client: 'lxc', unit: 'lxd' },
  debian13: { suite: 'trixie', system: 'debian/13', client: 'incus', unit: 'incus' },
} as const;
let box: keyof typeof BOXES = 'debian12';

/** What runs the containers on the box. */
export const engine = () => BOXES[box];

/** Builds a box, unless it is there. From here on the machines are of that box. */
export async function prepareBox(name: string): Promise<void> {
  if (!Object.hasOwn(BOXES, name)) throw new Error(`no box "${name}"; there are ${Object.keys(BOXES).join(', ')}`);
  box = name as keyof typeof BOXES;
  await must(join(PROJECT, 'test/e2e/rig/make-box'), [WORK, engine().suite]);
  CONTEXT.push('-c', `box=cdk-vagrant-test/${box}`, '-c', `system=${engine().system}`);
}

/** The paper's app as this host can run it: boxes and container images of the rig's own. */
const CONTEXT = ['-c', `stack=${STACK}`, '-c', `image=${join(WORK, 'image')}`];

/** From here on the app is another than the paper's. */
export function useApp(file: string): void {
  CONTEXT.push('-a', `npx tsx ${file}`);
}

/** @param more options */
export async function synth(...more: readonly string[]): Promise<string> {
  return await must('npm', ['run', '-s', 'synth', '--', ...CONTEXT, ...more], { cwd: join(WORK, 'project') });
}

/** A command of `cdkv` about the paper's app. */
export async function cdkv(...words: readonly string[]): Promise<Finished> {
  return await run('npx', ['tsx', 'bin/cdkv.ts', ...words, ...CONTEXT], { cwd: join(WORK, 'project') });
}

/**
 * Runs all of it, says how it ended, and ends the process. Interrupted, it leaves as little behind as when it fails.
 *
 * @param keep whether the machines stay as they are
 */
export async function runToItsEnd(main: () => Promise<void>, keep: boolean): Promise<never> {
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.once(name, () => {
      say(`${name}: cleaning up`);
      void cleanUp().finally(() => process.exit(130));
    });
  }
  let failed = false;
  try {
    await main();
    say('all checks passed');
  } catch (error) {
    failed = true;
    say(error instanceof CheckFailed ? `FAILED: ${error.message}` : `FAILED: ${(error as Error).stack}`);
  }
  if (keep) say(`the machines are left as they are; look at them from ${OUTPUT}`);
  else if (existsSync(OUTPUT)) await cleanUp();
  process.exit(failed ? 1 : 0);
}
