import type { Place } from './layout.js';
import type { MachineCard } from './machine-card.js';

// Lines keep to the gutters between columns, each to a lane of its own there.

/** From one lane to the next. */
export const LANE = 6;

/** From the edge of a machine to its containers. */
export const INSIDE = 10;

/** Width of a gutter that has room for some lanes, and for arrows. */
export function gutterFor(lanes: number): number {
  return 20 + LANE * lanes;
}

/** The columns of the front door, from the left. */
export interface Door {
  readonly frontends: readonly Place[];
  readonly balancers: readonly Place<MachineCard>[];
  readonly backends: readonly Place[];
  /** Where the first lane of its own is, from the left edge of a gutter. */
  readonly offset: number;
}

/** The point of an arrow, to the right or to the left. */
export function tip(x: number, y: number, direction: 1 | -1): string {
  return `M${x} ${y}l${-7 * direction} -4v8z`;
}
