import type { IConstruct } from 'constructs';
import { OutputFile, type Owners, Stack, text } from '../core/index.js';
import type { HostValue, Machine } from '../machine/index.js';
import type { Command } from './command.js';
import { renderFirewall } from './firewall.js';
import type { Place } from './place.js';
import { recipeFile } from './recipe-file.js';
import { renderHead } from './script-head.js';
import type { Software } from './software.js';

const TEMPLATES = new URL('./templates/', import.meta.url);
const SCRIPT = new URL('services.sh.hbs', TEMPLATES);

/** The shell functions of every script. */
export const PROVISION_LIBRARY: URL = new URL('provision.sh', TEMPLATES);

/** A service on a machine itself. */
export interface Service {
  readonly of: IConstruct;
  readonly name: string;
  readonly software: Software;
  /** Calls of the provisioning script that bring it about. Asked for when the tree is whole. */
  readonly commands: () => readonly Command[];
}

/** A port of a machine that only some may reach. */
export interface GuardedPort {
  readonly port: number;
  /** Asked for when the tree is whole. */
  readonly allow: () => readonly Place[];
  readonly of: IConstruct;
}

const KNOWN = new WeakMap<Machine, MachineServices>();

/** What a machine's script does beside all that is a cluster's: libraries, environment, and the services on the machine itself. */
export class MachineServices implements Place {
  public static of(machine: Machine): MachineServices {
    return KNOWN.get(machine) ?? new MachineServices(machine);
  }

  /** Shell functions that the script reads before it acts. */
  public readonly libraries: OutputFile[] = [];
  /** Environment of the script: values that only the host knows, by variable. */
  public readonly environment: Record<string, HostValue> = {};
  public readonly services: Service[] = [];
  public readonly guardedPorts: GuardedPort[] = [];
  /** What the machine's own containers see it as; undefined when it has none. */
  public bridgeAddress: string | undefined;
  /** Whether another script, a member's, calls the services. */
  public isMembers = false;

  private constructor(public readonly machine: Machine) {
    KNOWN.set(machine, this);
  }

  public get placeName(): string {
    return this.machine.machineName;
  }

  public addressSeenBy(other: Place): string {
    const isContainerHere = other.machine === this.machine && other !== this;
    return isContainerHere && this.bridgeAddress !== undefined ? this.bridgeAddress : this.machine.address;
  }

  /** Adds a file of shell functions that the script reads before it acts. The same file may be added again. */
  public addLibrary(file: OutputFile): void {
    if (this.libraries.includes(file)) return;
    this.libraries.push(file);
    this.machine.addBundled(file);
  }

  public add(service: Service): void {
    if (this.services.length === 0 && !this.isMembers) this.addScript();
    this.services.push(service);
    this.machine.addBundled(recipeFile(service.of, service.software), service.of);
  }

  /** Ports that only some may reach, in nftables' words. */
  public get guards(): { readonly of: Owners; readonly path: string; readonly port: number; readonly clients: string }[] {
    return this.guardedPorts.map(({ port, allow, of }) => {
      const clients = allow();
      return {
        of: [of, clients.map(({ machine }) => machine)],
        path: of.node.path,
        port,
        clients: clients.map((client) => client.addressSeenBy(this)).join(', '),
      };
    });
  }

  /** The services as a script's template wants them. */
  public get calls(): { readonly of: IConstruct; readonly name: string; readonly path: string; readonly commands: readonly Command[] }[] {
    return this.services.map(({ of, name, software, commands }) => {
      const recipe = recipeFile(of, software).path;
      return { of, name, path: of.node.path, commands: [{ words: ['install_software', '.', recipe], of }, ...commands()] };
    });
  }

  private addScript(): void {
    const { machine } = this;
    const name = machine.machineName;
    const script = new OutputFile(machine, 'ServicesScript', { path: `${name}_cfg.sh`, render: () => this.script });
    const firewall = new OutputFile(machine, 'Firewall', { path: `firewall/${name}.nft`, render: () => this.firewall });
    this.addLibrary(Stack.of(machine).libraryFile('lib/provision.sh', PROVISION_LIBRARY));
    for (const file of [script, firewall]) machine.addBundled(file);
    machine.provisioners.push({ name: 'services', script, environment: this.environment });
  }

  private get script(): string {
    const { machine } = this;
    const name = machine.machineName;
    const file = `${name}_cfg.sh`;
    const head = renderHead(machine, { file, what: `the services on ${name}.` });
    return `${head}${text.render(SCRIPT, {
      of: machine,
      libraries: this.libraries.map(({ path }) => path),
      owners: this.services.map((service) => service.of),
      title: `${name}, services`,
      steps: 4 + this.services.length,
      firewall: `firewall/${name}.nft`,
      names: this.services.map((service) => service.name),
      services: this.calls,
    })}`;
  }

  private get firewall(): string {
    const { machine } = this;
    const { machineName: name } = machine;
    const none = { bridge: '', bridgeOf: [], rules: [], guards: [], hostPorts: [], network: undefined };
    return renderFirewall({ of: machine, name, path: machine.node.path, ...none, guardedPorts: this.guards });
  }
}
