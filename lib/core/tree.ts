import type { IConstruct } from 'constructs';

let walked: Map<IConstruct, readonly IConstruct[]> | undefined;
/** Of lists that the tree was walked for: those of a kind in it. */
const kinds = new WeakMap<readonly IConstruct[], Map<unknown, readonly IConstruct[]>>();

/** A construct and all below it, in the order of the tree. */
export function constructsOf(root: IConstruct): readonly IConstruct[] {
  if (walked === undefined) return root.node.findAll();
  let known = walked.get(root);
  if (known === undefined) {
    // Who looks through an app looks through its stacks as well.
    known = root.node.scope === undefined ? [root, ...root.node.children.flatMap(constructsOf)] : root.node.findAll();
    walked.set(root, known);
  }
  return known;
}

/** Those of the constructs that are of a kind. Each list is looked through once for each kind. */
export function kindOf<T extends IConstruct>(root: IConstruct, isOne: (x: unknown) => x is T): readonly T[] {
  const all = constructsOf(root);
  const known = kinds.get(all) ?? new Map<unknown, readonly T[]>();
  kinds.set(all, known);
  if (!known.has(isOne)) known.set(isOne, all.filter(isOne));
  return known.get(isOne) as readonly T[];
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
