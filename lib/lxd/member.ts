import type { IConstruct } from 'constructs';
import {
  Annotations,
  classGuard,
  Element,
  type Guard,
  isPlain,
  type Kind,
  kind,
  need,
  noted,
  OutputFile,
  options,
  Raw,
  Stack,
  shown,
  TEXT,
  text,
  UNTOLD,
} from '../core/index.js';
import { Machine, type MachineSizing, SIZING } from '../machine/index.js';
import { MachineServices, PROVISION_LIBRARY, recipeFile, type Software } from '../provision/index.js';
import type { Cluster } from './cluster.js';
import type { Container } from './container.js';
import { settingsOf } from './container-settings.js';
import { Engine } from './engine.js';
import { renderFirewall } from './firewall.js';
import type { Image } from './image.js';
import { foundPreseed, joinPreseed } from './preseed.js';
import { clusterScriptName, renderClusterScript, renderContainersScript } from './scripts.js';
import { STORAGE_DISK } from './storage.js';

const TEMPLATES = new URL('./templates/', import.meta.url);

export interface MemberOptions extends MachineSizing {
  /** Static IPv4 address in the cluster's subnet. */
  readonly address: string;
}

const OPTIONS = options<MemberOptions>("{ address: '192.168.56.5' }", () => ({ ...SIZING, address: UNTOLD }));

/** A step of a machine's scripts: those of `cluster*.sh`, then those of `*_cfg.sh`. */
export type StepName =
  | 'lxd'
  | 'kernel'
  | 'membership'
  | 'firewall'
  | 'cluster'
  | 'network'
  | 'retire'
  | `image ${string}`
  | `software ${string}`;

/** Where a step of one's own stands. */
export interface StepPlace {
  /** The step, or the container whose step it is, that follows. */
  readonly before?: StepName | Container;
  /**
   * The one that it follows.
   *
   * @default - the last: "retire"
   */
  readonly after?: StepName | Container;
}

const STEP: Kind<StepName | Container> = kind(
  'the name of a step or a Container',
  (value) => TEXT.is(value) || (isPlain(value) && TEXT.is(value.containerName)),
  () => "'retire'",
);
const PLACE = options<StepPlace>("{ after: 'network' }", () => ({ before: STEP, after: STEP }));

/** A step of the user's. */
export interface OwnStep {
  readonly title: string;
  readonly script: 'cluster' | 'containers';
}

/** Software that several containers of a member have in common. */
interface SharedSoftware {
  /** Name of the container that it is prepared in. */
  readonly template: string;
  readonly software: Software;
  /** What they are made from. */
  readonly image: Image;
  readonly containers: Container[];
}

/** A machine of a cluster. Made by `Cluster.addMember`. */
export class Member extends Element {
  /** Whether `x` is one, also of another copy of this library. */
  public static readonly isMember: Guard<Member> = classGuard(Member, 'Member');

  public readonly machine: Machine;
  /** Whether it founds the cluster: the first one does. */
  public readonly isFounder: boolean;
  public readonly containers: Container[] = [];
  public readonly ownSteps: OwnStep[] = [];
  /** What its second script does beside the containers: services on the machine itself. */
  public readonly services: MachineServices;

  /** @internal */
  public constructor(
    public readonly cluster: Cluster,
    id: string,
    name: string,
    options: MemberOptions,
  ) {
    super(cluster, id);
    const given = OPTIONS.of(this, 'member', name, options);
    this.isFounder = cluster.members.length === 0;
    this.machine = this.parts(() => new Machine(this, 'Machine', { ...cluster.machineDefaults, ...given, subnet: cluster.subnet, name }));
    this.machine.reservedPorts.set(8443, 'the API of LXD and Incus');
    this.services = MachineServices.of(this.machine);
    this.services.isMembers = true;
    this.services.bridgeAddress = `${cluster.bridgePrefix}.0.1`;
    if (cluster.storage.disk !== undefined) this.machine.addDisk(STORAGE_DISK, cluster.storage.disk, cluster);
    this.parts(() => this.addFiles());
    cluster.network.prepare(this.machine, cluster);
  }

