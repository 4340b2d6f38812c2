import type { IConstruct } from 'constructs';
import { shared } from './shared.js';
import type { CreationSite } from './site.js';

/** What a piece of a file is of. */
export interface Origin {
  readonly construct: IConstruct;
  /** The user's line, where it is another than the one that made the construct. */
  readonly site?: CreationSite;
}

// While somebody asks where lines come from, `from` puts marks around its text, which `trace` takes out again. No text that went
// through a quoting helper holds a NUL.
const MARK = /\0(?:<(\d+)>|\/)/g;

const tracing = shared('tracing', (): { pieces: Origin[][] | undefined } => ({ pieces: undefined }));

/** Constructs, the nearest first; lists in it are opened, and functions called, only when somebody asks. */
export type Owners = IConstruct | Origin | readonly Owners[] | (() => Owners);

/** Notes that a piece of a file depends on these constructs. The text stays as it is. */
export function from(owners: Owners, text: string): string {
  if (tracing.pieces === undefined || text === '') return text;
  const origins = flatten(owners);
  // Marks would end the list that the lines around them share.
  if (origins.length === 0) return text;
  tracing.pieces.push(origins);
  return `\0<${tracing.pieces.length - 1}>${text}\0/`;
}

function flatten(owners: Owners): Origin[] {
  if (typeof owners === 'function') return flatten(owners());
  if (Array.isArray(owners)) return (owners as readonly Owners[]).flatMap(flatten);
  return ['construct' in owners ? (owners as Origin) : { construct: owners as IConstruct }];
}

/** JSON in which strings have been through `from`. */
export function markedJson(json: string): string {
  return tracing.pieces === undefined ? json : json.replaceAll('\\u0000', '\0');
}

/** The text without what `from` put into it. */
export function unmarked(text: string): string {
  return tracing.pieces === undefined ? text : text.replace(MARK, '');
}

/** The marks that `from` put into a text, without the text. */
export function marksOf(text: string): string {
  return tracing.pieces === undefined ? '' : (text.match(MARK) ?? []).join('');
}

/**
 * Renders a file once more to learn what each of its lines is of.
 *
 * @returns for each line its origins, the innermost first; none where nobody told
 */
export function trace(render: () => string | Uint8Array): Origin[][] {
  const pieces: Origin[][] = [];
  tracing.pieces = pieces;
  try {
    const content = render();
    if (typeof content === 'string') return originsOf(content, pieces);
    const breaks = content.filter((byte) => byte === 10).length;
    const none: Origin[] = [];
    return Array.from({ length: content.at(-1) === 10 || content.length === 0 ? breaks : breaks + 1 }, () => none);
  } finally {
    tracing.pieces = undefined;
  }
}

/** Lines below the same marks have the same list, so that long lists are made once. */
function originsOf(content: string, pieces: readonly Origin[][]): Origin[][] {
  const lines: Origin[][] = [];
  const open: Origin[][] = [];
  let current: Origin[] | undefined;
  let line = new Set<Origin[]>();
  const take = (text: string) => {
    if (text === '') return;
    current ??= [...new Set(open.toReversed().flat())];
    if (current.length > 0) line.add(current);
  };
  const end = () => {
    const [first = [], ...others] = line;
    lines.push(others.length === 0 ? first : [...new Set([...line].flat())]);
    line = new Set();
  };
  let at = 0;
  for (const found of content.matchAll(/\0(?:<(\d+)>|\/)|\n/g)) {
    const isBreak = found[0] === '\n';
    take(content.slice(at, found.index + (isBreak ? 1 : 0)));
    at = found.index + found[0].length;
    if (isBreak) {
      end();
      continue;
    }
    if (found[1] === undefined) open.pop();
    else open.push(pieces[Number(found[1])] ?? []);
    current = undefined;
  }
  take(content.slice(at));
  if (at < content.length) end();
  return lines;
}
