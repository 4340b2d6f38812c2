import type { IConstruct } from 'constructs';
import { type Guard, isToldByClass } from './class-guard.js';

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

/** Those of the constructs that a guard knows. Each list is looked through once for each guard, or once for all that tell by the class. */
export function kindOf<T extends IConstruct>(root: IConstruct, isOne: Guard<T>): readonly T[] {
  const all = constructsOf(root);
  return remembered(all, isOne, () => (isToldByClass(isOne) ? ofClass(all, isOne) : all.filter(isOne)));
}

function ofClass<T extends IConstruct>(all: readonly IConstruct[], isOne: Guard<T>): readonly T[] {
  const [first = [], ...others] = remembered(all, byClass, () => byClass(all)).filter(([construct]) => isOne(construct));
  return (others.length === 0 ? first : all.filter(isOne)) as T[];
}

function byClass(all: readonly IConstruct[]): IConstruct[][] {
  const classes = new Map<unknown, IConstruct[]>();
  for (let index = 0; index < all.length; index++) {
    const construct = all[index] as IConstruct;
    const prototype = Object.getPrototypeOf(construct);
    const some = classes.get(prototype);
    if (some === undefined) classes.set(prototype, [construct]);
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
