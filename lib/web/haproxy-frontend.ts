import type { Construct } from 'constructs';
import {
  Annotations,
  classGuard,
  DURATION,
  Duration,
  Element,
  type Guard,
  isUrlPath,
  kind,
  need,
  options,
  Stack,
  shown,
  TEXT,
  UNTOLD,
} from '../core/index.js';
import { isProxyName, PROXY_NAME_RULE } from '../haproxy/index.js';
import type { Member } from '../lxd/index.js';
import { GUEST_FOLDER, Machine } from '../machine/index.js';
import { ERROR_PAGES, type ErrorPage, type ErrorPages } from './error-pages.js';
import { BALANCER, HaproxyBalancer } from './haproxy-balancer.js';
import { PLACE } from './own-machine.js';
import { PASSWORD, Password } from './password.js';
import { BACKEND, type WebBackend } from './web-backend.js';

/** HAProxy's statistics page. */
export interface StatisticsOptions {
  /**
   * Path and query of the page.
   *
   * @default "/haproxy?stats"
   */
  readonly uri?: string;
  /**
   * How often the page loads itself anew.
   *
   * @default Duration.seconds(10)
   */
  readonly refresh?: Duration;
  /**
   * Name of the user who may see it.
   *
   * @default "admin"
   */
  readonly user?: string;
  /**
   * The user's password.
   *
   * @default Password.generated()
   */
  readonly password?: Password;
}

/** Statistics with nothing left open. */
export interface Statistics {
  readonly uri: string;
  readonly refresh: Duration;
  readonly user: string;
  readonly password: Password;
}

export interface HaproxyFrontendProps {
  /**
   * The member in whose balancer's container it is, or the machine that HAProxy runs on itself.
   *
   * @default - where `balancer` is; one of the two is needed
   */
  readonly on?: Member | Machine;
  /**
   * The HAProxy process it is of.
   *
   * @default - the machine's, made when there is none
   */
  readonly balancer?: HaproxyBalancer;
  /** Port in the balancer's container. On a machine itself: the port of all its addresses that clients open. */
  readonly port: number;
  /**
   * Port on the member's private address, which clients open. They keep their own address in all logs. Not on a machine itself.
   *
   * @default - the same as `port`
   */
  readonly publishPort?: number;
  /**
   * Port on the host's 127.0.0.1 as well. On this way HAProxy sees every client as the machine itself, so the logs lose their
   * addresses, and some providers carry a few hundred connections only: use `publishPort` for load.
   *
   * @default - none
   */
  readonly hostPort?: number;
  /** Who serves. */
  readonly defaultBackend: WebBackend;
  /**
   * The statistics page.
   *
   * @default - none
   */
  readonly statistics?: StatisticsOptions;
  /**
   * Pages for the errors that HAProxy answers itself.
   *
   * @default - HAProxy's
   */
  readonly errorPages?: ErrorPages;
}

const ON = kind<Member | Machine>('a Member or a Machine, unless "balancer" says where it is', PLACE.is, PLACE.example);

const PROPS = options<HaproxyFrontendProps>('{ on: member, port: 80, defaultBackend }', () => ({
  on: UNTOLD,
  balancer: UNTOLD,
  port: UNTOLD,
  publishPort: UNTOLD,
  hostPort: UNTOLD,
  defaultBackend: UNTOLD,
  statistics: options<StatisticsOptions>("{ uri: '/haproxy?stats' }", () => ({
    uri: TEXT,
    refresh: DURATION,
    user: TEXT,
    password: PASSWORD,
  })),
  errorPages: ERROR_PAGES,
}));

/** What clients reach: a port of a machine that leads to a backend. */
export class HaproxyFrontend extends Element {
  /** Whether `x` is one, also of another copy of this library. */
  public static readonly isHaproxyFrontend: Guard<HaproxyFrontend> = classGuard(HaproxyFrontend, 'HaproxyFrontend');

