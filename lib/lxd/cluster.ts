import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Construct, IConstruct } from 'constructs';
import {
  Annotations,
  anyObject,
  BOOLEAN,
  classGuard,
  DURATION,
  Duration,
  Element,
  from,
  type Guard,
  groupBy,
  need,
  OutputFile,
  options,
  Stack,
  TEXT,
  UNTOLD,
} from '../core/index.js';
import { Box, type GroupCount, KeyPair, Machine, type MachineSizing, placesOf, SIZING, Subnet } from '../machine/index.js';
import { MachineServices, type Place } from '../provision/index.js';
import type { Container } from './container.js';
import { ENGINE, Engine } from './engine.js';
import { IMAGE, type Image } from './image.js';
import { Member, type MemberOptions } from './member.js';
import { NETWORK, Network } from './network.js';
import { keysOf, misshaped, REMOTES } from './preseed-keys.js';
import { STORAGE, Storage } from './storage.js';

export interface ClusterProps {
  /**
   * The private network of the machines, in CIDR notation. VirtualBox allows 192.168.56.0/21 by itself.
   *
   * @default "192.168.56.0/24"
   */
  readonly subnet?: string;
  /**
   * How containers of different machines reach each other.
   *
   * @default Network.published()
   */
  readonly network?: Network;
  /**
   * What the machines have in common. A property that a member gives itself counts in its place, whole: `network` and `providers` too.
   *
   * @default - see MachineSizing
   */
  readonly machineDefaults?: MachineSizing;
  /**
   * What runs the containers.
   *
   * @default - by the founder's box: Engine.lxdApt() on Debian 12, Engine.incus() on Debian 13, Engine.lxdSnap() on Ubuntu
   */
  readonly engine?: Engine;
  /**
   * What containers are made from when they do not say.
   *
   * @default - Ubuntu 24.04: Image.remote('ubuntu:24.04'), with Incus Image.remote('images:ubuntu/24.04/cloud')
   */
  readonly image?: Image;
  /**
   * What the containers are stored in. It counts when the cluster is founded, not later.
   *
   * @default Storage.dir()
   */
  readonly storage?: Storage;
  /**
   * How long a machine waits for a member that lets it join.
   *
   * @default Duration.minutes(30)
   */
  readonly joinDeadline?: Duration;
  /**
   * Whether a container that the app made and has no longer is deleted. Otherwise it is stopped and kept.
   *
   * @default false
   */
  readonly prune?: boolean;
  /**
   * More of what `lxd init --preseed` or `incus admin init --preseed` is told on the machine that founds the cluster, laid over ours: objects are merged, things of a
   * list by their `name`. E.g. `{ config: { 'cluster.offline_threshold': '30' } }`. It counts when the cluster is founded, not later.
   * A key or an option of the server that the engine does not have is an error.
   *
   * @default - none
   */
  readonly preseed?: Readonly<Record<string, unknown>>;
}

const PROPS = options<ClusterProps>("{ subnet: '192.168.56.0/24' }", () => ({
  subnet: UNTOLD,
  network: NETWORK,
  machineDefaults: options<MachineSizing>('{ memory: Size.gibibytes(2) }', () => SIZING),
  engine: ENGINE,
  image: IMAGE,
  storage: STORAGE,
  joinDeadline: DURATION,
  prune: BOOLEAN,
  preseed: anyObject("{ config: { 'cluster.offline_threshold': '30' } }"),
}));

/** What the members of a group have in common, and how many there are. */
export interface MembersOptions extends MachineSizing, GroupCount {}

/** A port of a machine's private address, and who of one machine may reach it. */
interface Reach {
  /** What listens there. */
  readonly of: IConstruct;
  readonly machine: Machine;
  readonly port: number;
  readonly clients: readonly Place[];
}

