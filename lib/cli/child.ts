import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';

/** This command was told to end. */
export class Interrupted extends Error {
  public override readonly name = 'Interrupted';

  public constructor(public readonly signal: NodeJS.Signals) {
    super(signal);
  }

  /** As a shell would have it. */
  public get exitCode(): number {
    return 128 + constants.signals[this.signal];
  }
}

/** What ends a command. */
export const SIGNALS: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * Runs a program to its end. What ends this command ends the program, and all that it started, first.
 *
 * @param watch gets the process, to read from it
 * @returns its exit code; undefined when there is no such program
 * @throws Interrupted when this command was told to end meanwhile
 */
export async function runChild(
  program: string,
  words: readonly string[],
  options: SpawnOptions,
  watch: (child: ChildProcess) => void = () => {},
): Promise<{ readonly code: number | undefined; readonly error?: Error }> {
  // Who reads from the terminal must stay in its foreground group; to that the terminal itself sends what it interrupts by.
  const fromTerminal = Boolean(process.stdin.isTTY) && Array.isArray(options.stdio) && options.stdio[0] === 'inherit';
  const grouped = process.platform !== 'win32' && !fromTerminal;
  const child = spawn(program, words, { ...options, detached: grouped });
  watch(child);
  let told: NodeJS.Signals | undefined;
  const tell = (signal: NodeJS.Signals) => {
    told = signal;
    if (child.pid === undefined || (fromTerminal && signal === 'SIGINT')) return;
    try {
      process.kill(grouped ? -child.pid : child.pid, signal);
    } catch {
      // it has ended
    }
  };
  for (const signal of SIGNALS) process.on(signal, tell);
  try {
    return await new Promise((done, fail) => {
      const end = (answer: { code: number | undefined; error?: Error }) =>
        told === undefined ? done(answer) : fail(new Interrupted(told));
      child.on('error', (error: NodeJS.ErrnoException) => (error.code === 'ENOENT' ? end({ code: undefined, error }) : fail(error)));
      child.on('close', (code) => end({ code: code ?? 1 }));
    });
  } finally {
    for (const signal of SIGNALS) process.off(signal, tell);
  }
}

/**
 * Works in a folder of its own, which is removed whatever happens.
 *
 * @throws Interrupted when this command was told to end meanwhile
 */
export async function inFolder<T>(prefix: string, work: (folder: string) => Promise<T>): Promise<T> {
  let told: NodeJS.Signals | undefined;
  const note = (signal: NodeJS.Signals) => {
    told = signal;
  };
  // First, for what nobody listens to ends this process at once.
  for (const signal of SIGNALS) process.on(signal, note);
  let folder: string | undefined;
  try {
    folder = mkdtempSync(join(tmpdir(), prefix));
    const done = await work(folder);
    if (told !== undefined) throw new Interrupted(told);
    return done;
  } finally {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
    for (const signal of SIGNALS) process.off(signal, note);
  }
}
