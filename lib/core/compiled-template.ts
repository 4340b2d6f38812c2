import { TEMPLATES } from 'compiled-templates';
import type { CompiledTemplate } from './text.js';

// Templates that the build has compiled, so that a synthesis loads no compiler.

export function load(template: URL): CompiledTemplate {
  return TEMPLATES[template.pathname.slice(template.pathname.lastIndexOf('/') + 1)] as CompiledTemplate;
}
