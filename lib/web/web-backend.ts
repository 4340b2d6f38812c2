import type { Construct } from 'constructs';
import {
  Annotations,
  classGuard,
  DURATION,
  Duration,
  Element,
  type Guard,
  isUrlPath,
  type Kind,
  kind,
  need,
  type Owners,
  options,
  Stack,
  shown,
  TEXT,
  UNTOLD,
} from '../core/index.js';
import { BALANCE, Balance, isProxyName, PROXY_NAME_RULE } from '../haproxy/index.js';
import type { Place } from '../provision/index.js';
import type { HaproxyBalancer } from './haproxy-balancer.js';
import { SITE, type Site } from './site.js';
import { type SharedSite, WebServer, type WebServerOptions } from './web-server.js';

export interface WebBackendProps {
  /**
   * How a server is chosen.
   *
   * @default Balance.roundRobin()
   */
  readonly balance?: Balance;
  /**
   * Pages of the servers that have none of their own.
   *
   * @default - each server has its own
   */
  readonly site?: Site;
  /**
   * Path that the health checks ask for. Anything but an answer from 200 to 399 in time counts against the server.
   *
   * @default "/"
   */
  readonly checkPath?: string;
  /**
   * How often each server is checked.
   *
   * @default Duration.seconds(1)
   */
  readonly checkInterval?: Duration;
  /**
   * How long a server may be silent before a request that is safe to repeat (GET, HEAD, OPTIONS) goes to another one. Any other may
   * take six times as long before it fails.
   *
   * @default Duration.seconds(5)
   */
  readonly serverTimeout?: Duration;
  /**
   * How long a request waits for a free server before it gets a 503.
   *
   * @default Duration.minutes(1)
   */
  readonly queueTimeout?: Duration;
  /**
   * Most requests each server gets at the same time; more wait in the balancer's queue, which is what keeps a server under load healthy.
   *
   * @default - 16 for each processor of the server's machine, at most 150, which is what Apache serves
   */
  readonly maxConnectionsPerServer?: number;
}

const PROPS = options<WebBackendProps>("{ site: Site.directory('sites/web') }", () => ({
  balance: BALANCE,
  site: SITE,
  checkPath: TEXT,
  checkInterval: DURATION,
  serverTimeout: DURATION,
  queueTimeout: DURATION,
  maxConnectionsPerServer: UNTOLD,
}));

/** When backups serve. */
export type ActivateWhen = 'down' | 'downOrSaturated';

/** Web servers with the same task, and how requests are spread over them. */
export class WebBackend extends Element {
  /** Whether `x` is one, also of another copy of this library. */
  public static readonly isWebBackend: Guard<WebBackend> = classGuard(WebBackend, 'WebBackend');

  public readonly backendName: string;
  public readonly balance: Balance;
  public readonly checkPath: string;
  public readonly checkInterval: Duration;
  public readonly serverTimeout: Duration;
  public readonly queueTimeout: Duration;
  public readonly maxConnectionsPerServer: number | undefined;
  /** Servers that serve while they are healthy. */
  public readonly primaries: WebServer[] = [];
  /** Servers that serve when no primary does. */
  public readonly backups: WebServer[] = [];
  /** The balancers whose frontends lead here. */
  public readonly balancers: HaproxyBalancer[] = [];
  /** Whether backups serve also when every slot of the primaries is taken. */
  public activateWhen: ActivateWhen = 'down';
  /** @internal Where the balancers run. The same function for all that ask who may reach a server, so that it is asked once. */
  public readonly balancerPlaces = (): readonly Place[] => this.balancers.map((balancer) => balancer.place);
  /** @internal The machines of the balancers, as owners of text. */
  public readonly balancerMachines = (): Owners => this.balancers.map((balancer) => balancer.machine);
  private readonly site: Site | undefined;
  private siteFiles: SharedSite | undefined;

  /** @param id name of the backend in HAProxy */
  public constructor(scope: Construct, id: string, props: WebBackendProps = {}) {
    super(scope, id);
    const given = PROPS.of(this, 'backend', id, props);
    this.backendName = id;
    this.balance = given.balance ?? Balance.roundRobin();
    this.site = given.site;
    this.checkPath = given.checkPath ?? '/';
    this.checkInterval = given.checkInterval ?? Duration.seconds(1);
    this.serverTimeout = given.serverTimeout ?? Duration.seconds(5);
    this.queueTimeout = given.queueTimeout ?? Duration.minutes(1);
    this.maxConnectionsPerServer = given.maxConnectionsPerServer;
    this.checkProps();
  }

