import { describe } from 'vitest';
import { Cluster, Container, Size, type Stack } from '../../lib/index.js';
import { itWarns, removeTemporaries } from '../support.js';

removeTemporaries();

function aMember(stack: Stack, memory: number, cpus = 1) {
  return new Cluster(stack, 'C').addMember('m9', { address: '192.168.56.19', memory: Size.mebibytes(memory), cpus });
}

/** Two containers on a machine of 1024 MiB. */
function containers(stack: Stack, ...limits: number[]): void {
  const on = aMember(stack, 1024);
  for (const [index, limit] of limits.entries()) new Container(stack, `c${index}`, { on, memory: Size.mebibytes(limit) });
}

describe('the rules of capacity', () => {
  itWarns(import.meta.url, [
    {
      id: 'memory-overcommitted',
      path: 's/C/m9',
      says: ['"m9"', '1025 MiB', '1024 MiB', 'lower the limits or enlarge'],
      build: (stack) => containers(stack, 512, 513),
      spares: { 'all of it': (stack) => containers(stack, 512, 512), 'one that may have it all': (stack) => containers(stack, 1024) },
    },
  ]);
});
