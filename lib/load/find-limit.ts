import { type Figures, watching } from '../measure/index.js';
import { lacked } from './client-limits.js';
import { judge, servedBy, type Thresholds, type Verdict } from './judge.js';
import type { OpenPlan } from './plan.js';
import { type LoadResult, type RunOptions, runLoad } from './run-load.js';
import { elsewhere, saturation } from './saturation.js';

export interface LimitOptions extends RunOptions {
  /** Requests a second to begin with. */
  readonly start: number;
  /** Where to stop. */
  readonly max: number;
  /** How long each rate is tried, at least 5 seconds. */
  readonly stepMs: number;
  readonly thresholds: Thresholds;
  /** HAProxy's figures, and the backend that serves. */
  readonly haproxy?: { readonly backend: string; readonly figures: () => Promise<Figures> } | undefined;
  /**
   * What sends the load.
   *
   * @default runLoad
   */
  readonly run?: typeof runLoad;
  /** Told after each rate. */
  readonly onStep?: (step: LimitStep) => void;
}

/** A rate that was tried. */
export interface LimitStep {
  readonly rate: number;
  readonly held: boolean;
  /** Why it did not hold. */
  readonly broke: readonly string[];
  readonly result: LoadResult;
  /** What saturated first in it, by HAProxy's figures. */
  readonly saturated: string | undefined;
}

export interface LimitReport {
  /** Highest rate that held; undefined when none did. */
  readonly held: number | undefined;
  /** Lowest rate that did not, and what broke; undefined when all held. */
  readonly broken: LimitStep | undefined;
  /** Why the search ended. */
  readonly endedBy: 'threshold' | 'client' | 'max';
  readonly steps: readonly LimitStep[];
}

const RAISE = 1.5;
/** The limit is known when the rate that broke is this little above the one that held. */
const CLOSE = 1.05;
/** No further than to this part of the first rate, when that is too much already. */
const LEAST = 0.02;
/** A client that sends less than this of what it is asked for is the limit. */
const SENT = 0.98;

/**
 * Raises the rate by halves until a threshold breaks or requests pile up, then closes in. A rate that broke is tried once more, so
 * that a moment's trouble of the host counts for nothing.
 */
export async function findLimit(plan: Omit<OpenPlan, 'rate' | 'durationMs'>, options: LimitOptions): Promise<LimitReport> {
  const steps: LimitStep[] = [];
  let held: number | undefined;
  let broken: LimitStep | undefined;
  let rate = options.start;
  const end = (endedBy: LimitReport['endedBy']): LimitReport => ({ held, broken, endedBy, steps });
  for (;;) {
    let step = await tryRate(plan, rate, options);
    if (!step.held) step = await tryRate(plan, rate, options);
    steps.push(step);
    options.onStep?.(step);
    if (!step.held && isOfClient(step)) return end('client');
    if (step.held) held = rate;
    else broken = step;
    if (broken === undefined) {
      if (rate >= options.max) return end('max');
      rate = Math.min(options.max, rounded(rate * RAISE));
    } else if (held === undefined) {
      rate = rounded(rate / RAISE);
      if (rate < options.start * LEAST) return end('threshold');
    } else {
      if (broken.rate / held <= CLOSE) return end('threshold');
      rate = rounded((held + broken.rate) / 2);
      if (rate <= held || rate >= broken.rate) return end('threshold');
    }
  }
}

async function tryRate(plan: Omit<OpenPlan, 'rate' | 'durationMs'>, rate: number, options: LimitOptions): Promise<LimitStep> {
  const { haproxy, thresholds, stepMs, run = runLoad } = options;
  const send = () => run({ ...plan, rate, durationMs: stepMs }, options);
  const { result, samples } = haproxy === undefined ? { result: await send(), samples: [] } : await watching(haproxy.figures, send);
  const served = haproxy && servedBy(haproxy.backend, samples);
  const broke = [
    ...judge(thresholds, result, served)
      .filter(({ met }) => met === false)
      .map(sentence),
    ...pile(result),
  ];
  const saturated = served && (saturation(samples, served.backend) ?? elsewhere(served.backend));
  return { rate, held: broke.length === 0, broke, result, saturated };
}

/** At a rate that a system holds, as many requests are under way at the end as halfway. */
function pile({ sent, pending: { halfway, last }, seconds }: LoadResult): string[] {
  const grown = last - halfway;
  if (grown <= Math.max(4, 0.02 * (sent / 2))) return [];
  return [`requests pile up: ${halfway} under way halfway, ${last} at the end (all answered after ${seconds.toFixed(1)} s)`];
}

/** Whether a rate broke for the client: it lacked something, sent too little, or the times are mostly its own delay. */
function isOfClient({ rate, result: { errors, rate: sent, waited, times } }: LimitStep): boolean {
  return lacked(errors).length > 0 || sent < rate * SENT || waited.p95 > times.p95 / 2;
}

function rounded(rate: number): number {
  return rate >= 100 ? Math.round(rate) : Number(rate.toPrecision(3));
}

/** A threshold that was judged, in words. */
export function sentence({ threshold, limit, found = 0, met }: Verdict): string {
  const shown = (value: number) => (threshold.endsWith('Ms') ? `${milliseconds(value)} ms` : `${Number((value * 100).toPrecision(3))} %`);
  const name = threshold.replace(/Ms$/, '');
  return `${name} is ${shown(found)}, ${met ? 'at most' : 'above'} ${shown(limit)}`;
}

/** A number to read: 8,000 or 3.4 or 0.02. */
export function count(value: number): string {
  const digits = value < 1 ? { maximumSignificantDigits: 2 } : { maximumFractionDigits: value < 100 ? 1 : 0 };
  return value.toLocaleString('en-US', digits);
}

/** Milliseconds to read. */
export function milliseconds(value: number): string {
  return value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : 2);
}

/** Servers that a load needs, if each holds what each held: an estimate, for other things may end first. */
export function serversFor(load: number, held: number, servers: number): number {
  return Math.ceil((load * servers) / held - 1e-9);
}
