import type { Construct } from 'constructs';
import {
  Annotations,
  DURATION,
  Duration,
  Element,
  isPlainName,
  listOf,
  NUMBER,
  need,
  OutputFile,
  options,
  Stack,
  shown,
  TEXT,
  UNTOLD,
} from '../core/index.js';
import type { HaproxyFrontend } from '../web/index.js';
import { FRONTEND } from './kinds.js';
import { renderJmeterPlan, renderK6Script } from './render-load-test.js';

/** What a load must not do to a system. */
export interface LoadThresholds {
  /**
   * Largest share of the requests that may fail, from 0 to 1. A request fails that gets no answer in time, or another status than 200.
   *
   * @default 0
   */
  readonly failed?: number;
  /**
   * Time within which 95 of 100 requests are to be answered.
   *
   * @default - not judged
   */
  readonly p95?: Duration;
  /**
   * Time within which 99 of 100 requests are to be answered.
   *
   * @default - not judged
   */
  readonly p99?: Duration;
  /**
   * Largest deviation of a primary's requests from an equal share, as a part of that share: with 0.05, each of two gets 47.5 % to 52.5 %.
   * HAProxy's own figures tell.
   *
   * @default - not judged
   */
  readonly spread?: number;
}

interface CommonProps {
  /** What clients reach. */
  readonly target: HaproxyFrontend;
  /**
   * Paths that are asked for. A user asks for all of them in each loop; at a fixed rate they take turns.
   *
   * @default ['/']
   */
  readonly paths?: readonly string[];
  /**
   * How long an answer may take before its request has failed.
   *
   * @default Duration.seconds(30)
   */
  readonly timeout?: Duration;
  /**
   * What is judged.
   *
   * @default - that no request fails
   */
  readonly thresholds?: LoadThresholds;
}

/** A closed model: users who wait for each answer before they send their next request. */
export interface UsersLoadProps extends CommonProps {
  /** How many users, each with a connection. */
  readonly users: number;
  /**
   * Time over which they come, evenly.
   *
   * @default Duration.seconds(1)
   */
  readonly rampUp?: Duration;
  /**
   * How often each asks for all paths.
   *
   * @default 1
   */
  readonly loops?: number;
  readonly rate?: undefined;
  readonly duration?: undefined;
}

/** An open model: requests come at their rate, whatever becomes of those before. */
export interface RateLoadProps extends CommonProps {
  /** Requests a second, with at most three decimals. */
  readonly rate: number;
  /** For how long. */
  readonly duration: Duration;
  readonly users?: undefined;
  readonly rampUp?: undefined;
  readonly loops?: undefined;
}

export type LoadTestProps = UsersLoadProps | RateLoadProps;

const PROPS = options<{ readonly [K in keyof LoadTestProps]: unknown }>('{ target: frontend, users: 10 }', () => ({
  target: UNTOLD,
  paths: listOf(TEXT),
  timeout: DURATION,
  thresholds: options<LoadThresholds>('{ failed: 0.01 }', () => ({ failed: NUMBER, p95: DURATION, p99: DURATION, spread: NUMBER })),
  users: UNTOLD,
  rampUp: DURATION,
  loops: UNTOLD,
  rate: NUMBER,
  duration: DURATION,
}));

/** Most users, and most requests a second: what no single client comes near to. */
const MOST = 1_000_000;

/** A load on a frontend, as a JMeter plan, a k6 script, and by `cdkv load`. */
export class LoadTest extends Element {
  public readonly loadName: string;
  public readonly target: HaproxyFrontend;
  /** Users of a closed model. */
  public readonly users: number | undefined;
  public readonly rampUp: Duration | undefined;
  public readonly loops: number | undefined;
  /** Requests a second of an open model. */
  public readonly rate: number | undefined;
  public readonly duration: Duration | undefined;
  public readonly paths: readonly string[];
  public readonly timeout: Duration;
  public readonly thresholds: LoadThresholds & { readonly failed: number };

  /** @param id name of the load test and of its files: letters, digits, `.`, `_` and `-` */
  public constructor(scope: Construct, id: string, props: LoadTestProps) {
    const target = need(FRONTEND, props?.target, 'target', scope, 'load test', id);
    super(scope, id);
    const given = PROPS.of(this, 'load test', id, props) as LoadTestProps;
    this.loadName = id;
    this.target = target;
    this.users = given.users;
    this.rampUp = given.users === undefined ? undefined : (given.rampUp ?? Duration.seconds(1));
    this.loops = given.users === undefined ? undefined : (given.loops ?? 1);
    this.rate = given.rate;
    this.duration = given.duration;
    this.paths = given.paths ?? ['/'];
    this.timeout = given.timeout ?? Duration.seconds(30);
    this.thresholds = { failed: 0, ...given.thresholds };
    this.checkProps(props);
    new OutputFile(this, 'JMeter', { path: `load/${id}.jmx`, render: () => renderJmeterPlan(this) });
    new OutputFile(this, 'K6', { path: `load/${id}.k6.js`, render: () => renderK6Script(this) });
  }

  /** Where the requests go, without a path. */
  public get url(): string {
    return `http://${this.target.machine.address}:${this.target.publishPort}`;
  }

  /** Requests that it makes. */
  public get requests(): number {
    if (this.users !== undefined) return this.users * (this.loops ?? 1) * this.paths.length;
    return Math.round(((this.rate ?? 0) * (this.duration?.toMilliseconds() ?? 0)) / 1000);
  }

