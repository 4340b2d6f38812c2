import type { IConstruct } from 'constructs';
import {
  Annotations,
  BOOLEAN,
  either,
  type Kinds,
  listOf,
  mapOf,
  NUMBER,
  type ObjectKind,
  oneOf,
  options,
  Stack,
  shown,
  TEXT,
  UNTOLD,
} from '../core/index.js';
import { formatAddress, parseAddress, Subnet } from './address.js';
import type { Machine } from './machine.js';

/** How an interface of a machine is made. */
export interface NetworkSettings {
  /**
   * Hardware address, e.g. `08:00:27:12:34:56`, or the same without colons.
   *
   * @default - the provider chooses one
   */
  readonly mac?: string;
  /**
   * Largest packet in bytes, from 68. libvirt only.
   *
   * @default - 1500
   */
  readonly mtu?: number;
  /**
   * Whether it takes frames for other hardware addresses than its own, as a bridge on it needs. VirtualBox must be told; libvirt and
   * Parallels let it, VMware on Linux where whoever runs it may write to `/dev/vmnet*`.
   *
   * @default false
   */
  readonly promiscuous?: boolean;
  /**
   * Whether Vagrant sets the interface up in the machine. Otherwise something of yours does: the box, a script, a reserved lease.
   *
   * @default true
   */
  readonly autoConfig?: boolean;
  /**
   * Name of an internal network of VirtualBox, which the host is not part of, in place of a host-only one.
   *
   * @default - a host-only network
   */
  readonly internalName?: string;
  /**
   * Name of libvirt's network.
   *
   * @default - the plugin makes one up
   */
  readonly libvirtName?: string;
  /**
   * More options of `config.vm.network`, in Vagrant's words, e.g. `{ libvirt__forward_mode: 'none' }`.
   *
   * @default - none
   */
  readonly options?: Readonly<Record<string, string | number | boolean>>;
}

/** A further network of a machine: one interface. */
export interface NetworkProps extends NetworkSettings {
  /**
   * `private`: between machines and the host; `public`: bridged onto a network of the host's.
   *
   * @default "private"
   */
  readonly kind?: 'private' | 'public';
  /**
   * Static IPv4 address, e.g. `192.168.57.5`, or `dhcp`.
   *
   * @default - none: Vagrant leaves the interface alone, for a bridge of the machine's own
   */
  readonly address?: string;
  /**
   * The network, in CIDR notation. A private one by DHCP needs it.
   *
   * @default - the /24 that `address` is in; of a private one without address the machine's own private network
   */
  readonly subnet?: string;
  /**
   * Of a public network: the host's interface, or several, of which the first one that is there counts, e.g. `en0: Wi-Fi`.
   *
   * @default - Vagrant asks when there are several
   */
  readonly bridge?: string | readonly string[];
  /**
   * Of a public network: the host's interface for libvirt, e.g. `eno1`.
   *
   * @default - the first `bridge`
   */
  readonly device?: string;
}

const SETTINGS: Kinds<NetworkSettings> = {
  mac: TEXT,
  mtu: UNTOLD,
  promiscuous: BOOLEAN,
  autoConfig: BOOLEAN,
  internalName: TEXT,
  libvirtName: TEXT,
  options: mapOf("{ nic_type: 'virtio' }", either(TEXT, either(NUMBER, BOOLEAN))),
};

export const NETWORK_SETTINGS: ObjectKind<NetworkSettings> = options('{ mtu: 1400 }', () => SETTINGS);

const PROPS = options<NetworkProps>("{ address: '192.168.57.5' }", () => ({
  ...SETTINGS,
  kind: oneOf('private', 'public'),
  address: UNTOLD,
  subnet: UNTOLD,
  bridge: either(TEXT, listOf(TEXT)),
  device: TEXT,
}));

/** An interface of a machine beside Vagrant's own; the first is that of the machine's address. */
export interface MachineNetwork {
  readonly kind: 'private' | 'public';
  /** A static address, `dhcp`, or undefined when it has none that we know. */
  readonly address: string | undefined;
  readonly subnet: Subnet | undefined;
  readonly settings: NetworkSettings;
  /** Choices of a public network. */
  readonly bridge: readonly string[];
  /** libvirt's device of a public network. */
  readonly device: string | undefined;
  /** What asked for it. */
  readonly of: IConstruct;
  /** What asked it to be promiscuous. */
  readonly promiscuousFor: Set<IConstruct>;
}

/** Most interfaces of a machine of VirtualBox and libvirt, one of which is Vagrant's own. */
const MOST_INTERFACES = 8;

