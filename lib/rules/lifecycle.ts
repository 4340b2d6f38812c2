import type { Rule } from '../core/index.js';
import { Container } from '../lxd/index.js';
import { endOfLife, Machine } from '../machine/index.js';
import { rule } from './one-rule.js';

export const LIFECYCLE: readonly Rule[] = [
  rule({
    id: 'end-of-life-box',
    category: 'lifecycle',
    severity: 'warning',
    of: Machine.isMachine,
    check(construct, note) {
      for (const box of new Set([construct.box.name, ...Object.values(construct.box.byProvider).map(({ name }) => name)])) {
        const old = endOfLife(box);
        if (old !== undefined) note(`box ${old}`);
      }
    },
  }),
  rule({
    id: 'end-of-life-image',
    category: 'lifecycle',
    severity: 'warning',
    of: Container.isContainer,
    check(construct, note) {
      // What is in files, their alias does not tell.
      if (construct.image.files !== undefined) return;
      const old = endOfLife(construct.image.source);
      if (old !== undefined) note(`image ${old}`);
    },
  }),
];
