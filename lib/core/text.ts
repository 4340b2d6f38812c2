import type { IConstruct } from 'constructs';
import type { HelperOptions } from 'handlebars';
import { from, type Owners } from './origin.js';
import { hap, js, note, num, rb, sh, xml } from './quoting.js';
import { type Block, block } from './raw.js';
import { handlebars, load, type Template } from './template.js';

export * from './quoting.js';

const QUOTING = { sh, rb, hap, xml, js, note, num };

/** A helper through which a value of a template passes. */
export type QuotingHelper = keyof typeof QUOTING;

// A value, or a list of words (in JavaScript, of elements); after it, if so, what it depends on: {{sh words of}}.
for (const [name, quote] of Object.entries(QUOTING)) {
  const between = name === 'js' ? ', ' : ' ';
  handlebars.registerHelper(name, (value: unknown, owners: Owners | HelperOptions, options?: HelperOptions) => {
    const quoted = Array.isArray(value) ? value.map(quote).join(between) : quote(value);
    return options === undefined ? quoted : from(owners as Owners, quoted);
  });
}

// What the text between depends on, or is a block of: {{#from server}} ... {{/from}}, {{#block member name="kernel"}} ... {{/block}}.
handlebars.registerHelper('from', function (this: unknown, owners: Owners, { fn }: HelperOptions) {
  return from(owners, fn(this));
});
handlebars.registerHelper('block', function (this: unknown, of: IConstruct, { fn, hash }: HelperOptions) {
  return block(of, hash as Block, fn(this));
});

/** The helpers through which every value of a template passes, one for each target language. */
export const QUOTING_HELPERS: readonly string[] = Object.keys(QUOTING);

const loaded = new Map<string, Template>();

/**
 * Fills a template. Every value in it passes one of the quoting helpers (`{{sh x}}`, `{{rb x}}`, ...).
 *
 * @param template the .hbs file
 * @param values what the template names; a name it does not find is an error
 */
export function render(template: URL, values: object): string {
  const fill = loaded.get(template.href) ?? load(template);
  loaded.set(template.href, fill);
  return fill(values);
}
