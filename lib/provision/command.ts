import type { Owners } from '../core/index.js';

/** A call of the provisioning script. */
export interface Command {
  /** The command and its words. */
  readonly words: readonly string[];
  /** What it depends on, the nearest first. */
  readonly of: Owners;
}
