import { Stack } from '../core/index.js';
import { formatAddress, type Machine, type MachineNetwork, plainMac } from '../machine/index.js';

/** A machine's networks as Vagrant is told of them. */
export function networkRows(machine: Machine) {
  return machine.networks.map((network) => ({
    of: network.of,
    kind: `${network.kind}_network`,
    options: Object.entries(optionsOf(network, machine))
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => ({ name, value })),
  }));
}

function optionsOf(network: MachineNetwork, machine: Machine): Record<string, unknown> {
  const { kind, address, bridge, device, settings } = network;
  const { mac, mtu, autoConfig = true, internalName, libvirtName, options } = settings;
  return {
    ...addressOf(network, machine),
    auto_config: address === undefined || !autoConfig ? false : undefined,
    ...(kind === 'public' && {
      bridge: bridge.length > 1 ? bridge : bridge[0],
      dev: device, // without libvirt's prefix, as its validation reads it
      libvirt__trust_guest_rx_filters: network.promiscuousFor.size > 0 ? true : undefined,
    }),
    mac: mac && plainMac(mac),
    libvirt__mtu: mtu,
    virtualbox__intnet: internalName,
    ...(libvirtName !== undefined && { libvirt__network_name: libvirtName }),
    ...options,
  };
}

/** How an interface gets its address; providers also find the network of a private one by it. */
function addressOf({ kind, address, subnet }: MachineNetwork, machine: Machine): Record<string, unknown> {
  const netmask = subnet?.netmask;
  if (address === 'dhcp') {
    // A public network is asked for an address by default; libvirt would take "type" for the interface's.
    if (kind === 'public') return {};
    if (subnet === undefined) return { type: 'dhcp' };
    // libvirt would take "ip" for the machine's address, and one name for all networks with DHCP.
    const own = formatAddress(subnet.first + 1);
    return {
      type: 'dhcp',
      netmask,
      virtualbox__ip: own,
      parallels__ip: own,
      libvirt__network_address: formatAddress(subnet.first),
      libvirt__network_name: `${Stack.of(machine).stackName}-${formatAddress(subnet.first)}`,
    };
  }
  if (kind === 'public') return address === undefined ? {} : { ip: address, netmask };
  // By any address of a network providers find it.
  return { ip: address ?? formatAddress((subnet?.last ?? 0) - 1), netmask, libvirt__dhcp_enabled: false };
}
