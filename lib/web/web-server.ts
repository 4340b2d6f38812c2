import type { Construct } from 'constructs';
import { Annotations, Element, type OutputFile, Stack } from '../core/index.js';
import { isProxyName, PROXY_NAME_RULE } from '../haproxy/index.js';
import { Container, type ContainerOptions, containerOptions, type Member, Software, stablePlace } from '../lxd/index.js';
import type { Site } from './site.js';
import type { WebBackend } from './web-backend.js';

const TEMPLATES = new URL('./templates/', import.meta.url);
/** Shell functions for a member's script. */
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
  /** The member its container runs on. */
  readonly on: Member;
  /**
   * Its pages.
   *
   * @default - the backend's or pool's
   */
  readonly site?: Site;
  /**
   * Port on the member's private address, which answers the balancers only.
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

/** Pages that several servers have in common, as files of the output. */
export interface SharedSite {
  readonly folder: string;
  readonly files: readonly OutputFile[];
}

/** A web server in a container of its own. Made by `WebBackend.addServer` and `BackupPool.addServer`. */
export class WebServer extends Element {
  public readonly serverName: string;
  public readonly container: Container;
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
    super(scope, id);
    this.serverName = name;
    this.weight = options.weight;
    this.maxConnections =
      options.maxConnections ?? backend.maxConnectionsPerServer ?? Math.min(CONNECTIONS_PER_CPU * options.on.machine.cpus, APACHE_WORKERS);
    const { on } = options;
    this.container = this.parts(
      () =>
        new Container(this, 'Container', {
          name,
          on,
          software: APACHE,
          isolated: true,
          ...containerOptions(options),
        }),
    );
    this.port = options.port ?? stablePlace(name, on.cluster.bridgePrefix).port;
    this.container.publish({
      listen: this.port,
      connect: APACHE_PORT,
      allow: () => this.backend.balancers.map((balancer) => balancer.container),
    });
    this.checkProps();

    const folder = `sites/${name}`;
    const site = options.site === undefined ? sharedSite() : { folder, files: options.site.addTo(this, folder) };
    this.siteFolder = site?.folder ?? folder;
    if (site === undefined) {
      Annotations.of(this).addError(
        'no-site',
        `server "${name}" has no site; give it one, or its backend: site: Site.directory('sites/${name}')`,
      );
    }
    on.addLibrary(Stack.of(this).libraryFile('lib/web-server.sh', FUNCTIONS));
    for (const file of site?.files ?? []) on.addBundled(file, this);
    this.container.commandLists.push(() => [
      {
        of: [this, backend, backend.balancers.map((balancer) => balancer.member.machine)],
        words: ['web_server', name, this.siteFolder, ...this.balancerSources()],
      },
      { of: [this], words: ['await_answer', name, this.container.address, String(APACHE_PORT)] },
    ]);
  }

  /** Where a balancer on `member` finds this server. */
  public endpointFor(member: Member): { readonly address: string; readonly port: number } {
    // On its own machine the two share a bridge; from elsewhere the way leads over the published port.
    return member === this.container.member
      ? { address: this.container.address, port: APACHE_PORT }
      : { address: this.container.member.machine.address, port: this.port };
  }

  public override toResource() {
    const { containerName, member } = this.container;
    return {
      type: 'WebServer',
      name: this.serverName,
      properties: {
        backend: this.backend.backendName,
        role: this.isBackup ? 'backup' : 'primary',
        container: containerName,
        member: member.machine.machineName,
        /** Of its member, where balancers on other machines find `port`. */
        address: member.machine.address,
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

  /** The addresses that this server sees its balancers come from. */
  private balancerSources(): string[] {
    return this.backend.balancers.map((balancer) =>
      balancer.member === this.container.member ? balancer.container.address : balancer.member.machine.address,
    );
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
      annotations.addError('bad-weight', `server "${serverName}" has weight ${weight}; give a whole number from 1 to 256`);
    }
    if (!Number.isInteger(maxConnections) || maxConnections < 1) {
      annotations.addError(
        'bad-max-connections',
        `server "${serverName}" takes ${maxConnections} connections; give a whole number, at least 1`,
      );
    }
  }
}
