import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { type Assembly, type Reply, type Request, readReplies, SynthesisError, writeRequest } from '../core/index.js';
import { CommandFailed } from './command.js';

/** Where the app is and what it is asked for. */
export interface AppOptions {
  /** What runs the app; a shell takes it apart. */
  readonly app: string;
  /** Folder that the stacks' folders are written to. */
  readonly output?: string | undefined;
  readonly context?: Readonly<Record<string, unknown>>;
  readonly force?: boolean;
  readonly strict?: boolean;
  /** Whether the app's own output goes to standard error, so that standard output is for this command alone. */
  readonly quietOutput?: boolean;
}

/**
 * Runs the app in a process of its own, with the tools of its own node_modules at hand.
 *
 * @returns its answer; of several `app.synth()` in one process all are put together
 * @throws CommandFailed when it cannot be run, or ends without an answer
 */
export async function runApp(action: Request['action'], options: AppOptions): Promise<Reply & { readonly assembly: Assembly }> {
  const folder = mkdtempSync(join(tmpdir(), 'cdkv-'));
  try {
    const file = join(folder, 'reply');
    const { context = {}, force = false, strict = false } = options;
    const request = writeRequest({ action, outdir: options.output, context, force, strict, reply: file });
    const code = await runShell(options.app, request, options.quietOutput ?? false);
    const replies = readReplies(readIfPresent(file));
    const [first] = replies;
    const refused = replies.find(({ outcome }) => outcome === 'refused');
    if (refused !== undefined) return refused;
    if (code !== 0) throw new CommandFailed(`the app (${options.app}) ended with exit code ${code}`);
    if (first === undefined) throw new CommandFailed(`the app (${options.app}) ended without a synthesis; call app.synth() at its end`);
    return replies.slice(1).reduce(together, first);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * The app's files, rendered and not written.
 *
 * @throws SynthesisError when the tree is refused
 */
export async function assembleApp(options: AppOptions): Promise<Assembly> {
  const { outcome, diagnostics, assembly } = await runApp('assemble', options);
  if (outcome === 'refused') throw new SynthesisError(diagnostics);
  return assembly;
}

function together<T extends Reply & { readonly assembly: Assembly }>(one: T, other: T): T {
  const diagnostics = [...one.diagnostics, ...other.diagnostics];
  const stacks = [...one.assembly.stacks, ...other.assembly.stacks];
  return {
    ...one,
    diagnostics,
    written: [...one.written, ...other.written],
    removed: [...one.removed, ...other.removed],
    assembly: { ...one.assembly, stacks, diagnostics },
  };
}

async function runShell(command: string, request: Readonly<Record<string, string>>, quiet: boolean): Promise<number> {
  const path = [resolve('node_modules/.bin'), process.env.PATH ?? ''].join(delimiter);
  const env: NodeJS.ProcessEnv = { ...process.env, PATH: path };
  for (const key of Object.keys(env)) if (key.startsWith('CDKV_')) delete env[key];
  const child = spawn(command, { shell: true, stdio: ['inherit', quiet ? 2 : 'inherit', 'inherit'], env: { ...env, ...request } });
  // The terminal interrupts the app as well; its end is waited for, so that nothing of it goes on behind the prompt.
  const wait = () => {};
  process.on('SIGINT', wait);
  try {
    return await new Promise((done, fail) => {
      child.on('error', (error) => fail(new CommandFailed(error.message)));
      child.on('exit', (code, signal) => (signal === 'SIGINT' || code === 130 ? fail(new CommandFailed('interrupted')) : done(code ?? 1)));
    });
  } finally {
    process.off('SIGINT', wait);
  }
}

function readIfPresent(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
