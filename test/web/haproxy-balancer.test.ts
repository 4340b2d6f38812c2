import { describe, expect, it } from 'vitest';
import { text } from '../../lib/core/index.js';
import { HaproxyBalancer, HaproxyFrontend } from '../../lib/index.js';
import { aSite, itRefuses, removeTemporaries, stackOf } from '../support.js';

removeTemporaries();

describe('HaproxyBalancer', () => {
  itRefuses(import.meta.url, [
    {
      id: 'second-balancer',
      path: 's/B',
      says: ['"m1"', 's/Cluster/m1/Haproxy', 'make it before them'],
      build: (stack) => {
        const { m1, web } = aSite(stack);
        new HaproxyFrontend(stack, 'a', { on: m1, port: 80, defaultBackend: web });
        const balancer = new HaproxyBalancer(stack, 'B', { on: m1, name: 'second' });
        new HaproxyFrontend(stack, 'b', { balancer, port: 81, defaultBackend: web });
      },
    },
    {
      id: 'no-frontend',
      path: 's/B',
      says: ['"haproxy"', 'new HaproxyFrontend('],
      build: (stack) => new HaproxyBalancer(stack, 'B', { on: aSite(stack).m1 }),
    },
    {
      id: 'bad-max-connections',
      path: 's/B',
      says: ['30001', 'from 1 to 30000'],
      build: (stack) => {
        const { m1, web } = aSite(stack);
        const balancer = new HaproxyBalancer(stack, 'B', { on: m1, maxConnections: 30_001 });
        new HaproxyFrontend(stack, 'http', { balancer, port: 80, defaultBackend: web });
      },
    },
  ]);

  it('is made once a machine, and shared', () => {
    const { files } = stackOf((stack) => {
      const { m1, web } = aSite(stack);
      const a = new HaproxyFrontend(stack, 'a', { on: m1, port: 80, defaultBackend: web });
      const b = new HaproxyFrontend(stack, 'b', { on: m1, port: 81, defaultBackend: web });
      expect(b.balancer).toBe(a.balancer);
      expect(HaproxyBalancer.on(m1)).toBe(a.balancer);
    });
    expect(files['s/haproxy.cfg']?.match(/^(frontend|backend) .*$/gm)).toEqual(['frontend a', 'frontend b', 'backend web']);
  });

  it('has a configuration file of its name', () => {
    const { files } = stackOf((stack) => {
      const { m1, m2, web } = aSite(stack);
      new HaproxyFrontend(stack, 'a', { on: m1, port: 80, defaultBackend: web });
      const balancer = new HaproxyBalancer(stack, 'B', { on: m2, name: 'edge' });
      new HaproxyFrontend(stack, 'b', { balancer, port: 80, defaultBackend: web });
    });
    expect(Object.keys(files).filter((path) => path.endsWith('.cfg'))).toEqual(['s/haproxy-edge.cfg', 's/haproxy.cfg']);
    // On its own machine it finds a server on the bridge, from elsewhere at the published port.
    expect(files['s/haproxy.cfg']).toMatch(/server web2 192\.168\.56\.12:\d{5}\b/m);
    expect(files['s/haproxy-edge.cfg']).toMatch(/server web2 10\.77\.\d+\.\d+:80\b/m);
    expect(files['s/m2_cfg.sh']).toMatch(/^web_server web2 web2 80 sites\/web2 192\.168\.56\.11 10\.77\.\d+\.\d+$/m);
  });

  it('lets no line break out of an id into its configuration', () => {
    stackOf((stack) => {
      const { m1, web } = aSite(stack);
      new HaproxyFrontend(stack, 'http', { on: m1, port: 80, defaultBackend: web });
    });
    expect(() =>
      stackOf((stack) => {
        const { m1, web } = aSite(stack);
        const balancer = new HaproxyBalancer(stack, 'B\ruser root', { on: m1 });
        new HaproxyFrontend(stack, 'http', { balancer, port: 80, defaultBackend: web });
        expect(() => balancer.configuration.render()).toThrow(text.UnquotableError);
      }),
    ).toThrow('unquotable-text');
  });
});
