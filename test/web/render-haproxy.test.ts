import { describe, expect, it } from 'vitest';
import { BackupPool, Balance, Duration, HaproxyBalancer, HaproxyFrontend, type Stack, type WebBackendProps } from '../../lib/index.js';
import { aSite, PAGE, removeTemporaries, stackOf } from '../support.js';

removeTemporaries();

/** The configuration, by section: its directives without comments. */
function sections(build: (site: ReturnType<typeof aSite>, stack: Stack) => void, props: WebBackendProps = {}): Record<string, string[]> {
  const { files } = stackOf((stack) => build(aSite(stack, props), stack));
  const blocks = (files['s/haproxy.cfg'] ?? '').split(/\n(?=\w)/).map((block) => block.split('\n').map((line) => line.trim()));
  return Object.fromEntries(blocks.map(([head, ...lines]) => [head, lines.filter((line) => line !== '' && !line.startsWith('#'))]));
}

const http = ({ m1, web }: ReturnType<typeof aSite>, stack: Stack) =>
  new HaproxyFrontend(stack, 'http', { on: m1, port: 80, defaultBackend: web });

describe('haproxy.cfg', () => {
  it('checks each server by HTTP, and notices failed connections at once', () => {
    const backend = sections(http, { checkPath: '/ok', checkInterval: Duration.seconds(3), maxConnectionsPerServer: 7 })['backend web'];
    expect(backend).toContain('option httpchk');
    expect(backend?.find((line) => line.startsWith('http-check send'))).toContain('meth GET uri /ok ver HTTP/1.1 hdr Host localhost');
    const defaults = backend?.filter((line) => line.startsWith('default-server')).join();
    expect(defaults).toContain('check inter 3s fastinter 1500ms downinter 3s');
    expect(defaults).toMatch(/observe layer4 error-limit \d on-error mark-down/);
    expect(backend?.join()).toContain('maxconn 7');
  });

  it('repeats only what is safe to repeat', () => {
    const backend = sections(http)['backend web'];
    expect(backend).toContain('http-request disable-l7-retry unless { method GET HEAD OPTIONS }');
    expect(backend).toContain('option redispatch 1');
    expect(backend?.find((line) => line.startsWith('retry-on'))).not.toMatch(/all-retryable|junk/);
  });

  it('takes its limits and times from the app', () => {
    const made = sections(({ m1, web }, stack) => {
      const times = { clientTimeout: Duration.minutes(2), requestTimeout: Duration.seconds(9), connectTimeout: Duration.millis(250) };
      const balancer = new HaproxyBalancer(stack, 'B', { on: m1, maxConnections: 123, ...times });
      new HaproxyFrontend(stack, 'http', { balancer, port: 8080, defaultBackend: web });
    });
    expect(made.global).toContain('maxconn 123');
    expect(made.defaults).toEqual(expect.arrayContaining(['timeout client 120s', 'timeout http-request 9s', 'timeout connect 250ms']));
    expect(made['frontend http']).toEqual(expect.arrayContaining(['bind *:8080 backlog 8192', 'default_backend web']));
  });

  it('exposes no admin socket to the network', () => {
    const sockets = sections(http).global?.filter((line) => line.startsWith('stats socket'));
    expect(sockets).toEqual([expect.stringMatching(/^stats socket \/run\/\S+ mode 660 level admin/)]);
  });

  it('asks for a password before it shows statistics, and holds none', () => {
    const made = sections(({ m1, web }, stack) => {
      new HaproxyFrontend(stack, 'http', { on: m1, port: 80, defaultBackend: web, statistics: { user: 'ops' } });
    });
    expect(made['userlist statistics-http']).toEqual([`user ops password "\${STATISTICS_HTTP}"`]);
    expect(made['frontend http']).toEqual(expect.arrayContaining(['stats uri /haproxy?stats', 'stats refresh 10s', 'stats hide-version']));
    expect(made['frontend http']).toContain("stats http-request auth realm 'HAProxy statistics' unless { http_auth(statistics-http) }");
  });

  it('deals a queue out evenly, unless weights or the balance say otherwise', () => {
    const shares = (backend: string[] | undefined) => backend?.filter((line) => line.includes('rand('));
    expect(shares(sections(http)['backend web'])).toHaveLength(1);
    expect(shares(sections(http, { balance: Balance.leastConnections() })['backend web'])).toEqual([]);
    const weighted = sections((site, stack) => {
      site.web.addServer('big', { on: site.m1, site: PAGE, weight: 3, maxConnections: 9 });
      http(site, stack);
    })['backend web'];
    expect(shares(weighted)).toEqual([]);
    expect(weighted?.at(-1)).toMatch(/^server big \S+:80 weight 3 maxconn 9$/);
  });

  it('lets backups help saturated primaries where the app says so', () => {
    const made = sections((site, stack) => {
      const backups = new BackupPool(stack, 'Backups', { backend: site.web, site: PAGE, activateWhen: 'downOrSaturated' });
      backups.addServer('spare', { on: site.m2 });
      http(site, stack);
    });
    expect(made['frontend http']?.filter((line) => line.startsWith('use_backend web-overflow if'))).not.toEqual([]);
    expect(made['backend web-overflow']?.at(-1)).toMatch(/^server spare \S+ .*track web\/spare$/);
    expect(made['backend web']?.at(-1)).toMatch(/^server spare \S+ .*backup$/);
  });

  it('has a backend once, however many frontends lead to it', () => {
    const made = sections(({ m1, web }, stack) => {
      for (const port of [80, 81]) new HaproxyFrontend(stack, `http${port}`, { on: m1, port, defaultBackend: web });
    });
    expect(Object.keys(made).slice(1)).toEqual(['global', 'defaults', 'frontend http80', 'frontend http81', 'backend web']);
  });
});
