import type { Construct, IConstruct } from 'constructs';
import {
  Annotations,
  Element,
  inDependencyOrder,
  type Kind,
  kind,
  kindOf,
  Labels,
  noted,
  type OutputFile,
  SIZE,
  Size,
  Stack,
  shown,
  TEXT,
  toldByClass,
} from '../core/index.js';
import type { Subnet } from './address.js';
import { Box } from './box.js';
import { type CloudInitContentType, type CloudInitPart, cloudInitFile } from './cloud-init.js';
import { placesOf } from './group.js';
import { type GroupProps, MACHINE_PROPS, type MachineProps } from './machine-props.js';
import { checkAddress, furtherNetwork, type MachineNetwork, type NetworkProps, settingsFaults, surrounding } from './network.js';
import { type ForwardedPort, forwarded, type PortForwarding, type PortRangeForwarding, portsOf } from './ports.js';
import { plainSettings, type SettingsByProvider, settingFaults } from './providers.js';
import { ownProvisioner, type Provisioner, type ProvisionerOptions } from './provisioner.js';
import { type SyncedFolder, type SyncedFolderProps, syncedFolder } from './synced-folder.js';
import { TRIGGER, type Trigger, type TriggerActions, type TriggerCommand, triggerFault } from './trigger.js';
import type { Upload } from './upload.js';

/** A disk of a machine besides its box's. */
export interface ExtraDisk {
  readonly name: string;
  readonly size: Size;
  /** What asked for it. */
  readonly of: IConstruct;
}

/** A line for whoever has just brought a machine up. */
export interface PostUpLine {
  readonly text: string;
  /** What it is about. */
  readonly of: IConstruct;
}

const MARK = Symbol.for('cdk-vagrant.Machine');

/** A virtual machine on the private network. Its name is its host name. */
export class Machine extends Element {
  public static isMachine(x: unknown): x is Machine {
    return x !== null && typeof x === 'object' && (x as { [MARK]?: true })[MARK] === true;
  }

  /** @internal Notes that a stack has no machine, which leaves a target nothing to write, or machines with files of another stack. */
  public static checkSome(stack: Stack): void {
    const machines = Machine.inStack(stack);
    if (machines.length === 0) {
      Annotations.of(stack).addError(
        'no-machines',
        `stack "${stack.stackName}" has no machine; add one: new Machine(...) or cluster.addMember(...)`,
      );
    }
    const own = new Set(stack.files);
    for (const machine of machines) {
      for (const file of machine.bundle.keys()) {
        if (own.has(file)) continue;
        Annotations.of(machine).addError(
          'other-stack',
          `machine "${machine.machineName}" is to have file ${file.node.path}, which is not in its stack "${stack.stackName}"; make it there`,
        );
      }
    }
  }

  /**
   * All machines of a stack in the order that Vagrant starts them in: each behind those that it depends on (`node.addDependency`), else
   * as they were made.
   */
  public static inStack(stack: Stack): Machine[] {
    return inDependencyOrder(Element.inOrder(kindOf(stack, Machine.isMachine)));
  }

  /**
   * Makes machines of one kind: NAME1, NAME2 and so on, with addresses counted up from the first.
   *
   * @param name what their names begin with
   * @returns as many as `count` says, in their order
   */
  public static group(scope: Construct, name: string, props: GroupProps): Machine[] {
    const { count, firstAddress, ...rest } = props ?? {};
    const places = placesOf(name, { count, firstAddress }, scope);
    // All are in the subnet of the first, so that running out of it is an error.
    const subnet = rest.subnet ?? surrounding(firstAddress);
    return places.map(({ name: id, address }) => new Machine(scope, id, { ...rest, address, subnet }));
  }

  public readonly machineName: string;
  public readonly address: string;
  /** The private network; undefined only when the given one is not one, which is reported. */
  public readonly subnet: Subnet | undefined;
  public readonly box: Box;
  public readonly memory: Size;
  public readonly cpus: number;
  /** Settings for single providers. */
  public readonly providers: SettingsByProvider;
  /** Scripts in the order they run. */
  public readonly provisioners: Provisioner[] = [];
  /** Its interfaces beside Vagrant's own, in their order; the first is that of `address`. */
  public readonly networks: MachineNetwork[] = [];
  /** Files that the scripts find in their folder, and what asked for each. */
  public readonly bundle = new Map<OutputFile, Set<IConstruct>>();
  public readonly uploads: Upload[] = [];
  public readonly forwardedPorts: ForwardedPort[] = [];
  /** Disks besides the box's. */
  public readonly disks: ExtraDisk[] = [];
  public readonly syncedFolders: SyncedFolder[] = [];
  public readonly triggers: Trigger[] = [];
  /** Pieces of user data for Vagrant's cloud-init, in their order. */
  public readonly cloudInit: { readonly contentType: CloudInitContentType; readonly file: OutputFile }[] = [];
  /** Lines for whoever has just brought the machine up. */
  public readonly postUpLines: PostUpLine[] = [];
  /** Ports that no service of the tree may have, and whose they are. */
  public readonly reservedPorts = new Map([[22, 'SSH']]);
  private readonly ports = new Map<number, IConstruct>();

