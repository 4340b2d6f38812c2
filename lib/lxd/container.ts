import type { Construct, IConstruct } from 'constructs';
import {
  Annotations,
  BOOLEAN,
  classGuard,
  Element,
  type Guard,
  isPlainName,
  type Kinds,
  kind,
  Labels,
  mapOf,
  NUMBER,
  need,
  noted,
  options,
  SIZE,
  type Size,
  Stack,
  shown,
  TEXT,
  UNTOLD,
} from '../core/index.js';
import { formatAddress, type Machine, parseAddress } from '../machine/index.js';
import { type Command, type Place, SOFTWARE, type Software } from '../provision/index.js';
import { IMAGE, type Image } from './image.js';
import { MEMBER, type Member } from './member.js';
import { stablePlace } from './stable-place.js';

/** What an option of LXD is called like. */
const OPTION = /^[a-z][A-Za-z0-9._-]{0,254}$/;

/** Limits of a container, and what it is made from. */
export interface ContainerOptions {
  /**
   * What it is made from.
   *
   * @default - the cluster's image
   */
  readonly image?: Image;
  /**
   * Most memory it may use; at most its machine's.
   *
   * @default - no limit but the machine's
   */
  readonly memory?: Size;
  /**
   * Most processors it may use, at least 1.
   *
   * @default - no limit but the machine's
   */
  readonly cpus?: number;
  /**
   * More of LXD's options for an instance, e.g. `{ 'limits.processes': '500' }`. They win over ours.
   *
   * @default - none
   */
  readonly config?: Readonly<Record<string, string>>;
  /**
   * More devices, or more settings of ours (`eth0`), in LXD's words, e.g. `{ data: { type: 'disk', source: '/srv', path: '/data' } }`.
   *
   * @default - none
   */
  readonly devices?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /**
   * Its address on the cluster's network, among those that the network gives its member. For networks that give addresses, so not for
   * published ports.
   *
   * @default - one that depends on the name alone
   */
  readonly address?: string;
}

export const CONTAINER_OPTIONS: Kinds<ContainerOptions> = {
  image: IMAGE,
  memory: SIZE,
  cpus: UNTOLD,
  config: mapOf("{ 'limits.processes': '500' }", TEXT),
  devices: mapOf("{ data: { type: 'disk', source: '/srv', path: '/data' } }", mapOf("{ type: 'disk' }", TEXT)),
  address: UNTOLD,
};

/** Those of the options that are given, for a container that something else makes. */
export function containerOptions({ image, memory, cpus, config, devices, address }: ContainerOptions): ContainerOptions {
  return {
    ...(image && { image }),
    ...(memory && { memory }),
    ...(cpus !== undefined && { cpus }),
    ...(config && { config }),
    ...(devices && { devices }),
    ...(address !== undefined && { address }),
  };
}

export interface ContainerProps extends ContainerOptions {
  /** The member it runs on. */
  readonly on: Member;
  /**
   * Name in the cluster: letters, digits and `-`, beginning with a letter, at most 63.
   *
   * @default - the id
   */
  readonly name?: string;
  /**
   * Whether the other isolated containers of its member are kept from it on their bridge. Published ports are as they say.
   *
   * @default false
   */
  readonly isolated?: boolean;
  /**
   * Its software.
   *
   * @default - what its image has
   */
  readonly software?: Software;
}

const PROPS = options<ContainerProps>('{ on: member }', () => ({
  ...CONTAINER_OPTIONS,
  on: UNTOLD,
  name: TEXT,
  isolated: BOOLEAN,
  software: SOFTWARE,
}));

/** One of a container's ports, published on its member's private address. */
export interface PublishedPort {
  /** Port on the member's private address. */
  readonly listen: number;
  /** Port in the container. */
  readonly connect: number;
  /** Who may reach it; undefined: everybody may. Asked for when the tree is whole. */
  readonly allow?: () => readonly Place[];
  /**
   * What asked for it.
   *
   * @default - the container
   */
  readonly of?: IConstruct;
}

const FUNCTION = kind<() => readonly Place[]>(
  'a function',
  (value) => typeof value === 'function',
  () => '() => [container]',
);
const PUBLISHED = options<PublishedPort>('{ listen: 8080, connect: 80 }', () => ({
  listen: UNTOLD,
  connect: UNTOLD,
  allow: FUNCTION,
  of: UNTOLD,
}));

/** A port of an isolated container that some may reach over the cluster's network. */
export interface AdmittingPort {
  /** Port in the container. */
  readonly port: number;
  /** Containers and machines that may reach it. Asked for when the tree is whole. */
  readonly allow: () => readonly Place[];
}

const NONE: readonly never[] = Object.freeze([]);

/** A system container, unprivileged, started with its machine. */
export class Container extends Element implements Place {
  /** Whether `x` is one, also of another copy of this library. */
  public static readonly isContainer: Guard<Container> = classGuard(Container, 'Container');

