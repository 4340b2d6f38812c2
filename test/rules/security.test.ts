import { describe } from 'vitest';
import { Container, HaproxyBalancer, HaproxyFrontend, type Stack } from '../../lib/index.js';
import { aSite, itWarns, removeTemporaries } from '../support.js';

removeTemporaries();

/** A site that is balanced on m1. */
function balanced(stack: Stack) {
  const site = aSite(stack);
  new HaproxyFrontend(stack, 'http', { on: site.m1, port: 80, defaultBackend: site.web });
  return site;
}

describe('the rules of security', () => {
  itWarns(import.meta.url, [
    {
      id: 'unisolated-neighbour',
      path: 's/C',
      says: ['"C"', '"web2"', '"m2"', 'make it isolated, or put it on another machine'],
      build: (stack) => new Container(stack, 'C', { on: balanced(stack).m2 }),
      spares: {
        'an isolated one': (stack) => new Container(stack, 'C', { on: balanced(stack).m2, isolated: true }),
        'one on another machine': (stack) => new Container(stack, 'C', { on: balanced(stack).m1 }),
        'a balancer': (stack) => {
          const { m2, web } = balanced(stack);
          const balancer = new HaproxyBalancer(stack, 'B', { on: m2, name: 'second' });
          new HaproxyFrontend(stack, 'other', { balancer, port: 80, defaultBackend: web });
        },
      },
    },
  ]);
});
