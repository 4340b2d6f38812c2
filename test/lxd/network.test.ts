import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  App,
  Box,
  CloudInitTarget,
  Container,
  Engine,
  HaproxyBalancer,
  HaproxyFrontend,
  Network,
  Rules,
  Stack,
  type Target,
  VagrantTarget,
} from '../../lib/index.js';
import { Cluster, stableAddress } from '../../lib/lxd/index.js';
import { Subnet } from '../../lib/machine/index.js';
import { aCluster, aSite, errorsOf, itRefuses, itWarns, PAGE, removeTemporaries, stackOf, synth, temporary } from '../support.js';

removeTemporaries();

/** Servers web2 on m2 and web3 on m3, web1 beside the balancer on m1. */
const site = (network: Network) => (stack: Stack) => {
  const made = aSite(stack, {}, { network });
  made.web.addServer('web1', { on: made.m1, site: PAGE });
  new HaproxyFrontend(stack, 'http', { on: made.m1, port: 80, publishPort: 1080, defaultBackend: made.web });
};
const withOne = (network: Network, address?: string) => (stack: Stack) =>
  new Container(stack, 'c1', { on: aCluster(stack, { network }).m1, ...(address !== undefined && { address }) });

interface Settings {
  readonly devices: Readonly<Record<string, Readonly<Record<string, string>>>>;
}
/** What is written of server web2, and of the balancer. */
const written = (network: Network) => {
  const { files } = stackOf(site(network));
  const of = (member: number, name: string) =>
    (JSON.parse(files[`s/containers/m${member}.json`] as string) as Record<string, Settings>)[name]?.devices ?? {};
  const line = (file: string, start: string) => files[`s/${file}`]?.split('\n').filter((text) => text.trim().startsWith(start)) ?? [];
  return { files, of, line, servers: line('haproxy.cfg', 'server ').map((text) => text.trim().split(' ')[2]) };
};

describe('stableAddress', () => {
  const pool = Subnet.parse('192.168.56.128/25') as Subnet;

  it('depends on the name and the range alone, and gives the names of a series different ones', () => {
    const all = Array.from({ length: 99 }, (_, n) => stableAddress(`web${n + 1}`, pool));
    expect(new Set(all).size).toBe(99);
    expect(stableAddress('web1', pool)).toBe(all[0]);
    for (const address of all) expect(Number(address?.split('.')[3])).toSatisfy((last: number) => last >= 130 && last <= 254);
  });

  it('knows none in a range without room', () => {
    expect(stableAddress('web1', Subnet.parse('192.168.56.0/30') as Subnet)).toBe('192.168.56.2');
  });
});

describe('published ports', () => {
  it('are the default, with nothing of another network in any file', () => {
    const { files, servers } = written(Network.published());
    expect(servers).toEqual(['192.168.56.12:22202', '192.168.56.13:22203', '10.77.123.11:80']);
    const own = Object.entries(files).filter(
      ([path, text]) => !path.includes('/lib/') && /eth1|cdkv0|network_address|table bridge/.test(text),
    );
    expect(own.map(([path]) => path)).toEqual([]);
    expect(Object.keys(files).filter((path) => path.includes('network'))).toEqual([]);
  });
});