  public readonly containerName: string;
  public readonly member: Member;
  public readonly image: Image;
  public readonly software: Software | undefined;
  public readonly memory: Size | undefined;
  public readonly cpus: number | undefined;
  public readonly isolated: boolean;
  public readonly config: Readonly<Record<string, string>>;
  public readonly devices: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Its address on its member's bridge. It depends on the name alone. */
  public readonly address: string;
  /** Its address on the cluster's network, where containers of other members reach it; undefined when ports are published. */
  public readonly networkAddress: string | undefined;
  // Most have none or one: lists of their own would take much room.
  /** Calls of the provisioning script that finish the container. Asked for when the tree is whole. */
  public commandLists: readonly (() => readonly Command[])[] = NONE;
  public publishedPorts: readonly PublishedPort[] = NONE;
  /** What the cluster's network lets through to it when it is isolated. */
  public admittingPorts: readonly AdmittingPort[] = NONE;
  /** Ports for the host alone; the firewall keeps the private network from them. */
  public hostPorts: readonly {
    readonly hostPort: number;
    readonly machinePort: number;
    readonly connect: number;
    readonly of: IConstruct;
  }[] = NONE;

  public constructor(scope: Construct, id: string, props: ContainerProps) {
    const on = need(MEMBER, props?.on, 'on', scope, 'container', props?.name ?? id);
    super(scope, id);
    const given = PROPS.of(this, 'container', id, props);
    this.containerName = given.name ?? id;
    this.member = on;
    this.image = given.image ?? on.cluster.image;
    this.software = given.software;
    this.memory = given.memory;
    this.cpus = given.cpus;
    this.isolated = given.isolated ?? false;
    this.config = given.config ?? {};
    this.devices = given.devices ?? {};
    this.address = stablePlace(this.containerName, this.member.cluster.bridgePrefix).address;
    const { network } = this.member.cluster;
    this.networkAddress = given.address ?? network.addressFor(this.containerName, this.member);
    this.checkProps();
    this.checkNetworkAddress(given.address);
    this.member.addContainer(this);
  }

  public get placeName(): string {
    return this.containerName;
  }

  /** @internal Whether the user says anything in LXD's own words. */
  public get isRaw(): boolean {
    return Object.keys(this.config).length + Object.keys(this.devices).length > 0;
  }

  public get machine(): Machine {
    return this.member.machine;
  }

  public addressSeenBy(other: Place): string {
    if (other.machine === this.machine) return this.address;
    const { machine, member, networkAddress } = this;
    // What is not on the network itself is reached through the machine, unless the network is that of the machines.
    const isOn = other instanceof Container ? other.networkAddress !== undefined : member.cluster.network.hasMachines;
    return isOn && networkAddress !== undefined ? networkAddress : machine.address;
  }

  /** Adds calls of the provisioning script that finish the container. Asked for when the tree is whole. */
  public addCommands(list: () => readonly Command[]): void {
    this.commandLists = this.commandLists.concat([list]);
  }

  /** Publishes a port of the container on its member's private address. Clients keep their own address on the way. */
  public publish(port: PublishedPort): void {
    const given = PUBLISHED.of(this, 'a published port of container', this.containerName, port);
    if (noted(NUMBER, given.connect, 'connect', this, 'a published port of container', this.containerName) === undefined) return;
    this.member.machine.claimPort(given.listen, this);
    this.publishedPorts = this.publishedPorts.concat([given]);
  }

  /** Lets some containers reach a port over the cluster's network, which keeps all others from an isolated container. */
  public admit(port: AdmittingPort): void {
    this.admittingPorts = this.admittingPorts.concat([port]);
  }

  /**
   * Leads a port of the host's 127.0.0.1 to a port of the container. Every client looks like the machine itself there. What comes by the
   * machine's networks is refused, but for a public one by DHCP, whose addresses nobody knows.
   */
  public publishOnHost(hostPort: number, connect: number, of: IConstruct = this): void {
    const { machine, cluster } = this.member;
    if (noted(NUMBER, connect, 'connect', this, 'a port on the host of container', this.containerName) === undefined) return;
    // A port of its own in the machine, so that the host's may be the same as the published one.
    const machinePort = stablePlace(`${hostPort}-host`, cluster.bridgePrefix).port;
    machine.claimPort(machinePort, this, `, to which port ${hostPort} of the host leads,`);
    machine.forwardPort({ hostPort, machinePort }, this, of);
    this.hostPorts = this.hostPorts.concat([{ hostPort, machinePort, connect, of }]);
  }

