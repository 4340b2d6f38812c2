import { text } from '../core/index.js';

/** Text that is HTML already. */
export class Markup {
  public constructor(public readonly html: string) {}
}

type Value = string | number | Markup | undefined | readonly Value[];

/** HTML as a template literal: its own text is kept, values are escaped unless they are markup. Lists are put one after the other. */
export function html(layout: TemplateStringsArray, ...values: readonly Value[]): Markup {
  return new Markup(layout.map((piece, n) => (n === 0 ? piece : `${escaped(values[n - 1])}${piece}`)).join(''));
}

function escaped(value: Value): string {
  if (value === undefined) return '';
  if (value instanceof Markup) return value.html;
  if (typeof value === 'object') return value.map(escaped).join('');
  // What XML has no character for, and half of a surrogate pair, is shown as U+FFFD.
  return text.xml(String(value).replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '\ufffd'));
}
