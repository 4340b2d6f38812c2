import { FONTS, group, label, path } from './svg.js';
import { widthOf } from './text.js';
import type { Topology } from './topology.js';

export interface Legend {
  readonly lines: readonly string[];
  readonly height: number;
}

/** What the signs mean that are in the picture. */
export function legend({ machines, containers }: Topology, width: number): Legend {
  const has = (isBackup: boolean) => containers.some(({ server }) => server?.isBackup === isBackup);
  const entries: readonly (readonly [sign: string, text: string])[] = [
    ...(has(false) ? [['link', 'primary server'] as const] : []),
    ...(has(true) ? [['link backup', 'backup server'] as const] : []),
    ...(containers.some(({ ports }) => ports.length > 0) ? [['', ":80 port of the machine's address"] as const] : []),
    ...(machines.some(({ isFounder }) => isFounder) ? [['', 'founder: founds the cluster'] as const] : []),
  ];
  const lines: string[] = [];
  let [x, y] = [0, 0];
  for (const [sign, text] of entries) {
    const before = sign === '' ? 0 : 32;
    const needed = before + widthOf(text, FONTS.muted);
    if (x > 0 && x + needed > width) [x, y] = [0, y + 20];
    const room = Math.min(needed, width) - before;
    lines.push(
      ...group(x, y, [
        ...(sign === '' ? [] : [path([], sign, 'M0 -4H26')]),
        label([], text, { x: before, y: 0, width: room, font: 'muted' }),
      ]),
    );
    x += needed + 24;
  }
  return { lines, height: entries.length === 0 ? 0 : y + 20 };
}