/** A cluster of LXD or Incus. Its first member founds it, the others join by one-time tokens. */
export class Cluster extends Element {
  /** Whether `x` is one, also of another copy of this library. */
  public static readonly isCluster: Guard<Cluster> = classGuard(Cluster, 'Cluster');

  public readonly subnet: string;
  public readonly network: Network;
  public readonly machineDefaults: MachineSizing;
  public readonly storage: Storage;
  public readonly joinDeadline: Duration;
  public readonly prune: boolean;
  public readonly preseed: Readonly<Record<string, unknown>>;
  /** First two numbers of the bridges' network, which each member has for itself. */
  public readonly bridgePrefix = '10.77';
  /** In the order they were added; the first founds the cluster. */
  public readonly members: Member[] = [];
  /** The cluster's certificate, by which those who join know it. */
  public readonly clusterKeys: KeyPair;
  /** What a machine shows to be let in. */
  public readonly joinKeys: KeyPair;
  /** @internal The names of all containers, by which a member tells those that left the app. */
  public readonly namesFile: OutputFile;
  private readonly chosenEngine: Engine | undefined;
  private readonly chosenImage: Image | undefined;
  private readonly imageBySource = new Map<string, Image>();
  private reaches: Map<Machine, Reach[]> | undefined;

  public constructor(scope: Construct, id: string, props: ClusterProps = {}) {
    super(scope, id);
    const given = PROPS.of(this, 'cluster', id, props);
    this.subnet = given.subnet ?? '192.168.56.0/24';
    this.network = given.network ?? Network.published();
    this.machineDefaults = given.machineDefaults ?? {};
    this.chosenEngine = given.engine;
    this.chosenImage = given.image;
    this.storage = given.storage ?? Storage.dir();
    this.joinDeadline = given.joinDeadline ?? Duration.minutes(30);
    this.prune = given.prune ?? false;
    this.preseed = given.preseed ?? {};
    this.clusterKeys = new KeyPair(this, 'ClusterKeys', 'cluster');
    this.joinKeys = new KeyPair(this, 'JoinKeys', 'join');
    this.namesFile = new OutputFile(this, 'ContainerNames', {
      path: 'containers/names.txt',
      render: () => this.containers.map((container) => from(container, `${container.containerName}\n`)).join(''),
    });
    const other = Stack.of(this).claim('cluster', '', this);
    if (other !== undefined) {
      Annotations.of(this).addError(
        'second-cluster',
        `stack "${Stack.of(this).stackName}" has the cluster ${other.node.path} already; put the second one into a stack of its own`,
      );
    }
    this.checkNetworks();
  }

  private checkNetworks(): void {
    const annotations = Annotations.of(this);
    const { bridges } = this;
    const subnet = Subnet.parse(this.subnet);
    if (subnet?.overlaps(bridges))
      annotations.addError(
        'overlapping-subnets',
        `subnet ${this.subnet} overlaps ${bridges}, which the containers' bridges use; choose another`,
      );
    const fault = this.network.faultIn(this);
    if (fault !== undefined)
      annotations.addError('bad-cluster-network', `network ${this.network.kind} of cluster "${this.node.id}" ${fault}`);
    const own = this.network.kind === 'vxlan' ? this.network.subnetIn(this) : undefined;
    for (const [other, whose] of [
      [subnet, "the machines'"],
      [bridges, "the containers' bridges'"],
    ] as const) {
      if (own !== undefined && other !== undefined && own.overlaps(other))
        annotations.addError('overlapping-subnets', `VXLAN's subnet ${own} overlaps ${other}, ${whose}; choose another`);
    }
  }

  /**
   * Adds a machine to the cluster. The first one founds it.
   *
   * @param name name of the machine and of the member: a host name
   */
  public addMember(name: string, options: MemberOptions): Member {
    need(TEXT, name, 'name', this, 'a member of cluster', this.node.id);
    const member = new Member(this, this.freeId(name), name, options);
    this.members.push(member);
    return member;
  }

