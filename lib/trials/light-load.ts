import http from 'node:http';
import { performance } from 'node:perf_hooks';
import type { Seconds } from '../measure/index.js';

/** What the requests of a span of time came to. */
export interface RequestCounts {
  readonly requests: number;
  /** Those without an answer below 400. */
  readonly failed: number;
  /** By status, or by why there was none. */
  readonly results: Readonly<Record<string, number>>;
  /** Milliseconds from sending a request to the end of its answer: half of them, 95 of 100, the slowest. */
  readonly medianMs: number;
  readonly p95Ms: number;
  readonly longestMs: number;
}

interface Outcome {
  readonly tookMs: number;
  readonly result: string;
}

/** A few requests a second, whatever becomes of the ones before: GET, each on a connection of its own, none repeated. */
export class LightLoad {
  private outcomes: Promise<Outcome>[] = [];
  /** Number of the first of them. */
  private first = 0;
  private readonly began = performance.now();
  private readonly timer: NodeJS.Timeout;

  /**
   * @param urls asked in turn
   * @param rate requests a second
   * @param more how long an answer may take, and what keeps the course of the load
   */
  public constructor(
    private readonly urls: readonly string[],
    private readonly rate: number,
    private readonly more: { readonly timeoutMs?: number; readonly series?: Seconds } = {},
  ) {
    this.timer = setInterval(() => this.catchUp(), 5);
  }

  /** Requests sent so far. */
  public get sent(): number {
    return this.first + this.outcomes.length;
  }

  /** What these requests come to, by their numbers; waits until each has its answer, or has failed. */
  public async count(from: number, to = this.sent): Promise<RequestCounts> {
    const outcomes = await Promise.all(this.outcomes.slice(from - this.first, to - this.first));
    const results: Record<string, number> = {};
    for (const { result } of outcomes) results[result] = (results[result] ?? 0) + 1;
    const times = outcomes.map(({ tookMs }) => tookMs).sort((a, b) => a - b);
    const quantile = (share: number) => Math.round(times[Math.ceil(share * times.length) - 1] ?? 0);
    return {
      requests: outcomes.length,
      failed: outcomes.filter(isFailed).length,
      results,
      medianMs: quantile(0.5),
      p95Ms: quantile(0.95),
      longestMs: quantile(1),
    };
  }

  /** Forgets all so far, which nobody will count any more. */
  public forget(): void {
    this.first = this.sent;
    this.outcomes = [];
  }

  /** Sends no more. */
  public stop(): void {
    clearInterval(this.timer);
  }

  private catchUp(): void {
    const due = Math.floor(((performance.now() - this.began) / 1000) * this.rate);
    while (this.sent < due) this.outcomes.push(this.send());
  }

  private async send(): Promise<Outcome> {
    const { timeoutMs = 15_000, series } = this.more;
    const at = performance.now();
    series?.sent(at);
    const outcome = await get(this.urls[this.sent % this.urls.length] as string, timeoutMs);
    series?.ended(at, at + outcome.tookMs, isFailed(outcome));
    return outcome;
  }
}

const isFailed = ({ result }: Outcome) => !/^[23]\d\d$/.test(result);

function get(url: string, timeoutMs: number): Promise<Outcome> {
  const start = performance.now();
  return new Promise((resolve) => {
    const done = (result: string) => {
      clearTimeout(limit);
      resolve({ tookMs: performance.now() - start, result });
    };
    const request = http.get(url, { agent: false, headers: { connection: 'close' } }, (response) => {
      response.on('end', () => done(String(response.statusCode)));
      response.on('error', (error: NodeJS.ErrnoException) => done(error.code ?? error.message));
      response.resume();
    });
    request.on('error', (error: NodeJS.ErrnoException) => done(error.code ?? error.message));
    const limit = setTimeout(() => {
      done('timeout');
      request.destroy();
    }, timeoutMs);
  });
}
