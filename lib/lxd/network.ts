import { hash } from 'node:crypto';
import type { IConstruct } from 'constructs';
import { has, type Kind, kind, options, Stack, shown, TEXT, UNTOLD } from '../core/index.js';
import { formatAddress, type Machine, parseAddress, Subnet } from '../machine/index.js';
import type { Cluster } from './cluster.js';
import type { Container } from './container.js';
import type { Member } from './member.js';
import { stableAddress } from './stable-place.js';

const KINDS = ['published', 'bridged', 'macvlan', 'vxlan', 'fan'] as const;

/** How containers of different machines reach each other. */
export type NetworkKind = (typeof KINDS)[number];

/** A network on which containers are neighbours of the machines. */
export interface PrivateNetworkOptions {
  /**
   * Addresses for containers, in CIDR notation, within the cluster's subnet. Nothing else may have one of them.
   *
   * @default - the upper half of the cluster's subnet
   */
  readonly pool?: string;
}

export interface VxlanOptions {
  /**
   * The containers' own network, in CIDR notation. It may overlap neither the cluster's subnet nor 10.77.0.0/16, which their bridges use.
   *
   * @default "10.78.0.0/16"
   */
  readonly subnet?: string;
  /**
   * Most bytes of a packet from container to container: 50 fewer than the private network carries, 576 to 8950. A machine whose private
   * network carries fewer says so before it acts.
   *
   * @default 1450
   */
  readonly mtu?: number;
}

const ON_PRIVATE = options<PrivateNetworkOptions>("{ pool: '192.168.56.128/25' }", () => ({ pool: TEXT }));
const VXLAN = options<VxlanOptions>("{ subnet: '10.78.0.0/16' }", () => ({ subnet: TEXT, mtu: UNTOLD }));

/** The hardware address of a machine's interface for its containers: one of those that nobody sells, from the names alone. */
function macOf(machine: Machine): string {
  const digits = hash('sha256', `${Stack.of(machine).stackName}/${machine.machineName}`).slice(0, 8);
  return ['02', 'cd', ...(digits.match(/../g) ?? [])].join(':');
}

/** Bytes that VXLAN puts before each packet. */
const VXLAN_HEADER = 50;
/** The bridge of our own. */
const OWN_BRIDGE = 'cdkv0';
/** The bridge that LXD makes of a fan. */
const FAN_BRIDGE = 'lxdfan0';
/** Overlay of a fan, as LXD has it by default. */
export const FAN_OVERLAY = Subnet.parse('240.0.0.0/8') as Subnet;

/**
 * How containers of different machines reach each other. With all but `published()`, each container has a second interface, `eth1`, with an
 * address that depends on its name alone (or is its `address`). Balancers reach servers there. The first one, `eth0`, stays what it is: on a
 * bridge of its machine alone, the way out and the way of the published ports. Frontends are published in all of them, and clients keep
 * their own address on the way.
 *
 * It needs systemd-networkd in the container, which the images of Debian and Ubuntu have.
 */
export class Network {
  /**
   * No network between machines: each server's port is published on its machine's private address. Needs nothing: any kernel, any provider,
   * full packets. A port answers the balancers that lead to it, and resets everybody else.
   */
  public static published(): Network {
    return new Network('published');
  }

  /**
   * Containers are on the private network itself, with addresses of it. Everybody there reaches them: a balancer also at its own address.
   * Servers are reached by their balancers only, which each machine's bridge sees to. Needs one more interface of each machine, which the
   * Vagrantfile asks for, and on VirtualBox its promiscuous mode, which it switches on. The upper half of the subnet is the containers'.
   */
  public static bridged(options: PrivateNetworkOptions = {}): Network {
    return new Network('bridged', ON_PRIVATE.ofNone('network bridged', options).pool);
  }

  /**
   * As `bridged()`, without a bridge and without another interface: a little faster, and nothing stands between. So everybody on the private
   * network reaches servers past their balancers as well, as a warning says. A machine and its own containers do not hear each other there,
   * only by `eth0`. Needs promiscuous mode of the private network on VirtualBox, which the Vagrantfile switches on.
   */
  public static macvlan(options: PrivateNetworkOptions = {}): Network {
    return new Network('macvlan', ON_PRIVATE.ofNone('network macvlan', options).pool);
  }

  /**
   * A network for containers alone, in tunnels of VXLAN from each machine to each other. Any provider, any Linux kernel; costs 50 bytes of
   * each packet and some work of the processor. Nobody on the private network reaches a container there. What goes through the tunnels is
   * not encrypted. Servers are reached by their balancers only.
   */
  public static vxlan(options: VxlanOptions = {}): Network {
    const { subnet = '10.78.0.0/16', mtu = 1450 } = VXLAN.ofNone('network vxlan', options);
    return new Network('vxlan', subnet, mtu);
  }

  /**
   * Ubuntu's fan: a network 240.0.0.0/8 of which each machine has a piece, found from its address. LXD makes it when the cluster is founded.
   * Needs Ubuntu's kernel on every machine, as no other has it (a machine without says so before it acts), and a subnet of /24 or /16. Ubuntu
   * is about to give it up. It was not run: prefer `vxlan()`.
   */
  public static fan(): Network {
    return new Network('fan');
  }

  private constructor(
    public readonly kind: NetworkKind,
    /** The pool or subnet that was given. */
    private readonly range?: string,
    /** Most bytes of a packet; undefined: as many as the private network's. */
    public readonly mtu?: number,
  ) {}

  /** Name of the bridge that containers and the way to other machines share; undefined: there is none. */
  public get bridge(): string | undefined {
    if (this.kind === 'fan') return FAN_BRIDGE;
    return this.hasOwnBridge ? OWN_BRIDGE : undefined;
  }

