import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { App, type NetworkProps, type NetworkSettings, Stack } from '../../lib/index.js';
import { Machine } from '../../lib/machine/index.js';
import { errorsOf, itRefuses, removeTemporaries, stackOf, temporary } from '../support.js';
import { loadedNode } from '../vagrant/loaded.js';

removeTemporaries();

const address = '192.168.56.5';

/** What Vagrant is asked for machine `vm`. */
function asked(build: (machine: Machine) => unknown, network?: NetworkSettings) {
  const { folder } = stackOf((stack) => build(new Machine(stack, 'vm', { address, ...(network && { network }) })));
  const calls = loadedNode(folder, 'vm');
  return {
    networks: calls.filter(([name]) => name === 'network').map(([, ...words]) => words),
    customized: JSON.stringify(calls).match(/\["customize",\[[^\]]*nicpromisc[^\]]*\]\]/g) ?? [],
  };
}

const own = { ip: address, netmask: '255.255.255.0', libvirt__dhcp_enabled: false };

type Options = Readonly<Record<string, unknown>>;

describe('Machine.addNetwork', () => {
  it.each<[string, NetworkProps, string, object]>([
    [
      'a private one with an address',
      { address: '192.168.57.5', subnet: '192.168.57.0/25' },
      'private_network',
      { ip: '192.168.57.5', netmask: '255.255.255.128', libvirt__dhcp_enabled: false },
    ],
    [
      'a private one by DHCP, which each provider must find',
      { address: 'dhcp', subnet: '192.168.58.0/24' },
      'private_network',
      {
        type: 'dhcp',
        netmask: '255.255.255.0',
        virtualbox__ip: '192.168.58.1',
        parallels__ip: '192.168.58.1',
        libvirt__network_address: '192.168.58.0',
        libvirt__network_name: 's-192.168.58.0',
      },
    ],
    [
      "one that is left alone, on the machine's own network",
      {},
      'private_network',
      { ip: '192.168.56.254', netmask: '255.255.255.0', libvirt__dhcp_enabled: false, auto_config: false },
    ],
    [
      'one that is left alone, elsewhere',
      { subnet: '192.168.60.0/22' },
      'private_network',
      { ip: '192.168.63.254', netmask: '255.255.252.0', libvirt__dhcp_enabled: false, auto_config: false },
    ],
    [
      'a public one by DHCP',
      { kind: 'public', address: 'dhcp', bridge: ['eno1', 'en0: Wi-Fi'] },
      'public_network',
      { bridge: ['eno1', 'en0: Wi-Fi'], dev: 'eno1' },
    ],
    [
      'a public one with an address, on another device for libvirt',
      { kind: 'public', address: '10.1.2.1', subnet: '10.1.0.0/16', bridge: 'eno1', device: 'br0', options: { libvirt__type: 'bridge' } },
      'public_network',
      { ip: '10.1.2.1', netmask: '255.255.0.0', bridge: 'eno1', dev: 'br0', libvirt__type: 'bridge' },
    ],
    ['a public one that is left alone', { kind: 'public', device: 'eno1' }, 'public_network', { auto_config: false, dev: 'eno1' }],
    [
      'one with settings',
      { address: '192.168.57.5', mac: '08:00:27:ab:cd:ef', mtu: 9000, internalName: 'inner', libvirtName: 'outer', autoConfig: false },
      'private_network',
      {
        ...{ ip: '192.168.57.5', netmask: '255.255.255.0', libvirt__dhcp_enabled: false, auto_config: false },
        ...{ mac: '080027ABCDEF', libvirt__mtu: 9000, virtualbox__intnet: 'inner', libvirt__network_name: 'outer' },
      },
    ],
  ])('makes %s', (_, props, kind, options) => {
    expect(asked((machine) => machine.addNetwork(props)).networks).toEqual([
      ['private_network', own],
      [kind, options],
    ]);
  });

  it('finds the own private network by its names', () => {
    const { networks } = asked(
      (machine) => machine.addNetwork({}).addNetwork({ internalName: 'other' }).addNetwork({ address: '192.168.57.5' }),
      {
        ...{ internalName: 'inner', libvirtName: 'outer' },
      },
    );
    expect(
      networks.map(([, options]) => ['virtualbox__intnet', 'libvirt__network_name'].map((name) => (options as Options)[name])),
    ).toEqual([
      ['inner', 'outer'],
      ['inner', 'outer'],
      ['other', 'outer'],
      [undefined, undefined],
    ]);
  });

  it("tells VirtualBox which interfaces are promiscuous; the first is Vagrant's own", () => {
    const { customized, networks } = asked((machine) => {
      machine.forwardPort({ hostPort: 8080, machinePort: 80 }, machine);
      machine.addNetwork({ address: '192.168.57.5' });
      machine.addNetwork({ promiscuous: true });
      machine.addNetwork({ kind: 'public', device: 'eno1', promiscuous: true });
      machine.allowPromiscuous();
      machine.allowPromiscuous();
    });
    expect(customized.map((text) => JSON.parse(text)[1])).toEqual(
      ['--nicpromisc2', '--nicpromisc4', '--nicpromisc5'].map((setting) => ['modifyvm', 'id', setting, 'allow-all']),
    );
    expect(networks.find(([kind]) => kind === 'public_network')?.[1]).toMatchObject({ libvirt__trust_guest_rx_filters: true });
    expect(asked(() => undefined, { promiscuous: true }).customized).toHaveLength(1);
    expect(asked(() => undefined).customized).toEqual([]);
  });

  it('says in the template what a machine has', () => {
    stackOf((stack) => {
      const machine = new Machine(stack, 'vm', { address });
      machine.addNetwork({ kind: 'public', address: 'dhcp', device: 'eno1' }).addNetwork({ promiscuous: true });
      expect(machine.toResource().properties.networks).toEqual([
        { kind: 'public', address: 'dhcp', subnet: undefined, promiscuous: false },
        { kind: 'private', address: undefined, subnet: '192.168.56.0/24', promiscuous: true },
      ]);
    });
  });

  it.each<[string, NetworkProps, id: string, says: string]>([
    ['an address in the own subnet', { address: '192.168.56.6' }, 'bad-network', 'is 192.168.56.0/24, where the machine has 192.168.56.5'],
    ['DHCP in the own subnet', { address: 'dhcp', subnet: '192.168.0.0/16' }, 'bad-network', 'is 192.168.0.0/16, where the machine'],
    ['DHCP without a subnet', { address: 'dhcp' }, 'bad-network', 'has no subnet; give it one of its own'],
    ['a bridge on a private one', { bridge: 'x' }, 'bad-network', 'make it one of kind "public"'],
    ['an internal public one', { kind: 'public', device: 'x', internalName: 'x' }, 'bad-network', 'leave out "internalName"'],
    ['a multicast mac', { mac: '01:00:27:00:00:00' }, 'bad-network', '"01:00:27:00:00:00", which is none of an interface; write it like'],
    ['a short mac', { mac: '08:00:27' }, 'bad-network', 'write it like "08:00:27:12:34:56"'],
    ['an mtu of 67', { mtu: 67 }, 'bad-network', 'an mtu of 67; give a whole number from 68'],
    ['an option of no name', { options: { 'a b': 1 } }, 'bad-network', 'the option "a b", which is none'],
    ['an address that is none', { address: 'static' }, 'bad-address', '"static" of "vm" is no IPv4 address'],
    ['an address outside', { address: '10.0.0.5', subnet: '10.0.1.0/24' }, 'address-outside-subnet', '10.0.1.0/24'],
    ["the host's address", { address: '10.0.0.1' }, 'reserved-address', "the host's own"],
    ['a subnet that is none', { subnet: '10.0.0.1/24' }, 'bad-subnet', '"10.0.0.1/24"'],
  ])('refuses %s', (_, props, id, says) => {
    const app = new App({ outdir: join(temporary(), 'out') });
    new Machine(new Stack(app, 's'), 'vm', { address }).addNetwork(props);
    expect(errorsOf(app)).toMatchObject([{ id, path: 's/vm', message: expect.stringContaining(says) }]);
  });

  itRefuses(import.meta.url, [
    {
      id: 'duplicate-address',
      path: 's/B',
      says: ['192.168.57.5', 's/A', 'its own'],
      build: (stack) => {
        new Machine(stack, 'A', { address }).addNetwork({ address: '192.168.57.5' });
        new Machine(stack, 'B', { address: '192.168.56.6' }).addNetwork({ address: '192.168.57.5' });
      },
    },
    {
      id: 'bad-network',
      when: 'with the hardware address of another',
      path: 's/B',
      says: ['private network of "B"', '080027000001', 's/A', 'choose another'],
      build: (stack) => {
        new Machine(stack, 'A', { address }).addNetwork({ mac: '08:00:27:00:00:01' });
        new Machine(stack, 'B', { address: '192.168.56.6', network: { mac: '080027000001' } });
      },
    },
    {
      id: 'bad-network',
      when: "that is another subnet's for libvirt",
      path: 's/B',
      says: ['the network 192.168.57.0/24 of "B" is to be libvirt\'s "x", which is 192.168.56.0/24 for "A"', 'another name'],
      build: (stack) => {
        new Machine(stack, 'A', { address, network: { libvirtName: 'x' } });
        new Machine(stack, 'B', { address: '192.168.57.5', network: { libvirtName: 'x' } });
      },
    },
    {
      id: 'bad-network',
      when: 'of an eighth interface',
      path: 's/A',
      says: ['one too many', 'leave it out'],
      build: (stack) => {
        const machine = new Machine(stack, 'A', { address });
        for (let n = 0; n < 7; n++) machine.addNetwork({});
      },
    },
  ]);
});