  /** @internal Called by the container itself. */
  public addContainer(container: Container): void {
    if (this.containers.length === 0) this.addBundled(this.settingsFile());
    this.containers.push(container);
    if (container.software !== undefined) this.addBundled(recipeFile(container, container.software), container);
    this.cluster.noteImage(container.image, container);
  }

  /** Adds a file to what this member's scripts find beside them. The same file may be added again. */
  public addBundled(file: OutputFile, of?: IConstruct): void {
    this.machine.addBundled(file, of);
  }

  /**
   * Adds a step of your own to the machine's scripts. It runs at every `up` and `provision`, as root, in bash with `errexit`, so let it
   * look before it acts. At hand are `did WHAT` (a change that the script's last line counts), `die WHY` and
   * `wait_for SECONDS WHAT COMMAND...`; from the step `cluster` on also `"$client"`, which is `lxc` or `incus`. Stay in the folder,
   * which is the bundle's.
   *
   * @param shell its lines, taken as they are
   * @throws when both `before` and `after` are given
   */
  public addStep(title: string, shell: string, place: StepPlace = {}): this {
    const name = this.machine.machineName;
    need(TEXT, title, 'title', this, 'a step of member', name);
    if (noted(TEXT, shell, `shell of step ${shown(title)}`, this, 'member', name) === undefined) return this;
    const { before, after } = PLACE.of(this, `step ${shown(title)} of member`, name, place);
    if (before !== undefined && after !== undefined)
      throw new Error(`step ${JSON.stringify(title)} is both before and after another; leave one out`);
    if (/\p{Cc}/u.test(title)) {
      const step = `step ${JSON.stringify(title)} of "${name}"`;
      Annotations.of(this).addError('unquotable-text', `${step} has a control character in its title; take it out`);
      return this;
    }
    const side = before === undefined ? 'after' : 'before';
    const at = before ?? after ?? 'retire';
    const [construct, block] = typeof at === 'string' ? [this, at] : [at, 'container'];
    Raw.of(construct).beside(side, `step ${text.sh(title)}\n${shell}`, block);
    const script = ['lxd', 'kernel', 'membership'].includes(block) ? 'cluster' : 'containers';
    this.ownSteps.push({ title, script });
    return this;
  }

  /** Software that more than one container here is made with: worth preparing once. */
  public get sharedSoftware(): SharedSoftware[] {
    const kinds = new Map<string, SharedSoftware>();
    let kind: SharedSoftware | undefined;
    for (let index = 0; index < this.containers.length; index++) {
      const container = this.containers[index] as Container;
      const { software, image } = container;
      if (software === undefined) continue;
      // Mostly it is the last one's.
      if (kind === undefined || kind.software !== software || kind.image !== image) {
        const template = software.templateName(image.source, this.machine.machineName);
        kind = kinds.get(template) ?? { template, software, image, containers: [] };
        kinds.set(template, kind);
      }
      kind.containers.push(container);
    }
    return [...kinds.values()].filter(({ containers }) => containers.length > 1);
  }

  public override checkTree(): void {
    this.checkFurtherNetworks();
    this.checkDisks();
    const { engine, members } = this.cluster;
    const { machineName: name, box } = this.machine;
    const founder = (members[0] as Member).machine;
    const version = engine.on(box.system)?.version;
    const first = engine.on(founder.box.system)?.version;
    if (version === undefined) {
      Annotations.of(this).addError(
        'missing-engine',
        `member "${name}" cannot have ${engine}: its system ${box.system} has none; choose ${Engine.choicesFor(box.system).join(' or ')}, or a box with ${engine.systems().join(' or ')}`,
      );
    } else if (first !== undefined && version !== first) {
      Annotations.of(this).addError(
        'mixed-engines',
        `member "${name}" would have ${engine.product} ${version} (${box.system}), but "${founder.machineName}", which founds the cluster, ${first} (${founder.box.system}); members have the same version, so give it a box with ${engine.systems(first).join(' or ')}`,
      );
    }
  }