  public readonly frontendName: string;
  public readonly balancer: HaproxyBalancer;
  public readonly port: number;
  public readonly publishPort: number;
  public readonly hostPort: number | undefined;
  public readonly defaultBackend: WebBackend;
  public readonly statistics: Statistics | undefined;
  public readonly errorPages: readonly ErrorPage[];

  /**
   * @param id name of the frontend in HAProxy
   * @throws SynthesisError when neither `on` nor `balancer` is given
   */
  public constructor(scope: Construct, id: string, props: HaproxyFrontendProps) {
    // Before it is in the tree, where nothing half made may stay.
    const chosen = props?.balancer ?? undefined;
    const balancer = chosen && need(BALANCER, chosen, 'balancer', scope, 'frontend', id);
    const on = need(ON, props?.on ?? balancer?.on, 'on', scope, 'frontend', id);
    const defaultBackend = need(BACKEND, props.defaultBackend, 'defaultBackend', scope, 'frontend', id);
    super(scope, id);
    const given = PROPS.of(this, 'frontend', id, props);
    this.frontendName = id;
    this.balancer = balancer ?? HaproxyBalancer.on(on);
    this.port = given.port;
    this.publishPort = given.publishPort ?? given.port;
    this.hostPort = given.hostPort;
    this.defaultBackend = defaultBackend;
    this.statistics = given.statistics && {
      uri: given.statistics.uri ?? '/haproxy?stats',
      refresh: given.statistics.refresh ?? Duration.seconds(10),
      user: given.statistics.user ?? 'admin',
      password: given.statistics.password ?? Password.generated(),
    };
    this.errorPages = given.errorPages?.addTo(this, this.pagesFolder) ?? [];
    this.checkProps(given);
    this.publish();
    this.balancer.addFrontend(this);
    this.defaultBackend.addBalancer(this.balancer);
    for (const text of this.postUpLines()) this.machine.postUpLines.push({ text, of: this });
  }

  public get machine(): Machine {
    return this.balancer.machine;
  }

  /** Where its error pages stand in the output, and beside the configuration in the container. */
  public get pagesFolder(): string {
    return `pages/${this.frontendName}`;
  }

  /** Name under which the machine keeps the password of the statistics. */
  public get secretLabel(): string {
    return `statistics-${this.frontendName}`;
  }

  /** Variable of HAProxy's environment, and of the provisioner's, for the password of the statistics. */
  public get secretVariable(): string {
    return `STATISTICS_${this.frontendName.toUpperCase().replace(/[^A-Z0-9]/g, '_')}`;
  }

  public override toResource() {
    const { statistics, machine } = this;
    return {
      type: 'HaproxyFrontend',
      name: this.frontendName,
      properties: {
        machine: machine.machineName,
        balancer: this.balancer.balancerName,
        /** Of the machine, where clients find `publishPort`. */
        address: machine.address,
        /** In the balancer's container, or on the machine itself. */
        port: this.port,
        publishPort: this.publishPort,
        hostPort: this.hostPort,
        defaultBackend: this.defaultBackend.backendName,
        statistics: statistics && {
          uri: statistics.uri,
          refreshMs: statistics.refresh.toMilliseconds(),
          user: statistics.user,
          /** Environment variable that holds the password; not there: the machine makes one. */
          passwordVariable: statistics.password.variable,
        },
        /** Statuses that have a page, in the order of the files' names. */
        errorPages: this.errorPages.map(({ status }) => status),
      },
    };
  }

  private publish(): void {
    const { balancer, machine, port, publishPort, hostPort } = this;
    if (balancer.container !== undefined) {
      balancer.container.publish({ listen: publishPort, connect: port, of: this });
      if (hostPort !== undefined) balancer.container.publishOnHost(hostPort, port, this);
      return;
    }
    machine.claimPort(port, this);
    if (hostPort !== undefined) machine.forwardPort({ hostPort, machinePort: port }, this);
    if (publishPort === port) return;
    Annotations.of(this).addError(
      'bad-publish-port',
      `frontend "${this.frontendName}" has publishPort ${shown(publishPort)} but is on "${machine.machineName}" itself, where clients open port ${port}; leave publishPort out`,
    );
  }

