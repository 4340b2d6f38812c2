/** What the build puts into the bundle: the templates, by the names of their files. */
declare module 'compiled-templates' {
  export const TEMPLATES: Readonly<Record<string, import('./text.js').CompiledTemplate>>;
}
