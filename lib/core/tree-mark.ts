import type { IConstruct } from 'constructs';

const MARKS = Symbol.for('cdk-vagrant.tree-has');

interface Marked extends IConstruct {
  readonly [MARKS]?: Set<string>;
}

/**
 * Marks the tree of a construct, so that nobody needs to look for what is in no construct of it. On the root itself, for copies of this
 * library may share a tree.
 */
export class TreeMark {
  public constructor(private readonly what: string) {}

  public set(construct: IConstruct): void {
    const root: Marked = construct.node.root;
    if (root[MARKS] === undefined) Object.defineProperty(root, MARKS, { value: new Set() });
    root[MARKS]?.add(this.what);
  }

  public isSet(construct: IConstruct): boolean {
    return (construct.node.root as Marked)[MARKS]?.has(this.what) ?? false;
  }
}
