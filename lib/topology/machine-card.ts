import { type Card, count, PADDING, TextBlock } from './card.js';
import { rowsOf } from './container-rows.js';
import { box, FONTS, group, label } from './svg.js';
import { widthOf } from './text.js';
import type { ContainerNode, MachineNode } from './topology.js';

export interface MachineCard extends Card {
  /** The middle of each container that is shown by itself. */
  readonly middles: ReadonlyMap<ContainerNode, number>;
}

/** How much of a machine is shown. */
export interface Detail {
  /** Most containers that are shown one by one; more are grouped by what they are. */
  readonly listed: number;
  /** Whether a container's own address is shown. */
  readonly addresses: boolean;
  /** Whether there is a cluster that a machine may be outside of. */
  readonly cluster: boolean;
}

const HEAD = 52;
const GAP = 6;

/** A machine and what runs on it. */
export function machineCard(machine: MachineNode, width: number, detail: Detail): MachineCard {
  const { of } = machine;
  const inner = width - 2 * PADDING;
  const rows = rowsOf(machine, inner, detail);
  const lines = head(machine, width);
  const middles = new Map<ContainerNode, number>();
  let y = HEAD;
  for (const row of rows) {
    if (row.container !== undefined) middles.set(row.container, y + row.height / 2);
    lines.push(...group(PADDING, y, row.lines));
    y += row.height + GAP;
  }
  if (rows.length === 0 && detail.cluster) {
    const none = machine.isMember ? 'no containers' : 'not in the cluster';
    lines.push(label(of, none, { x: PADDING, y: y + 6, width: inner, font: 'muted' }));
    y += 12;
  }
  return { width, height: y - GAP + PADDING, lines, of, middles };
}

const FOUNDER = 'founder';

function head({ name, address, cpus, memoryMiB, isFounder, of }: MachineNode, width: number): string[] {
  const memory = memoryMiB >= 1024 && memoryMiB % 256 === 0 ? `${memoryMiB / 1024} GiB` : `${memoryMiB} MiB`;
  const word = widthOf(FOUNDER, FONTS.muted);
  const badge = word + 12;
  const title = new TextBlock(PADDING, width - PADDING - (isFounder ? badge + 4 : 0), 23).add(of, name, 'name');
  const right = width - PADDING;
  const founder = isFounder
    ? [
        ...group(right - badge, 9, [box(of, 'badge', badge, 19, 9)]),
        label(of, FOUNDER, { x: right - 6, y: 22, width: word, font: 'muted', atEnd: true }),
      ]
    : [];
  const place = new TextBlock(PADDING, right, 41).addBoth(of, address, 'plain', `${count(cpus, 'CPU')}, ${memory}`, 'text');
  return [...title.lines, ...founder, ...place.lines];
}
