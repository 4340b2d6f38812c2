import type { IConstruct } from 'constructs';
import { attempt } from './failure.js';
import { TreeMark } from './tree-mark.js';

/** Something done to every construct of a tree: a rule that annotates, or a change. */
export interface Aspect {
  /** Called once for each construct of the scope that the aspect was added to, the scope itself first, late additions too. */
  visit(construct: IConstruct): void;
}

/** When an aspect's turn is: lower numbers first. */
export const AspectPriority = {
  /** For aspects that change the tree. */
  MUTATING: 200,
  DEFAULT: 500,
  /** For aspects that only look. */
  READONLY: 1000,
} as const;

interface Added {
  readonly aspect: Aspect;
  readonly priority: number;
}

const ASPECTS = Symbol.for('cdk-vagrant.aspects');
const VISITED = Symbol.for('cdk-vagrant.visited-by');
/** More rounds than this are an aspect that adds constructs for ever. */
const MOST_ROUNDS = 1000;

const TREE_HAS_ASPECTS = new TreeMark('aspects');

interface Visitable extends IConstruct {
  [ASPECTS]?: Added[];
  [VISITED]?: Set<Aspect>;
}

/** The aspects of a construct and all below it. They run when the tree is assembled, before it is checked. */
export class Aspects {
  public static of(scope: IConstruct): Aspects {
    return new Aspects(scope);
  }

  private constructor(private readonly scope: Visitable) {}

  /**
   * @param options `priority`: lower ones come first (default: `AspectPriority.DEFAULT`, 500); equal ones in the order of the tree
   * @throws TypeError when there is no `visit`, or the priority is no number
   */
  public add(aspect: Aspect, options: { readonly priority?: number } = {}): void {
    if (typeof aspect?.visit !== 'function') throw new TypeError('an aspect is an object with visit(construct); give it one');
    const { priority = AspectPriority.DEFAULT } = options;
    if (typeof priority !== 'number' || Number.isNaN(priority))
      throw new TypeError(`the priority of an aspect is ${String(priority)}; give it a number`);
    this.scope[ASPECTS] ??= [];
    TREE_HAS_ASPECTS.set(this.scope);
    this.scope[ASPECTS].push({ aspect, priority });
  }

  /** The aspects added to this very construct. */
  public get all(): readonly Aspect[] {
    return (this.scope[ASPECTS] ?? []).map(({ aspect }) => aspect);
  }
}

/**
 * Lets each aspect visit what it has not visited yet. After each priority's turn the tree is looked at again, for aspects may add
 * constructs, and aspects.
 *
 * @throws when aspects go on adding constructs
 */
export function invokeAspects(root: IConstruct): void {
  for (let round = 0; ; round++) {
    const turns = waiting(root);
    const [first] = turns;
    if (first === undefined) return;
    if (round === MOST_ROUNDS) {
      throw new Error(
        `aspect ${nameOf(first.aspect)} still finds new constructs after ${MOST_ROUNDS} rounds, now "${first.construct.node.path}"; let it not add one for each that it visits`,
      );
    }
    const next = turns.reduce((least, { priority }) => Math.min(least, priority), first.priority);
    for (const { aspect, priority, construct } of turns) {
      if (priority !== next || construct[VISITED]?.has(aspect)) continue;
      construct[VISITED] ??= new Set();
      construct[VISITED].add(aspect);
      attempt(construct, `aspect ${nameOf(aspect)} on`, () => aspect.visit(construct));
    }
  }
}

const nameOf = (aspect: Aspect) => aspect.constructor.name;

interface Turn extends Added {
  readonly construct: Visitable;
}

/** Whose turn is still to come, in the order of the tree. */
function waiting(root: IConstruct): Turn[] {
  const turns: Turn[] = [];
  if (!TREE_HAS_ASPECTS.isSet(root)) return turns;
  const walk = (construct: Visitable, inherited: readonly Added[]) => {
    const own = construct[ASPECTS];
    const all = own === undefined ? inherited : [...inherited, ...own];
    for (const added of all) if (!construct[VISITED]?.has(added.aspect)) turns.push({ ...added, construct });
    for (const child of construct.node.children) walk(child, all);
  };
  walk(root, []);
  return turns;
}
