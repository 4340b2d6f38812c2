import { describe } from 'vitest';
import { BackupPool, Cluster, HaproxyBalancer, HaproxyFrontend, type Member, Raw, Rules, type Stack, WebBackend } from '../../lib/index.js';
import { aCluster, aSite, itWarns, PAGE, removeTemporaries } from '../support.js';

removeTemporaries();

type Members = ReturnType<typeof aCluster>;

function aClusterOf(stack: Stack, members: number): void {
  const cluster = new Cluster(stack, 'C');
  for (let number = 1; number <= members; number++) cluster.addMember(`m${number}`, { address: `192.168.56.${10 + number}` });
}

/** A backend `web` that is balanced on m1, with a primary and a backup on each of these members. */
function aBackend(
  stack: Stack,
  places: (members: Members) => { readonly primaries: readonly Member[]; readonly backups?: readonly Member[] },
) {
  const members = aCluster(stack);
  const { primaries, backups = [] } = places(members);
  const web = new WebBackend(stack, 'web', { site: PAGE });
  for (const [index, on] of primaries.entries()) web.addServer(`primary${index}`, { on });
  const pool = backups.length === 0 ? undefined : new BackupPool(stack, 'Backups', { backend: web });
  for (const [index, on] of backups.entries()) pool?.addServer(`backup${index}`, { on });
  new HaproxyFrontend(stack, 'http', { on: members.m1, port: 80, defaultBackend: web });
  return { ...members, web };
}

describe('the rules of availability', () => {
  itWarns(import.meta.url, [
    {
      id: 'two-member-cluster',
      path: 's/C',
      says: ['"C"', 'add a third'],
      build: (stack) => aClusterOf(stack, 2),
      spares: { one: (stack) => aClusterOf(stack, 1), three: (stack) => aClusterOf(stack, 3) },
    },
    {
      id: 'unused-backend',
      path: 's/web',
      says: ['"web"', 'defaultBackend'],
      build: (stack) => aSite(stack),
      line: 'elsewhere',
      spares: { 'one that is led to': (stack) => aBackend(stack, ({ m2, m3 }) => ({ primaries: [m2, m3] })) },
    },
    {
      id: 'missing-health-check',
      path: 's/web',
      says: ['"option httpchk"', '"web"', 'put another check'],
      build: (stack) => Raw.of(aBackend(stack, ({ m2, m3 }) => ({ primaries: [m2, m3] })).web).override('option httpchk'),
      spares: {
        'another check': (stack) =>
          Raw.of(aBackend(stack, ({ m2, m3 }) => ({ primaries: [m2, m3] })).web).override('option httpchk', 'option tcp-check'),
        'another override': (stack) =>
          Raw.of(aBackend(stack, ({ m2, m3 }) => ({ primaries: [m2, m3] })).web).override('option redispatch', 'option redispatch 2'),
      },
    },
    {
      id: 'single-server',
      path: 's/web',
      says: ['"primary0"', '"web"', 'add another, or a backup'],
      build: (stack) => aBackend(stack, ({ m2 }) => ({ primaries: [m2] })),
      spares: {
        'with a backup': (stack) => aBackend(stack, ({ m2, m3 }) => ({ primaries: [m2], backups: [m3] })),
        'with another': (stack) => aBackend(stack, ({ m2, m3 }) => ({ primaries: [m2, m3] })),
      },
    },
    {
      id: 'single-machine-backend',
      path: 's/web',
      says: ['"web"', '"m2"', 'spread them over two machines'],
      build: (stack) => aBackend(stack, ({ m2 }) => ({ primaries: [m2, m2] })),
      spares: {
        'one server': (stack) => aBackend(stack, ({ m2 }) => ({ primaries: [m2] })),
        'a backup elsewhere': (stack) => aBackend(stack, ({ m2, m3 }) => ({ primaries: [m2, m2], backups: [m3] })),
      },
    },
    {
      id: 'single-machine-backend',
      when: 'backups included',
      path: 's/web',
      says: ['"m2"'],
      also: ['backups-beside-primary'],
      build: (stack) => aBackend(stack, ({ m2 }) => ({ primaries: [m2], backups: [m2] })),
    },
    {
      id: 'backups-beside-primary',
      path: 's/web',
      says: ['"m2"', '"primary1"', 'spread them over two machines'],
      build: (stack) => aBackend(stack, ({ m2, m3 }) => ({ primaries: [m3, m2], backups: [m2, m2] })),
      spares: {
        'spread over two machines': (stack) => aBackend(stack, ({ m2, m3 }) => ({ primaries: [m2, m3], backups: [m2, m3] })),
        'on a machine of their own': (stack) => aBackend(stack, ({ m1, m2, m3 }) => ({ primaries: [m2, m3], backups: [m1, m1] })),
        none: (stack) => aBackend(stack, ({ m2, m3 }) => ({ primaries: [m2, m3] })),
      },
    },
  ]);

  itWarns(
    import.meta.url,
    [
      {
        id: 'single-balancer',
        path: 's/web',
        says: ['"m1"', '"web"', 'add a HaproxyBalancer on another machine'],
        build: (stack) => aBackend(stack, ({ m2, m3 }) => ({ primaries: [m2, m3] })),
        spares: {
          two: (stack) => {
            const { m2, web } = aBackend(stack, ({ m1, m3 }) => ({ primaries: [m1, m3] }));
            const balancer = new HaproxyBalancer(stack, 'B', { on: m2, name: 'second' });
            new HaproxyFrontend(stack, 'other', { balancer, port: 80, defaultBackend: web });
          },
          'none at all': (stack) => aSite(stack),
        },
      },
      {
        id: 'balancer-beside-server',
        path: 's/web/primary0',
        says: ['"primary0"', '"m1"', '"haproxy"', 'put it on another machine'],
        also: ['single-balancer'],
        build: (stack) => aBackend(stack, ({ m1, m2 }) => ({ primaries: [m1, m2] })),
        spares: {
          'a backup': (stack) => aBackend(stack, ({ m1, m2, m3 }) => ({ primaries: [m2, m3], backups: [m1] })),
          'the balancer of another backend': (stack) => {
            const { m2, m3 } = aBackend(stack, ({ m2, m3 }) => ({ primaries: [m2, m3] }));
            const other = new WebBackend(stack, 'other', { site: PAGE });
            for (const [index, on] of [m2, m3].entries()) other.addServer(`other${index}`, { on });
          },
        },
      },
    ],
    Rules.all(),
  );
});
