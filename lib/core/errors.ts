import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import type { Diagnostic } from './annotations.js';

/** The tree cannot be synthesised. `diagnostics` has every reason; the message is what a person reads. */
export class SynthesisError extends Error {
  public constructor(public readonly diagnostics: readonly Diagnostic[]) {
    const strict = diagnostics.some(({ severity }) => severity === 'error') ? '' : ' that --strict refuses';
    const what = strict === '' ? 'error' : 'warning';
    const count = `${diagnostics.length} ${what}${diagnostics.length === 1 ? '' : 's'}${strict}`;
    const outcome = diagnostics.some(({ id }) => id === 'half-published') ? 'a part was written' : 'nothing was written';
    super(`${count}, ${outcome}\n\n${diagnostics.map(formatDiagnostic).join('\n\n')}\n`);
    this.name = 'SynthesisError';
    // The reader's own line stands with each error; the library's frames would only hide it.
    this.stack = `${this.name}: ${this.message}`;
  }
}

/** A few short lines for a person: what, where in the tree, where in the code. */
export function formatDiagnostic(diagnostic: Diagnostic): string {
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
  try {
    const source = readFileSync(file ?? '', 'utf8')
      .split('\n')
      [Number(line) - 1]?.trim();
    return source ? `${place}\n       ${source}` : place;
  } catch {
    return place;
  }
}

/** A place as seen from the working folder, where it is below that. */
export function shorten(userLine: string): string {
  const short = relative(process.cwd(), userLine);
  return short.startsWith('..') ? userLine : short;
}
