import type { Rule } from '../core/index.js';
import { Member } from '../lxd/index.js';

export const CAPACITY: readonly Rule[] = [
  {
    id: 'memory-overcommitted',
    category: 'capacity',
    severity: 'warning',
    check(construct, note) {
      if (!(construct instanceof Member)) return;
      const { machineName, memory } = construct.machine;
      const limits = construct.containers.reduce((sum, container) => sum + (container.memory?.toMebibytes() ?? 0), 0);
      if (limits <= memory.toMebibytes()) return;
      note(
        `the containers on "${machineName}" may use ${limits} MiB together but it has ${memory.toMebibytes()} MiB; lower the limits or enlarge it`,
      );
    },
  },
];
