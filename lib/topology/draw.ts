import type { Card } from './card.js';
import { describe, summaryOf } from './describe.js';
import { doorLinks } from './door-links.js';
import { type Door, LANE } from './lanes.js';
import { bottomOf, drawn, grid, type Place } from './layout.js';
import { legend } from './legend.js';
import { machineCard } from './machine-card.js';
import { type Plan, planOf } from './plan.js';
import { serverLinks } from './server-links.js';
import { STYLE } from './style.js';
import { group, label } from './svg.js';
import { xml } from './text.js';
import type { MachineNode, Topology } from './topology.js';
import { backendCard, frontendCard } from './traffic-cards.js';

/** The heading of the first cards. */
const TOP = 94;
/** From a heading to its cards. */
const HEADING = 10;
/** From cards to the heading of others. */
const SECTION = 36;

/** What is drawn, and where it ends. */
interface Drawn {
  readonly lines: readonly string[];
  readonly bottom: number;
}

/** The picture as SVG, an element a line. */
export function draw(topology: Topology): string {
  const plan = planOf(topology);
  const { width, gutter } = plan;
  const inner = width - 2 * gutter;
  const body = plan.hasDoor ? withDoor(topology, plan) : inRows(topology, plan);
  const signs = legend(topology, inner);
  const height = body.bottom + signs.height + 20;
  const lines = [
    `<svg xmlns="http://www.w3.org/2000/svg" class="cdkv-topology" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>${xml(`Topology of ${topology.name}`)}</title>`,
    ...describe(topology),
    ...STYLE,
    `<rect class="page" width="${width}" height="${height}"/>`,
    label([], topology.name, { x: gutter, y: 38, width: inner, font: 'heading' }),
    label(topology.cluster?.of ?? [], summaryOf(topology), { x: gutter, y: 59, width: inner, font: 'muted' }),
    ...body.lines,
    ...group(gutter, body.bottom + 32, signs.lines),
    '</svg>',
  ];
  return `${lines.join('\n')}\n`;
}

/** Frontends, balancers and backends from left to right, the other machines below. */
function withDoor({ frontends, backends }: Topology, plan: Plan): Drawn {
  const { gutter, detail, hasLinks } = plan;
  const { card: width, gutter: between, skipped } = plan.door;
  const left = (column: number) => gutter + column * (width + between);
  const stack = <T extends Card>(column: number, cards: readonly T[]) => grid(cards, left(column), TOP + HEADING, 1, 0);
  const cardsOf = (machines: readonly MachineNode[], wide: number) => machines.map((machine) => machineCard(machine, wide, detail));
  const frontendCards = frontends.map((frontend) => frontendCard(frontend, width, false));
  const backendCards = backends.map((backend) => backendCard(backend, width));
  const [first, second, third] = [stack(0, frontendCards), stack(1, cardsOf(plan.balancers, width)), stack(2, backendCards)] as const;
  const bottom = bottomOf([...first, ...second, ...third], TOP);
  const offset = 10 + skipped * LANE;
  const door: Door = { frontends: level(first, bottom), balancers: level(second, bottom), backends: level(third, bottom), offset };
  const titles = ['Front door', second.length === 1 ? 'Balancer' : 'Balancers', third.length === 1 ? 'Backend' : 'Backends'];
  const corridor = bottom + 16;
  const end = hasLinks ? corridor + 2 * backends.length * LANE - 12 : bottom;
  const others = grid(cardsOf(plan.machines, plan.card), gutter, end + SECTION + HEADING, plan.columns, gutter);
  return {
    lines: [
      ...titles.map((text, column) => heading(text, left(column), TOP, width)),
      ...drawn([...door.frontends, ...door.balancers, ...door.backends]),
      ...(others.length === 0 ? [] : [heading('Other machines', gutter, end + SECTION, plan.card), ...drawn(others)]),
      ...doorLinks(door, frontends),
      ...(hasLinks ? serverLinks(door, others, backends, corridor, gutter) : []),
    ],
    bottom: bottomOf(others, end),
  };
}

/** A card that is alone in its column, as high as the other columns when it is nearly so. */
function level<T extends Card>(places: readonly Place<T>[], bottom: number): readonly Place<T>[] {
  const [place] = places;
  const missing = place === undefined ? 0 : bottom - place.y - place.height;
  return place === undefined || places.length > 1 || missing > 80 ? places : [{ ...place, height: place.height + missing }];
}

/** Rows of frontends, of backends and of machines, without lines. */
function inRows({ frontends, backends }: Topology, { machines, detail, card, columns, gutter }: Plan): Drawn {
  const lines: string[] = [];
  let bottom = TOP - SECTION;
  const add = (text: string, cards: readonly Card[]) => {
    if (cards.length === 0) return;
    const places = grid(cards, gutter, bottom + SECTION + HEADING, columns, gutter);
    lines.push(heading(text, gutter, bottom + SECTION, card), ...drawn(places));
    bottom = bottomOf(places, bottom);
  };
  add(
    'Front door',
    frontends.map((frontend) => frontendCard(frontend, card, true)),
  );
  add(
    'Backends',
    backends.map((backend) => backendCard(backend, card)),
  );
  add(
    'Machines',
    machines.map((machine) => machineCard(machine, card, detail)),
  );
  return { lines, bottom };
}

function heading(text: string, x: number, y: number, width: number): string {
  return label([], text, { x, y, width, font: 'section' });
}
