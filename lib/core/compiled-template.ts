import { TEMPLATES } from 'compiled-templates';
import type { TemplateDelegate } from 'handlebars';
import Handlebars from 'handlebars/runtime.js';

// Templates that the build has compiled, so that a synthesis loads no compiler.

export type Template = TemplateDelegate;

// Its types leave out what it has in common with the whole.
export const handlebars = (Handlebars as unknown as { create(): typeof import('handlebars') }).create();

export function load(template: URL): Template {
  return handlebars.template(TEMPLATES[template.pathname.slice(template.pathname.lastIndexOf('/') + 1)] as TemplateSpecification);
}
