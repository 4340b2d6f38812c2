import { describe, expect, it } from 'vitest';
import { Cluster, Machine, Size } from '../../lib/index.js';
import { itRefuses, removeTemporaries, stackOf } from '../support.js';

removeTemporaries();

describe('a group', () => {
  it('is machines with counted names and addresses, alike otherwise', () => {
    stackOf((stack) => {
      const made = Machine.group(stack, 'node', {
        count: 12,
        firstAddress: '10.9.0.250',
        subnet: '10.9.0.0/16',
        memory: Size.gibibytes(2),
      });
      expect(made.map(({ machineName, address }) => [machineName, address])).toEqual([
        ...[0, 1, 2, 3, 4, 5].map((n) => [`node${n + 1}`, `10.9.0.${250 + n}`]),
        ...[0, 1, 2, 3, 4, 5].map((n) => [`node${n + 7}`, `10.9.1.${n}`]),
      ]);
      expect(new Set(made.map(({ memory, subnet }) => `${memory.toMebibytes()} ${subnet}`))).toEqual(new Set(['2048 10.9.0.0/16']));
      expect(Machine.inStack(stack)).toEqual(made);
    });
  });

  it('is members of a cluster, the first of which founds it', () => {
    stackOf((stack) => {
      const cluster = new Cluster(stack, 'Cluster', { machineDefaults: { cpus: 2 } });
      const made = cluster.addMembers('node', { count: 3, firstAddress: '192.168.56.11', memory: Size.gibibytes(2) });
      expect(made).toEqual(cluster.members);
      expect(made.map(({ isFounder, machine }) => [machine.machineName, machine.address, isFounder, machine.cpus])).toEqual([
        ['node1', '192.168.56.11', true, 2],
        ['node2', '192.168.56.12', false, 2],
        ['node3', '192.168.56.13', false, 2],
      ]);
    });
  });

  itRefuses(import.meta.url, [
    {
      id: 'bad-count',
      path: 's',
      says: ['group "node" has 1.5 machines', 'from 1 to 10000'],
      line: 'elsewhere',
      build: (stack) => Machine.group(stack, 'node', { count: 1.5, firstAddress: '192.168.56.11' }),
    },
    {
      id: 'bad-count',
      when: 'beyond all measure',
      path: 's',
      says: ['group "node" has 10000000000 machines'],
      line: 'elsewhere',
      build: (stack) => Machine.group(stack, 'node', { count: 1e10, firstAddress: '192.168.56.11' }),
    },
    {
      id: 'bad-count',
      when: 'of members',
      path: 's/C',
      says: ['group "node" has 0 machines'],
      build: (stack) => new Cluster(stack, 'C').addMembers('node', { count: 0, firstAddress: '192.168.56.11' }),
    },
    {
      id: 'reserved-address',
      when: 'where a group runs out of its subnet',
      path: 's/node2',
      says: ['192.168.56.255', 'broadcast in 192.168.56.0/24'],
      build: (stack) => Machine.group(stack, 'node', { count: 2, firstAddress: '192.168.56.254' }),
    },
    {
      id: 'address-outside-subnet',
      when: 'where members run out of their subnet',
      path: 's/C/node3/Machine',
      also: ['reserved-address'],
      says: ['192.168.57.0', '192.168.56.0/24', 'choose one inside'],
      build: (stack) => new Cluster(stack, 'C').addMembers('node', { count: 3, firstAddress: '192.168.56.254' }),
    },
    {
      id: 'bad-address',
      when: 'of a group',
      path: 's/node1',
      says: ['"first" of "node1" is no IPv4 address'],
      build: (stack) => Machine.group(stack, 'node', { count: 2, firstAddress: 'first' }),
    },
  ]);
});