/** Notes what is wrong with a static address. @returns its network, undefined when it has none */
export function checkAddress(
  machine: Machine,
  text: string,
  subnetText: string,
  of: IConstruct,
  kind: MachineNetwork['kind'] = 'private',
): Subnet | undefined {
  const annotations = Annotations.of(of);
  const name = machine.machineName;
  const subnet = Subnet.parse(subnetText);
  const address = parseAddress(text);
  if (address === undefined) {
    annotations.addError('bad-address', `address ${shown(text)} of "${name}" is no IPv4 address; write it like 192.168.56.5`);
    return subnet;
  }
  const neighbour = Stack.of(machine).claim('address', text, of);
  if (neighbour !== undefined) {
    annotations.addError('duplicate-address', `address ${text} of "${name}" is taken by ${neighbour.node.path}; give each machine its own`);
  }
  if (subnet === undefined) {
    annotations.addError('bad-subnet', `subnet ${shown(subnetText)} is no IPv4 network; write it like 192.168.56.0/24`);
    return undefined;
  }
  if (!subnet.contains(address)) {
    annotations.addError('address-outside-subnet', `address ${text} of "${name}" is outside the subnet ${subnet}; choose one inside it`);
  } else if (address === subnet.first || address === subnet.last) {
    const role = address === subnet.first ? 'the network itself' : 'broadcast';
    annotations.addError('reserved-address', `address ${text} of "${name}" is ${role} in ${subnet}; choose another`);
  } else if (address === subnet.first + 1 && kind === 'private') {
    annotations.addError(
      'reserved-address',
      `address ${text} of "${name}" is the host's own in ${subnet}; choose one from ${formatAddress(address + 1)} on`,
    );
  }
  return subnet;
}

/** The /24 that an address is in, as text. */
export const surrounding = (address: string) => String(address).replace(/\d+$/, '0/24');

/** Makes a further network of a machine, and notes what is wrong with it. */
export function furtherNetwork(machine: Machine, given: NetworkProps, of: IConstruct): MachineNetwork {
  const props = PROPS.of(of, 'a network of machine', machine.machineName, given);
  const { kind = 'private', address, bridge = [], ...own } = props;
  const settings = kind === 'private' && address === undefined && props.subnet === undefined ? { ...namesOf(machine), ...own } : own;
  const bridges = typeof bridge === 'string' ? [bridge] : bridge;
  const network: MachineNetwork = {
    kind,
    address,
    subnet: subnetOf(machine, props, of),
    settings,
    bridge: bridges,
    device: props.device ?? bridges[0],
    of,
    promiscuousFor: new Set(props.promiscuous ? [of] : []),
  };
  for (const fault of [...faultsOf(machine, network, props), ...settingsFaults(machine, props, of)])
    Annotations.of(of).addError('bad-network', `a network of "${machine.machineName}" ${fault}`);
  return network;
}

/** What a provider knows the machine's own private network by, beside its address. */
function namesOf({ networks: [first] }: Machine): NetworkSettings {
  const { internalName, libvirtName } = first?.settings ?? {};
  return { ...(internalName !== undefined && { internalName }), ...(libvirtName !== undefined && { libvirtName }) };
}

function subnetOf(machine: Machine, { kind, address, subnet }: NetworkProps, of: IConstruct): Subnet | undefined {
  if (address !== undefined && address !== 'dhcp') return checkAddress(machine, address, subnet ?? surrounding(address), of, kind);
  if (subnet === undefined) return kind === 'public' || address === 'dhcp' ? undefined : machine.subnet;
  const parsed = Subnet.parse(subnet);
  if (parsed === undefined)
    Annotations.of(of).addError('bad-subnet', `subnet ${shown(subnet)} is no IPv4 network; write it like 192.168.56.0/24`);
  return parsed;
}

function* faultsOf(machine: Machine, { kind, address, subnet }: MachineNetwork, props: NetworkProps): Generator<string> {
  if (machine.networks.length > MOST_INTERFACES - 2)
    yield `is one too many: VirtualBox has ${MOST_INTERFACES} interfaces for it, one of them Vagrant's; leave it out`;
  if (kind === 'private') {
    if (props.bridge !== undefined || props.device !== undefined)
      yield 'is private and has a bridge or a device; make it one of kind "public"';
    if (address === 'dhcp' && props.subnet === undefined) yield 'gets its address by DHCP and has no subnet; give it one of its own';
  } else if (props.internalName !== undefined) {
    yield 'is public and has the name of an internal one; leave out "internalName"';
  }
  if (kind === 'private' && address !== undefined && subnet !== undefined) {
    const other = machine.networks.find((one) => one.kind === 'private' && one.address !== undefined && one.subnet?.overlaps(subnet));
    if (other !== undefined)
      yield `is ${subnet}, where the machine has ${other.address} in ${other.subnet}; give it another, or leave out its address`;
  }
}

/** What is wrong with the settings of an interface. */
export function* settingsFaults(machine: Machine, { mac, mtu, options = {} }: NetworkSettings, of: IConstruct): Generator<string> {
  if (mac !== undefined) {
    if (!/^[0-9a-f][02468ace](:?[0-9a-f]{2}){5}$/i.test(mac))
      yield `has the hardware address ${JSON.stringify(mac)}, which is none of an interface; write it like "08:00:27:12:34:56"`;
    const other = Stack.of(machine).claim('hardware address', plainMac(mac), of);
    if (other !== undefined) yield `has the hardware address ${mac}, which ${other.node.path} has; choose another`;
  }
  if (mtu !== undefined && !(Number.isInteger(mtu) && mtu >= 68 && mtu <= 65_535))
    yield `has an mtu of ${shown(mtu)}; give a whole number from 68 to 65535`;
  for (const key of Object.keys(options))
    if (!isOptionName(key)) yield `has the option ${JSON.stringify(key)}, which is none of Vagrant's; write it like "nic_type"`;
}

/** Twelve digits, as all providers take them. */
export const plainMac = (mac: string) => mac.replaceAll(':', '').toUpperCase();

/** Whether an option of Vagrant's may have this name. */
export const isOptionName = (name: string) => /^[a-z][a-z0-9_]*$/.test(name);
