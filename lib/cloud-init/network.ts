import { isPlain, type Kind, kind, listOf, type ObjectKind, options, shown, TEXT, UNTOLD } from '../core/index.js';
import { type Machine, type MachineNetwork, parseAddress } from '../machine/index.js';

/** A network interface of a machine: by the name that its system gives it, or by its hardware address. */
export type NetworkInterface = { readonly name: string } | { readonly mac: string };

/** How the interfaces of a machine are set up. */
export interface CloudNetwork {
  /** The one that gets the machine's own address, which is static. */
  readonly private: NetworkInterface;
  /**
   * Router of the private network, for a machine that has no other way out.
   *
   * @default - none
   */
  readonly gateway?: string;
  /**
   * Resolvers, for a machine to which DHCP tells none.
   *
   * @default - none
   */
  readonly nameservers?: readonly string[];
  /**
   * Interfaces that get their addresses by DHCP.
   *
   * @default - none
   */
  readonly dhcp?: readonly NetworkInterface[];
  /**
   * Interfaces of the machine's further networks (`Machine.addNetwork`), one for each, in their order.
   *
   * @default - none
   */
  readonly networks?: readonly NetworkInterface[];
}

const INTERFACE: Kind<NetworkInterface> = kind('an interface', isPlain, (value) => `{ name: ${TEXT.is(value) ? `'${value}'` : "'eth0'"} }`);

export const CLOUD_NETWORK: ObjectKind<CloudNetwork> = options("{ private: { name: 'eth1' } }", () => ({
  private: INTERFACE,
  gateway: UNTOLD,
  nameservers: listOf(TEXT),
  dhcp: listOf(INTERFACE),
  networks: listOf(INTERFACE),
}));

/** network-config, version 2, as cloud-init reads it from a NoCloud medium. */
export function networkConfig(machine: Machine, network: CloudNetwork): Readonly<Record<string, unknown>> {
  const { gateway, nameservers = [], dhcp = [] } = network;
  const [first, ...further] = machine.networks;
  const own = {
    ...(first && settingsOf(first)),
    ...(gateway !== undefined && { routes: [{ to: '0.0.0.0/0', via: gateway }] }),
    ...(nameservers.length > 0 && { nameservers: { addresses: [...nameservers] } }),
  };
  const settings = [own, ...dhcp.map(() => ({ dhcp4: true })), ...further.map(settingsOf)];
  const entries = interfacesOf(network).map(([name, one], n) => entryOf(name, one, settings[n] ?? {}));
  return { version: 2, ethernets: Object.fromEntries(entries) };
}

/** All interfaces, with names of ours: its own, those outside, those of further networks. */
function interfacesOf({ private: own, dhcp = [], networks = [] }: CloudNetwork): [name: string, one: NetworkInterface][] {
  return [
    ['private', own],
    ...dhcp.map((one, n): [string, NetworkInterface] => [`outside${n}`, one]),
    ...networks.map((one, n): [string, NetworkInterface] => [`further${n}`, one]),
  ];
}

/** How an interface gets its address; one that is left alone comes up without, and nobody waits for it. */
function settingsOf({ address, subnet, settings: { mtu } }: MachineNetwork): object {
  const size = mtu === undefined ? {} : { mtu };
  if (address === undefined) return { dhcp4: false, optional: true, ...size };
  if (address === 'dhcp') return { dhcp4: true, ...size };
  return { dhcp4: false, addresses: [`${address}/${subnet?.prefix ?? 24}`], ...size };
}

/** An interface that is told by its hardware address gets a name of ours. */
function entryOf(name: string, one: NetworkInterface, settings: object): [string, object] {
  if ('name' in one) return [one.name, settings];
  return [name, { match: { macaddress: one.mac.toLowerCase() }, 'set-name': name, ...settings }];
}

/** Hardware addresses that are told of a machine. */
export function macsOf(network: CloudNetwork): string[] {
  return interfacesOf(network).flatMap(([, one]) => ('mac' in one ? [one.mac.toLowerCase()] : []));
}

/** What is wrong with it; empty when nothing is. */
export function networkFaults(machine: Machine, network: CloudNetwork | undefined): string[] {
  const { subnet } = machine;
  if (!network?.private) return ['no interface for its own address; name it: private: { name: "eth1" }'];
  const { gateway, nameservers = [], networks = [] } = network;
  const interfaces = interfacesOf(network);
  const faults: string[] = [];
  const further = machine.networks.length - 1;
  if (further !== networks.length)
    faults.push(
      `${networks.length} interfaces for its ${further} further networks (Machine.addNetwork); name one for each: networks: [{ name: "eth2" }]`,
    );
  const all: readonly { readonly name?: unknown; readonly mac?: unknown }[] = interfaces.map(([, one]) => one);
  const unclear = all.find(
    ({ name, mac }) => (typeof name === 'string') === (typeof mac === 'string') || (name !== undefined && mac !== undefined),
  );
  if (unclear !== undefined) return [...faults, `interface ${JSON.stringify(unclear)}; tell it by either "name" or "mac"`];
  for (const [, one] of interfaces) {
    if ('name' in one && !/^[A-Za-z0-9][A-Za-z0-9._-]{0,14}$/.test(one.name))
      faults.push(`interface ${JSON.stringify(one.name)}, which is no name of one; write it like "eth1", at most 15 characters`);
    if ('mac' in one && !/^[0-9a-f][02468ace](:[0-9a-f]{2}){5}$/i.test(one.mac))
      faults.push(`interface ${JSON.stringify(one.mac)}, which is no hardware address; write it like "52:54:00:12:34:56"`);
  }
  // By their names here, and by what they are.
  const names = interfaces.map(([name, one]) => entryOf(name, one, {})[0]);
  const twice = [...names, ...macsOf(network)].find((one, n, known) => known.indexOf(one) !== n);
  if (twice !== undefined) faults.push(`interface "${twice}" twice; name each once`);
  for (const address of [...nameservers, ...(gateway === undefined ? [] : [gateway])])
    if (parseAddress(address) === undefined) faults.push(`address ${shown(address)}, which is no IPv4 address; write it like 192.168.56.1`);
  const router = gateway === undefined ? undefined : parseAddress(gateway);
  if (router !== undefined && subnet !== undefined) {
    if (!subnet.contains(router)) faults.push(`gateway ${gateway}, which is outside ${subnet}; choose one inside it`);
    else if (gateway === machine.address || router === subnet.first || router === subnet.last)
      faults.push(
        `gateway ${gateway}, which is ${gateway === machine.address ? 'its own address' : `no router's in ${subnet}`}; choose another`,
      );
  }
  return faults;
}
