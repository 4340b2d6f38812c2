import type { Construct } from 'constructs';
import { Annotations, classGuard, Element, type Guard, need, type OutputFile, options, Stack, shown, UNTOLD } from '../core/index.js';
import { isProxyName, PROXY_NAME_RULE } from '../haproxy/index.js';
import { CONTAINER_OPTIONS, Container, type ContainerOptions, containerOptions, type Member, stablePlace } from '../lxd/index.js';
import { Machine } from '../machine/index.js';
import { type Command, MachineServices, type Place, Software } from '../provision/index.js';
import { checkOwnMachine, PLACE } from './own-machine.js';
import { SITE, type Site } from './site.js';
import type { WebBackend } from './web-backend.js';

const TEMPLATES = new URL('./templates/', import.meta.url);
/** Shell functions for a machine's script. */
const FUNCTIONS = new URL('web-server.sh', TEMPLATES);

/** Apache 2.4 from the image's distribution, with its pages behind one link and the balancers' word on who the client is. */
const APACHE = new Software('apache', {
  packages: ['apache2'],
  before: new URL('apache-before.sh', TEMPLATES),
  configure: new URL('apache.sh', TEMPLATES),
});

/** Port that Apache listens on in its container. */
const APACHE_PORT = 80;

/** Requests that a server gets at the same time for each processor of its machine, when nobody says otherwise. */
const CONNECTIONS_PER_CPU = 16;

/** Requests that Apache serves at the same time: MaxRequestWorkers of mpm_event.conf in the package apache2, Debian 12 and Ubuntu 24.04. */
export const APACHE_WORKERS = 150;

export interface WebServerOptions extends ContainerOptions {
  /** A member, for a container of its own there, or a machine (`member.machine` as well), for Apache on the machine itself. */
  readonly on: Member | Machine;
  /**
   * Its pages.
   *
   * @default - the backend's or pool's
   */
  readonly site?: Site;
  /**
   * Port on the machine's private address, which answers the balancers only.
   *
   * @default - one between 10000 and 31999 that depends on the name alone, so that it never changes
   */
  readonly port?: number;
  /**
   * Share of the requests, in proportion to the other servers' weights: 1 to 256.
   *
   * @default - HAProxy's: 1
   */
  readonly weight?: number;
  /**
   * Most requests it gets at the same time; more wait in the balancer's queue.
   *
   * @default - the backend's
   */
  readonly maxConnections?: number;
}

const OPTIONS = options<WebServerOptions>('{ on: member }', () => ({
  ...CONTAINER_OPTIONS,
  on: UNTOLD,
  site: SITE,
  port: UNTOLD,
  weight: UNTOLD,
  maxConnections: UNTOLD,
}));

/** Pages that several servers have in common, as files of the output. */
export interface SharedSite {
  readonly folder: string;
  readonly files: readonly OutputFile[];
}

/** A web server, in a container of its own or on a machine itself. Made by `WebBackend.addServer` and `BackupPool.addServer`. */
export class WebServer extends Element {
  /** Whether `x` is one, also of another copy of this library. */
  public static readonly isWebServer: Guard<WebServer> = classGuard(WebServer, 'WebServer');

  public readonly serverName: string;
  /** Where it runs. */
  public readonly place: Place;
  public readonly port: number;
  public readonly weight: number | undefined;
  public readonly maxConnections: number;
  /** Where its pages stand in the output. */
  public readonly siteFolder: string;

  /** @internal */
  public constructor(
    scope: Construct,
    id: string,
    name: string,
    public readonly backend: WebBackend,
    /** Whether it serves only when the primaries do not. */
    public readonly isBackup: boolean,
    options: WebServerOptions,
    /** Pages for servers without their own. */
    sharedSite: () => SharedSite | undefined,
  ) {
    const on = need(PLACE, options?.on, 'on', scope, 'server', name);
    super(scope, id);
    const given = OPTIONS.of(this, 'server', name, options);
    const machine = Machine.isMachine(on) ? on : on.machine;
    this.serverName = name;
    this.weight = given.weight;
    this.maxConnections =
      given.maxConnections ?? backend.maxConnectionsPerServer ?? Math.min(CONNECTIONS_PER_CPU * machine.cpus, APACHE_WORKERS);
    const network = Machine.isMachine(on) ? undefined : on.cluster.network;
    const answersItself = network !== undefined && network.kind !== 'published';
    this.port = answersItself ? APACHE_PORT : (given.port ?? stablePlace(name, '').port);
    if (answersItself && given.port !== undefined)
      Annotations.of(this).addError(
        'unused-port',
        `server "${name}" has port ${shown(given.port)}, but on the network ${network.kind} it answers at an address of its own, at port ${APACHE_PORT}; leave it out`,
      );
    this.checkProps();

    const folder = `sites/${name}`;
    const site = given.site === undefined ? sharedSite() : { folder, files: given.site.addTo(this, folder) };
    this.siteFolder = site?.folder ?? folder;
    if (site === undefined) {
      Annotations.of(this).addError(
        'no-site',
        `server "${name}" has no site; give it one, or its backend: site: Site.directory('sites/${name}')`,
      );
    }
    this.place = Machine.isMachine(on) ? this.onMachine(on, given) : this.inContainer(on, given);
    MachineServices.of(machine).addLibrary(Stack.of(machine).libraryFile('lib/web-server.sh', FUNCTIONS));
    const { files = [] } = site ?? {};
    for (let index = 0; index < files.length; index++) machine.addBundled(files[index] as OutputFile, this);
  }