describe('VXLAN', () => {
  const { files, of, line, servers } = written(Network.vxlan());
  const [web2, web3, haproxy] = ['10.78.58.23', '10.78.58.24', '10.78.155.6'];

  it('leads balancers to servers of other machines at their own address, and to the neighbour over their bridge', () => {
    expect(servers).toEqual([`${web2}:80`, `${web3}:80`, '10.77.123.11:80']);
  });

  it('links containers to a bridge of our own, and publishes nothing but the front door', () => {
    expect(of(2, 'web2').eth1).toEqual({
      mtu: '1450',
      name: 'eth1',
      type: 'nic',
      nictype: 'bridged',
      parent: 'cdkv0',
      'security.port_isolation': 'true',
    });
    expect(Object.keys(of(2, 'web2'))).toEqual(['eth0', 'eth1']);
    expect(Object.keys(of(1, 'haproxy'))).toEqual(['eth0', 'eth1', 'port-1080']);
    expect(of(1, 'haproxy').eth1?.['security.port_isolation']).toBe('false');
  });

  it('tells each member of the others, and each container its address', () => {
    expect(line('m2_cfg.sh', 'network')).toEqual([
      'network vxlan 192.168.56.12 1450 192.168.56.11 192.168.56.13',
      `network_address web2 ${web2} 10.78.0.0/16 10.77.123.12 192.168.56.12`,
    ]);
    expect(line('m2_cfg.sh', 'begin')).toEqual(["begin 'm2, containers' 5"]);
    expect(files['s/m2_cfg.sh']?.match(/^step /gm)).toHaveLength(5);
  });

  it("lets servers believe the balancer's address there, and on its own machine that on the bridge", () => {
    expect(line('m2_cfg.sh', 'web_server')).toEqual([`web_server web2 web2 80 sites/web2 ${haproxy}`]);
    expect(line('m1_cfg.sh', 'web_server')).toEqual(['web_server web1 web1 80 sites/web1 10.77.21.83']);
  });

  it('takes another subnet and another mtu', () => {
    const { of, line, servers } = written(Network.vxlan({ subnet: '172.20.0.0/24', mtu: 1400 }));
    expect(servers[0]).toMatch(/^172\.20\.0\.\d+:80$/);
    expect(of(2, 'web2').eth1?.mtu).toBe('1400');
    expect(line('m2_cfg.sh', 'network vxlan')).toEqual(['network vxlan 192.168.56.12 1400 192.168.56.11 192.168.56.13']);
  });
});

describe('bridged and macvlan', () => {
  it('give containers addresses of the upper half of the private network', () => {
    for (const network of [Network.bridged(), Network.macvlan()]) {
      const { servers, line } = written(network);
      expect(servers).toEqual(['192.168.56.234:80', '192.168.56.235:80', '10.77.123.11:80']);
      expect(line('m2_cfg.sh', 'network_address')).toEqual([
        'network_address web2 192.168.56.234 192.168.56.0/24 10.77.123.12 192.168.56.12',
      ]);
    }
  });

  it('bridged: each machine has one more interface, known by its hardware address, promiscuous on VirtualBox', () => {
    const { files, of, line } = written(Network.bridged());
    const [, mac = ''] = /^network bridged (02:cd(?::[0-9a-f]{2}){4})$/.exec(line('m2_cfg.sh', 'network bridged')[0] ?? '') ?? [];
    const interfaces = line('Vagrantfile', 'node.vm.network').filter((text) => text.includes('mac:'));
    expect(interfaces).toHaveLength(3);
    expect(new Set(interfaces).size).toBe(3);
    expect(interfaces[1]).toContain(mac.replaceAll(':', '').toUpperCase());
    expect(interfaces[1]).toContain('auto_config: false');
    expect(files['s/Vagrantfile']?.match(/--nicpromisc3/g)).toHaveLength(3);
    expect(of(2, 'web2').eth1).toMatchObject({ nictype: 'bridged', parent: 'cdkv0' });
    expect(of(2, 'web2').eth1).not.toHaveProperty('mtu');
  });

  it('macvlan: the private interface is promiscuous on VirtualBox, and the machine finds what it is called', () => {
    const { files, of, line } = written(Network.macvlan());
    expect(files['s/Vagrantfile']?.match(/--nicpromisc2/g)).toHaveLength(3);
    expect(of(2, 'web2').eth1).toEqual({ name: 'eth1', type: 'nic', nictype: 'macvlan', parent: '' });
    expect(line('m2_cfg.sh', 'network macvlan')).toEqual(['network macvlan 192.168.56.12']);
  });

  it('let in a balancer on a machine itself, which is known there by its own address, as is who comes from a container', () => {
    const { files } = stackOf((stack) => {
      const { m1, m2, m3, web } = aSite(stack, {}, { network: Network.bridged() });
      web.addServer('bare', { on: m2.machine, site: PAGE });
      new HaproxyFrontend(stack, 'http', { on: m1.machine, port: 80, defaultBackend: web });
      new HaproxyFrontend(stack, 'other', {
        balancer: new HaproxyBalancer(stack, 'Edge', { on: m3, name: 'edge' }),
        port: 80,
        defaultBackend: web,
      });
    });
    const text = (path: string) => files[`s/${path}`] as string;
    const [, balancer = ''] = /^network_address edge (\S+) /m.exec(text('m3_cfg.sh')) ?? [];
    expect(text('firewall/m2.nft')).toContain(`ip daddr 192.168.56.234 tcp dport 80 ip saddr { 192.168.56.11, ${balancer} } accept`);
    expect(text('firewall/m3.nft')).toContain('ip daddr 192.168.56.235 tcp dport 80 ip saddr { 192.168.56.11 } accept');
    expect(text('m2_cfg.sh')).toMatch(new RegExp(`^web_server \\. bare \\S+ sites/bare 192\\.168\\.56\\.11 ${balancer}$`, 'm'));
    expect(text('firewall/m2.nft')).toContain(`ip saddr != { 192.168.56.11, ${balancer} } reject with tcp reset`);
  });

  it('take another pool, and an address of choice', () => {
    const { files } = stackOf(withOne(Network.macvlan({ pool: '192.168.56.64/26' }), '192.168.56.100'));
    expect(files['s/m1_cfg.sh']).toContain('network_address c1 192.168.56.100 192.168.56.0/24 ');
  });
});

