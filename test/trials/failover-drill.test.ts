import { describe, expect, it } from 'vitest';
import { type App, Duration, HaproxyFrontend, Stack, WebBackend } from '../../lib/index.js';
import { FailoverDrill } from '../../lib/trials/index.js';
import { aSite, itRefuses, PAGE, removeTemporaries, stackOf } from '../support.js';

removeTemporaries();

const site = (stack: Stack) => {
  const made = aSite(stack);
  const http = new HaproxyFrontend(stack, 'http', { on: made.m1, port: 80, defaultBackend: made.web });
  const [web2, web3] = made.web.primaries as [(typeof made.web.primaries)[0], (typeof made.web.primaries)[0]];
  return { ...made, http, web2, web3 };
};

describe('FailoverDrill', () => {
  it('is its steps, as plain data', () => {
    let resource: unknown;
    stackOf((stack) => {
      const { http, web2, web3 } = site(stack);
      const drill = new FailoverDrill(stack, 'd', { target: http, rate: 20, path: '/x' });
      drill
        .stop(web2, web3)
        .expect([], { within: Duration.seconds(3) })
        .wait(Duration.seconds(1));
      drill.restore(web2).expect([web2], { failed: 2 });
      resource = drill.toResource();
    });
    expect(resource).toEqual({
      type: 'FailoverDrill',
      name: 'd',
      properties: {
        target: 'http',
        rate: 20,
        path: '/x',
        steps: [
          { action: 'stop', server: 'web2' },
          { action: 'stop', server: 'web3' },
          { expect: { serves: [], withinMs: 3000 } },
          { waitMs: 1000 },
          { action: 'restore', server: 'web2' },
          { expect: { serves: ['web2'], withinMs: 10_000, maxFailed: 2 } },
        ],
      },
    });
  });

  itRefuses(import.meta.url, [
    {
      id: 'bad-drill',
      when: 'nothing is expected',
      path: 's/d',
      says: ['"d" expects nothing'],
      build: (stack) => new FailoverDrill(stack, 'd', { target: site(stack).http }),
    },
    {
      id: 'bad-drill',
      when: 'its rate',
      path: 's/d',
      says: ['a rate of 0'],
      build: (stack) => new FailoverDrill(stack, 'd', { target: site(stack).http, rate: 0 }).expect([]),
    },
    {
      id: 'bad-drill',
      when: 'its path',
      path: 's/d',
      says: ['"x y"', 'begin it with "/"'],
      build: (stack) => new FailoverDrill(stack, 'd', { target: site(stack).http, path: 'x y' }).expect([]),
    },
    {
      id: 'bad-drill',
      when: 'a number of failures',
      path: 's/d',
      says: ['lets -1 requests fail'],
      build: (stack) => new FailoverDrill(stack, 'd', { target: site(stack).http }).expect([], { failed: -1 }),
    },
    {
      id: 'bad-drill',
      when: 'a server of another backend',
      path: 's/d',
      says: ['"other"', 'does not lead', 'choose one of "web"'],
      build: (stack) => {
        const { http, m1 } = site(stack);
        const other = anotherBackend(stack, m1);
        new FailoverDrill(stack, 'd', { target: http }).expect([other]);
      },
    },
    {
      id: 'duplicate-drill',
      path: 's/Cluster/m1/d',
      says: ['"d"', 's/d'],
      build: (stack) => {
        const { http, m1 } = site(stack);
        new FailoverDrill(stack, 'd', { target: http }).expect([]);
        new FailoverDrill(m1, 'd', { target: http }).expect([]);
      },
    },
    {
      id: 'other-stack',
      path: 's/d',
      says: ['stack "s"', 'stack "t"'],
      build: (stack) => {
        aSite(stack);
        const { http } = site(new Stack(stack.node.scope as App, 't'));
        new FailoverDrill(stack, 'd', { target: http }).expect([]);
      },
    },
  ]);
});

function anotherBackend(stack: Stack, on: ReturnType<typeof site>['m1']) {
  const backend = new WebBackend(stack, 'second', { site: PAGE });
  new HaproxyFrontend(stack, 'second-http', { on, port: 81, defaultBackend: backend });
  backend.addServer('another', { on });
  return backend.addServer('other', { on });
}
