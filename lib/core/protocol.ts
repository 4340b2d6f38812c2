import { appendFileSync } from 'node:fs';
import type { Diagnostic } from './annotations.js';
import type { Assembly, LineRun, TreeNode } from './assembly.js';
import type { Resource } from './element.js';

// How `cdkv` and the app, which runs in a process of its own, talk. `cdkv` sets variables in the app's environment:
//
//   CDKV_ACTION   synth: check the tree and write the files. assemble: check and render, write nothing.
//   CDKV_OUTDIR   folder that the stacks' folders are written to
//   CDKV_CONTEXT  JSON object: values for node.tryGetContext
//   CDKV_FORCE    1: overwrite what was edited or is not ours
//   CDKV_STRICT   1: warnings are errors
//   CDKV_ORIGINS  0: the answer need not tell where lines come from, for which each file is rendered once more
//   CDKV_REPLY    file that takes the answer
//
// Each `app.synth()` appends one line to that file: a `Reply` as JSON. An app that was refused exits with 1 and prints
// nothing itself. Without these variables, as when the app is run by hand, `app.synth()` writes and prints by itself.

/** What the app is asked for. */
export interface Request {
  readonly action: 'synth' | 'assemble';
  readonly outdir: string | undefined;
  readonly context: Readonly<Record<string, unknown>>;
  readonly force: boolean;
  readonly strict: boolean;
  /** Whether the answer tells where lines come from. */
  readonly origins: boolean;
  /** File that takes the answer. */
  readonly reply: string | undefined;
}

/** What the app answers. */
export interface Reply {
  readonly version: 1;
  readonly outcome: 'written' | 'assembled' | 'refused';
  /** The folder that holds a folder a stack, absolute. */
  readonly outdir: string;
  readonly diagnostics: readonly Diagnostic[];
  /** Files written and removed, as paths below `outdir`. */
  readonly written: readonly string[];
  readonly removed: readonly string[];
  /** What was assembled; empty unless the outcome is that. */
  readonly stacks: readonly ReplyStack[];
}

export interface ReplyStack {
  readonly name: string;
  readonly path: string;
  readonly folder: string;
  /** Content in base64. */
  readonly files: readonly { readonly path: string; readonly construct: string; readonly content: string }[];
  readonly providers?: readonly string[] | undefined;
  readonly tree: TreeNode;
  readonly resources: readonly Resource[];
  readonly userLines: Readonly<Record<string, string>>;
  readonly origins: Readonly<Record<string, readonly LineRun[]>>;
}

/** What `cdkv` asks of this process; without it, a plain synthesis. */
export function readRequest(environment: Readonly<Record<string, string | undefined>> = process.env): Request {
  return {
    action: environment.CDKV_ACTION === 'assemble' ? 'assemble' : 'synth',
    outdir: environment.CDKV_OUTDIR,
    context: environment.CDKV_CONTEXT === undefined ? {} : (JSON.parse(environment.CDKV_CONTEXT) as Record<string, unknown>),
    force: environment.CDKV_FORCE === '1',
    strict: environment.CDKV_STRICT === '1',
    origins: environment.CDKV_ORIGINS !== '0',
    reply: environment.CDKV_REPLY,
  };
}

/** The environment that carries a request. */
export function writeRequest(request: Request): Record<string, string> {
  return {
    CDKV_ACTION: request.action,
    CDKV_CONTEXT: JSON.stringify(request.context),
    ...(request.outdir === undefined ? {} : { CDKV_OUTDIR: request.outdir }),
    ...(request.force ? { CDKV_FORCE: '1' } : {}),
    ...(request.strict ? { CDKV_STRICT: '1' } : {}),
    ...(request.origins ? {} : { CDKV_ORIGINS: '0' }),
    ...(request.reply === undefined ? {} : { CDKV_REPLY: request.reply }),
  };
}

/** Appends an answer to the file that takes it. */
export function reply(
  file: string,
  wanted: Pick<Request, 'origins'>,
  outcome: Reply['outcome'],
  assembly: Assembly,
  { written, removed }: Pick<Reply, 'written' | 'removed'>,
): void {
  const stacks = outcome !== 'assembled' ? [] : assembly.stacks;
  const answer: Reply = {
    version: 1,
    outcome,
    outdir: assembly.outdir,
    diagnostics: assembly.diagnostics,
    written,
    removed,
    stacks: stacks.map(({ name, path, folder, files, providers, tree, resources, userLines, origins }) => ({
      name,
      path,
      folder,
      files: files.map((one) => ({ ...one, content: Buffer.from(one.content).toString('base64') })),
      providers,
      tree,
      resources: resources(),
      userLines: userLines(),
      origins: wanted.origins ? origins() : {},
    })),
  };
  appendFileSync(file, `${JSON.stringify(answer)}\n`);
}

export type AppReply = Reply & { readonly assembly: Assembly };

/**
 * The answers in the file, as an assembly each.
 *
 * @throws when one is cut off, or of a library that speaks another version
 */
export function readReplies(text: string): AppReply[] {
  const lines = text.split('\n').filter(Boolean);
  if (!text.endsWith('\n') && lines.length > 0) throw new Error('the app ended in the middle of its answer');
  return lines.map((line) => {
    const answer = JSON.parse(line) as Reply;
    if (answer.version !== 1) {
      throw new Error(`the app's cdk-vagrant answers in version ${answer.version} of the protocol; run the cdkv beside it: npx cdkv`);
    }
    const stacks = answer.stacks.map(({ files, providers, resources, userLines, origins, ...stack }) => ({
      ...stack,
      providers,
      files: files.map((one) => ({ ...one, content: Buffer.from(one.content, 'base64') })),
      resources: () => resources,
      userLines: () => userLines,
      origins: () => origins,
    }));
    return { ...answer, assembly: { outdir: answer.outdir, stacks, diagnostics: answer.diagnostics } };
  });
}
