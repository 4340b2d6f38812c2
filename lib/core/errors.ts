import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import type { Diagnostic } from './annotations.js';

/** The tree cannot be synthesised. `diagnostics` has every reason; the message is what a person reads. */
export class SynthesisError extends Error {
  declare readonly diagnostics: readonly Diagnostic[];

  public constructor(diagnostics: readonly Diagnostic[]) {
    const strict = diagnostics.some(({ severity }) => severity === 'error') ? '' : ' that --strict refuses';
    const what = strict === '' ? 'error' : 'warning';
    const count = `${diagnostics.length} ${what}${diagnostics.length === 1 ? '' : 's'}${strict}`;
    const outcome = diagnostics.some(({ id }) => id === 'half-published') ? 'a part was written' : 'nothing was written';
    super(`${count}, ${outcome}\n\n${formatDiagnostics(diagnostics)}\n`);
    this.name = 'SynthesisError';
    // Node prints what can be enumerated, and all of it stands in the message.
    Object.defineProperty(this, 'diagnostics', { value: diagnostics });
    // The reader's own line stands with each error; the library's frames would only hide it.
    this.stack = `${this.name}: ${this.message}`;
  }
}

/** So many findings of one id are shown; more are counted. */
const SHOWN = 10;

/** Findings for a person, an empty line between. */
export function formatDiagnostics(diagnostics: readonly Diagnostic[]): string {
  const shown: string[] = [];
  const counts = new Map<string, number>();
  for (const diagnostic of diagnostics) {
    const count = (counts.get(diagnostic.id) ?? 0) + 1;
    counts.set(diagnostic.id, count);
    if (count <= SHOWN) shown.push(formatDiagnostic(diagnostic));
  }
  for (const [id, count] of counts) if (count > SHOWN) shown.push(`and ${count - SHOWN} more [${id}]`);
  return shown.join('\n\n');
}

/** A few short lines for a person: what, where in the tree, where in the code. */
function formatDiagnostic(diagnostic: Diagnostic): string {
  const { severity, id, message, path, userLine } = diagnostic;
  const line = userLine === undefined ? '' : `\n    at ${sourceLine(userLine)}`;
  return `${severity} [${id}] ${message}\n    in ${path === '' ? 'the app' : path}${line}`;
}

/**
 * A place in the user's code as a person reads it: from the working folder, with the text of its line below where that can be read.
 *
 * @param userLine `file:line:column`
 */
export function sourceLine(userLine: string): string {
  const place = shorten(userLine);
  const [, file, line] = /^(.*):(\d+):\d+$/s.exec(userLine) ?? [];
  const source = linesOf(file ?? '')[Number(line) - 1]?.trim();
  return source ? `${place}\n       ${source}` : place;
}

let lastRead: { readonly file: string; readonly lines: readonly string[] } | undefined;

/** The lines of a file; none, when it cannot be read. */
function linesOf(file: string): readonly string[] {
  if (lastRead?.file !== file) {
    let lines: string[] = [];
    try {
      lines = readFileSync(file, 'utf8').split('\n');
    } catch {
      // A frame without a file, or a file that is gone.
    }
    lastRead = { file, lines };
  }
  return lastRead.lines;
}

/** A place as seen from the working folder, where it is below that. */
export function shorten(userLine: string): string {
  const short = relative(process.cwd(), userLine);
  return short.startsWith('..') ? userLine : short;
}