  public override toResource() {
    const { failed, p95, p99, spread } = this.thresholds;
    return {
      type: 'LoadTest',
      name: this.loadName,
      properties: {
        target: this.target.frontendName,
        /** Of the target. */
        backend: this.target.defaultBackend.backendName,
        /** Of the target, without a path. */
        url: this.url,
        /** Of a closed model: `users`, `rampUpMs` and `loops`. */
        users: this.users,
        rampUpMs: this.rampUp?.toMilliseconds(),
        loops: this.loops,
        /** Of an open model: `rate`, requests a second, and `durationMs`. */
        rate: this.rate,
        durationMs: this.duration?.toMilliseconds(),
        requests: this.requests,
        paths: [...this.paths],
        timeoutMs: this.timeout.toMilliseconds(),
        thresholds: { failed, p95Ms: p95?.toMilliseconds(), p99Ms: p99?.toMilliseconds(), spread },
      },
    };
  }

  public override checkTree(): void {
    const backend = this.target.defaultBackend;
    if (this.thresholds.spread === undefined || backend.sharesEqually) return;
    Annotations.of(this).addError(
      'bad-threshold',
      `threshold spread of load test "${this.loadName}" compares with equal shares, which backend "${backend.backendName}" does not give; leave it out, or balance by round robin without weights`,
    );
  }

  private checkProps(props: LoadTestProps): void {
    const annotations = Annotations.of(this);
    const { loadName, target, users, loops, rate, paths, thresholds } = this;
    const stack = Stack.of(this);
    if (!isPlainName(loadName)) {
      annotations.addError(
        'bad-load-name',
        `name ${JSON.stringify(loadName)} of a load test cannot name a file; use at most 63 letters, digits, ".", "_" and "-", beginning with a letter or digit`,
      );
    }
    const namesake = stack.claim('load test', loadName.toLowerCase(), this);
    if (namesake !== undefined)
      annotations.addError('duplicate-load-test', `load test name "${loadName}" is taken by ${namesake.node.path}; rename one`);
    if (Stack.of(target) !== stack) {
      annotations.addError(
        'other-stack',
        `load test "${loadName}" of stack "${stack.stackName}" is for frontend "${target.frontendName}" of stack "${Stack.of(target).stackName}"; choose one of its own stack`,
      );
    }
    const isGiven = (name: string) => (props[name as keyof LoadTestProps] ?? undefined) !== undefined;
    const ofUsers = ['users', 'rampUp', 'loops'].filter(isGiven);
    const ofRate = ['rate', 'duration'].filter(isGiven);
    const whole = ofUsers.length > 0 ? ofUsers.includes('users') && ofRate.length === 0 : ofRate.length === 2;
    if (!whole) {
      const given = [...ofUsers, ...ofRate].join(', ') || 'none of them';
      annotations.addError(
        'bad-load-model',
        `load test "${loadName}" has ${given}; give it either users (and rampUp, loops), or rate and duration`,
      );
      return;
    }
    for (const [what, count] of Object.entries({ users, loops })) {
      if (count === undefined || (Number.isInteger(count) && count >= 1 && count <= MOST)) continue;
      annotations.addError('bad-load-users', `load test "${loadName}" has ${shown(count)} ${what}; give a whole number from 1 to ${MOST}`);
    }
    if (rate !== undefined && !isRate(rate)) {
      annotations.addError(
        'bad-load-rate',
        `load test "${loadName}" has a rate of ${rate} requests a second; give one from 0.001 to ${MOST}, with at most three decimals`,
      );
    } else if (rate !== undefined && this.duration !== undefined && this.requests < 1) {
      annotations.addError(
        'bad-load-rate',
        `load test "${loadName}" has a rate of ${rate} requests a second for ${this.duration.toMilliseconds()} ms, which makes no request; give it a longer duration`,
      );
    }
    if (paths.length === 0) annotations.addError('bad-load-path', `load test "${loadName}" has no path; give one, or leave out paths`);
    // What RFC 3986 allows: so no program that reads the files takes "${" in it for a variable.
    for (const path of paths.filter((one) => !/^\/(?:[\w.~:/?[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*$/.test(one))) {
      annotations.addError(
        'bad-load-path',
        `path ${JSON.stringify(path)} of load test "${loadName}" is none; begin it with "/" and write other characters than those of a URL as %XX`,
      );
    }
    for (const [name, most] of [['failed', 1] as const, ['spread', MOST] as const]) {
      const share = thresholds[name];
      if (share === undefined || (share >= 0 && share <= most)) continue;
      annotations.addError(
        'bad-threshold',
        `threshold ${name} of load test "${loadName}" is ${share}; give a share ${most === 1 ? 'from 0 to 1' : 'of at least 0, e.g. 0.05'}`,
      );
    }
    const { p95, p99 } = thresholds;
    if (p95 !== undefined && p99 !== undefined && p95.toMilliseconds() > p99.toMilliseconds()) {
      annotations.addError(
        'bad-threshold',
        `threshold p95 of load test "${loadName}" is ${p95.toMilliseconds()} ms and p99 is ${p99.toMilliseconds()} ms; 99 of 100 requests cannot be faster than 95, so raise p99`,
      );
    }
  }
}

function isRate(rate: number): boolean {
  return rate >= 0.001 && rate <= MOST && Math.abs(rate * 1000 - Math.round(rate * 1000)) < 1e-6;
}
