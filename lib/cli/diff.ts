import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type AssembledStack, type Assembly, formatDiagnostics, ORPHAN, originsAt, planPublish } from '../core/index.js';
import { assembleApp } from './app-process.js';
import type { Command } from './command.js';
import { paint } from './paint.js';

/** A file that a synthesis would change. */
export interface FileChange {
  readonly kind: 'added' | 'changed' | 'removed';
  /** Path below the folder that holds the stacks' folders. */
  readonly path: string;
  /** Path of the construct it is of. A file that is made no longer has none. */
  readonly construct: string | undefined;
  /** Unified, with three lines of context, each hunk with the constructs of its new lines; undefined for a binary file, or one too different to be compared. */
  readonly patch: string | undefined;
}

/** What a synthesis would do. */
export interface Difference {
  readonly changes: readonly FileChange[];
  /** Why it would stop instead of doing it: edited files, files of others. */
  readonly obstacles: readonly string[];
}

/** Compares an assembly with what is on disk; writes nothing. */
export async function difference(assembly: Assembly): Promise<Difference> {
  const { createTwoFilesPatch } = await import('diff');
  const changes: FileChange[] = [];
  const obstacles: string[] = [];
  for (const stack of assembly.stacks) {
    const patch = (path: string, before: Buffer | undefined, after: Buffer | undefined) => {
      if (before?.includes(0) || after?.includes(0)) return undefined;
      const [from, to] = [before === undefined ? '/dev/null' : `a/${path}`, after === undefined ? '/dev/null' : `b/${path}`];
      // To compare two large files that have little in common would take minutes.
      const limits = { context: 3, timeout: 2000 };
      const text = createTwoFilesPatch(from, to, before?.toString() ?? '', after?.toString() ?? '', undefined, undefined, limits);
      const [, ...lines] = text?.split('\n') ?? []; // the first is a rule of equals signs
      return text === undefined ? undefined : withConstructs(lines, stack, path.slice(stack.name.length + 1)).join('\n');
    };
    const plan = planPublish(stack.folder, stack.files, true);
    for (const file of plan.write) {
      const before = readIfPresent(join(stack.folder, file.path));
      const path = `${stack.name}/${file.path}`;
      const kind = before === undefined ? 'added' : 'changed';
      changes.push({ kind, path, construct: file.construct, patch: patch(path, before, Buffer.from(file.content)) });
    }
    for (const gone of plan.remove) {
      const path = `${stack.name}/${gone}`;
      changes.push({ kind: 'removed', path, construct: undefined, patch: patch(path, readIfPresent(join(stack.folder, gone)), undefined) });
    }
    obstacles.push(...planPublish(stack.folder, stack.files, false).obstacles);
  }
  return { changes, obstacles };
}

/** `cdkv diff` */
export const diff: Command = async ({ options, app }) => {
  const assembly = await assembleApp(app());
  const orphans = assembly.diagnostics.filter(({ id }) => id === ORPHAN);
  if (orphans.length > 0) process.stderr.write(`${formatDiagnostics(orphans)}\n\n`);
  const found = await difference(assembly);
  process.stdout.write(options.json ? `${JSON.stringify(found, undefined, 2)}\n` : asText(found));
  return found.changes.length === 0 && found.obstacles.length === 0 ? 0 : 1;
};

/** By construct, in the order of the tree. The lists of files, which follow from the rest, are named and not shown. */
function asText({ changes, obstacles }: Difference): string {
  const groups = new Map<string, FileChange[]>();
  for (const change of changes) {
    const group = change.construct ?? 'made no longer';
    groups.set(group, [...(groups.get(group) ?? []), change]);
  }
  const lines: string[] = [];
  for (const [construct, group] of groups) {
    lines.push(paint('bold', construct));
    for (const { kind, path, patch } of group) {
      const follows = /^[^/]+\/(manifest|tree)\.json$/.test(path) && kind === 'changed';
      if (follows || patch === undefined) lines.push(`${kind} ${path}${follows ? '' : ' (no text, or too different to show)'}`);
      else lines.push(...patch.trimEnd().split('\n').map(colour));
    }
    lines.push('');
  }
  for (const obstacle of obstacles) lines.push(paint('red', `a synthesis would stop: ${obstacle}`), '');
  const count = (kind: FileChange['kind']) => changes.filter((change) => change.kind === kind).length;
  lines.push(changes.length === 0 ? 'no difference' : `${count('added')} added, ${count('changed')} changed, ${count('removed')} removed`);
  return `${lines.join('\n')}\n`;
}

/** Names behind the head of each hunk the constructs that its new lines are of. */
function withConstructs(patch: readonly string[], stack: AssembledStack, path: string): string[] {
  const lines: string[] = [];
  let head = 0;
  let number = 0;
  let constructs = new Set<string>();
  const close = () => {
    if (constructs.size > 0) lines[head] += ` ${[...constructs].slice(0, 3).join(', ')}${constructs.size > 3 ? ', ...' : ''}`;
    constructs = new Set();
  };
  for (const line of patch) {
    const [, begin] = /^@@ -\S+ \+(\d+)/.exec(line) ?? [];
    if (begin !== undefined) {
      close();
      head = lines.length;
      number = Number(begin);
    } else if (head > 0 && /^[+ ]/.test(line)) {
      const [nearest] = line.startsWith('+') ? originsAt(stack, path, number) : [];
      if (nearest !== undefined) constructs.add(nearest.construct);
      number++;
    }
    lines.push(line);
  }
  close();
  return lines;
}

function colour(line: string): string {
  if (/^(\+\+\+|---)/.test(line)) return paint('bold', line);
  if (line.startsWith('+')) return paint('green', line);
  if (line.startsWith('-')) return paint('red', line);
  return line.startsWith('@@') ? paint('cyan', line) : line;
}

function readIfPresent(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}
