import type { IConstruct } from 'constructs';

let walked: Map<IConstruct, readonly IConstruct[]> | undefined;

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
