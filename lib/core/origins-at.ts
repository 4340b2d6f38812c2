import type { AssembledStack, LineOrigin } from './assembly.js';

/** What a line of a file depends on, the nearest first; nothing for a line that is not there. */
export function originsAt(stack: AssembledStack, path: string, line: number): readonly LineOrigin[] {
  let last = 0;
  for (const { count, origins } of stack.origins()[path] ?? []) {
    last += count;
    if (line <= last) return line < 1 ? [] : origins;
  }
  return [];
}