  /**
   * Adds machines of one kind: NAME1, NAME2 and so on, with addresses counted up from the first.
   *
   * @param name what their names begin with
   */
  public addMembers(name: string, options: MembersOptions): Member[] {
    const { count, firstAddress, ...sizing } = options ?? {};
    const places = placesOf(name, { count, firstAddress }, this);
    return places.map((place) => this.addMember(place.name, { ...sizing, address: place.address }));
  }

  /** What runs the containers. Unless chosen, the founder's box decides. */
  public get engine(): Engine {
    const box = this.members[0]?.machine.box ?? this.machineDefaults.box ?? Box.debian12();
    return this.chosenEngine ?? Engine.defaultFor(box.system);
  }

  /** @internal What decided which engine there is. */
  public get engineOf(): IConstruct[] {
    const [founder] = this.members;
    return this.chosenEngine === undefined && founder !== undefined ? [this, founder.machine] : [this];
  }

  /** What containers are made from when they do not say. */
  public get image(): Image {
    return this.chosenImage ?? this.engine.defaultImage;
  }

  /** Name of the bridge on each member. */
  public get bridgeName(): string {
    return this.engine.bridgeName;
  }

  public get stackName(): string {
    return Stack.of(this).stackName;
  }

  /** @internal The bridges' network. */
  public get bridges(): Subnet {
    return Subnet.parse(`${this.bridgePrefix}.0.0/16`) as Subnet;
  }

  /** The containers on all members. */
  public get containers(): Container[] {
    return this.members.flatMap((member) => member.containers);
  }

  /** The images of all containers. */
  public get images(): Image[] {
    return [...this.imageBySource.values()];
  }

  /** @internal */
  public noteImage(image: Image, container: Container): void {
    const known = this.imageBySource.get(image.source);
    if (known === image) return;
    if (known !== undefined) {
      if (JSON.stringify(known.files) !== JSON.stringify(image.files)) {
        Annotations.of(this).addError('duplicate-image', `two different images are named "${image.source}"; give one another alias`);
      }
      return;
    }
    this.imageBySource.set(image.source, image);
    for (const upload of image.uploads) {
      const source = resolve(upload.source);
      this.members[0]?.machine.uploads.push({ ...upload, source, of: [container, this] });
      if (!existsSync(source) || !statSync(source).isFile()) {
        Annotations.of(this).addError(
          'missing-image',
          `image file ${JSON.stringify(upload.source)} does not exist, or is a folder; put it there or correct the path, which is relative to ${process.cwd()}`,
        );
      }
    }
  }

  /** @internal What only some of this member may reach on other machines. Asked for when the tree is whole. */
  public reachedFrom(member: Member): readonly Reach[] {
    this.reaches ??= this.findReaches();
    return this.reaches.get(member.machine) ?? [];
  }

  private findReaches(): Map<Machine, Reach[]> {
    const reaches = new Map<Machine, Reach[]>();
    // Servers of a backend share one function, which is asked once.
    const asked = new Map<() => readonly Place[], Map<Machine, Place[]>>();
    const guard = (of: IConstruct, machine: Machine, port: number, allow: () => readonly Place[]) => {
      let clientsOn = asked.get(allow);
      if (clientsOn === undefined) {
        clientsOn = groupBy(allow(), (client) => client.machine);
        asked.set(allow, clientsOn);
      }
      for (const [from, clients] of clientsOn) {
        if (from === machine) continue;
        const reach = { of, machine, port, clients };
        const known = reaches.get(from);
        if (known === undefined) reaches.set(from, [reach]);
        else known.push(reach);
      }
    };
    for (const container of this.containers)
      for (const { listen, allow } of container.publishedPorts) if (allow !== undefined) guard(container, container.machine, listen, allow);
    for (const machine of Machine.inStack(Stack.of(this)))
      for (const { of, port, allow } of MachineServices.of(machine).guardedPorts) guard(of, machine, port, allow);
    return reaches;
  }

