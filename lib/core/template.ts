import { readFileSync } from 'node:fs';
import Handlebars, { type TemplateDelegate } from 'handlebars';
import { TEMPLATE_OPTIONS } from './template-options.js';

// Templates from their sources. The build puts compiled-template.ts in this file's place.

export type Template = TemplateDelegate;

/** An instance of the library's own. */
export const handlebars = Handlebars.create();

/** Reads a template. */
export function load(template: URL): Template {
  return handlebars.compile(readFileSync(template, 'utf8'), TEMPLATE_OPTIONS);
}
