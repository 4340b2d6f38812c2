import { type Machine, parseAddress } from '../machine/index.js';

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
}

/** network-config, version 2, as cloud-init reads it from a NoCloud medium. */
export function networkConfig({ address, subnet }: Machine, network: CloudNetwork): object {
  const prefix = subnet?.prefix ?? 24;
  const { gateway, nameservers = [], dhcp = [] } = network;
  const own = {
    dhcp4: false,
    addresses: [`${address}/${prefix}`],
    ...(gateway !== undefined && { routes: [{ to: '0.0.0.0/0', via: gateway }] }),
    ...(nameservers.length > 0 && { nameservers: { addresses: [...nameservers] } }),
  };
  const entries = [entryOf('private', network.private, own), ...dhcp.map((one, n) => entryOf(`outside${n}`, one, { dhcp4: true }))];
  return { version: 2, ethernets: Object.fromEntries(entries) };
}

/** An interface that is told by its hardware address gets a name of ours. */
function entryOf(name: string, one: NetworkInterface, settings: object): [string, object] {
  if ('name' in one) return [one.name, settings];
  return [name, { match: { macaddress: one.mac.toLowerCase() }, 'set-name': name, ...settings }];
}

/** What is wrong with it; empty when nothing is. */
export function networkFaults({ subnet }: Machine, { private: own, gateway, nameservers = [], dhcp = [] }: CloudNetwork): string[] {
  const faults: string[] = [];
  const all = [own, ...dhcp];
  for (const one of all) {
    if ('name' in one && !/^[A-Za-z0-9][A-Za-z0-9._-]{0,14}$/.test(one.name))
      faults.push(`interface ${JSON.stringify(one.name)}, which is no name of one; write it like "eth1", at most 15 characters`);
    if ('mac' in one && !/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i.test(one.mac))
      faults.push(`interface ${JSON.stringify(one.mac)}, which is no hardware address; write it like "52:54:00:12:34:56"`);
  }
  // By their names here, and by what they are.
  const names = [entryOf('private', own, {}), ...dhcp.map((one, n) => entryOf(`outside${n}`, one, {}))].map(([name]) => name);
  const macs = all.flatMap((one) => ('mac' in one ? [one.mac.toLowerCase()] : []));
  const twice = [...names, ...macs].find((one, n, known) => known.indexOf(one) !== n);
  if (twice !== undefined) faults.push(`interface "${twice}" twice; name each once`);
  for (const address of [...nameservers, ...(gateway === undefined ? [] : [gateway])])
    if (parseAddress(address) === undefined)
      faults.push(`address ${JSON.stringify(address)}, which is no IPv4 address; write it like 192.168.56.1`);
  if (
    gateway !== undefined &&
    parseAddress(gateway) !== undefined &&
    subnet !== undefined &&
    !subnet.contains(parseAddress(gateway) as number)
  )
    faults.push(`gateway ${gateway}, which is outside ${subnet}; choose one inside it`);
  return faults;
}
