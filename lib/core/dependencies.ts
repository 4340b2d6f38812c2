import type { IConstruct } from 'constructs';
import { constructsOf } from './tree.js';

/** A step of a construct's turn: its own begins behind all that it, and what it is a part of, depends on; it is done when its parts are. */
interface Step {
  readonly construct: IConstruct;
  readonly phase: 'begin' | 'done';
}

interface Turn extends Step {
  readonly needs: readonly Step[];
  /** The first of them that was not looked at yet. */
  next: number;
}

/**
 * Puts each construct behind those that it depends on (`node.addDependency`), and leaves the order as it is otherwise. Linear in what
 * is looked at, and as deep as one likes.
 *
 * @param onCycle is told constructs that depend on each other in a circle, each followed by what it depends on, or by a part of that
 */
export function inDependencyOrder<T extends IConstruct>(
  constructs: readonly T[],
  onCycle: (cycle: readonly IConstruct[]) => void = () => {},
): T[] {
  const [first] = constructs;
  if (first === undefined || dependentsIn(first.node.root).length === 0) return [...constructs];
  const states = { begin: new Map<IConstruct, 'open' | 'closed'>(), done: new Map<IConstruct, 'open' | 'closed'>() };
  const order = new Map<IConstruct, number>();
  for (const construct of constructs) {
    const turns = states.begin.has(construct) ? [] : [turnOf(construct, 'begin')];
    for (let turn = turns.at(-1); turn !== undefined; turn = turns.at(-1)) {
      const state = states[turn.phase];
      state.set(turn.construct, 'open');
      const need = turn.needs[turn.next++];
      if (need === undefined) {
        state.set(turn.construct, 'closed');
        if (turn.phase === 'begin') order.set(turn.construct, order.size);
        turns.pop();
        continue;
      }
      const known = states[need.phase].get(need.construct);
      if (known === undefined) turns.push(turnOf(need.construct, need.phase));
      else if (known === 'open') onCycle(circleOf(turns, need));
    }
  }
  return constructs.toSorted((a, b) => (order.get(a) as number) - (order.get(b) as number));
}

/** By the list of a tree's constructs. */
let known = new WeakMap<readonly IConstruct[], readonly IConstruct[]>();

function dependentsIn(root: IConstruct): readonly IConstruct[] {
  const all = constructsOf(root);
  const dependents = known.get(all) ?? all.filter(isDependent);
  known.set(all, dependents);
  return dependents;
}

/** Whether a construct depends on any. */
export const isDependent = ({ node }: IConstruct): boolean => node.dependencies.length > 0;

/** Dependencies may have been added since the tree was walked. */
export function forgetDependents(): void {
  known = new WeakMap();
}

function turnOf(construct: IConstruct, phase: Turn['phase']): Turn {
  const { scope, children, dependencies } = construct.node;
  const needs: Step[] =
    phase === 'begin'
      ? [
          ...(scope === undefined ? [] : [{ construct: scope, phase: 'begin' as const }]),
          ...dependencies.map((other) => ({ construct: other, phase: 'done' as const })),
        ]
      : [{ construct, phase: 'begin' }, ...children.map((child) => ({ construct: child, phase: 'done' as const }))];
  return { construct, phase, needs, next: 0 };
}

/** The dependents among the open turns from `again` on, each with what it depends on. */
function circleOf(turns: readonly Turn[], again: Step): IConstruct[] {
  const from = turns.findIndex(({ construct, phase }) => construct === again.construct && phase === again.phase);
  const circle = turns.slice(from).flatMap(({ construct, phase, needs, next }) => {
    const need = needs[next - 1];
    return phase === 'begin' && need?.phase === 'done' ? [construct, need.construct] : [];
  });
  const named = circle.filter((construct, index) => construct !== circle[index - 1]);
  return named.length > 1 && named.at(-1) === named[0] ? named.slice(0, -1) : named;
}
