import { gutterFor } from './lanes.js';
import type { Detail } from './machine-card.js';
import type { MachineNode, Topology } from './topology.js';

/** Width of a card. */
const CARD = 220;
/** Between cards that no line goes between. */
const GAP = 14;

/** How much the size of a stack lets the picture show, and how wide it is. */
export interface Plan {
  /** Whether frontends, balancers and backends stand side by side, with lines between; else each kind has rows of its own. */
  readonly hasDoor: boolean;
  /** Whether lines lead to each server. */
  readonly hasLinks: boolean;
  readonly detail: Detail;
  /** Machines that stand in the front door. */
  readonly balancers: readonly MachineNode[];
  /** All others. */
  readonly machines: readonly MachineNode[];
  readonly columns: number;
  readonly card: number;
  /** Between columns, and at both sides. */
  readonly gutter: number;
  readonly width: number;
  /** Cards of the front door are as wide as three columns make them. */
  readonly door: {
    readonly card: number;
    readonly gutter: number;
    /** Lanes that are left to others. */
    readonly skipped: number;
  };
}

export function planOf({ machines, containers, frontends, backends, cluster }: Topology): Plan {
  const [balancers, others] = [true, false].map((wanted) =>
    machines.filter((machine) => machine.containers.some(({ isBalancer }) => isBalancer) === wanted),
  ) as [MachineNode[], MachineNode[]];
  const isSmall = machines.length <= 12;
  const detail = { listed: isSmall ? 8 : 2, addresses: isSmall, cluster: cluster !== undefined };
  const hasDoor = frontends.length > 0 && frontends.length <= 6 && balancers.length <= 4 && backends.length <= 6;
  const areListed = machines.every((machine) => machine.containers.length <= detail.listed);
  const hasLinks = hasDoor && isSmall && areListed && containers.length <= 36 && backends.length <= 3;

  const columns = Math.min(8, Math.max(3, Math.round(Math.sqrt(machines.length) / 2)));
  // Lines to servers beside a balancer share a gutter with those from the balancer.
  const areShared = hasLinks && balancers.some((machine) => machine.containers.some(({ server }) => server !== undefined));
  const skipped = areShared ? 2 * backends.length : 0;
  const gutter = hasLinks ? gutterFor(Math.max(2 * backends.length, skipped + balancers.length)) : GAP;
  const width = columns * CARD + (columns + 1) * gutter;
  const doorGutter = gutterFor(Math.max(2, balancers.length));
  const wide = Math.floor((width - 2 * gutter - 2 * doorGutter) / 3);
  const door = hasLinks ? { card: CARD, gutter, skipped } : { card: wide, gutter: doorGutter, skipped };
  return {
    hasDoor,
    hasLinks,
    detail,
    balancers: hasDoor ? balancers : [],
    machines: hasDoor ? others : machines,
    columns,
    card: CARD,
    gutter,
    width,
    door,
  };
}
