import type { IConstruct } from 'constructs';

/**
 * Marks the tree of a construct, so that nobody needs to look for what is in no construct of it. On the root itself, for copies of this
 * library may share a tree.
 */
export class TreeMark {
  private readonly symbol: symbol;

  public constructor(what: string) {
    this.symbol = Symbol.for(`cdk-vagrant.tree-has-${what}`);
  }

  public set(construct: IConstruct): void {
    const { root } = construct.node;
    if (!this.isSet(root)) Object.defineProperty(root, this.symbol, { value: true });
  }

  public isSet(construct: IConstruct): boolean {
    return this.symbol in construct.node.root;
  }
}
