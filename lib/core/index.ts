export { Annotations, type Diagnostic } from './annotations.js';
export { BaseApp, type BaseAppProps, type SynthesisResult, type Target } from './app.js';
export { Duration } from './duration.js';
export { Element } from './element.js';
export { formatDiagnostic, SynthesisError } from './errors.js';
export { OutputFile, type OutputFileProps } from './output-file.js';
export { Size } from './size.js';
export { Stack } from './stack.js';
export * as text from './text.js';
