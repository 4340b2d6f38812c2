import { spawnSync } from 'node:child_process';
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** This folder, and the repository. */
export const BENCH = fileURLToPath(new URL('.', import.meta.url));
export const ROOT = join(BENCH, '..');

/** What an app tells when it ends; see apps/measure.mjs. */
export interface Told {
  readonly peakKiB: number;
  /** Of all its threads, in the system as well. */
  readonly cpuMs: number;
  /** When each phase ended, in ms since the process began. */
  readonly marks: Readonly<Record<string, number>>;
  /** Files that our publishing says it wrote. */
  readonly written?: number;
}

/** One process. */
export interface Sample {
  /** From just before it is made until it has ended, by the clock of this process. */
  readonly ms: number;
  readonly out: string;
}

/**
 * Runs a program to its end.
 *
 * @param temporary folder for what it keeps beside its output: caches, temporary files
 * @throws when it fails
 */
export function run(program: string, args: readonly string[], cwd: string, temporary: string): Sample {
  const env = environment(temporary);
  const begin = performance.now();
  const { status, stdout, stderr, error } = spawnSync(program, args, { cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  const ms = performance.now() - begin;
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} failed: ${error?.message ?? stderr}`);
  return { ms, out: stdout };
}

/** As a shell would give it: without what npm, cdkv and Node were told about this very process; nothing may look for news. */
function environment(temporary: string): NodeJS.ProcessEnv {
  const ours = Object.entries(process.env).filter(([key]) => !/^(npm_|NODE_|CDKV?_)/.test(key));
  const quiet = { CDK_DISABLE_CLI_TELEMETRY: '1', CDK_HOME: join(temporary, 'cdk'), npm_config_update_notifier: 'false' };
  return { ...Object.fromEntries(ours), ...quiet, TMPDIR: temporary };
}

/** Starts a clock of the processors. @returns a function that tells which share of them other processes have used since */
export function watchOthers(): () => number {
  const busy = () => cpus().reduce((sum, { times: { idle, ...used } }) => sum + Object.values(used).reduce((a, b) => a + b, 0), 0);
  // utime, stime, and those of the children that have ended, in ticks of 10 ms.
  const ours = () =>
    readFileSync('/proc/self/stat', 'utf8')
      .replace(/^.*\) /, '')
      .split(' ')
      .slice(11, 15)
      .reduce((sum, ticks) => sum + Number(ticks) * 10, 0);
  const [busyBefore, oursBefore, begin] = [busy(), ours(), performance.now()];
  return () => Math.max(0, busy() - busyBefore - (ours() - oursBefore)) / ((performance.now() - begin) * cpus().length);
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low, high] = [sorted[sorted.length % 2 === 0 ? middle - 1 : middle], sorted[middle]];
  if (low === undefined || high === undefined) throw new Error('nothing was measured');
  return (low + high) / 2;
}

/** Every file below a folder, with all that a write would change. */
export function snapshot(folder: string): { readonly files: number; readonly bytes: number; readonly state: string } {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  const stats = paths.map((path) => ({ path, stat: lstatSync(join(folder, path), { bigint: true }) }));
  const files = stats.filter(({ stat }) => stat.isFile());
  return {
    files: files.length,
    bytes: files.reduce((sum, { stat }) => sum + Number(stat.size), 0),
    state: stats.map(({ path, stat }) => `${path} ${stat.ino} ${stat.size} ${stat.mtimeNs} ${stat.ctimeNs}`).join('\n'),
  };
}