  /**
   * @param name host name: letters, digits and `-`, at most 63. As id it is unique, here also when case is ignored
   */
  public constructor(scope: Construct, id: string, props: MachineProps & { readonly name?: string }) {
    super(scope, id);
    const given = MACHINE_PROPS.of(this, 'machine', id, props);
    this.machineName = given.name ?? id;
    this.address = given.address;
    this.box = given.box ?? Box.debian12();
    this.memory = given.memory ?? Size.mebibytes(1024);
    this.cpus = given.cpus ?? 1;
    this.providers = given.providers ?? {};
    this.checkProps();
    this.subnet = checkAddress(this, given.address, given.subnet ?? surrounding(given.address), this);
    this.networks.push({
      kind: 'private',
      address: this.address,
      subnet: this.subnet,
      settings: given.network ?? {},
      bridge: [],
      device: undefined,
      of: this,
      promiscuousFor: new Set(given.network?.promiscuous ? [this] : []),
    });
    for (const fault of settingsFaults(this, given.network ?? {}, this))
      Annotations.of(this).addError('bad-network', `the private network of "${this.machineName}" ${fault}`);
  }

  /**
   * Adds a further network: one interface, behind those that are there.
   *
   * @param of what asks for it
   */
  public addNetwork(props: NetworkProps, of: IConstruct = this): this {
    this.networks.push(furtherNetwork(this, props, of));
    return this;
  }

  /**
   * Lets the interface of the private network take frames for other hardware addresses than its own: see `NetworkSettings.promiscuous`.
   *
   * @param of what asks for it
   */
  public allowPromiscuous(of: IConstruct = this): void {
    this.networks[0]?.promiscuousFor.add(of);
  }

  /**
   * Notes that `owner` answers on this TCP port of the machine's private address.
   *
   * @param because why it is this port, when the user did not choose it
   */
  public claimPort(port: number, owner: IConstruct, because = ''): void {
    const annotations = Annotations.of(owner);
    if (!Number.isInteger(port) || port < 1 || port > 65535) {
      annotations.addError('bad-port', `port ${shown(port)} on "${this.machineName}" is no TCP port; choose one from 1 to 65535`);
      return;
    }
    const reserved = this.reservedPorts.get(port);
    if (reserved !== undefined) {
      annotations.addError('reserved-port', `port ${port} on "${this.machineName}" belongs to ${reserved}; choose another`);
      return;
    }
    const other = this.ports.get(port);
    if (other !== undefined) {
      annotations.addError(
        'duplicate-port',
        `port ${port} on "${this.machineName}"${because} is taken by ${other.node.path}; choose another for one of them`,
      );
      return;
    }
    this.ports.set(port, owner);
  }

  /** Adds a file to what the scripts find in their folder. The same file may be added again, for something else. */
  public addBundled(file: OutputFile, of: IConstruct = file.owner): void {
    const askers = this.bundle.get(file);
    if (askers === undefined) this.bundle.set(file, new Set([of]));
    else askers.add(of);
  }

  /**
   * Leads a port of the host, of its 127.0.0.1 unless told otherwise, to a port of this machine. The client's address is lost on the way.
   *
   * @param owner what is told when the port cannot be had
   * @param of what asked for it
   */
  public forwardPort(port: PortForwarding, owner: IConstruct = this, of: IConstruct = owner): this {
    const made = forwarded(this, port, owner, of);
    if (made !== undefined) this.forwardedPorts.push(made);
    return this;
  }

  /** Leads a range of ports of the host to as many of this machine. */
  public forwardPorts(range: PortRangeForwarding, owner: IConstruct = this): this {
    for (const port of portsOf(this, range, owner)) this.forwardPort(port, owner);
    return this;
  }

  /** Adds a folder of the host to what the machine has. None is there otherwise, `/vagrant` neither. */
  public addSyncedFolder(folder: SyncedFolderProps): this {
    const made = syncedFolder(this, folder);
    if (made !== undefined) this.syncedFolders.push(made);
    return this;
  }

  /**
   * Lets Vagrant hand a piece of user data to cloud-init in the machine (`config.vm.cloud_init`). Only VirtualBox does it, and Hyper-V
   * with Vagrant 2.4.6 or later; the host needs a program that makes ISO files, the box cloud-init, and older versions of Vagrant
   * `VAGRANT_EXPERIMENTAL=cloud_init,disks`, which the Vagrantfile asks for. For clouds there is `CloudInitTarget`.
   */
  public addCloudInit(part: CloudInitPart): this {
    const file = cloudInitFile(this, part);
    if (file !== undefined) this.cloudInit.push({ contentType: part.contentType, file });
    return this;
  }

