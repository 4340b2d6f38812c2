import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { TemplateDelegate } from 'handlebars';
import Handlebars from 'handlebars/runtime.js';

// Templates that the build has compiled, so that a synthesis loads no compiler.

export type Template = TemplateDelegate;

const require = createRequire(import.meta.url);

// Its types leave out what it has in common with the whole.
export const handlebars = (Handlebars as unknown as { create(): typeof import('handlebars') }).create();

export function load(template: URL): Template {
  return handlebars.template(require(`${fileURLToPath(template)}.cjs`));
}