  /** What the machine would not tell from the disk of its storage pool, where disks have no serial number of ours: but with libvirt. */
  private checkDisks(): void {
    const size = this.cluster.storage.disk?.toMebibytes();
    const twin = this.machine.disks.find((disk) => disk.name !== STORAGE_DISK && disk.size.toMebibytes() === size);
    const serial = Stack.of(this).writtenFor.every(({ providers }) => providers?.join() === 'libvirt');
    if (twin === undefined || serial) return;
    Annotations.of(twin.of).addError(
      'bad-disk',
      `disk "${twin.name}" of "${this.machine.machineName}" is as large as that of its storage pool, ${size} MiB, by which the machine finds that; give it another size`,
    );
  }

  /** What the machine would not tell from its containers' networks. */
  private checkFurtherNetworks(): void {
    const { bridges, network } = this.cluster;
    const vxlan = network.kind === 'vxlan' ? network.subnetIn(this.cluster) : undefined;
    for (const { subnet, of } of this.machine.networks.slice(1)) {
      const taken = [bridges, vxlan].find((other) => subnet !== undefined && other?.overlaps(subnet));
      if (taken === undefined) continue;
      Annotations.of(of).addError(
        'overlapping-subnets',
        `a network of "${this.machine.machineName}" is ${subnet}, which overlaps ${taken}, where containers are; choose another`,
      );
    }
  }

  public override toResource() {
    return {
      type: 'Member',
      name: this.machine.machineName,
      properties: {
        cluster: this.cluster.node.id,
        address: this.machine.address,
        isFounder: this.isFounder,
        containers: this.containers.map(({ containerName }) => containerName),
      },
    };
  }

  private settingsFile(): OutputFile {
    return new OutputFile(this, 'Containers', {
      path: `containers/${this.machine.machineName}.json`,
      render: () => text.yaml(settingsOf(this)), // LXD reads it as YAML
    });
  }

  private addFiles(): void {
    const { machine } = this;
    this.services.addLibrary(Stack.of(this).libraryFile('lib/provision.sh', PROVISION_LIBRARY));
    for (const name of ['engine.sh', 'containers.sh', ...(this.cluster.network.kind === 'published' ? [] : ['network.sh'])])
      this.services.addLibrary(Stack.of(this).libraryFile(`lib/${name}`, new URL(name, TEMPLATES)));
    if (this.cluster.network.hasOwnBridge)
      this.addBundled(Stack.of(this).libraryFile('lib/make-network.sh', new URL('make-network.sh', TEMPLATES)));
    const name = machine.machineName;
    const join = new OutputFile(this, 'JoinPreseed', { path: `preseeds/${name}-join.yaml`, render: () => joinPreseed(this) });
    const cluster = new OutputFile(this, 'ClusterScript', { path: clusterScriptName(name), render: () => renderClusterScript(this) });
    const containers = new OutputFile(this, 'ContainersScript', { path: `${name}_cfg.sh`, render: () => renderContainersScript(this) });
    const firewall = new OutputFile(this, 'Firewall', { path: `firewall/${name}.nft`, render: () => renderFirewall(this) });
    for (const file of [join, cluster, containers, firewall, this.cluster.namesFile]) this.addBundled(file);
    if (this.isFounder) {
      this.addBundled(new OutputFile(this, 'FoundPreseed', { path: `preseeds/${name}-found.yaml`, render: () => foundPreseed(this) }));
    }
    const { clusterKeys, joinKeys } = this.cluster;
    machine.provisioners.push(
      {
        name: 'cluster',
        script: cluster,
        environment: {
          CLUSTER_CERTIFICATE: { kind: 'certificate', pair: clusterKeys },
          ...(this.isFounder ? { CLUSTER_KEY: { kind: 'private-key', pair: clusterKeys } as const } : {}),
          JOIN_CERTIFICATE: { kind: 'certificate', pair: joinKeys },
          JOIN_KEY: { kind: 'private-key', pair: joinKeys },
          ...(this.isFounder ? { PROVISIONED: { kind: 'provisioned-machines' } as const } : {}),
        },
      },
      { name: 'containers', script: containers, environment: this.services.environment },
    );
  }
}

export const MEMBER: Kind<Member> = kind('a Member', Member.isMember, (value) =>
  TEXT.is(value) ? `what cluster.addMember(${shown(value)}, ...) returned` : "cluster.addMember('vm1', { address: '192.168.56.5' })",
);
