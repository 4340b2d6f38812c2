import { groupBy } from '../core/index.js';
import { type Door, INSIDE, LANE, tip } from './lanes.js';
import type { Place } from './layout.js';
import type { MachineCard } from './machine-card.js';
import { COLOURS, linkOf, path } from './svg.js';
import type { BackendNode, ContainerNode } from './topology.js';

/** Where a line reaches a container. */
interface Target {
  readonly container: ContainerNode;
  /** Left edge of the gutter that it comes from. */
  readonly gutter: number;
  readonly x: number;
  readonly y: number;
  readonly direction: 1 | -1;
}

/**
 * Lines from backends to their servers: out of the backend, along a corridor below the front door, up or down the gutters.
 *
 * @param machines those below the corridor
 * @param corridor its first lane
 */
export function serverLinks(
  door: Door,
  machines: readonly Place<MachineCard>[],
  backends: readonly BackendNode[],
  corridor: number,
  gutter: number,
): string[] {
  const targets = new Map(
    [
      ...machines.flatMap((place) => targetsIn(place, place.x - gutter, place.x + INSIDE, 1)),
      ...door.balancers.flatMap((place) => targetsIn(place, place.x + place.card.width, place.x + place.card.width - INSIDE, -1)),
    ].map((target) => [target.container, target]),
  );
  return backends.flatMap(({ primaries, backups, index, of }) =>
    [primaries, backups].flatMap((servers, n) => {
      const found = servers.flatMap((server) => targets.get(server) ?? []);
      const place = door.backends[index];
      if (found.length === 0 || place === undefined) return [];
      const lane = 2 * index + n;
      const way = wayTo(
        found,
        exitOf(place, index === backends.length - 1, lane),
        corridor + LANE * lane,
        LANE * (2 * backends.length - lane),
      );
      return [
        path([of, servers.map((server) => server.of)], linkOf(index, n === 1), way),
        ...found.map(({ container, x, y, direction }) => path([container.of, of], `tip tip${index % COLOURS}`, tip(x, y, direction))),
      ];
    }),
  );
}

function targetsIn({ card, y }: Place<MachineCard>, gutter: number, x: number, direction: 1 | -1): Target[] {
  return [...card.middles].map(([container, middle]) => ({ container, gutter, x, y: y + middle, direction }));
}

interface Exit {
  readonly x: number;
  readonly y: number;
  /** Where it turns down. */
  readonly turn: number;
}

/** Where a line leaves its backend: below the lowest one, to the right of the others. */
function exitOf({ card, x, y, height }: Place, isLowest: boolean, lane: number): Exit {
  const side = lane % 2;
  if (!isLowest) return { x: x + card.width, y: y + height - 26 + 12 * side, turn: x + card.width + LANE * (lane + 1) };
  const below = x + Math.round(card.width / 2) + 24 * side - 12;
  return { x: below, y: y + height, turn: below };
}

/**
 * The way of a line to all its targets. No piece is drawn twice, for dashes upon dashes are a solid line.
 *
 * @param along its height in the corridor
 * @param offset of its lane in each gutter
 */
function wayTo(targets: readonly Target[], { x, y, turn }: Exit, along: number, offset: number): string {
  const gutters = [...groupBy(targets, ({ gutter }) => gutter + offset)];
  const all = [turn, ...gutters.map(([at]) => at)];
  return [
    `M${x} ${y}H${turn}V${along}`,
    `M${Math.min(...all)} ${along}H${Math.max(...all)}`,
    ...gutters.flatMap(([at, these]) => {
      const ends = these.map((target) => target.y);
      const [highest, lowest] = [Math.min(...ends), Math.max(...ends)];
      return [...(highest < along ? [`M${at} ${along}V${highest}`] : []), ...(lowest > along ? [`M${at} ${along}V${lowest}`] : [])];
    }),
    ...targets.map((target) => `M${target.gutter + offset} ${target.y}H${target.x - 6 * target.direction}`),
  ].join('');
}