describe('a port that only some may reach', () => {
  it.each([
    ['behind its machine, where tunnels do not lead', Network.vxlan(), () => '192.168.56.11'],
    ['by its own address, which machines hear', Network.bridged(), (client: Container) => client.networkAddress],
  ])('knows a container of another machine %s', (_, network, seen) => {
    let client: Container | undefined;
    const { files } = stackOf((stack) => {
      const { m1, m2 } = aCluster(stack, { network });
      client = new Container(stack, 'client', { on: m1 });
      new Container(stack, 'api', { on: m2 }).publish({ listen: 9000, connect: 90, allow: () => [client as Container] });
    });
    expect(files['s/firewall/m2.nft']).toContain(`tcp dport 90 ip saddr { ${seen(client as unknown as Container)} } accept`);
  });
});

const ubuntu = { machineDefaults: { box: Box.ubuntu2404() }, network: Network.fan() };

describe('fan', () => {
  it("is in the preseed, on Ubuntu's kernels only; containers have addresses of their machine's piece", () => {
    const { files } = stackOf((stack) => {
      const { m2 } = aCluster(stack, ubuntu);
      new Container(stack, 'web2', { on: m2 });
    });
    const preseed = files['s/preseeds/m1-found.yaml'] as string;
    expect(preseed).toContain('  - name: lxdfan0\n    type: bridge\n');
    for (const line of ['bridge.mode: fan', 'fan.overlay_subnet: 240.0.0.0/8', 'fan.underlay_subnet: 192.168.56.0/24'])
      expect(preseed).toContain(`      ${line}\n`);
    for (const name of ['m1', 'm2', 'm3']) expect(files[`s/cluster-${name}.sh`]).toMatch(/^kernel_limits\nfan_kernel$/m);
    expect(files['s/m2_cfg.sh']).toMatch(/^network fan lxdfan0$/m);
    expect(files['s/m2_cfg.sh']).toMatch(/^network_address web2 240\.12\.0\.\d+ 240\.0\.0\.0\/8 10\.77\.123\.12 192\.168\.56\.12$/m);
    expect(JSON.parse(files['s/containers/m2.json'] as string).web2.devices.eth1).toEqual({
      name: 'eth1',
      type: 'nic',
      network: 'lxdfan0',
    });
  });

  it("takes the last two numbers of a machine's address in a /16", () => {
    const { files } = stackOf((stack) => {
      const on = new Cluster(stack, 'C', { ...ubuntu, subnet: '192.168.0.0/16' }).addMember('m', { address: '192.168.57.9' });
      new Container(stack, 'web1', { on });
    });
    expect(files['s/m_cfg.sh']).toMatch(/^network_address web1 240\.57\.9\.\d+ /m);
  });

  itWarns(import.meta.url, [
    {
      id: 'fan-kernel',
      path: 's/Cluster',
      line: 'elsewhere' as const,
      says: ['"Cluster"', "Ubuntu's kernels only", 'Network.vxlan()'],
      build: (stack) => aCluster(stack, ubuntu),
      spares: { 'another network': (stack) => aCluster(stack, { network: Network.vxlan() }) },
    },
  ]);
});