  /** Whether the bridge is ours: the machine itself has no address on it. */
  public get hasOwnBridge(): boolean {
    return this.kind === 'bridged' || this.kind === 'vxlan';
  }

  /** Whether machines are on it as well. */
  public get hasMachines(): boolean {
    return this.kind === 'bridged' || this.kind === 'macvlan';
  }

  /** What a container on it takes for its neighbourhood; undefined: it has no address there. */
  public subnetIn(cluster: Cluster): Subnet | undefined {
    switch (this.kind) {
      case 'published':
        return undefined;
      case 'vxlan':
        return Subnet.parse(this.range ?? '');
      case 'fan':
        return FAN_OVERLAY;
      default:
        return Subnet.parse(cluster.subnet);
    }
  }

  /** Where the addresses of a member's containers are; undefined: there are none, or none that are understood. */
  public rangeOn({ cluster, machine }: Member): Subnet | undefined {
    if (this.kind === 'fan') {
      const own = parseAddress(machine.address) ?? 0;
      // As LXD does it: a /24 keeps its last number, a /16 its last two.
      const piece = Subnet.parse(cluster.subnet)?.prefix === 16 ? own & 0xffff : (own & 0xff) << 8;
      return Subnet.parse(`${formatAddress(FAN_OVERLAY.first + piece * 256)}/24`);
    }
    return this.kind === 'vxlan' ? this.subnetIn(cluster) : this.poolIn(cluster);
  }

  /** The address of a container by its name; undefined: it has none. */
  public addressFor(name: string, member: Member): string | undefined {
    const range = this.rangeOn(member);
    return range === undefined ? undefined : stableAddress(name, range);
  }

  /** What is wrong with it in a cluster; undefined: nothing. */
  public faultIn(cluster: Cluster): string | undefined {
    const subnet = Subnet.parse(cluster.subnet);
    if (subnet === undefined) return undefined; // the machines say so
    switch (this.kind) {
      case 'published':
        return undefined;
      case 'vxlan':
        return this.faultOfVxlan();
      case 'fan':
        return [16, 24].includes(subnet.prefix) ? undefined : `needs a subnet of /24 or /16, and the cluster's is ${subnet}; use another`;
      default: {
        const pool = this.poolIn(cluster);
        if (pool === undefined) return `has the pool ${this.shownPool(cluster)}, which is no network; write it like 192.168.56.128/25`;
        if (subnet.contains(pool.first) && subnet.contains(pool.last)) return undefined;
        return `has the pool ${pool}, which is not within ${subnet}; choose a part of that`;
      }
    }
  }

  /** The container's second interface as LXD is told of it; undefined: it has none. */
  public device({ isolated, networkAddress }: Container): Record<string, string> | undefined {
    if (networkAddress === undefined) return undefined;
    const nic = { name: 'eth1', type: 'nic' };
    switch (this.kind) {
      case 'fan':
        return { ...nic, network: FAN_BRIDGE };
      case 'macvlan':
        return { ...nic, nictype: 'macvlan', parent: '' }; // the machine finds what its private interface is called
      default:
        return {
          ...(this.mtu !== undefined && { mtu: String(this.mtu) }),
          ...nic,
          nictype: 'bridged',
          parent: OWN_BRIDGE,
          'security.port_isolation': String(isolated),
        };
    }
  }

  /** What the script of a member is told of it. */
  public words({ cluster, machine }: Member): readonly string[] {
    const others = cluster.members.map((other) => other.machine.address).filter((address) => address !== machine.address);
    switch (this.kind) {
      case 'vxlan':
        return ['vxlan', machine.address, String(this.mtu), ...others];
      case 'fan':
        return ['fan', FAN_BRIDGE];
      case 'bridged':
        return ['bridged', macOf(machine)];
      default:
        return [this.kind, machine.address];
    }
  }

  /** @internal Asks a machine for the interface that it needs. */
  public prepare(machine: Machine, of: IConstruct): void {
    if (this.kind === 'macvlan') machine.allowPromiscuous(of);
    // Known by its hardware address, for what it is called depends on the box.
    if (this.kind === 'bridged') machine.addNetwork({ mac: macOf(machine), promiscuous: true }, of);
  }

  private poolIn(cluster: Cluster): Subnet | undefined {
    if (this.kind === 'published') return undefined;
    const subnet = Subnet.parse(cluster.subnet);
    if (subnet === undefined) return undefined;
    const half = (subnet.last - subnet.first + 1) / 2;
    return Subnet.parse(this.range ?? `${formatAddress(subnet.first + half)}/${subnet.prefix + 1}`);
  }

  private shownPool({ subnet }: Cluster): string {
    return this.range === undefined ? `that is half of ${subnet}` : JSON.stringify(this.range);
  }

  private faultOfVxlan(): string | undefined {
    const { mtu = 0 } = this;
    if (Subnet.parse(this.range ?? '') === undefined)
      return `has the subnet ${JSON.stringify(this.range)}, which is no network; write it like 10.78.0.0/16`;
    if (Number.isInteger(mtu) && mtu >= 576 && mtu <= 9000 - VXLAN_HEADER) return undefined;
    return `has the mtu ${shown(mtu)}; give a whole number from 576 to ${9000 - VXLAN_HEADER}`;
  }
}

export const NETWORK: Kind<Network> = kind(
  'a Network',
  (value) => has(value, 'addressFor'),
  (value) => `Network.${KINDS.includes(value as NetworkKind) ? value : 'vxlan'}()`,
);
