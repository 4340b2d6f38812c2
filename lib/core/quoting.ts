/** A string that a target language cannot carry at all. */
export class UnquotableError extends Error {
  public override readonly name = 'UnquotableError';
}

const UNSAFE_IN_SHELL = /[^A-Za-z0-9_@%+=:,./-]/;
const UNSAFE_IN_HAPROXY = /[^A-Za-z0-9_@%+=:,./*?&~^!;|<>()[\]{}-]/;
const SPECIAL_IN_RUBY = /["\\#\n\r\t\0]/;
// Ranges, not \p{Cc}: documents of megabytes are looked through. Halves of surrogate pairs are looked for by isWellFormed.
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const UNFIT_FOR_COMMENT = /[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff]/;
// A NUL is a mark of origin.ts; one of the user's is \u0000 here.
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const UNFIT_FOR_YAML = /[\x01-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff]/;
const HALF = /\p{Cs}/u;
const UNFIT_ESCAPE = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f]..)/;
const NAMES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' };
const NOT_IN_XML = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u;

/** A word of POSIX shell. Throws on NUL, which no shell word can hold. */
export function sh(value: unknown): string {
  const text = textOf(value);
  return text !== '' && !UNSAFE_IN_SHELL.test(text) ? text : `'${withoutNul(text).replaceAll("'", "'\\''")}'`;
}

/**
 * A value of Ruby: text in double quotes, without interpolation, a number, true, false, nil (null), a symbol, or a list or hash of them.
 * Throws on NUL.
 */
export function rb(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(rb).join(', ')}]`;
  if (typeof value === 'number') return num(value);
  if (typeof value === 'boolean' || value === null) return value === null ? 'nil' : String(value);
  if (typeof value === 'symbol') return `:${value.description}`;
  if (typeof value === 'object')
    return `{ ${Object.entries(value)
      .map((entry) => entry.map(rb).join(' => '))
      .join(', ')} }`;
  const text = textOf(value);
  if (!SPECIAL_IN_RUBY.test(text)) return `"${text}"`;
  const escaped = withoutNul(text)
    .replace(/["\\#]/g, '\\$&')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('\t', '\\t');
  return `"${escaped}"`;
}

/** A word of haproxy.cfg. Throws on NUL, CR and LF, which would end the line and begin another directive. */
export function hap(value: unknown): string {
  const text = textOf(value);
  return text !== '' && !UNSAFE_IN_HAPROXY.test(text) ? text : `'${oneLine(text).replaceAll("'", "'\\''")}'`;
}

/** Text of an XML element, or of an attribute in double quotes. Throws on what no XML 1.0 document can hold: most control characters. */
export function xml(value: unknown): string {
  const text = withoutNul(value);
  if (NOT_IN_XML.test(text)) throw new UnquotableError(`${JSON.stringify(text)} holds a character that XML has no way to write`);
  return text.replace(/[&<>"'\t\n\r]/g, (character) => NAMES[character] ?? `&#${character.charCodeAt(0)};`);
}

/** A value of JavaScript: text, a number, true or false. Throws on NUL, as all do. */
export function js(value: unknown): string {
  return JSON.stringify(typeof value === 'number' || typeof value === 'boolean' ? value : withoutNul(value));
}

/** Text for a comment, in any of the languages: one line. Throws on line breaks and control characters: YAML takes none even there. */
export function note(value: unknown): string {
  const text = textOf(value);
  if (!UNFIT_FOR_COMMENT.test(text) && text.isWellFormed()) return text;
  throw new UnquotableError(`${JSON.stringify(oneLine(text))} holds a control character`);
}

/** A whole document that LXD reads as YAML, be it JSON. Throws on what YAML takes for a line break or not at all. */
export function yaml(document: string): string {
  const half = document.isWellFormed() ? null : HALF.exec(document);
  const found = UNFIT_FOR_YAML.exec(document) ?? half ?? (document.includes('\\u') ? UNFIT_ESCAPE.exec(document) : null);
  if (found === null) return document;
  const near = document.slice(Math.max(0, found.index - 20), found.index + 20);
  throw new UnquotableError(`${JSON.stringify(near)} holds a control character`);
}

/** A number, as it is. Throws on anything else. */
export function num(value: unknown): string {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw new UnquotableError(`${JSON.stringify(value)} is not a number`);
  return String(value);
}

function textOf(value: unknown): string {
  // Handlebars' strict mode does not look at what a helper is given.
  if (value === undefined || value === null) throw new Error('a template names a value that is missing');
  return String(value);
}

function withoutNul(value: unknown): string {
  const text = textOf(value);
  if (text.includes('\0')) throw new UnquotableError(`${JSON.stringify(text)} holds a NUL character`);
  return text;
}

function oneLine(value: unknown): string {
  const text = withoutNul(value);
  if (/[\r\n]/.test(text)) throw new UnquotableError(`${JSON.stringify(text)} holds a line break`);
  return text;
}