describe('what is refused', () => {
  itRefuses(import.meta.url, [
    {
      id: 'bad-cluster-network',
      when: 'the subnet is none',
      path: 's/Cluster',
      line: 'elsewhere' as const,
      says: ['vxlan', '"10.78.0.1/16"', 'write it like 10.78.0.0/16'],
      build: (stack) => aCluster(stack, { network: Network.vxlan({ subnet: '10.78.0.1/16' }) }),
    },
    {
      id: 'bad-cluster-network',
      when: 'the mtu is none',
      path: 's/Cluster',
      line: 'elsewhere' as const,
      says: ['mtu 100', '576 to 8950'],
      build: (stack) => aCluster(stack, { network: Network.vxlan({ mtu: 100 }) }),
    },
    {
      id: 'bad-cluster-network',
      when: 'the pool is elsewhere',
      path: 's/Cluster',
      line: 'elsewhere' as const,
      says: ['bridged', '192.168.57.0/25', 'within 192.168.56.0/24'],
      build: (stack) => aCluster(stack, { network: Network.bridged({ pool: '192.168.57.0/25' }) }),
    },
    {
      id: 'bad-cluster-network',
      when: 'the pool is none',
      path: 's/Cluster',
      line: 'elsewhere' as const,
      says: ['macvlan', '"half"', 'write it like 192.168.56.128/25'],
      build: (stack) => aCluster(stack, { network: Network.macvlan({ pool: 'half' }) }),
    },
    {
      id: 'bad-cluster-network',
      when: 'a fan has no place in the subnet',
      path: 's/C',
      says: ['fan', '/24 or /16', '192.168.56.0/25'],
      build: (stack) =>
        new Cluster(stack, 'C', {
          network: Network.fan(),
          subnet: '192.168.56.0/25',
          machineDefaults: { box: Box.ubuntu2404() },
        }).addMember('m', {
          address: '192.168.56.9',
        }),
    },
    {
      id: 'overlapping-subnets',
      when: "VXLAN's is the machines'",
      path: 's/Cluster',
      line: 'elsewhere' as const,
      says: ['192.168.0.0/16', '192.168.56.0/24', 'choose another'],
      build: (stack) => aCluster(stack, { network: Network.vxlan({ subnet: '192.168.0.0/16' }) }),
    },
    {
      id: 'overlapping-subnets',
      when: "VXLAN's is the bridges'",
      path: 's/Cluster',
      line: 'elsewhere' as const,
      says: ['10.77.8.0/24', '10.77.0.0/16'],
      build: (stack) => aCluster(stack, { network: Network.vxlan({ subnet: '10.77.8.0/24' }) }),
    },
    ...[
      ["the bridges'", '10.77.5.5', '10.77.0.0/16'],
      ["VXLAN's", '10.78.5.5', '10.78.0.0/16'],
    ].map(([whose, other = '', taken = '']) => ({
      id: 'overlapping-subnets' as const,
      when: `a further network of a machine is ${whose}`,
      path: 's/Cluster/m1/Machine',
      line: 'elsewhere' as const,
      says: ['a network of "m1"', taken, 'where containers are'],
      build: (stack: Stack) => aCluster(stack, { network: Network.vxlan() }).m1.machine.addNetwork({ address: other }),
    })),
    {
      id: 'bad-container-address',
      when: 'ports are published',
      path: 's/c1',
      says: ['"c1"', '"10.77.5.5"', 'another network'],
      build: withOne(Network.published(), '10.77.5.5'),
    },
    {
      id: 'bad-container-address',
      when: 'it is outside the pool',
      path: 's/c1',
      says: ['"192.168.56.20"', '"m1"', 'between 192.168.56.130 and 192.168.56.254'],
      build: withOne(Network.bridged(), '192.168.56.20'),
    },
    {
      id: 'bad-container-address',
      when: "it is the network's broadcast",
      path: 's/c1',
      says: ['"192.168.56.255"'],
      build: withOne(Network.macvlan(), '192.168.56.255'),
    },
    {
      id: 'duplicate-address',
      when: 'two containers meet',
      path: 's/c2',
      says: ['192.168.56.150', 's/c1', 'another by "address"'],
      build: (stack) => {
        const { m1, m2 } = aCluster(stack, { network: Network.bridged() });
        for (const [n, on] of [m1, m2].entries()) new Container(stack, `c${n + 1}`, { on, address: '192.168.56.150' });
      },
    },
    {
      id: 'duplicate-address',
      when: 'a container meets a machine',
      path: 's/c1',
      says: ['192.168.56.200', 's/C/m/Machine'],
      build: (stack) =>
        new Container(stack, 'c1', {
          on: new Cluster(stack, 'C', { network: Network.macvlan() }).addMember('m', { address: '192.168.56.200' }),
          address: '192.168.56.200',
        }),
    },
    {
      id: 'unused-port',
      path: 's/web/web4',
      says: ['"web4"', '8080', 'vxlan', 'port 80', 'leave it out'],
      build: (stack) => {
        const { m1, web } = aSite(stack, {}, { network: Network.vxlan() });
        web.addServer('web4', { on: m1, site: PAGE, port: 8080 });
      },
    },
    {
      id: 'unreached-server',
      path: 's/web/web3',
      says: ['"web3"', 'vxlan', '"m1"', 'on: member', 'Network.bridged()'],
      also: [],
      line: 'elsewhere' as const,
      build: (stack) => {
        const { m1, web } = aSite(stack, {}, { network: Network.vxlan() });
        new HaproxyFrontend(stack, 'http', { on: m1.machine, port: 80, defaultBackend: web });
      },
    },
    {
      id: 'network-not-given',
      when: 'a fan of Incus',
      path: 's/Cluster',
      line: 'elsewhere' as const,
      says: ['"Cluster"', 'Incus', 'Engine.lxdSnap()', 'Network.vxlan()'],
      build: (stack) => aCluster(stack, { ...ubuntu, engine: Engine.incus() }),
    },
    {
      id: 'network-not-given',
      when: 'a fan on Debian',
      path: 's/Cluster/m1/Machine',
      line: 'elsewhere' as const,
      says: ['"m1"', 'bento/debian-12', 'Box.ubuntu2404()', 'Network.vxlan()'],
      build: (stack) => aCluster(stack, { network: Network.fan() }),
    },
  ]);
});

