import { readFileSync } from 'node:fs';
import { compileTemplate } from './compile-template.js';
import type { CompiledTemplate } from './text.js';

// Templates from their sources. The build puts compiled-template.ts in this file's place.

/** Reads a template. */
export function load(template: URL): CompiledTemplate {
  return new Function(`return ${compileTemplate(readFileSync(template, 'utf8'))}`)() as CompiledTemplate;
}
