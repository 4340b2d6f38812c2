import type { Construct } from 'constructs';
import {
  Annotations,
  DURATION,
  Duration,
  Element,
  isUrlPath,
  listOf,
  NUMBER,
  need,
  noted,
  options,
  Stack,
  shown,
  TEXT,
  UNTOLD,
} from '../core/index.js';
import type { HaproxyFrontend, WebServer } from '../web/index.js';
import type { DrillStep } from './drill.js';
import { FRONTEND, SERVER } from './kinds.js';
import type { Disturbance } from './system.js';

export interface FailoverDrillProps {
  /** What its requests go to. */
  readonly target: HaproxyFrontend;
  /**
   * Requests a second while it runs, 1 to 1000.
   *
   * @default 50
   */
  readonly rate?: number;
  /**
   * Path and query that they ask for.
   *
   * @default "/"
   */
  readonly path?: string;
}

const PROPS = options<FailoverDrillProps>('{ target: frontend }', () => ({ target: UNTOLD, rate: NUMBER, path: TEXT }));

/** What is to come true after a step. */
export interface ExpectOptions {
  /**
   * In how long, from the end of the step before.
   *
   * @default Duration.seconds(10)
   */
  readonly within?: Duration;
  /**
   * How many of the requests since the last expectation may fail.
   *
   * @default - none; any number when nobody is to serve
   */
  readonly failed?: number;
}

const SERVERS = listOf(SERVER);
const EXPECT = options<ExpectOptions>('{ within: Duration.seconds(10) }', () => ({ within: DURATION, failed: UNTOLD }));

/**
 * A failover drill, step by step: what is done to servers, and who is to serve then. `cdkv drill NAME` runs it against a rehearsal, or
 * against the machines.
 */
export class FailoverDrill extends Element {
  public readonly drillName: string;
  public readonly target: HaproxyFrontend;
  public readonly rate: number;
  public readonly path: string;
  public readonly steps: DrillStep[] = [];

  /** @param id name of the drill; unique in its stack */
  public constructor(scope: Construct, id: string, props: FailoverDrillProps) {
    const target = need(FRONTEND, props?.target, 'target', scope, 'drill', id);
    super(scope, id);
    const given = PROPS.of(this, 'drill', id, props);
    this.drillName = id;
    this.target = target;
    this.rate = given.rate ?? 50;
    this.path = given.path ?? '/';
    const stack = Stack.of(this);
    const annotations = Annotations.of(this);
    const namesake = stack.claim('drill', id, this);
    if (namesake !== undefined) annotations.addError('duplicate-drill', `drill name "${id}" is taken by ${namesake.node.path}; rename one`);
    if (Stack.of(target) !== stack) {
      annotations.addError(
        'other-stack',
        `drill "${id}" of stack "${stack.stackName}" is for frontend "${target.frontendName}" of stack "${Stack.of(target).stackName}"; choose one of its own stack`,
      );
    }
    if (!(this.rate >= 1 && this.rate <= 1000))
      annotations.addError('bad-drill', `drill "${id}" has a rate of ${this.rate}; give 1 to 1000 requests a second`);
    if (!isUrlPath(this.path))
      annotations.addError(
        'bad-drill',
        `drill "${id}" asks for ${JSON.stringify(this.path)}, which is no path; begin it with "/", without spaces`,
      );
  }

  /** The server refuses connections. */
  public stop(...servers: readonly WebServer[]): this {
    return this.disturb('stop', servers);
  }

  /** It takes connections and never answers. */
  public hang(...servers: readonly WebServer[]): this {
    return this.disturb('hang', servers);
  }

  /** It answers two seconds late. */
  public slow(...servers: readonly WebServer[]): this {
    return this.disturb('slow', servers);
  }

  /** It answers 500. */
  public break(...servers: readonly WebServer[]): this {
    return this.disturb('break', servers);
  }

  /** Its machine loses power, and all that runs there. */
  public powerOff(...servers: readonly WebServer[]): this {
    return this.disturb('powerOff', servers);
  }

  /** All of that ends. */
  public restore(...servers: readonly WebServer[]): this {
    return this.disturb('restore', servers);
  }

  public wait(duration: Duration): this {
    if (noted(DURATION, duration, 'wait', this, 'drill', this.drillName) === undefined) return this;
    this.steps.push({ waitMs: duration.toMilliseconds() });
    return this;
  }

  /** These servers answer, and no other is given a request; none: nobody serves. */
  public expect(servers: readonly WebServer[], options: ExpectOptions = {}): this {
    const { within = Duration.seconds(10), failed } = EXPECT.of(this, 'an expectation of drill', this.drillName, options);
    if (!this.look('expect', servers)) return this;
    if (failed !== undefined && (!Number.isInteger(failed) || failed < 0)) {
      Annotations.of(this).addError(
        'bad-drill',
        `drill "${this.drillName}" lets ${shown(failed)} requests fail; give a whole number, at least 0`,
      );
    }
    const serves = servers.map(({ serverName }) => serverName);
    this.steps.push({ expect: { serves, withinMs: within.toMilliseconds(), ...(failed === undefined ? {} : { maxFailed: failed }) } });
    return this;
  }

  public override checkTree(): void {
    if (this.steps.some((step) => 'expect' in step)) return;
    Annotations.of(this).addError('bad-drill', `drill "${this.drillName}" expects nothing, so it cannot fail; add .expect([web1])`);
  }

  public override toResource() {
    return {
      type: 'FailoverDrill',
      name: this.drillName,
      properties: {
        target: this.target.frontendName,
        rate: this.rate,
        path: this.path,
        /** As `runDrill` takes them. */
        steps: [...this.steps],
      },
    };
  }

  private disturb(action: Disturbance, servers: readonly WebServer[]): this {
    if (!this.look(action, servers)) return this;
    for (const { serverName } of servers) this.steps.push({ action, server: serverName });
    return this;
  }

  /** Notes what is wrong with the servers of a step. @returns whether they are servers */
  private look(step: string, servers: readonly WebServer[]): boolean {
    if (noted(SERVERS, servers, step, this, 'drill', this.drillName) === undefined) return false;
    const { defaultBackend, frontendName } = this.target;
    for (const { backend, serverName } of servers) {
      if (backend === defaultBackend) continue;
      Annotations.of(this).addError(
        'bad-drill',
        `drill "${this.drillName}" names server "${serverName}" of backend "${backend.backendName}", to which frontend "${frontendName}" does not lead; choose one of "${defaultBackend.backendName}"`,
      );
    }
    return true;
  }
}