  private postUpLines(): string[] {
    const { machine, hostPort } = this;
    const site = `http://${machine.address}:${this.publishPort}`;
    const lines = [`${this.frontendName}: ${site}/${hostPort === undefined ? '' : ` (on this host also http://127.0.0.1:${hostPort}/)`}`];
    if (this.statistics === undefined) return lines;
    const { uri, user, password } = this.statistics;
    const how =
      password.variable === undefined
        ? `vagrant ssh ${machine.machineName} -c "sudo cat ${GUEST_FOLDER}/secrets/${this.secretLabel}.password"`
        : `the one that ${password.variable} held`;
    return [...lines, `Statistics: ${site}${uri}, user ${user}, password: ${how}`];
  }

  private checkProps(props: HaproxyFrontendProps): void {
    const annotations = Annotations.of(this);
    const { frontendName, statistics, balancer, defaultBackend } = this;
    if (!isProxyName(frontendName)) {
      annotations.addError(
        'bad-frontend-name',
        `frontend name ${JSON.stringify(frontendName)} is none that HAProxy takes; use ${PROXY_NAME_RULE}`,
      );
    }
    const stack = Stack.of(this);
    const namesake = stack.claim('frontend', this.secretVariable, this);
    if (namesake !== undefined)
      annotations.addError(
        'duplicate-frontend',
        `frontend name "${frontendName}" is taken by ${namesake.node.path} or too much like its; rename one`,
      );
    const { machine } = this;
    if (Stack.of(machine) !== stack) {
      annotations.addError(
        'other-stack',
        `frontend "${frontendName}" of stack "${stack.stackName}" is on "${machine.machineName}" of stack "${Stack.of(machine).stackName}"; choose a machine of its own stack`,
      );
    }
    if (Stack.of(defaultBackend) !== stack) {
      annotations.addError(
        'other-stack',
        `frontend "${frontendName}" of stack "${stack.stackName}" leads to backend "${defaultBackend.backendName}" of stack "${Stack.of(defaultBackend).stackName}"; choose a backend of its own stack`,
      );
    }
    if (props.on !== undefined && props.balancer !== undefined && props.on !== props.balancer.on) {
      annotations.addError(
        'two-machines',
        `frontend "${frontendName}" is on ${shownPlace(props.on)} but its balancer is on ${shownPlace(props.balancer.on)}; leave out "on"`,
      );
    }
    if (!Number.isInteger(this.port) || this.port < 1 || this.port > 65535) {
      annotations.addError('bad-port', `port ${shown(this.port)} of frontend "${frontendName}" is no TCP port; choose one from 1 to 65535`);
    }
    // On a machine itself its port is the machine's.
    const neighbour = balancer.container && stack.claim(`bind of ${balancer.node.path}`, String(this.port), this);
    if (neighbour !== undefined)
      annotations.addError(
        'duplicate-port',
        `port ${this.port} of balancer "${balancer.balancerName}" is taken by ${neighbour.node.path}; choose another for "${frontendName}"`,
      );
    if (statistics === undefined) return;
    if (!isUrlPath(statistics.uri)) {
      annotations.addError(
        'bad-statistics-uri',
        `statistics uri ${JSON.stringify(statistics.uri)} of "${frontendName}" is no path; begin it with "/", without spaces`,
      );
    }
    if (!/^[A-Za-z0-9._-]{1,64}$/.test(statistics.user)) {
      annotations.addError(
        'bad-statistics-user',
        `statistics user ${JSON.stringify(statistics.user)} of "${frontendName}" is none; use letters, digits, ".", "_" and "-"`,
      );
    }
  }
}

function shownPlace(on: Member | Machine): string {
  return Machine.isMachine(on) ? `"${on.machineName}" itself` : `"${on.machine.machineName}"`;
}