  public get machine(): Machine {
    return this.place.machine;
  }

  /** Its container; undefined when it runs on the machine itself. */
  public get container(): Container | undefined {
    return this.place instanceof Container ? this.place : undefined;
  }

  /** Where a balancer at `place` finds this server. */
  public endpointFor(place: Pick<Place, 'machine'>): { readonly address: string; readonly port: number } {
    const { container, machine, port } = this;
    // In its container it shares a bridge with its own machine; from elsewhere the way leads over the cluster's network, or the published port.
    return container !== undefined && place.machine === machine
      ? { address: container.address, port: APACHE_PORT }
      : { address: container?.networkAddress ?? machine.address, port };
  }

  public override checkTree(): void {
    const { container, serverName } = this;
    const network = container?.member.cluster.network;
    if (network === undefined || network.kind === 'published' || network.hasMachines) return;
    for (const { place } of this.backend.balancers) {
      if (place instanceof Container || place.machine === this.machine) continue;
      Annotations.of(this).addError(
        'unreached-server',
        `server "${serverName}" is on the network ${network.kind}, which its balancer on machine "${place.machine.machineName}" itself is not; put the balancer into a container (on: member), or use Network.bridged()`,
      );
    }
  }

  public override toResource() {
    const { container, machine } = this;
    return {
      type: 'WebServer',
      name: this.serverName,
      properties: {
        backend: this.backend.backendName,
        role: this.isBackup ? 'backup' : 'primary',
        /** Not there: it runs on the machine itself. */
        container: container?.containerName,
        machine: machine.machineName,
        /** Where balancers on other machines find `port`: its machine's, or its own on the cluster's network. */
        address: container?.networkAddress ?? machine.address,
        port: this.port,
        weight: this.weight,
        maxConnections: this.maxConnections,
        checkPath: this.backend.checkPath,
        checkIntervalMs: this.backend.checkInterval.toMilliseconds(),
        /** Folder of the output. */
        site: this.siteFolder,
      },
    };
  }

  private inContainer(on: Member, options: WebServerOptions): Place {
    const name = this.serverName;
    const container = this.parts(
      () => new Container(this, 'Container', { name, on, software: APACHE, isolated: true, ...containerOptions(options) }),
    );
    const allow = this.backend.balancerPlaces;
    if (on.cluster.network.kind === 'published') container.publish({ listen: this.port, connect: APACHE_PORT, allow });
    else container.admit({ port: APACHE_PORT, allow });
    container.addCommands(() => this.commands(name, String(APACHE_PORT), container.address, APACHE_PORT));
    return container;
  }

  private onMachine(on: Machine, options: WebServerOptions): Place {
    const { serverName: name, port } = this;
    checkOwnMachine(this, `server "${name}"`, name, on, options);
    const services = MachineServices.of(on);
    on.claimPort(port, this);
    services.guardedPorts.push({ port, allow: this.backend.balancerPlaces, of: this });
    services.add({ of: this, name, software: APACHE, commands: () => this.commands('.', `0.0.0.0:${port}`, on.address, port) });
    return services;
  }

  /** Calls of the provisioning script: the pages, and those that it believes, by the addresses that it sees them come from. */
  private commands(place: string, listen: string, address: string, port: number): Command[] {
    const { serverName: name, backend } = this;
    const sources = backend.balancerPlaces().map((balancer) => balancer.addressSeenBy(this.place));
    return [
      { of: [this, backend, backend.balancerMachines], words: ['web_server', place, name, listen, this.siteFolder].concat(sources) },
      { of: [this], words: ['await_answer', place, name, address, String(port)] },
    ];
  }

  private checkProps(): void {
    const annotations = Annotations.of(this);
    const { serverName, weight, maxConnections } = this;
    if (!isProxyName(serverName)) {
      annotations.addError(
        'bad-server-name',
        `server name ${JSON.stringify(serverName)} is none that HAProxy takes; use ${PROXY_NAME_RULE}`,
      );
    }
    if (weight !== undefined && (!Number.isInteger(weight) || weight < 1 || weight > 256)) {
      annotations.addError('bad-weight', `server "${serverName}" has weight ${shown(weight)}; give a whole number from 1 to 256`);
    }
    if (!Number.isInteger(maxConnections) || maxConnections < 1) {
      annotations.addError(
        'bad-max-connections',
        `server "${serverName}" takes ${shown(maxConnections)} connections; give a whole number, at least 1`,
      );
    }
  }
}
