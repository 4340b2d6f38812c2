import type { IConstruct } from 'constructs';

let walked: Map<IConstruct, readonly IConstruct[]> | undefined;
/** Of lists that the tree was walked for: those of a kind in it. */
const kinds = new WeakMap<readonly IConstruct[], Map<unknown, readonly unknown[]>>();

/** A construct and all below it, in the order of the tree. */
export function constructsOf(root: IConstruct): readonly IConstruct[] {
  let known = walked?.get(root);
  if (known === undefined) {
    // Who looks through an app looks through its stacks as well.
    if (walked !== undefined && root.node.scope === undefined) known = [root as IConstruct].concat(...root.node.children.map(constructsOf));
    else known = walk(root, []);
    walked?.set(root, known);
  }
  return known;
}

function walk(construct: IConstruct, all: IConstruct[]): IConstruct[] {
  all.push(construct);
  const { children } = construct.node;
  for (let index = 0; index < children.length; index++) walk(children[index] as IConstruct, all);
  return all;
}

/** Those of the constructs of which a predicate is true. Each list is looked through once for each predicate. */
export function kindOf<T extends IConstruct>(root: IConstruct, isOne: (x: unknown) => x is T): readonly T[] {
  const all = constructsOf(root);
  return remembered(all, isOne, () => all.filter(isOne));
}

/** A class, whoever may make instances of it. */
export type Class<T> = abstract new (...args: never[]) => T;

/** Those of the constructs that are instances of a class. */
export function instancesOf<T extends IConstruct>(root: IConstruct, one: Class<T>): readonly T[] {
  const all = constructsOf(root);
  return remembered(all, one, () => {
    const classes = remembered(all, byClass, () => byClass(all));
    const [first = [], ...others] = classes.filter(([construct]) => construct instanceof one);
    return (others.length === 0 ? first : all.filter((construct) => construct instanceof one)) as T[];
  });
}

function byClass(all: readonly IConstruct[]): IConstruct[][] {
  const classes = new Map<unknown, IConstruct[]>();
  for (let index = 0; index < all.length; index++) {
    const construct = all[index] as IConstruct;
    const some = classes.get(construct.constructor);
    if (some === undefined) classes.set(construct.constructor, [construct]);
    else some.push(construct);
  }
  return [...classes.values()];
}

function remembered<T>(all: readonly IConstruct[], key: unknown, find: () => readonly T[]): readonly T[] {
  const known = kinds.get(all) ?? new Map<unknown, readonly unknown[]>();
  kinds.set(all, known);
  if (!known.has(key)) known.set(key, find());
  return known.get(key) as readonly T[];
}

/** Does something that changes no tree, so that each is walked once only. */
export function walkingOnce<T>(work: () => T): T {
  const before = walked;
  walked = new Map();
  try {
    return work();
  } finally {
    walked = before;
  }
}
