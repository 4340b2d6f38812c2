/** What is less alike than this is no misspelling. */
const ALIKE = 0.35;

/**
 * The texts most like `wanted`, most alike first: by the pairs of letters they have in common (Dice's coefficient).
 *
 * @param alike how much they must have in common, 0 to 1
 */
export function nearest(wanted: string, texts: readonly string[], alike = ALIKE): string[] {
  const pairs = pairsOf(wanted);
  return texts
    .map((text) => ({ text, score: likeness(pairs, pairsOf(text)) }))
    .filter(({ score }) => score >= alike)
    .sort((a, b) => b.score - a.score)
    .map(({ text }) => text);
}

/** `; did you mean "web1"?`, or nothing when there is none like it. */
export function didYouMean(wanted: string, texts: readonly string[]): string {
  const [best] = nearest(wanted, texts);
  return best === undefined ? '' : `; did you mean ${JSON.stringify(best)}?`;
}

/** Names that a message lists before it counts the rest. */
const LISTED = 20;

/** `"web1", "web2" and 7 more`: all, or those most like `wanted`. */
export function listed(texts: readonly string[], wanted = ''): string {
  const shown = texts.length > LISTED ? nearest(wanted, texts, 0).slice(0, LISTED) : texts;
  const rest = texts.length - shown.length;
  return `${shown.map((text) => JSON.stringify(text)).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}

/** How often each pair of neighbouring letters occurs. The ends count as letters, so that a single letter has pairs too. */
function pairsOf(text: string): Map<string, number> {
  const pairs = new Map<string, number>();
  const padded = ` ${text.toLowerCase().trim()} `;
  for (let at = 0; at < padded.length - 1; at++) {
    const pair = padded.slice(at, at + 2);
    pairs.set(pair, (pairs.get(pair) ?? 0) + 1);
  }
  return pairs;
}

function likeness(a: Map<string, number>, b: Map<string, number>): number {
  let common = 0;
  for (const [pair, count] of a) common += Math.min(count, b.get(pair) ?? 0);
  const sum = (pairs: Map<string, number>) => [...pairs.values()].reduce((total, count) => total + count, 0);
  return (2 * common) / (sum(a) + sum(b));
}
