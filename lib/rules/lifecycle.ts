import type { Rule } from '../core/index.js';
import { Container } from '../lxd/index.js';
import { endOfLife, Machine } from '../machine/index.js';

export const LIFECYCLE: readonly Rule[] = [
  {
    id: 'end-of-life-box',
    category: 'lifecycle',
    severity: 'warning',
    check(construct, note) {
      if (!Machine.isMachine(construct)) return;
      for (const box of new Set([construct.box.name, ...Object.values(construct.box.byProvider).map(({ name }) => name)])) {
        const old = endOfLife(box);
        if (old !== undefined) note(`box ${old}`);
      }
    },
  },
  {
    id: 'end-of-life-image',
    category: 'lifecycle',
    severity: 'warning',
    check(construct, note) {
      // What is in files, their alias does not tell.
      if (!(construct instanceof Container) || construct.image.files !== undefined) return;
      const old = endOfLife(construct.image.source);
      if (old !== undefined) note(`image ${old}`);
    },
  },
];
