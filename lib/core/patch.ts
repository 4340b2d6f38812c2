import { isUtf8 } from 'node:buffer';
import { createRequire } from 'node:module';

const LINES = 40;
const COLUMNS = 200;

/**
 * How a file differs from what it should be, for a person: a unified diff, indented and shortened.
 *
 * @param wanted what it should be; undefined when it should not be
 */
export function patchOf(present: Uint8Array, wanted: Uint8Array | undefined): string {
  if ([present, wanted ?? new Uint8Array()].some((content) => content.includes(0) || !isUtf8(content))) {
    const size = wanted === undefined ? 'not to be' : `${wanted.length} bytes as the app makes it`;
    return `    binary: ${present.length} bytes as it is, ${size}`;
  }
  // Loaded only here, and at once: publishing is synchronous.
  const { structuredPatch } = createRequire(import.meta.url)('diff') as typeof import('diff');
  const [from, to] = [present, wanted ?? new Uint8Array()].map((content) => Buffer.from(content).toString());
  const patch = structuredPatch('', '', from ?? '', to ?? '', undefined, undefined, { context: 3, timeout: 1000 });
  if (patch === undefined) return '    too different to be compared';
  const lines = ['--- as it is', `+++ ${wanted === undefined ? 'removed' : 'as the app makes it'}`];
  for (const { oldStart, oldLines, newStart, newLines, lines: changed } of patch.hunks) {
    // A range of no lines is named by the line before it.
    const range = (start: number, count: number) => `${count === 0 ? start - 1 : start},${count}`;
    lines.push(`@@ -${range(oldStart, oldLines)} +${range(newStart, newLines)} @@`, ...changed);
  }
  const more = lines.length - LINES;
  return [...lines.slice(0, LINES).map(printable), ...(more > 0 ? [`... and ${more} more lines`] : [])]
    .map((line) => `    ${line}`)
    .join('\n');
}

/** A line of a file may be long, and may speak to the terminal. */
function printable(line: string): string {
  const shown = line.replace(/[^\P{Cc}\t]/gu, '\u{fffd}');
  return shown.length > COLUMNS ? `${shown.slice(0, COLUMNS)}...` : shown;
}