  /** Lets Vagrant do something before or after a command for this machine. Triggers of all machines are the target's. */
  public addTrigger(when: Trigger['when'], commands: readonly TriggerCommand[], actions: TriggerActions): this {
    const trigger = TRIGGER.of(this, 'a trigger of machine', this.machineName, { ...actions, when, commands });
    const fault = triggerFault(trigger);
    if (fault !== undefined) Annotations.of(this).addError('bad-trigger', `machine "${this.machineName}" has ${fault}`);
    this.triggers.push(trigger);
    return this;
  }

  /**
   * Adds a provisioner of your own. It runs at every `up` and `provision`, as root, so let it look before it acts.
   *
   * @param name its name in Vagrant: letters, digits, `.`, `_` and `-`
   */
  public addProvisioner(name: string, options: ProvisionerOptions): this {
    const made = ownProvisioner(this, name, options);
    if (made !== undefined) this.provisioners.splice(made.at, 0, made.provisioner);
    return this;
  }

  /**
   * Adds an empty disk. With libvirt its name is its serial number; VirtualBox, VMware and Hyper-V give it by Vagrant's disks, for which
   * Vagrant wants `VAGRANT_EXPERIMENTAL=disks`; Parallels gives none.
   *
   * @param name letters, digits and `-`, at most 20
   */
  public addDisk(name: string, size: Size, of: IConstruct = this): this {
    if (noted(SIZE, size, `size of disk ${shown(name)}`, this, 'machine', this.machineName) === undefined) return this;
    if (!TEXT.is(name) || !/^[A-Za-z0-9][A-Za-z0-9-]{0,19}$/.test(name) || this.disks.some((disk) => disk.name === name)) {
      const disk = `disk ${shown(name)} of "${this.machineName}"`;
      Annotations.of(this).addError('bad-disk', `${disk} has a name that is taken or none; use letters, digits and "-", at most 20`);
      return this;
    }
    this.disks.push({ name, size, of });
    return this;
  }

  public override toResource() {
    return {
      type: 'Machine',
      name: this.machineName,
      properties: {
        address: this.address,
        subnet: String(this.subnet),
        /** Further ones. */
        networks: this.networks.slice(1).map(({ kind, address, subnet, promiscuousFor }) => ({
          kind,
          address,
          subnet: subnet && String(subnet),
          promiscuous: promiscuousFor.size > 0,
        })),
        box: this.box.name,
        /** Other boxes, by provider. */
        boxByProvider: Object.fromEntries(Object.entries(this.box.byProvider).map(([provider, { name }]) => [provider, name])),
        boxVersion: this.box.source.version,
        boxArchitecture: this.box.source.architecture,
        cpus: this.cpus,
        memoryMiB: this.memory.toMebibytes(),
        /** Settings for single providers; sizes in MiB. */
        providers: plainSettings(this.providers),
        forwardedPorts: this.forwardedPorts.map(({ of, ...port }) => port),
        syncedFolders: this.syncedFolders.map(({ source, ...folder }) => folder),
        /** Names, in the order they run. */
        provisioners: this.provisioners.map(({ name }) => name),
        /** Names. */
        uploads: this.uploads.map(({ name }) => name),
        disks: this.disks.map(({ name, size }) => ({ name, sizeMiB: size.toMebibytes() })),
        triggers: this.triggers,
        /** Types of its pieces of user data. */
        cloudInit: this.cloudInit.map(({ contentType }) => contentType),
        labels: Object.fromEntries(Labels.of(this).all),
        postUpLines: this.postUpLines.map(({ text }) => text),
      },
    };
  }

  private checkProps(): void {
    const annotations = Annotations.of(this);
    const name = this.machineName;
    if (!/^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/.test(name)) {
      annotations.addError(
        'bad-host-name',
        `machine name ${JSON.stringify(name)} is no host name; use letters, digits and "-", at most 63, not "-" at an end`,
      );
    }
    if (!Number.isInteger(this.cpus) || this.cpus < 1) {
      annotations.addError('bad-cpus', `machine "${name}" has ${shown(this.cpus)} cpus; give a whole number, at least 1`);
    }
    for (const fault of settingFaults(this.providers)) annotations.addError('bad-provider-setting', `machine "${name}" has the ${fault}`);
    const stack = Stack.of(this);
    const namesake = stack.claim('machine', name.toLowerCase(), this);
    if (namesake !== undefined) {
      annotations.addError(
        'duplicate-machine',
        `machine name "${name}" is taken by ${namesake.node.path} (host names ignore case); rename one`,
      );
    }
  }
}

export const MACHINE: Kind<Machine> = kind('a Machine', Machine.isMachine, (value) =>
  TEXT.is(value) ? `the one that you named ${shown(value)}, not its name` : "new Machine(stack, 'vm1', { address: '192.168.56.5' })",
);

Object.defineProperty(Machine.prototype, MARK, { value: true });
toldByClass(Machine.isMachine);
