import { readFileSync } from 'node:fs';
import type { IConstruct } from 'constructs';
import Handlebars from 'handlebars';
import { from, type Owners } from './origin.js';
import { hap, note, num, rb, sh } from './quoting.js';
import { type Block, block } from './raw.js';

export * from './quoting.js';

const handlebars = Handlebars.create();
const QUOTING = { sh, rb, hap, note, num };
// A value, or a list of words; after it, if so, what it depends on: {{sh words of}}.
for (const [name, quote] of Object.entries(QUOTING)) {
  handlebars.registerHelper(
    name,
    (value: unknown, ...[owners, options]: [Owners | Handlebars.HelperOptions, Handlebars.HelperOptions?]) => {
      const quoted = Array.isArray(value) ? value.map(quote).join(' ') : quote(value);
      return options === undefined ? quoted : from(owners as Owners, quoted);
    },
  );
}

// What the text between depends on, or is a block of: {{#from server}} ... {{/from}}, {{#block member name="kernel"}} ... {{/block}}.
handlebars.registerHelper('from', function (this: unknown, owners: Owners, { fn }: Handlebars.HelperOptions) {
  return from(owners, fn(this));
});
handlebars.registerHelper('block', function (this: unknown, of: IConstruct, { fn, hash }: Handlebars.HelperOptions) {
  return block(of, hash as Block, fn(this));
});

/** The helpers through which every value of a template passes, one for each target language. */
export const QUOTING_HELPERS: readonly string[] = Object.keys(QUOTING);

const compiled = new Map<string, HandlebarsTemplateDelegate>();

/**
 * Fills a template. Every value in it passes one of the quoting helpers (`{{sh x}}`, `{{rb x}}`, ...).
 *
 * @param template the .hbs file
 * @param values what the template names; a name it does not find is an error
 */
export function render(template: URL, values: object): string {
  let fill = compiled.get(template.href);
  if (fill === undefined) {
    fill = handlebars.compile(readFileSync(template, 'utf8'), {
      noEscape: true,
      strict: true,
      knownHelpers: Object.fromEntries([...QUOTING_HELPERS, 'from', 'block'].map((name) => [name, true])),
    });
    compiled.set(template.href, fill);
  }
  return fill(values);
}