  /**
   * Adds a server, in a container of its own or on a machine itself.
   *
   * @param name name of the server, and of its container
   */
  public addServer(name: string, options: WebServerOptions): WebServer {
    need(TEXT, name, 'name', this, 'a server of backend', this.backendName);
    const server = new WebServer(this, this.freeId(name), name, this, false, options, () => this.sharedSite());
    this.primaries.push(server);
    return server;
  }

  /** Whether all primaries are to get the same number of requests: round robin without weights. */
  public get sharesEqually(): boolean {
    return this.balance.isEqual && this.primaries.every((server) => server.weight === undefined);
  }

  /** Name of the backend beside this one that its backups serve from while the primaries are saturated; undefined when they do not. */
  public get overflowName(): string | undefined {
    return this.activateWhen === 'downOrSaturated' && this.backups.length > 0 ? `${this.backendName}-overflow` : undefined;
  }

  /** @internal The pages that servers without their own have. */
  public sharedSite(): SharedSite | undefined {
    if (this.site === undefined) return undefined;
    const folder = `sites/${this.backendName}`;
    this.siteFiles ??= { folder, files: this.site.addTo(this, folder) };
    return this.siteFiles;
  }

  /** @internal */
  public addBalancer(balancer: HaproxyBalancer): void {
    if (!this.balancers.includes(balancer)) this.balancers.push(balancer);
  }

  public override checkTree(): void {
    if (this.primaries.length === 0) {
      Annotations.of(this).addError(
        'empty-backend',
        `backend "${this.backendName}" has no server; add one: addServer('web1', { on: member, site: Site.directory('sites/web1') })`,
      );
    }
    const namesake = this.overflowName === undefined ? undefined : Stack.of(this).claim('backend', this.overflowName, this);
    if (namesake !== undefined && namesake !== this) {
      Annotations.of(namesake).addError(
        'duplicate-backend',
        `backend name "${this.overflowName}" is taken by the backups of ${this.node.path}, which serve as well when it is saturated; rename one`,
      );
    }
  }

  public override toResource() {
    const names = (servers: readonly WebServer[]) => servers.map(({ serverName }) => serverName);
    return {
      type: 'WebBackend',
      name: this.backendName,
      properties: {
        /** As in haproxy.cfg, e.g. `roundrobin` or `uri depth 2`. */
        balance: this.balance.words.join(' '),
        checkPath: this.checkPath,
        checkIntervalMs: this.checkInterval.toMilliseconds(),
        serverTimeoutMs: this.serverTimeout.toMilliseconds(),
        queueTimeoutMs: this.queueTimeout.toMilliseconds(),
        maxConnectionsPerServer: this.maxConnectionsPerServer,
        /** When its backups serve: `down` or `downOrSaturated`. */
        activateWhen: this.activateWhen,
        primaries: names(this.primaries),
        backups: names(this.backups),
        /** Names. */
        balancers: this.balancers.map(({ balancerName }) => balancerName),
      },
    };
  }

  private checkProps(): void {
    const annotations = Annotations.of(this);
    const { backendName, checkPath, maxConnectionsPerServer } = this;
    if (!isProxyName(backendName)) {
      annotations.addError(
        'bad-backend-name',
        `backend name ${JSON.stringify(backendName)} is none that HAProxy takes; use ${PROXY_NAME_RULE}`,
      );
    }
    const other = Stack.of(this).claim('backend', backendName, this);
    if (other !== undefined)
      annotations.addError('duplicate-backend', `backend name "${backendName}" is taken by ${other.node.path}; rename one`);
    if (!isUrlPath(checkPath)) {
      annotations.addError(
        'bad-check-path',
        `checkPath ${JSON.stringify(checkPath)} of "${backendName}" is no path; begin it with "/", without spaces`,
      );
    }
    if (maxConnectionsPerServer !== undefined && (!Number.isInteger(maxConnectionsPerServer) || maxConnectionsPerServer < 1)) {
      annotations.addError(
        'bad-max-connections',
        `servers of "${backendName}" take ${shown(maxConnectionsPerServer)} connections; give a whole number, at least 1`,
      );
    }
  }
}

export const BACKEND: Kind<WebBackend> = kind(
  'a WebBackend',
  WebBackend.isWebBackend,
  (value) => `new WebBackend(stack, ${TEXT.is(value) ? shown(value) : "'web'"})`,
);
