import { readFileSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import {
  type AppReply,
  type Assembly,
  type Diagnostic,
  type Reply,
  type Request,
  readReplies,
  SynthesisError,
  writeRequest,
} from '../core/index.js';
import { inFolder, runChild } from './child.js';
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
  /**
   * Whether the assembly is to tell where lines come from, for which the app renders each file once more.
   *
   * @default true
   */
  readonly origins?: boolean;
  /** Whether the app's own output goes to standard error, so that standard output is for this command alone. */
  readonly quietOutput?: boolean;
}

/** What the app did: its answers, put together. */
export interface AppAnswer {
  readonly outcome: Reply['outcome'];
  readonly diagnostics: readonly Diagnostic[];
  /** What was written, a row for each output folder. */
  readonly outputs: readonly Pick<Reply, 'outdir' | 'written' | 'removed'>[];
  readonly assembly: Assembly;
}

/**
 * Runs the app in a process of its own, with the tools of its own node_modules at hand.
 *
 * @throws CommandFailed when it cannot be run, or ends without an answer
 */
export async function runApp(action: Request['action'], options: AppOptions): Promise<AppAnswer> {
  return inFolder('cdkv-', async (folder) => {
    const file = join(folder, 'reply');
    const { app, context = {}, force = false, strict = false, origins = true } = options;
    const request = writeRequest({ action, outdir: options.output, context, force, strict, origins, reply: file });
    const { code } = await runChild(app, [], {
      shell: true,
      stdio: ['inherit', options.quietOutput ? 2 : 'inherit', 'inherit'],
      env: { ...environment(), ...request },
    });
    const replies = readReplies(readIfPresent(file));
    if (replies.length > 0 && (code === 0 || replies.some(({ outcome }) => outcome === 'refused'))) return together(replies);
    const written = replies.some((one) => one.written.length + one.removed.length > 0) ? ', after it had written files' : '';
    if (code !== 0) throw new CommandFailed(`the app (${app}) ended with exit code ${code}${written}`);
    throw new CommandFailed(`the app (${app}) ended without a synthesis; call app.synth() at its end`);
  });
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

/** An app may synthesise several times, and a process may hold several apps. What was told twice is told once; the last word counts. */
function together(replies: readonly AppReply[]): AppAnswer {
  const last = new Map(replies.flatMap(({ assembly }) => assembly.stacks.map((stack) => [stack.folder, stack] as const)));
  const outputs = new Map<string, { outdir: string; written: string[]; removed: string[] }>();
  for (const { outdir, written, removed } of replies) {
    const known = outputs.get(outdir) ?? { outdir, written: [], removed: [] };
    const merged = { outdir, written: [...new Set([...known.written, ...written])], removed: [...new Set([...known.removed, ...removed])] };
    outputs.set(outdir, merged);
  }
  const findings = replies.flatMap(({ diagnostics }) => diagnostics);
  const diagnostics = [...new Map(findings.map((finding) => [JSON.stringify(finding), finding])).values()];
  const first = replies[0] as AppReply;
  return {
    outcome: replies.find(({ outcome }) => outcome === 'refused')?.outcome ?? first.outcome,
    diagnostics,
    outputs: [...outputs.values()],
    assembly: { outdir: first.outdir, stacks: [...last.values()], diagnostics },
  };
}

function environment(): NodeJS.ProcessEnv {
  const path = [resolve('node_modules/.bin'), process.env.PATH ?? ''].join(delimiter);
  return Object.fromEntries(Object.entries({ ...process.env, PATH: path }).filter(([key]) => !key.startsWith('CDKV_')));
}

function readIfPresent(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
