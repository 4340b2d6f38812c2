import { describe } from 'vitest';
import { Cluster, Container, HaproxyBalancer, type HaproxyBalancerProps, HaproxyFrontend, Size, type Stack } from '../../lib/index.js';
import { aCluster, aSite, itWarns, PAGE, removeTemporaries } from '../support.js';

removeTemporaries();

function aMember(stack: Stack, memory: number, cpus = 1) {
  return new Cluster(stack, 'C').addMember('m9', { address: '192.168.56.19', memory: Size.mebibytes(memory), cpus });
}

/** Two containers on a machine of 1024 MiB. */
function containers(stack: Stack, ...limits: number[]): void {
  const on = aMember(stack, 1024);
  for (const [index, limit] of limits.entries()) new Container(stack, `c${index}`, { on, memory: Size.mebibytes(limit) });
}

/** A server that takes so many connections, and its balancers. */
function requests(stack: Stack, maxConnections: number, balancers = 1): void {
  const { m1, m2, web } = aSite(stack);
  web.addServer('big', { on: m1, site: PAGE, maxConnections });
  for (const [index, on] of [m1, m2].slice(0, balancers).entries()) {
    const balancer = new HaproxyBalancer(stack, `B${index}`, { on, name: `balancer${index}` });
    new HaproxyFrontend(stack, `http${index}`, { balancer, port: 80, defaultBackend: web });
  }
}

/** A balancer on a machine of so much memory. */
function balancer(stack: Stack, props: Pick<HaproxyBalancerProps, 'maxConnections' | 'memory'>, memory = 1024): void {
  const { m1, web } = aSite(stack, {}, { machineDefaults: { memory: Size.mebibytes(memory) } });
  new HaproxyFrontend(stack, 'http', {
    balancer: new HaproxyBalancer(stack, 'B', { on: m1, ...props }),
    port: 80,
    defaultBackend: web,
  });
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
    {
      id: 'small-member',
      path: 's/C/m9',
      says: ['"m9" has 511 MiB', 'give it 512 MiB or more'],
      build: (stack) => aMember(stack, 511),
      spares: { 'just enough': (stack) => aMember(stack, 512) },
    },
    {
      id: 'cpus-above-machine',
      path: 's/c',
      says: ['"c" may use 3 cpus', '"m9" has 2', 'lower the limit or enlarge'],
      build: (stack) => new Container(stack, 'c', { on: aMember(stack, 1024, 2), cpus: 3 }),
      spares: {
        'all of them': (stack) => new Container(stack, 'c', { on: aMember(stack, 1024, 2), cpus: 2 }),
        'no limit': (stack) => new Container(stack, 'c', { on: aCluster(stack).m1 }),
      },
    },
    {
      id: 'max-connections-above-server',
      path: 's/web/big',
      says: ['"big" gets up to 151 requests', 'its balancer', 'Apache serves 150', 'lower maxConnections to 150'],
      build: (stack) => requests(stack, 151),
      spares: { 'just as many': (stack) => requests(stack, 150), 'whom no balancer leads to': (stack) => requests(stack, 151, 0) },
    },
    {
      id: 'max-connections-above-server',
      when: 'from two balancers together',
      path: 's/web/big',
      says: ['"big" gets up to 76 requests', 'each of its 2 balancers', 'lower maxConnections to 75'],
      build: (stack) => requests(stack, 76, 2),
      spares: { 'just as many': (stack) => requests(stack, 75, 2) },
    },
    {
      id: 'balancer-memory',
      path: 's/B',
      says: ['"haproxy" takes up to 8000 connections', '196 MiB', 'its container may use 195 MiB', 'lower maxConnections or give it more'],
      build: (stack) => balancer(stack, { memory: Size.mebibytes(195) }),
      spares: { 'just enough': (stack) => balancer(stack, { memory: Size.mebibytes(196) }) },
    },
    {
      id: 'balancer-memory',
      when: "its machine's",
      path: 's/B',
      says: ['30000 connections', '733 MiB', '"m1" has 732 MiB'],
      build: (stack) => balancer(stack, { maxConnections: 30_000 }, 732),
      spares: { 'just enough': (stack) => balancer(stack, { maxConnections: 30_000 }, 733) },
    },
  ]);
});
