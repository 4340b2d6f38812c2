import { types } from 'node:util';
import type { IConstruct } from 'constructs';
import { Annotations, type Diagnostic } from './annotations.js';
import { CreationSite } from './site.js';

/** Does something with each construct. What fails with one is an error of that one, and the others have their turn all the same. */
export function forEach<T extends IConstruct>(constructs: readonly T[], doing: string, work: (construct: T) => void): void {
  // By number: to step through tens of thousands of constructs takes longer than most work.
  for (let index = 0; index < constructs.length; index++) attempt(constructs[index] as T, doing, work);
}

/** Does something with a construct. What is thrown becomes an error of it. */
export function attempt<T extends IConstruct>(construct: T, doing: string, work: (construct: T) => void): void {
  try {
    work(construct);
  } catch (error) {
    noteFailure(construct, doing, error);
  }
}

/** @param doing what failed, to be followed by the construct's path */
export function noteFailure(construct: IConstruct, doing: string, error: unknown): void {
  const thrown = types.isNativeError(error) || error instanceof Error ? error : undefined;
  const site = thrown && CreationSite.ofThrown(thrown);
  const remedy =
    site === undefined
      ? 'most often a prop has a value of another type than TypeScript allows: run npx tsc --noEmit, and report what it finds right'
      : 'mend it there';
  const why = thrown === undefined ? `${JSON.stringify(error) ?? String(error)} was thrown; ${remedy}` : reasonOf(thrown, remedy);
  const message = `${doing} ${construct.node.path || 'the app'} failed: ${why}`;
  if (site === undefined) Annotations.of(construct).addError('failed', message);
  else Annotations.of(construct).addErrorAt(site, 'failed', message);
}

/** Findings that are thrown, as by a construct that cannot be made, have their remedies. */
function reasonOf(error: Error & { readonly diagnostics?: readonly Diagnostic[] }, remedy: string): string {
  if (error.name !== 'SynthesisError' || error.diagnostics === undefined) return `${error.name}: ${error.message}; ${remedy}`;
  return error.diagnostics.map(({ id, message }) => `[${id}] ${message}`).join('; ');
}
