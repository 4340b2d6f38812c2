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

/** Three short lines for a person: what, where in the tree, where in the code. */
export function formatDiagnostic(diagnostic: Diagnostic): string {
  const { severity, id, message, path, userLine } = diagnostic;
  const line = userLine === undefined ? '' : `\n    at ${shorten(userLine)}`;
  return `${severity} [${id}] ${message}\n    in ${path === '' ? 'the app' : path}${line}`;
}

function shorten(userLine: string): string {
  const short = relative(process.cwd(), userLine);
  return short.startsWith('..') ? userLine : short;
}
