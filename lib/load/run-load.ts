import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { type LoadSecond, Seconds, type Times, TimesKeeper } from '../measure/index.js';
import { lacked } from './client-limits.js';
import type { Answer, Pool } from './connections.js';
import { pace } from './pace.js';
import { isOpen, type LoadPlan } from './plan.js';

/** What a load came to. */
export interface LoadResult {
  readonly model: 'open' | 'closed';
  /** Requests sent. */
  readonly sent: number;
  /** Requests that got another answer than 200, or none. */
  readonly failed: number;
  /** Answers by their status. */
  readonly statuses: Readonly<Record<string, number>>;
  /** Requests without an answer by the reason. */
  readonly errors: Readonly<Record<string, number>>;
  /** From the first request to the last answer. */
  readonly seconds: number;
  /** Requests a second, while they were sent; the open model has asked for `intended`. */
  readonly rate: number;
  readonly intended: number | undefined;
  /** Answers a second, from the first request to the last answer. */
  readonly answered: number;
  /**
   * From the moment a request was due to the end of its answer. In the open model that is the moment at which its rate has it, so the
   * wait of all that a stall holds up is in here. In the closed model a user sends the next request when the last is answered: what
   * would have been sent during a stall is not.
   */
  readonly times: Times;
  /** From the moment a request was due (in the closed model: a user) to that at which it was sent: the client's own delay. */
  readonly waited: Times;
  /** Requests without an answer yet, halfway and when the last was sent. */
  readonly pending: { readonly halfway: number; readonly last: number };
  readonly connections: number;
  readonly series: readonly LoadSecond[];
  /** Why the client, not the system, may have been the limit; empty when it was not. */
  readonly clientLimits: readonly string[];
}

export interface RunOptions {
  /** Told each second, of that which has passed. */
  readonly onTick?: (second: LoadSecond) => void;
  /** Ends the load early; it throws then. */
  readonly signal?: AbortSignal | undefined;
}

/** Delay of the client's own, at the 99th percentile, from which on its figures tell more of itself than of the system. */
const LATE_MS = 50;
/** Sends a load and waits for all answers. Follows no redirects. */
export async function runLoad(plan: LoadPlan, { onTick, signal }: RunOptions = {}): Promise<LoadResult> {
  // Slow to load, and of no use to the rest of the command line.
  const { Pool } = await import('./connections.js');
  signal?.throwIfAborted();
  const pool = new Pool(plan.url, plan.timeoutMs);
  const run = new Run(plan, pool, signal);
  // Requests under way end with their connections.
  const stop = () => pool.close();
  signal?.addEventListener('abort', stop);
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  const ticker = setInterval(() => {
    for (const second of onTick === undefined ? [] : run.passed()) onTick?.(second);
  }, 250);
  try {
    await run.send();
    signal?.throwIfAborted();
  } finally {
    clearInterval(ticker);
    delay.disable();
    signal?.removeEventListener('abort', stop);
    pool.close();
  }
  return run.result(delay.percentile(99) / 1e6);
}

class Run {
  private readonly start = performance.now();
  private readonly seconds = new Seconds(this.start);
  private readonly times = new TimesKeeper(3);
  private readonly waited = new TimesKeeper(3);
  private readonly statuses: Record<string, number> = {};
  private readonly errors: Record<string, number> = {};
  private told = 0;
  private sent = 0;
  private ended = 0;
  private failed = 0;
  private halfway = 0;
  private pendingAtLast = 0;
  private lastSent = this.start;
  private lastEnded = this.start;

  public constructor(
    private readonly plan: LoadPlan,
    public readonly pool: Pool,
    private readonly signal: AbortSignal | undefined,
  ) {}

  /** Seconds that have passed and were not told yet. */
  public passed(): LoadSecond[] {
    const passed: LoadSecond[] = [];
    while (this.start + (this.told + 1) * 1000 <= performance.now()) passed.push(this.seconds.at(this.told++));
    return passed;
  }

  public async send(): Promise<void> {
    const { plan, pool, signal } = this;
    const pending: Promise<void>[] = [];
    if (isOpen(plan)) {
      const count = Math.round((plan.rate * plan.durationMs) / 1000);
      let next = 0;
      await pace(
        count,
        1000 / plan.rate,
        (due) => {
          this.waited.add(performance.now() - due);
          pending.push(this.request((path) => pool.get(path), plan.paths[next++ % plan.paths.length] as string, due));
          if (this.sent === Math.ceil(count / 2)) this.halfway = this.sent - this.ended;
        },
        signal,
      );
    } else {
      await pace(
        plan.users,
        plan.rampUpMs / plan.users,
        (due) => {
          this.waited.add(performance.now() - due);
          pending.push(this.visit());
        },
        signal,
      );
    }
    await Promise.all(pending);
  }

  public result(loopDelayMs: number): LoadResult {
    const { plan, sent, failed, statuses, errors } = this;
    const seconds = (this.lastEnded - this.start) / 1000;
    const waited = this.waited.times;
    // The last request of a rate has its share of time as well.
    const sending = Math.max(this.lastSent - this.start + (isOpen(plan) ? 1000 / plan.rate : 0), 1) / 1000;
    return {
      model: isOpen(plan) ? 'open' : 'closed',
      sent,
      failed,
      statuses,
      errors,
      seconds,
      rate: sent / sending,
      intended: isOpen(plan) ? plan.rate : undefined,
      answered: seconds === 0 ? 0 : Object.values(statuses).reduce((sum, count) => sum + count, 0) / seconds,
      times: this.times.times,
      waited,
      pending: { halfway: this.halfway, last: this.pendingAtLast },
      connections: this.pool.opened,
      series: this.seconds.all,
      clientLimits: [
        ...lacked(errors),
        ...(waited.p99 > LATE_MS ? [`it sent one request of 100 more than ${Math.round(waited.p99)} ms late`] : []),
        ...(loopDelayMs > LATE_MS ? [`its event loop was held up for ${Math.round(loopDelayMs)} ms, one time of 100`] : []),
      ],
    };
  }

  /** All requests of a user, on one connection. */
  private async visit(): Promise<void> {
    const { paths, loops } = this.plan as Extract<LoadPlan, { users: number }>;
    const connection = this.pool.open();
    for (let loop = 0; loop < loops && !this.signal?.aborted; loop++) {
      for (const path of paths) await this.request((one) => connection.get(one), path, performance.now());
    }
    connection.close();
  }

  private async request(get: (path: string) => Promise<Answer>, path: string, due: number): Promise<void> {
    this.sent++;
    this.lastSent = performance.now();
    this.seconds.sent(due);
    const answer = get(path);
    this.pendingAtLast = this.sent - this.ended;
    const { result, at } = await answer;
    this.ended++;
    this.lastEnded = Math.max(this.lastEnded, at);
    const isFailed = result !== 200;
    if (isFailed) this.failed++;
    const counts = typeof result === 'number' ? this.statuses : this.errors;
    counts[result] = (counts[result] ?? 0) + 1;
    this.times.add(at - due);
    this.seconds.ended(due, at, isFailed);
  }
}
