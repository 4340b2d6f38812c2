import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { App, BackupPool, Balance, HaproxyFrontend, Stack, WebBackend } from '../../lib/index.js';
import { aCluster, aSite, errorsOf, itRefuses, PAGE, removeTemporaries, stackOf, temporary } from '../support.js';

removeTemporaries();

describe('WebBackend', () => {
  itRefuses(import.meta.url, [
    {
      id: 'bad-backend-name',
      path: 's/web end',
      says: ['"web end"', 'use letters'],
      build: (stack) => new WebBackend(stack, 'web end').addServer('web1', { on: aCluster(stack).m1, site: PAGE }),
    },
    {
      id: 'bad-backend-name',
      when: 'with a line break',
      path: 's/a--b',
      says: ['"a\\nb"', 'use letters'],
      build: (stack) => new WebBackend(stack, 'a\nb').addServer('web1', { on: aCluster(stack).m1, site: PAGE }),
    },
    {
      id: 'duplicate-backend',
      path: 's/Cluster/web',
      says: ['"web"', 's/web', 'rename one'],
      build: (stack) => {
        const { cluster, m1 } = aSite(stack);
        new WebBackend(cluster, 'web').addServer('web9', { on: m1, site: PAGE });
      },
    },
    {
      id: 'duplicate-backend',
      when: 'with the one that overflows',
      path: 's/web-overflow',
      says: ['"web-overflow"', 'rename one'],
      build: (stack) => {
        const { m1, m2, web } = aSite(stack);
        new BackupPool(stack, 'Backups', { backend: web, activateWhen: 'downOrSaturated' }).addServer('web8', { on: m1, site: PAGE });
        const other = new WebBackend(stack, 'web-overflow');
        other.addServer('web9', { on: m2, site: PAGE });
        new HaproxyFrontend(stack, 'a', { on: m1, port: 80, defaultBackend: web });
        new HaproxyFrontend(stack, 'b', { on: m1, port: 81, defaultBackend: other });
      },
    },
    {
      id: 'empty-backend',
      path: 's/web',
      says: ['"web"', 'addServer('],
      build: (stack) =>
        new HaproxyFrontend(stack, 'http', { on: aCluster(stack).m1, port: 80, defaultBackend: new WebBackend(stack, 'web') }),
    },
    {
      id: 'bad-check-path',
      path: 's/web',
      says: ['"health check"', 'begin it with "/"'],
      build: (stack) =>
        new WebBackend(stack, 'web', { checkPath: 'health check' }).addServer('web1', { on: aCluster(stack).m1, site: PAGE }),
    },
    {
      id: 'bad-check-path',
      when: 'with a line break',
      path: 's/web',
      says: ['"/\\nuser root"', 'begin it with "/"'],
      build: (stack) =>
        new WebBackend(stack, 'web', { checkPath: '/\nuser root' }).addServer('web1', { on: aCluster(stack).m1, site: PAGE }),
    },
    {
      id: 'bad-max-connections',
      path: 's/web',
      says: ['"web" take 0 connections', 'at least 1'],
      build: (stack) =>
        new WebBackend(stack, 'web', { maxConnectionsPerServer: 0 }).addServer('web1', { on: aCluster(stack).m1, site: PAGE }),
    },
    {
      id: 'unquotable-text',
      when: 'a line break on its way into haproxy.cfg',
      path: 's/Cluster/m1/Haproxy',
      says: ['"x\\nuser root"', 'line break', '"haproxy.cfg"', 'take it out'],
      build: (stack) => {
        const { m1, web } = aSite(stack, { balance: Balance.urlParameter('x\nuser root') });
        new HaproxyFrontend(stack, 'http', { on: m1, port: 80, defaultBackend: web });
      },
    },
  ]);
});