  public override checkTree(): void {
    this.reaches = undefined; // the tree may have changed
    this.checkFounder();
    this.checkEngine();
    this.checkFan();
    const { fault } = this.storage;
    if (fault !== undefined) Annotations.of(this).addError('small-storage', `storage of cluster "${this.node.id}" is ${fault}`);
    if (this.members.length === 0) {
      Annotations.of(this).addError(
        'empty-cluster',
        `cluster "${this.node.id}" has no member; add one: cluster.addMember('vm1', { address: '192.168.56.5' })`,
      );
    }
  }

  /** Whether engine and machines have what Ubuntu's fan needs. */
  private checkFan(): void {
    if (this.network.kind !== 'fan') return;
    if (this.engine.product !== 'LXD')
      Annotations.of(this).addError(
        'network-not-given',
        `network fan of cluster "${this.node.id}" is LXD's, and ${this.engine.product} has none; use Engine.lxdSnap(), or Network.vxlan()`,
      );
    for (const { machine } of this.members) {
      const { machineName: name, box } = machine;
      if (!box.system.startsWith('ubuntu/'))
        Annotations.of(machine).addError(
          'network-not-given',
          `network fan needs Ubuntu's kernel, and "${name}" is made of ${JSON.stringify(box.name)}, which is no Ubuntu; use Box.ubuntu2404(), or Network.vxlan()`,
        );
    }
  }

  private checkFounder(): void {
    const [founder, ...joiners] = this.members;
    const order = Machine.inStack(Stack.of(this));
    const early = joiners.find(({ machine }) => founder !== undefined && order.indexOf(machine) < order.indexOf(founder.machine));
    if (founder !== undefined && early !== undefined) {
      Annotations.of(this).addError(
        'late-founder',
        `"${early.machine.machineName}" would be started before "${founder.machine.machineName}", which founds the cluster, and wait for it in vain; take out the dependency, or add it as the first member`,
      );
    }
  }

  /** What the engine would not understand. */
  private checkEngine(): void {
    const system = this.members[0]?.machine.box.system;
    const source = system && this.engine.on(system);
    if (system === undefined || source === undefined) return; // which is told of the member
    const name = `${this.engine.product} ${source.called}`;
    for (const fault of misshaped(this.preseed)) Annotations.of(this).addError('bad-preseed', fault);
    for (const { what, span } of keysOf(this.preseed)) {
      const why = this.engine.lacks(span, system);
      if (why === undefined) continue;
      Annotations.of(this).addError(
        'unknown-preseed-key',
        `${what} in the preseed is none of ${name}: ${why}; take it out or choose another engine`,
      );
    }
    for (const image of this.images) {
      const remote = /^(.*?):/.exec(image.source)?.[1];
      const why = remote === undefined ? undefined : this.engine.lacks(REMOTES[remote] ?? {}, system);
      if (why === undefined) continue;
      const known = Object.keys(REMOTES).filter((other) => this.engine.lacks(REMOTES[other] ?? {}, system) === undefined);
      Annotations.of(this).addError(
        'unknown-remote',
        `image "${image.source}" is of a server that ${name} does not have: ${why}; choose one of ${known.map((other) => `${other}:`).join(', ')}, or Image.files(...)`,
      );
    }
  }

  public override toResource() {
    return {
      type: 'Cluster',
      name: this.node.id,
      properties: {
        subnet: this.subnet,
        /** LXD or Incus. */
        engine: this.engine.product,
        /** The command that talks to it. */
        client: this.engine.client,
        network: this.network.kind,
        image: this.image.source,
        storage: String(this.storage),
        joinDeadlineMs: this.joinDeadline.toMilliseconds(),
        prune: this.prune,
        bridgeName: this.bridgeName,
        bridgePrefix: this.bridgePrefix,
        /** Names; the first founds the cluster. */
        members: this.members.map(({ machine }) => machine.machineName),
      },
    };
  }
}