  public override toResource() {
    return {
      type: 'Container',
      name: this.containerName,
      properties: {
        member: this.member.machine.machineName,
        image: this.image.source,
        software: this.software?.name,
        /** On its member's bridge. */
        address: this.address,
        /** On the cluster's network; not there: it has none. */
        networkAddress: this.networkAddress,
        memoryMiB: this.memory?.toMebibytes(),
        cpus: this.cpus,
        isolated: this.isolated,
        config: this.config,
        devices: this.devices,
        labels: Object.fromEntries(Labels.of(this).all),
        publishedPorts: this.publishedPorts.map(({ listen, connect, allow }) => ({
          listen,
          connect,
          /** Containers and machines that may reach it; not there: everybody may. */
          allow: allow?.().map(({ placeName }) => placeName),
        })),
        /** Reached over the cluster's network; not there: it has none. */
        admittingPorts:
          this.networkAddress === undefined
            ? undefined
            : this.admittingPorts.map(({ port, allow }) => ({ port, allow: allow().map(({ placeName }) => placeName) })),
        hostPorts: this.hostPorts.map(({ hostPort, connect }) => ({ hostPort, connect })),
      },
    };
  }

  private checkNetworkAddress(given: string | undefined): void {
    const annotations = Annotations.of(this);
    const { containerName: name, networkAddress: address, member } = this;
    const { network, subnet } = member.cluster;
    const range = network.rangeOn(member);
    if (range === undefined) {
      if (given !== undefined && network.kind === 'published')
        annotations.addError(
          'bad-container-address',
          `container "${name}" has the address ${shown(given)}, but published ports give containers none; leave it out, or choose another network of the cluster`,
        );
      return;
    }
    const number = parseAddress(address ?? '');
    const edges = [network.subnetIn(member.cluster), range].flatMap((part) =>
      part === undefined ? [] : [part.first, part.first + 1, part.last],
    );
    if (number === undefined || !range.contains(number) || edges.includes(number)) {
      annotations.addError(
        'bad-container-address',
        `container "${name}" has the address ${shown(address ?? '')}, which is none of the network's on "${member.machine.machineName}"; choose one between ${formatAddress(range.first + 2)} and ${formatAddress(range.last - 1)}`,
      );
      return;
    }
    // Machines claim theirs in the same way.
    const other = Stack.of(member).claim('address', formatAddress(number), this);
    if (other === undefined) return;
    annotations.addError(
      'duplicate-address',
      `address ${address} of container "${name}" on the network ${network.kind} is taken by ${other.node.path}; give the container another by "address"${range.toString() === subnet ? ', or the network another pool' : ''}`,
    );
  }

  private checkProps(): void {
    const annotations = Annotations.of(this);
    const name = this.containerName;
    if (!/^[A-Za-z]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/.test(name)) {
      annotations.addError(
        'bad-container-name',
        `container name ${JSON.stringify(name)} is none that LXD takes; use letters, digits and "-", at most 63, beginning with a letter, not ending with "-"`,
      );
    }
    const stack = Stack.of(this.member);
    if (Stack.of(this) !== stack) {
      annotations.addError(
        'other-stack',
        `container "${name}" is in stack "${Stack.of(this).stackName}" but on "${this.member.machine.machineName}" of stack "${stack.stackName}"; choose a member of its own stack`,
      );
    }
    const other = stack.claim('container', name.toLowerCase(), this);
    if (other !== undefined) {
      annotations.addError(
        'duplicate-container',
        `container name "${name}" is taken by ${other.node.path}; names are unique in a cluster, rename one`,
      );
    } else {
      const neighbour = stack.claim(this.member, this.address, this);
      if (neighbour !== undefined) {
        annotations.addError(
          'colliding-names',
          `names "${name}" and "${(neighbour as Container).containerName}" give the same address ${this.address} on "${this.member.machine.machineName}"; rename one, or put it on another member`,
        );
      }
    }
    const machine = this.member.machine;
    if (this.memory !== undefined && this.memory.toMebibytes() > machine.memory.toMebibytes()) {
      annotations.addError(
        'memory-above-machine',
        `container "${name}" may use ${this.memory.toMebibytes()} MiB but "${machine.machineName}" has ${machine.memory.toMebibytes()} MiB; lower the limit or enlarge the machine`,
      );
    }
    if (this.cpus !== undefined && (!Number.isInteger(this.cpus) || this.cpus < 1)) {
      annotations.addError('bad-cpus', `container "${name}" has ${shown(this.cpus)} cpus; give a whole number, at least 1`);
    }
    for (const key of Object.keys(this.config)) {
      if (!OPTION.test(key) || key.startsWith('user.cdk-vagrant.') || key.startsWith('user.label.')) {
        annotations.addError(
          'bad-instance-option',
          `container "${name}" has the option ${JSON.stringify(key)}, which is none of LXD's or not yours; write it like "limits.processes", and labels by Labels.of(...)`,
        );
      }
    }
    for (const [device, options] of Object.entries(this.devices)) {
      if (!isPlainName(device)) {
        annotations.addError(
          'bad-instance-option',
          `container "${name}" has the device ${JSON.stringify(device)}; name it with letters, digits, ".", "_" and "-"`,
        );
      }
      for (const key of Object.keys(options)) {
        if (OPTION.test(key)) continue;
        annotations.addError(
          'bad-instance-option',
          `device "${device}" of container "${name}" has the option ${JSON.stringify(key)}, which is none of LXD's; write it like "ipv4.address"`,
        );
      }
    }
  }
}
