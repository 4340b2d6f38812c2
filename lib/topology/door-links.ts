import type { Owners } from '../core/index.js';
import { type Door, INSIDE, LANE, tip } from './lanes.js';
import type { Place } from './layout.js';
import { path } from './svg.js';
import type { FrontendNode } from './topology.js';

/** Lines from frontends to the container of their balancer, and from there to backends. */
export function doorLinks(door: Door, frontends: readonly FrontendNode[]): string[] {
  const lines: string[] = [];
  const ways = new Set<string>();
  const link = (of: Owners, x: number, y: number, at: number, toX: number, toY: number) => {
    const way = `M${x} ${y}H${at}V${toY}H${toX - 6}`;
    if (ways.has(way)) return;
    ways.add(way);
    lines.push(path(of, 'link', way), path(of, 'tip', tip(toX, toY, 1)));
  };
  frontends.forEach(({ balancer, backend, of }, n) => {
    if (balancer === undefined || backend === undefined) return;
    const lane = door.balancers.findIndex(({ card }) => card.middles.has(balancer));
    const [from, by, to] = [door.frontends[n], door.balancers[lane], door.backends[backend.index]];
    if (from === undefined || by === undefined || to === undefined) return;
    const turn = door.offset + lane * LANE;
    const middle = by.y + (by.card.middles.get(balancer) as number);
    const [left, right] = [from.x + from.card.width, by.x + by.card.width];
    link([of, balancer.of], left, beside(middle, from), left + turn, by.x + INSIDE, middle);
    link([of, balancer.of, backend.of], right - INSIDE, middle, right + turn, to.x, beside(middle, to));
  });
  return lines;
}

/** As far down as the other end where that is beside the card, so that the line is straight. */
function beside(y: number, { y: top, height }: Place): number {
  return y > top + 8 && y < top + height - 8 ? y : top + Math.round(height / 2);
}
