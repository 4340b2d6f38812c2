import { from, type Owners } from './origin.js';
import { hap, js, note, num, rb, sh, UnquotableError, xml, yaml } from './quoting.js';
import { block } from './raw.js';
import { load } from './template.js';

const QUOTING = { sh, rb, hap, xml, js, note, num };

/** A helper through which a value of a template passes. */
export type QuotingHelper = keyof typeof QUOTING;

// A value, or a list of words (in JavaScript, of elements; in Ruby a list is a value); after it, if so, what it depends on: {{sh words of}}.
function helperOf(name: string, quote: (value: unknown) => string) {
  const between = name === 'js' ? ', ' : ' ';
  return (value: unknown, owners?: Owners): string => {
    const quoted = Array.isArray(value) && name !== 'rb' ? value.map(quote).join(between) : quote(value);
    return owners === undefined ? quoted : from(owners, quoted);
  };
}

/** What a template's JavaScript calls. */
const HELPERS = {
  ...(Object.fromEntries(Object.entries(QUOTING).map(([name, quote]) => [name, helperOf(name, quote)])) as Record<
    QuotingHelper,
    ReturnType<typeof helperOf>
  >),
  // What the text between depends on, or is a block of: {{#from server}} ... {{/from}}, {{#block member name="kernel"}} ... {{/block}}.
  from,
  block,
  each<T>(list: readonly T[] | undefined, textOf: (item: T, index: number) => string): string {
    let text = '';
    for (let index = 0; index < (list?.length ?? 0); index++) text += textOf(list?.[index] as T, index);
    return text;
  },
  has: (value: unknown) => (Array.isArray(value) ? value.length > 0 : Boolean(value)),
};

/** A template as JavaScript, which takes the helpers and fills it with values. */
export type CompiledTemplate = (helpers: typeof HELPERS, values: object) => string;

/** The helpers through which every value of a template passes, one for each target language. */
export const QUOTING_HELPERS: readonly string[] = Object.keys(QUOTING);

const loaded = new Map<string, CompiledTemplate>();

/**
 * Fills a template. Every value in it passes one of the quoting helpers (`{{sh x}}`, `{{rb x}}`, ...).
 *
 * @param template the .hbs file
 * @param values what the template names; a name it does not find is an error
 */
export function render(template: URL, values: object): string {
  const fill = loaded.get(template.href) ?? load(template);
  loaded.set(template.href, fill);
  return fill(HELPERS, values);
}

/** What other rooms make text with. An object: a namespace would cost each import of the library one file more. */
export const text = { ...QUOTING, yaml, render, QUOTING_HELPERS, UnquotableError };
