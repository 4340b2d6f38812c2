import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type App, BackupPool, HaproxyBalancer, HaproxyFrontend, Machine, Size, Stack, WebBackend } from '../../lib/index.js';
import { Guest } from '../guest.js';
import { aSite, itRefuses, PAGE, removeTemporaries, stackOf } from '../support.js';

removeTemporaries();

/** HAProxy on one machine, Apache on two others, no cluster. */
function threeMachines(stack: Stack) {
  const [front, one, two] = [11, 12, 13].map((n) => new Machine(stack, `h${n - 10}`, { address: `192.168.56.${n}` })) as [
    Machine,
    Machine,
    Machine,
  ];
  const web = new WebBackend(stack, 'web', { site: PAGE });
  web.addServer('web1', { on: one, port: 8081 });
  web.addServer('web2', { on: two });
  return { front, one, two, web };
}

describe('a service on a machine itself', () => {
  it('needs no cluster', () => {
    const { files } = stackOf((stack) => {
      const { front, web } = threeMachines(stack);
      new HaproxyFrontend(stack, 'http', { on: front, port: 80, hostPort: 8080, defaultBackend: web });
    });
    expect(files['s/haproxy.cfg']).toMatch(/^# HAProxy on h1\.$/m);
    expect(files['s/haproxy.cfg']).toMatch(/^ {4}bind \*:80 /m);
    expect(files['s/haproxy.cfg']).toMatch(/^ {4}server web1 192\.168\.56\.12:8081 /m);
    const calls = (name: string) =>
      files[`s/${name}_cfg.sh`]?.match(/^(install_software|web_server|balancer|await_answer|retire_\w+) .*$/gm);
    expect(calls('h1')).toEqual([
      'retire_services haproxy',
      'install_software . software/haproxy.sh',
      'balancer . haproxy haproxy.cfg',
      'await_answer . haproxy 192.168.56.11 80',
    ]);
    expect(calls('h2')).toEqual([
      'retire_services web1',
      'install_software . software/apache.sh',
      'web_server . web1 0.0.0.0:8081 sites/web 192.168.56.11',
      'await_answer . web1 192.168.56.12 8081',
    ]);
    expect(files['s/Vagrantfile']).toContain('guest: 80, host: 8080');
    for (const path of ['s/haproxy.cfg', 's/software/haproxy.sh'])
      expect(files[path]).not.toMatch(/in (a|the) container|the container only/i);
    expect(Object.keys(files).filter((path) => /cluster|preseed|containers|lxd/.test(path))).toEqual([]);
  });

  it("may have the port that would be a cluster's", () => {
    const { files } = stackOf((stack) => {
      const { front, web } = threeMachines(stack);
      new HaproxyFrontend(stack, 'http', { on: front, port: 8443, defaultBackend: web });
    });
    expect(files['s/haproxy.cfg']).toMatch(/^ {4}bind \*:8443 /m);
  });

  it('answers the balancers only', () => {
    const { files } = stackOf((stack) => {
      const { front, web } = threeMachines(stack);
      new HaproxyFrontend(stack, 'http', { on: front, port: 80, defaultBackend: web });
    });
    const rules = (name: string) => files[`s/firewall/${name}.nft`]?.match(/^\t\t[io]ifname .*$/gm);
    expect(rules('h1')).toBeNull();
    expect(rules('h2')).toEqual(['\t\tiifname != "lo" tcp dport 8081 ip saddr != { 192.168.56.11 } reject with tcp reset']);
  });

  it('finds and sees its friends wherever they are', () => {
    const { files } = stackOf((stack) => {
      const { m1, m2, m3, web } = aSite(stack); // web2 on m2, web3 on m3
      web.addServer('own', { on: m2.machine, site: PAGE, port: 8081 });
      new HaproxyFrontend(stack, 'inside', { on: m2, port: 80, defaultBackend: web });
      const edge = new HaproxyBalancer(stack, 'Edge', { on: m3.machine, name: 'edge' });
      new HaproxyFrontend(stack, 'edge', { balancer: edge, port: 80, defaultBackend: web });
      m1.addStep('Nothing', 'true');
    });
    const servers = (path: string) =>
      Object.fromEntries([...(files[path] ?? '').matchAll(/^ {4}server (\S+) (\S+)/gm)].map(([, ...pair]) => pair));
    // In m2's container: its neighbour on the bridge, the machine's own server at the machine's address.
    expect(servers('s/haproxy.cfg')).toEqual({
      web2: expect.stringMatching(/^10\.77\..*:80$/),
      web3: expect.stringMatching(/^192\.168\.56\.13:\d+$/),
      own: '192.168.56.12:8081',
    });
    // On m3 itself: its own container on the bridge, what is on m2 at m2's address.
    expect(servers('s/haproxy-edge.cfg')).toEqual({
      web2: expect.stringMatching(/^192\.168\.56\.12:\d+$/),
      web3: expect.stringMatching(/^10\.77\..*:80$/),
      own: '192.168.56.12:8081',
    });
    const haproxy = (JSON.parse(files['s/containers/m2.json'] ?? '{}') as Record<string, { devices: { eth0: Record<string, string> } }>)
      .haproxy?.devices.eth0['ipv4.address'];
    const believed = (machine: string, name: string) =>
      new RegExp(`^web_server \\S+ ${name} \\S+ \\S+ (.*)$`, 'm').exec(files[`s/${machine}_cfg.sh`] ?? '')?.[1];
    expect(believed('m2', 'own')).toBe(`${haproxy} 192.168.56.13`);
    expect(believed('m2', 'web2')).toBe(`${haproxy} 192.168.56.13`);
    // A container sees its own machine as the bridge.
    expect(believed('m3', 'web3')).toBe('192.168.56.12 10.77.0.1');
    const firewall = (machine: string) => files[`s/firewall/${machine}.nft`] ?? '';
    expect(firewall('m2')).toContain(`iifname != "lo" tcp dport 8081 ip saddr != { ${haproxy}, 192.168.56.13 } reject with tcp reset`);
    // No container of m3 may use the trust in m3.
    expect(firewall('m3')).toContain('iifname "lxdbr0" ip daddr 192.168.56.12 tcp dport 8081 reject with tcp reset');
    expect(firewall('m1')).not.toContain('8081');
  });

  itRefuses(import.meta.url, [
    {
      id: 'other-stack',
      path: 't/web/web1',
      also: ['no-machines'],
      says: ['server "web1" of stack "t"', '"h1" of stack "s"', 'its own stack'],
      build: (stack) => {
        const on = new Machine(stack, 'h1', { address: '192.168.56.11' });
        new WebBackend(new Stack(stack.node.root as App, 't'), 'web', { site: PAGE }).addServer('web1', { on });
      },
    },
    {
      id: 'bad-service-name',
      path: 's/web/..',
      says: ['server ".."', '"h2"', 'letters, digits and "-"'],
      build: (stack) => {
        const { one, web } = threeMachines(stack);
        web.addServer('..', { on: one });
      },
    },
    {
      id: 'duplicate-service',
      path: 's/web/Web1',
      says: ['server "Web1"', 's/web/web1', 'rename one'],
      build: (stack) => {
        const { front, web } = threeMachines(stack);
        web.addServer('Web1', { on: front });
      },
    },
    {
      id: 'duplicate-service',
      when: 'a balancer in a container and one beside it, both without a name of their own',
      path: 's/Cluster/m1/Machine/Haproxy',
      says: ['balancer "haproxy"', 's/Cluster/m1/Haproxy/Container', 'rename one'],
      build: (stack) => {
        const { m1, web } = aSite(stack);
        new HaproxyFrontend(stack, 'http', { on: m1, port: 80, defaultBackend: web });
        new HaproxyFrontend(stack, 'beside', { on: m1.machine, port: 81, defaultBackend: web });
      },
    },
    {
      id: 'no-container',
      path: 's/web/big',
      says: ['server "big"', '"h1" itself', 'memory, cpus', 'leave them out'],
      build: (stack) => {
        const { front, web } = threeMachines(stack);
        web.addServer('big', { on: front, memory: Size.mebibytes(64), cpus: 1 });
      },
    },
    {
      id: 'bad-publish-port',
      path: 's/http',
      says: ['frontend "http"', 'publishPort 1080', '"h1" itself', 'port 80', 'leave publishPort out'],
      build: (stack) => {
        const { front, web } = threeMachines(stack);
        new HaproxyFrontend(stack, 'http', { on: front, port: 80, publishPort: 1080, defaultBackend: web });
      },
    },
    {
      id: 'duplicate-port',
      path: 's/http',
      says: ['port 8081 on "h2"', 's/web/web1', 'choose another'],
      build: (stack) => {
        const { one, web } = threeMachines(stack);
        new HaproxyFrontend(stack, 'http', { on: one, port: 8081, defaultBackend: web });
      },
    },
  ]);

  it('lets two servers share a machine, each at its port', () => {
    const { files } = stackOf((stack) => {
      const { front, one, web } = threeMachines(stack);
      new BackupPool(stack, 'Backups', { backend: web }).addServer('spare', { on: one });
      new HaproxyFrontend(stack, 'http', { on: front, port: 80, defaultBackend: web });
    });
    expect(files['s/h2_cfg.sh']?.match(/^web_server .*$/gm)).toHaveLength(2);
    expect(files['s/h2_cfg.sh']).toContain('retire_services web1 spare\n');
  });
});

/** A machine whose Apache and HAProxy are words in files. */
const fakes = {
  systemctl: `case "$1 $2" in
  "is-active "*) cat "$state/$2" 2>/dev/null ;;
  *disable*) echo inactive >"$state/$4" ;;
  *) echo active >"$state/$2" ;;
esac`,
};
const CALL = 'web_server . web1 0.0.0.0:8081 pages 192.168.56.5';

describe('web_server on a machine', () => {
  it('gives Apache a server at its port, once', () => {
    const guest = new Guest(['provision', 'web-server'], fakes);
    expect(guest.told(`mkdir pages; echo one >pages/index.html\n${CALL}`)).toBe('      pushed the pages of web1\n');
    expect(readFileSync(join(guest.folder, 'etc/apache2/cdk-vagrant/web1.conf'), 'utf8')).toBe(`Listen 0.0.0.0:8081
<VirtualHost *:8081>
  DocumentRoot ${guest.folder}/var/www/web1
  CustomLog ${guest.folder}/var/log/apache2/access.log cdk_vagrant env=!health_check
  RemoteIPInternalProxy 192.168.56.5
</VirtualHost>
`);
    expect(guest.told(`${CALL}\nretire_services web1`)).toBe('');
  });

  it('ends what is no longer in the tree, and Apache with the last', () => {
    const guest = new Guest(['provision', 'web-server'], fakes);
    guest.told(`mkdir pages; echo one >pages/index.html\n${CALL}\nweb_server . web2 0.0.0.0:8082 pages`);
    guest.calls();
    expect(guest.told('retire_services web2')).toBe('      ended web1, which is no longer in the app\n');
    expect(guest.calls()).toEqual(['systemctl reload-or-restart apache2']);
    expect(guest.told('retire_services web2')).toBe('');
    expect(guest.told('retire_services')).toBe('      ended web2, which is no longer in the app\n');
    expect(guest.calls().filter((call) => call.startsWith('systemctl'))).toEqual(['systemctl --quiet disable --now apache2']);
  });

  it('ends also what no library of the new tree knows, and what was cut off before it came about', () => {
    const guest = new Guest(['provision', 'web-server'], fakes);
    guest.told('mkdir pages; echo one >pages/index.html');
    expect(guest.run(`push_pages() { exit 1; }\n${CALL}`).code).toBe(1); // killed there
    guest.calls();
    guest.told('mkdir -p etc/apache2/cdk-vagrant; touch etc/apache2/cdk-vagrant/web1.conf');
    expect(guest.told('unset -f retire_web_server\nretire_services')).toBe('      ended web1, which is no longer in the app\n');
    expect(guest.calls()).toContain('systemctl --quiet disable --now apache2');
    expect(existsSync(join(guest.folder, 'etc/apache2/cdk-vagrant/web1.conf'))).toBe(false);
  });

  it('ends what bore the name of another kind of service', () => {
    const guest = new Guest(['provision', 'web-server', 'balancer'], fakes);
    guest.told(`mkdir pages; echo one >pages/index.html\n${CALL}`);
    guest.calls();
    expect(guest.told('serves web1 balancer')).toBe('      ended web1, which is another kind of service now\n');
    expect(guest.calls()).toContain('systemctl --quiet disable --now apache2');
    expect(guest.told('serves web1 balancer')).toBe('');
  });

  it('ends a service before another one takes its port', () => {
    const { files } = stackOf((stack) => {
      const { m2, web } = aSite(stack);
      web.addServer('own', { on: m2.machine, site: PAGE, port: 8081 });
    });
    const script = files['s/m2_cfg.sh'] ?? '';
    expect(script.indexOf('retire_services own')).toBeGreaterThan(script.indexOf('firewall firewall/m2.nft'));
    expect(script.indexOf('retire_services own')).toBeLessThan(script.indexOf('install_software .'));
  });
});
