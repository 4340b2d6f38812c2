import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { formatAddress, parseAddress, Subnet } from '../machine/index.js';
import { type Ailment, ill, well } from './ailment.js';

/** A machine's networks, as properties of a `Machine`. */
export interface NetworkNeeds {
  readonly address: string;
  readonly subnet: string;
  readonly networks: readonly { readonly kind: string; readonly subnet?: string }[];
}

/** VirtualBox gives host-only networks of these addresses without being told to. */
const VIRTUALBOX_RANGE = '192.168.56.0/21';
/** Networks that providers make for machines, which may well be the one that these are on. */
const VIRTUAL_INTERFACE = /^(virbr|vboxnet|vmnet|vnic|bridge\d)/;

const subnetsOf = (networks: NetworkNeeds['networks']) =>
  networks.flatMap(({ kind, subnet }) => (kind === 'private' && subnet !== undefined ? [subnet] : []));

/** Looks whether the host, and VirtualBox, leave the machines' subnets to them. */
export function networks(machines: readonly NetworkNeeds[], providers: readonly string[]): Ailment[] {
  const found: Ailment[] = [];
  const own = Object.entries(networkInterfaces()).flatMap(([name, addresses]) =>
    (addresses ?? []).filter(({ family }) => family === 'IPv4').map(({ address, netmask }) => ({ name, address, netmask })),
  );
  for (const text of new Set(machines.flatMap(({ subnet, networks: others }) => [subnet, ...subnetsOf(others)]))) {
    const subnet = Subnet.parse(text);
    if (subnet === undefined) continue;
    const taken = own.filter(({ address }) => machines.some((machine) => machine.address === address));
    const inUse = own.filter(({ name, address, netmask }) => !VIRTUAL_INTERFACE.test(name) && subnet.overlaps(subnetOf(address, netmask)));
    for (const { name, address } of taken)
      found.push(ill(`the host itself is ${address} (on ${name}), which a machine is to have; choose another`));
    for (const { name, address } of inUse) {
      found.push(ill(`subnet ${text} is in use by the host: ${name} is ${address}; choose another for the machines, e.g. 192.168.60.0/24`));
    }
    if (providers.includes('virtualbox') && !virtualBoxAllows(subnet)) {
      found.push(ill(`VirtualBox refuses subnet ${text}; put the line "* ${text}" into /etc/vbox/networks.conf`));
    }
    if (taken.length + inUse.length === 0) found.push(well(`subnet ${text} is not in use`));
  }
  return found;
}

function subnetOf(address: string, netmask: string): Subnet {
  const bits = (parseAddress(netmask) ?? 0).toString(2).replaceAll('0', '').length;
  // Shorter prefixes than a Subnet may have are tunnels to everywhere; the address alone says enough of them.
  const prefix = Math.min(Math.max(bits, 8), 30);
  const number = parseAddress(address) ?? 0;
  const base = number - (number % 2 ** (32 - prefix));
  return Subnet.parse(`${formatAddress(base)}/${prefix}`) as Subnet;
}

function virtualBoxAllows(subnet: Subnet): boolean {
  let allowed = [VIRTUALBOX_RANGE];
  try {
    const lines = readFileSync('/etc/vbox/networks.conf', 'utf8').split('\n');
    allowed = lines.filter((entry) => /^\s*\*/.test(entry)).flatMap((entry) => entry.replace('*', '').trim().split(/\s+/));
  } catch {
    // not there: VirtualBox has its own rule
  }
  return allowed.some((text) => {
    const range = text === '0.0.0.0/0' ? undefined : Subnet.parse(text);
    return text === '0.0.0.0/0' || (range?.contains(subnet.first) && range.contains(subnet.last));
  });
}
