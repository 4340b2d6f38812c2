import type { Construct } from 'constructs';
import {
  Annotations,
  classGuard,
  DURATION,
  Duration,
  Element,
  type Guard,
  type Kind,
  kind,
  need,
  OutputFile,
  options,
  Stack,
  shown,
  TEXT,
  UNTOLD,
} from '../core/index.js';
import { CONTAINER_OPTIONS, Container, type ContainerOptions, containerOptions, type Member } from '../lxd/index.js';
import { Machine } from '../machine/index.js';
import { type Command, MachineServices, type Place, Software } from '../provision/index.js';
import type { HaproxyFrontend } from './haproxy-frontend.js';
import { checkOwnMachine, PLACE } from './own-machine.js';
import { renderHaproxyConfiguration } from './render-haproxy.js';

const TEMPLATES = new URL('./templates/', import.meta.url);

/** HAProxy of the image's distribution; procps has the `kill` that its unit reloads with, which a minimal image lacks. */
const HAPROXY = new Software('haproxy', {
  packages: ['haproxy', 'procps'],
  configure: new URL('haproxy.sh', TEMPLATES),
});

const BALANCERS = new WeakMap<Member | Machine, HaproxyBalancer>();

export interface HaproxyBalancerProps extends ContainerOptions {
  /** A member, for a container of its own there, or a machine (`member.machine` as well), for HAProxy on the machine itself. */
  readonly on: Member | Machine;
  /**
   * Name of the container, and in that of its configuration.
   *
   * @default "haproxy"
   */
  readonly name?: string;
  /**
   * Most connections of clients at the same time, 1 to 30000; more wait in the kernel. 4,000 took less than 100 MiB.
   *
   * @default 8000
   */
  readonly maxConnections?: number;
  /**
   * How long a client may be silent within a request or between two.
   *
   * @default Duration.seconds(60)
   */
  readonly clientTimeout?: Duration;
  /**
   * How long a client may take for its request's headers.
   *
   * @default Duration.seconds(30)
   */
  readonly requestTimeout?: Duration;
  /**
   * How long a connection to a server may take. Long enough for the kernel's second try, a second after a first that was lost.
   *
   * @default Duration.millis(2500)
   */
  readonly connectTimeout?: Duration;
}

const PROPS = options<HaproxyBalancerProps>('{ on: member }', () => ({
  ...CONTAINER_OPTIONS,
  on: UNTOLD,
  name: TEXT,
  maxConnections: UNTOLD,
  clientTimeout: DURATION,
  requestTimeout: DURATION,
  connectTimeout: DURATION,
}));

/** The HAProxy process of a machine, in a container or on the machine itself. Several frontends share it. */
export class HaproxyBalancer extends Element {
  /** Whether `x` is one, also of another copy of this library. */
  public static readonly isHaproxyBalancer: Guard<HaproxyBalancer> = classGuard(HaproxyBalancer, 'HaproxyBalancer');

  /** The balancer of a member, or of a machine itself; made with its defaults when there is none yet. */
  public static on(on: Member | Machine): HaproxyBalancer {
    return BALANCERS.get(on) ?? new HaproxyBalancer(on, 'Haproxy', { on });
  }

  /** Where its container is, or the machine that it is on itself. */
  public readonly on: Member | Machine;
  public readonly balancerName: string;
  /** Where it runs. */
  public readonly place: Place;
  public readonly maxConnections: number;
  public readonly clientTimeout: Duration;
  public readonly requestTimeout: Duration;
  public readonly connectTimeout: Duration;
  public readonly frontends: HaproxyFrontend[] = [];
  /** Its configuration: `haproxy.cfg` for the container `haproxy`, `haproxy-NAME.cfg` for any other. */
  public readonly configuration: OutputFile;

