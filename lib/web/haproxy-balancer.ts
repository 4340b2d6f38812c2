import type { Construct } from 'constructs';
import { Annotations, Duration, Element, OutputFile, Stack } from '../core/index.js';
import { Container, type ContainerOptions, containerOptions, type Member, Software } from '../lxd/index.js';
import type { HaproxyFrontend } from './haproxy-frontend.js';
import { renderHaproxyConfiguration } from './render-haproxy.js';

const TEMPLATES = new URL('./templates/', import.meta.url);

/** HAProxy of the image's distribution; procps has the `kill` that its unit reloads with, which a minimal image lacks. */
const HAPROXY = new Software('haproxy', {
  packages: ['haproxy', 'procps'],
  configure: new URL('haproxy.sh', TEMPLATES),
});

const BALANCERS = new WeakMap<Member, HaproxyBalancer>();

export interface HaproxyBalancerProps extends ContainerOptions {
  /** The member its container runs on. */
  readonly on: Member;
  /**
   * Name of the container.
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

/** The HAProxy process of a machine, in a container. Several frontends share it. */
export class HaproxyBalancer extends Element {
  /** The balancer of a machine; made with its defaults when there is none yet. */
  public static on(member: Member): HaproxyBalancer {
    return BALANCERS.get(member) ?? new HaproxyBalancer(member, 'Haproxy', { on: member });
  }

  public readonly member: Member;
  public readonly container: Container;
  public readonly maxConnections: number;
  public readonly clientTimeout: Duration;
  public readonly requestTimeout: Duration;
  public readonly connectTimeout: Duration;
  public readonly frontends: HaproxyFrontend[] = [];
  /** Its configuration: `haproxy.cfg` for the container `haproxy`, `haproxy-NAME.cfg` for any other. */
  public readonly configuration: OutputFile;

  public constructor(scope: Construct, id: string, props: HaproxyBalancerProps) {
    super(scope, id);
    this.member = props.on;
    this.maxConnections = props.maxConnections ?? 8000;
    this.clientTimeout = props.clientTimeout ?? Duration.seconds(60);
    this.requestTimeout = props.requestTimeout ?? Duration.seconds(30);
    this.connectTimeout = props.connectTimeout ?? Duration.millis(2500);
    const { on } = props;
    const name = props.name ?? 'haproxy';
    this.container = this.parts(
      () =>
        new Container(this, 'Container', {
          name,
          on,
          software: HAPROXY,
          ...containerOptions(props),
        }),
    );
    this.configuration = new OutputFile(this, 'Configuration', {
      path: name === 'haproxy' ? 'haproxy.cfg' : `haproxy-${name}.cfg`,
      render: () => renderHaproxyConfiguration(this),
    });
    on.addLibrary(Stack.of(this).libraryFile('lib/balancer.sh', new URL('balancer.sh', TEMPLATES)));
    on.addBundled(this.configuration);
    this.addCommands(name);
    if (BALANCERS.has(on)) {
      Annotations.of(this).addError(
        'second-balancer',
        `"${on.machine.machineName}" has the balancer ${BALANCERS.get(on)?.node.path} already; let frontends share it, and make it before them`,
      );
    } else {
      BALANCERS.set(on, this);
    }
    if (!Number.isInteger(this.maxConnections) || this.maxConnections < 1 || this.maxConnections > 30_000) {
      Annotations.of(this).addError(
        'bad-max-connections',
        `balancer "${name}" takes ${this.maxConnections} connections; give a whole number from 1 to 30000`,
      );
    }
  }

  /** @internal */
  public addFrontend(frontend: HaproxyFrontend): void {
    this.frontends.push(frontend);
    for (const page of frontend.errorPages) this.member.addBundled(page.file);
    const password = frontend.statistics?.password;
    if (password?.variable !== undefined) {
      this.member.containersEnvironment[frontend.secretVariable] = { kind: 'environment', variable: password.variable, of: frontend };
    }
  }

  public override checkTree(): void {
    if (this.frontends.length === 0) {
      Annotations.of(this).addError(
        'no-frontend',
        `balancer "${this.container.containerName}" has no frontend; make one: new HaproxyFrontend(stack, 'http', { balancer, port: 80, defaultBackend })`,
      );
    }
  }

  public override toResource() {
    return {
      type: 'HaproxyBalancer',
      name: this.container.containerName,
      properties: {
        member: this.member.machine.machineName,
        container: this.container.containerName,
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

  private addCommands(name: string): void {
    this.container.commandLists.push(() => {
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
            name,
            this.configuration.path,
            ...guarded.map((frontend) => `${frontend.secretLabel}=${frontend.secretVariable}`),
            ...(pages.length > 0 ? ['--', ...pages] : []),
          ],
        },
        ...this.frontends.map((frontend) => ({
          of: [frontend],
          words: ['await_answer', name, this.container.address, String(frontend.port)],
        })),
      ];
    });
  }
}
