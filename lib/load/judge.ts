import type { Figures, Sample, ServerFigures } from '../measure/index.js';
import type { LoadResult } from './run-load.js';

/** What a load must not do; times in milliseconds, `failed` and `spread` as shares. */
export interface Thresholds {
  readonly failed?: number | undefined;
  readonly p95Ms?: number | undefined;
  readonly p99Ms?: number | undefined;
  readonly spread?: number | undefined;
}

/** How a load did by one threshold. */
export interface Verdict {
  readonly threshold: keyof Thresholds;
  readonly limit: number;
  /** Undefined when there was nothing to judge by. */
  readonly found: number | undefined;
  readonly met: boolean | undefined;
  /** Why it is not judged. */
  readonly reason?: string;
}

/** HAProxy's figures before and after a load, of the backend that served it. */
export interface Served {
  readonly backend: string;
  readonly before: Figures;
  readonly after: Figures;
}

/** Of figures that HAProxy gave one after the other, the first and the last. */
export function servedBy(backend: string, samples: readonly Sample[]): Served | undefined {
  const [first] = samples;
  const last = samples.at(-1);
  return first && last && first !== last ? { backend, before: first.figures, after: last.figures } : undefined;
}

export function judge(thresholds: Thresholds, result: LoadResult, served?: Served): Verdict[] {
  const { failed, p95Ms, p99Ms, spread } = thresholds;
  const verdicts: Verdict[] = [];
  const add = (threshold: keyof Thresholds, limit: number | undefined, found: number | string) => {
    if (limit === undefined) return;
    if (typeof found === 'string') verdicts.push({ threshold, limit, found: undefined, met: undefined, reason: found });
    else verdicts.push({ threshold, limit, found, met: found <= limit });
  };
  const nothing = result.sent === 0 ? 'no request was sent' : undefined;
  add('failed', failed, nothing ?? result.failed / result.sent);
  add('p95Ms', p95Ms, nothing ?? result.times.p95);
  add('p99Ms', p99Ms, nothing ?? result.times.p99);
  add('spread', spread, served === undefined ? "there are no figures of HAProxy's" : spreadOf(served));
  return verdicts;
}

/** The primaries of a backend, as figures have them. */
export function primariesOf({ servers }: Figures, backend: string): ServerFigures[] {
  return servers.filter((server) => server.backend === backend && !server.isBackup);
}

/** Largest deviation of a primary's requests from an equal share, as a part of that share; or why there is none. */
export function spreadOf({ backend, before, after }: Served): number | string {
  const earlier = new Map(primariesOf(before, backend).map(({ server, total }) => [server, total]));
  const counts = primariesOf(after, backend).map(({ server, total }) => total - (earlier.get(server) ?? 0));
  const all = counts.reduce((sum, count) => sum + count, 0);
  if (counts.length === 0) return `HAProxy knows no primary of backend "${backend}"`;
  if (counts.some((count) => count < 0)) return 'HAProxy began to count anew meanwhile';
  if (all === 0) return 'no primary got a request';
  const equal = all / counts.length;
  return Math.max(...counts.map((count) => Math.abs(count - equal) / equal));
}