  public constructor(scope: Construct, id: string, props: HaproxyBalancerProps) {
    const on = need(PLACE, props?.on, 'on', scope, 'balancer', props?.name ?? id);
    super(scope, id);
    const given = PROPS.of(this, 'balancer', id, props);
    this.on = on;
    this.balancerName = given.name ?? 'haproxy';
    this.maxConnections = given.maxConnections ?? 8000;
    this.clientTimeout = given.clientTimeout ?? Duration.seconds(60);
    this.requestTimeout = given.requestTimeout ?? Duration.seconds(30);
    this.connectTimeout = given.connectTimeout ?? Duration.millis(2500);
    const name = this.balancerName;
    this.place = Machine.isMachine(on) ? this.onMachine(on, given) : this.inContainer(on, given);
    this.configuration = new OutputFile(this, 'Configuration', {
      path: name === 'haproxy' ? 'haproxy.cfg' : `haproxy-${name}.cfg`,
      render: () => renderHaproxyConfiguration(this),
    });
    const { machine } = this;
    MachineServices.of(machine).addLibrary(Stack.of(machine).libraryFile('lib/balancer.sh', new URL('balancer.sh', TEMPLATES)));
    machine.addBundled(this.configuration);
    if (BALANCERS.has(on)) {
      Annotations.of(this).addError(
        'second-balancer',
        `"${machine.machineName}" has the balancer ${BALANCERS.get(on)?.node.path} already; let frontends share it, and make it before them`,
      );
    } else {
      BALANCERS.set(on, this);
    }
    if (!Number.isInteger(this.maxConnections) || this.maxConnections < 1 || this.maxConnections > 30_000) {
      Annotations.of(this).addError(
        'bad-max-connections',
        `balancer "${name}" takes ${shown(this.maxConnections)} connections; give a whole number from 1 to 30000`,
      );
    }
  }

  public get machine(): Machine {
    return this.place.machine;
  }

  /** Its container; undefined when it runs on the machine itself. */
  public get container(): Container | undefined {
    return this.place instanceof Container ? this.place : undefined;
  }

  /** @internal */
  public addFrontend(frontend: HaproxyFrontend): void {
    this.frontends.push(frontend);
    for (const page of frontend.errorPages) this.machine.addBundled(page.file);
    const password = frontend.statistics?.password;
    if (password?.variable !== undefined) {
      MachineServices.of(this.machine).environment[frontend.secretVariable] = {
        kind: 'environment',
        variable: password.variable,
        of: frontend,
      };
    }
  }

  public override checkTree(): void {
    if (this.frontends.length === 0) {
      Annotations.of(this).addError(
        'no-frontend',
        `balancer "${this.balancerName}" has no frontend; make one: new HaproxyFrontend(stack, 'http', { balancer, port: 80, defaultBackend })`,
      );
    }
  }

  public override toResource() {
    return {
      type: 'HaproxyBalancer',
      name: this.balancerName,
      properties: {
        machine: this.machine.machineName,
        /** Not there: it runs on the machine itself. */
        container: this.container?.containerName,
        maxConnections: this.maxConnections,
        clientTimeoutMs: this.clientTimeout.toMilliseconds(),
        requestTimeoutMs: this.requestTimeout.toMilliseconds(),
        connectTimeoutMs: this.connectTimeout.toMilliseconds(),
        /** Path of the file. */
        configuration: this.configuration.path,
        frontends: this.frontends.map(({ frontendName }) => frontendName),
      },
    };
  }

  private inContainer(on: Member, props: HaproxyBalancerProps): Place {
    const name = this.balancerName;
    const container = this.parts(() => new Container(this, 'Container', { name, on, software: HAPROXY, ...containerOptions(props) }));
    container.addCommands(() => this.commands(name, container.address));
    return container;
  }

  private onMachine(on: Machine, props: HaproxyBalancerProps): Place {
    const name = this.balancerName;
    checkOwnMachine(this, `balancer "${name}"`, name, on, props);
    const services = MachineServices.of(on);
    services.add({ of: this, name, software: HAPROXY, commands: () => this.commands('.', on.address) });
    return services;
  }

  /** Calls of the provisioning script: passwords, configuration, and a look at each frontend. */
  private commands(place: string, address: string): Command[] {
    const guarded = this.frontends.filter((frontend) => frontend.statistics !== undefined);
    const pages = this.frontends.filter((frontend) => frontend.errorPages.length > 0).map((frontend) => frontend.pagesFolder);
    return [
      ...guarded.map((frontend) => ({
        of: [frontend],
        words: ['statistics_password', frontend.secretLabel, frontend.secretVariable, frontend.statistics?.password.variable ?? ''],
      })),
      {
        of: [this, ...this.frontends],
        words: [
          'balancer',
          place,
          this.balancerName,
          this.configuration.path,
          ...guarded.map((frontend) => `${frontend.secretLabel}=${frontend.secretVariable}`),
          ...(pages.length > 0 ? ['--', ...pages] : []),
        ],
      },
      ...this.frontends.map((frontend) => ({
        of: [frontend],
        words: ['await_answer', place, this.balancerName, address, String(frontend.port)],
      })),
    ];
  }
}

export const BALANCER: Kind<HaproxyBalancer> = kind(
  'a HaproxyBalancer',
  HaproxyBalancer.isHaproxyBalancer,
  () => "new HaproxyBalancer(stack, 'Edge', { on: member })",
);