describe('open servers', () => {
  itWarns(
    import.meta.url,
    [
      {
        id: 'open-servers',
        path: 's/Cluster',
        line: 'elsewhere' as const,
        says: ['macvlan', '192.168.56.0/24', '"web1"', '192.168.56.233', 'Network.bridged()'],
        also: [],
        build: site(Network.macvlan()),
        spares: { bridged: site(Network.bridged()), 'no server': (stack) => aCluster(stack, { network: Network.macvlan() }) },
      },
    ],
    Rules.recommended(),
  );
});

describe('a target that cannot give it', () => {
  const refused = (target: Target, network: Network, box?: Box) => {
    const app = new App({ outdir: join(temporary(), 'out') });
    aCluster(new Stack(app, 's', { targets: [target] }), {
      network,
      machineDefaults: { ...(box && { box }), network: { autoConfig: false } },
    });
    return errorsOf(app);
  };
  const hyperv = () => new VagrantTarget({ providers: ['hyperv'] });
  const cloud = () => new CloudInitTarget({ network: { private: { name: 'eth1' } } });
  const box = Box.named('mine', { system: 'debian/12' });

  it('is refused on Hyper-V, which keeps out what is for containers', () => {
    const own = [1, 2, 3].map((n) => ({
      id: 'unsupported-network',
      path: `s/Cluster/m${n}/Machine`,
      message: expect.stringContaining('Hyper-V'),
    }));
    expect(refused(hyperv(), Network.macvlan(), box)).toMatchObject(own);
    expect(refused(hyperv(), Network.bridged(), box).length).toBeGreaterThanOrEqual(3);
  });

  it('is refused for cloud-init, which does not give an interface its hardware address', () => {
    const [first] = refused(cloud(), Network.bridged());
    expect(first).toMatchObject({ id: 'network-not-given', path: 's/Cluster/m1/Machine' });
    for (const part of ['"m1"', "only Vagrant's target", 's/Cluster', 'Network.vxlan()']) expect(first?.message).toContain(part);
  });

  it('is nothing that VXLAN needs', () => {
    for (const target of [hyperv(), cloud()]) {
      const app = new App({ outdir: join(temporary(), 'out') });
      aCluster(new Stack(app, 's', { targets: [target] }), {
        network: Network.vxlan(),
        machineDefaults: { box, network: { autoConfig: false } },
      });
      expect(Object.keys(synth(app).files).length).toBeGreaterThan(5);
    }
  });
});