describe('WebServer', () => {
  itRefuses(import.meta.url, [
    {
      id: 'no-site',
      path: 's/web/web1',
      says: ['"web1"', 'give it one, or its backend'],
      build: (stack) => new WebBackend(stack, 'web').addServer('web1', { on: aCluster(stack).m1 }),
    },
    {
      id: 'bad-server-name',
      path: 's/web/web 1',
      says: ['"web 1"', 'use letters'],
      also: ['bad-container-name'],
      build: (stack) => new WebBackend(stack, 'web').addServer('web 1', { on: aCluster(stack).m1, site: PAGE }),
    },
    {
      id: 'bad-weight',
      path: 's/web/web1',
      says: ['weight 257', 'from 1 to 256'],
      build: (stack) => new WebBackend(stack, 'web').addServer('web1', { on: aCluster(stack).m1, site: PAGE, weight: 257 }),
    },
    {
      id: 'bad-max-connections',
      path: 's/web/web1',
      says: ['"web1" takes 0 connections', 'at least 1'],
      build: (stack) => new WebBackend(stack, 'web').addServer('web1', { on: aCluster(stack).m1, site: PAGE, maxConnections: 0 }),
    },
    {
      id: 'duplicate-container',
      when: 'for two servers',
      path: 's/other/web2/Container',
      says: ['"web2"', 's/web/web2', 'rename one'],
      build: (stack) => {
        const { m1 } = aSite(stack);
        new WebBackend(stack, 'other').addServer('web2', { on: m1, site: PAGE });
      },
    },
    {
      id: 'duplicate-port',
      when: 'for two servers',
      path: 's/web/web9/Container',
      says: ['port 12000 on "m2"', 's/web/web8/Container', 'choose another'],
      build: (stack) => {
        const { m2, web } = aSite(stack);
        for (const name of ['web8', 'web9']) web.addServer(name, { on: m2, site: PAGE, port: 12_000 });
      },
    },
  ]);

  it('collides with no other of the same address: one machine cannot have web1 and web101', () => {
    const app = new App({ outdir: join(temporary(), 'out') });
    const { m1, web } = aSite(new Stack(app, 's'));
    for (const name of ['web1', 'web101']) web.addServer(name, { on: m1, site: PAGE });
    const errors = errorsOf(app);
    expect(errors.map(({ id, path }) => `${id} ${path}`)).toEqual([
      'colliding-names s/web/web101/Container',
      'duplicate-port s/web/web101/Container',
    ]);
  });

  it('answers the balancers only', () => {
    const { files } = stackOf((stack) => {
      const { m1, m2, web } = aSite(stack);
      new HaproxyFrontend(stack, 'http', { on: m1, port: 80, defaultBackend: web });
      web.addServer('web1', { on: m1, site: PAGE });
      expect(web.primaries.map((server) => server.endpointFor(m1).port)).toEqual([expect.any(Number), expect.any(Number), 80]);
      expect(web.primaries[0]?.endpointFor(m1).address).toBe(m2.machine.address);
    });
    const rules = (name: string) => files[`s/firewall/${name}.nft`]?.match(/ip daddr 10\..*/g);
    expect(rules('m2')).toEqual([expect.stringMatching(/^ip daddr 10\.77\.\d+\.\d+ tcp dport 80 ip saddr \{ 192\.168\.56\.11 \} accept$/)]);
    // The balancer on m1 for everybody; its neighbour web1 for the balancer's own address on the bridge they share.
    expect(rules('m1')).toEqual([
      expect.stringMatching(/ tcp dport 80 accept$/),
      expect.stringMatching(/ tcp dport 80 ip saddr \{ 10\.77\.\d+\.\d+ \} accept$/),
    ]);
  });

  it('has its own site, or that of its backend, written once', () => {
    const { files } = stackOf((stack) => {
      const { m1 } = aSite(stack);
      const shop = new WebBackend(stack, 'shop', { site: PAGE });
      shop.addServer('shop1', { on: m1 });
      shop.addServer('shop2', { on: m1, site: PAGE });
      shop.addServer('shop3', { on: m1 });
    });
    const pages = Object.keys(files).filter((path) => path.startsWith('s/sites/shop'));
    expect(pages).toEqual(['s/sites/shop/index.html', 's/sites/shop2/index.html']);
    expect(files['s/m1_cfg.sh']).toMatch(/^web_server shop3 shop3 80 sites\/shop$/m);
  });
});
