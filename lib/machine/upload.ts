import { relative, sep } from 'node:path';
import type { IConstruct } from 'constructs';

/** A large file of the user's that travels to the machine once, beside the bundle. */
export interface Upload {
  readonly name: string;
  /** Absolute path on the host at synthesis. */
  readonly source: string;
  /** Absolute path in the machine. */
  readonly destination: string;
  /** What asked for it. */
  readonly of: readonly IConstruct[];
}

/** Where an upload is, as a file in a stack's folder says it. */
export function sourceFrom(folder: string, { source }: Upload): string {
  return relative(folder, source).split(sep).join('/');
}
