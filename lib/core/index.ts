export { Annotations, type Diagnostic, type Severity } from './annotations.js';
export { BaseApp, type BaseAppProps, type SynthesisResult, type SynthOptions, type Target } from './app.js';
export { type Aspect, AspectPriority, Aspects } from './aspects.js';
export type { AssembledStack, Assembly, LineOrigin, LineRun, TreeNode } from './assembly.js';
export { classGuard, type Guard, toldByClass } from './class-guard.js';
export { inDependencyOrder } from './dependencies.js';
export { Duration } from './duration.js';
export { Element, type Resource } from './element.js';
export { formatDiagnostics, SynthesisError, shorten, sourceLine } from './errors.js';
export { groupBy } from './group-by.js';
export { inJson } from './json.js';
export { Labels } from './labels.js';
export { isPlain, merge } from './merge.js';
export { isPlainName, isUrlPath } from './names.js';
export { from, markedJson, type Owners } from './origin.js';
export { originsAt } from './origins-at.js';
export { ORPHAN } from './orphans.js';
export { OutputFile, type OutputFileProps } from './output-file.js';
export { isProcess } from './owner.js';
export { type AppReply, type Reply, type Request, readReplies, writeRequest } from './protocol.js';
export { type PublishPlan, planPublish, type RenderedFile } from './publish.js';
export { block, Raw, type RawOptions } from './raw.js';
export type { Rule, RuleCategory } from './rule.js';
export { sha256 } from './sha256.js';
export { shown } from './shown.js';
export { Size } from './size.js';
export { Stack, type StackProps } from './stack.js';
export { text } from './text.js';
export { kindOf } from './tree.js';
export {
  anyObject,
  BOOLEAN,
  DURATION,
  either,
  has,
  type Kind,
  type Kinds,
  kind,
  listOf,
  mapOf,
  NUMBER,
  need,
  noted,
  type ObjectKind,
  oneOf,
  options,
  SIZE,
  TEXT,
  UNTOLD,
} from './typed.js';
