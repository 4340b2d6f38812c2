import type { Diagnostic } from './annotations.js';
import type { Resource } from './element.js';
import type { RenderedFile } from './publish.js';

/** What a tree becomes, in memory: the files of each stack, and where they come from. */
export interface Assembly {
  /** The folder that holds a folder a stack, absolute. */
  readonly outdir: string;
  readonly stacks: readonly AssembledStack[];
  /** Warnings that nobody acknowledged, and notes. */
  readonly diagnostics: readonly Diagnostic[];
}

export interface AssembledStack {
  readonly name: string;
  /** Path of the stack in the tree. */
  readonly path: string;
  /** The stack's folder, absolute. */
  readonly folder: string;
  readonly files: readonly RenderedFile[];
  /**
   * What its machines may run on, on the user's host, by Vagrant's names; empty for servers and clouds, undefined when a target does not
   * say.
   */
  readonly providers: readonly string[] | undefined;
  readonly tree: TreeNode;
  /** What the stack is of, as plain data. */
  readonly resources: () => readonly Resource[];
  /** The user's `file:line:column` of each construct, by its path. Costs much more than the rest: ask once. */
  readonly userLines: () => Readonly<Record<string, string>>;
  /** Where the lines of each file come from, by its path. Renders them once more: ask once. */
  readonly origins: () => Readonly<Record<string, readonly LineRun[]>>;
}

/** Lines of a file, one after the other, that come from the same constructs. */
export interface LineRun {
  readonly count: number;
  /** Never empty; the nearest first. */
  readonly origins: readonly LineOrigin[];
}

/** A construct that a line of the output depends on. */
export interface LineOrigin {
  /** Its path. */
  readonly construct: string;
  /** The user's `file:line:column` that made it, or that gave the raw text. */
  readonly userLine: string | undefined;
}

/** A construct in `tree.json`. */
export interface TreeNode {
  readonly id: string;
  readonly path: string;
  /** Name of its class. */
  readonly type: string;
  /** Path below the stack's folder, when the construct is a file. */
  readonly file?: string;
  readonly children?: readonly TreeNode[];
}
