import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { App, Duration, HaproxyBalancer, HaproxyFrontend, Password, Stack } from '../../lib/index.js';
import { aSite, errorsOf, itRefuses, removeTemporaries, stackOf, temporary } from '../support.js';

removeTemporaries();

describe('HaproxyFrontend', () => {
  itRefuses(import.meta.url, [
    {
      id: 'bad-frontend-name',
      path: 's/my site',
      says: ['"my site"', 'use letters'],
      build: (stack) => {
        const { m1, web } = aSite(stack);
        new HaproxyFrontend(stack, 'my site', { on: m1, port: 80, defaultBackend: web });
      },
    },
    {
      id: 'duplicate-frontend',
      path: 's/a.b',
      says: ['"a.b"', 's/a-b', 'rename one'],
      build: (stack) => {
        const { m1, web } = aSite(stack);
        new HaproxyFrontend(stack, 'a-b', { on: m1, port: 80, defaultBackend: web });
        new HaproxyFrontend(stack, 'a.b', { on: m1, port: 81, defaultBackend: web });
      },
    },
    {
      id: 'two-machines',
      path: 's/http',
      says: ['"m2"', '"m1"', 'leave out "on"'],
      build: (stack) => {
        const { m1, m2, web } = aSite(stack);
        const balancer = new HaproxyBalancer(stack, 'B', { on: m1 });
        new HaproxyFrontend(stack, 'http', { on: m2, balancer, port: 80, defaultBackend: web });
      },
    },
    {
      id: 'bad-port',
      path: 's/http',
      says: ['port 65536', 'from 1 to 65535'],
      build: (stack) => {
        const { m1, web } = aSite(stack);
        new HaproxyFrontend(stack, 'http', { on: m1, port: 65_536, publishPort: 80, defaultBackend: web });
      },
    },
    {
      id: 'duplicate-port',
      when: 'in the container',
      path: 's/b',
      says: ['port 80', '"haproxy"', 's/a', 'choose another'],
      build: (stack) => {
        const { m1, web } = aSite(stack);
        new HaproxyFrontend(stack, 'a', { on: m1, port: 80, publishPort: 1080, defaultBackend: web });
        new HaproxyFrontend(stack, 'b', { on: m1, port: 80, publishPort: 1081, defaultBackend: web });
      },
    },
    {
      id: 'bad-statistics-uri',
      path: 's/http',
      says: ['"stats\\npage"', 'begin it with "/"'],
      build: (stack) => {
        const { m1, web } = aSite(stack);
        new HaproxyFrontend(stack, 'http', { on: m1, port: 80, defaultBackend: web, statistics: { uri: 'stats\npage' } });
      },
    },
    {
      id: 'bad-statistics-user',
      path: 's/http',
      says: ['"the admin"', 'use letters'],
      build: (stack) => {
        const { m1, web } = aSite(stack);
        new HaproxyFrontend(stack, 'http', { on: m1, port: 80, defaultBackend: web, statistics: { user: 'the admin' } });
      },
    },
  ]);

  it.each(['on', 'defaultBackend'] as const)('may not take "%s" from another stack', (which) => {
    const app = new App({ outdir: join(temporary(), 'out') });
    const [here, there] = [aSite(new Stack(app, 'here')), aSite(new Stack(app, 'there'))];
    const own = { on: here.m1, defaultBackend: here.web };
    const borrowed = which === 'on' ? { on: there.m1 } : { defaultBackend: there.web };
    new HaproxyFrontend(here.cluster, 'http', { port: 80, ...own, ...borrowed });
    const error = errorsOf(app).find((one) => one.path === 'here/Cluster/http');
    expect(error).toMatchObject({ id: 'other-stack', userLine: expect.stringContaining('haproxy-frontend.test.ts:') });
    expect(error?.message).toMatch(/of stack "here" .* of stack "there"; choose a (machine|backend) of its own stack/);
  });

  it('is on a machine', () => {
    stackOf((stack) => {
      const { web, m1 } = aSite(stack);
      expect(() => new HaproxyFrontend(stack, 'lost', { port: 80, defaultBackend: web })).toThrow(
        'on of frontend "lost" is not given; give it a Member or a Machine, unless "balancer" says where it is: ',
      );
      expect(stack.node.tryFindChild('lost')).toBeUndefined();
      new HaproxyFrontend(stack, 'http', { on: m1, port: 80, defaultBackend: web });
    });
  });

  it('says after "up" what to open, and how to read the password', () => {
    const { files } = stackOf((stack) => {
      const { m1, web } = aSite(stack);
      new HaproxyFrontend(stack, 'http', { on: m1, port: 80, publishPort: 1080, hostPort: 8080, defaultBackend: web, statistics: {} });
      const statistics = { password: Password.fromEnvironment('STATS_PW'), refresh: Duration.seconds(3) };
      new HaproxyFrontend(stack, 'other', { on: m1, port: 81, defaultBackend: web, statistics });
    });
    const vagrantfile = files['s/Vagrantfile'];
    expect(vagrantfile).toContain('http: http://192.168.56.11:1080/ (on this host also http://127.0.0.1:8080/)');
    expect(vagrantfile).toContain('sudo cat /var/lib/cdk-vagrant/secrets/statistics-http.password');
    expect(vagrantfile).toContain('Statistics: http://192.168.56.11:81/haproxy?stats, user admin, password: the one that STATS_PW held');
    expect(vagrantfile).toContain('"STATISTICS_OTHER" => base64.call(ENV.fetch("STATS_PW", ""))');
    expect(files['s/haproxy.cfg']).toContain('stats refresh 3s');
  });

  it('puts no password into any file', () => {
    vi.stubEnv('STATS_PW', 'hunter2-hunter2');
    const { files } = stackOf((stack) => {
      const { m1, web } = aSite(stack);
      const statistics = { password: Password.fromEnvironment('STATS_PW') };
      new HaproxyFrontend(stack, 'http', { on: m1, port: 80, defaultBackend: web, statistics });
    });
    vi.unstubAllEnvs();
    expect(Object.values(files).filter((content) => content.includes('hunter2'))).toEqual([]);
  });
});

describe('Password', () => {
  it('comes from a variable whose name is one', () => {
    for (const name of ['', 'a', '1A', 'A-B', 'A\nB', 'A B'])
      expect(() => Password.fromEnvironment(name)).toThrow('use capitals, digits and "_"');
    expect(Password.fromEnvironment('STATS_PW_1').variable).toBe('STATS_PW_1');
    expect(Password.generated().variable).toBeUndefined();
  });
});
