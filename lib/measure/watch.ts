import { performance } from 'node:perf_hooks';
import type { Figures } from './figures.js';

/** HAProxy's figures at a moment, in milliseconds after the trial began. */
export interface Sample {
  readonly atMs: number;
  readonly figures: Figures;
}

/** What each server answered in one second of a trial. */
export interface ServedSecond {
  readonly second: number;
  /** Answers by the server's name; parts of one where HAProxy was not asked at the very turn of the second. */
  readonly answers: Readonly<Record<string, number>>;
}

/** What HAProxy counted in the course of a trial. */
export interface Watched {
  readonly before: Figures;
  readonly after: Figures;
  readonly seconds: readonly ServedSecond[];
}

const EVERY_MS = 1000;

/** Asks HAProxy for its figures before some work, once a second meanwhile, and when it is done. A look that fails is left out. */
export async function watching<T>(
  ask: () => Promise<Figures>,
  work: () => Promise<T>,
): Promise<{ readonly result: T; readonly samples: readonly Sample[] }> {
  const samples: Sample[] = [];
  const look = async (atMs: () => number) => {
    // It may be too busy to tell; the next time, then.
    const figures = await ask().catch(() => undefined);
    if (figures !== undefined) samples.push({ atMs: atMs(), figures });
  };
  await look(() => 0);
  const began = performance.now();
  const now = () => performance.now() - began;
  let asking = false;
  const timer = setInterval(async () => {
    if (asking) return;
    asking = true;
    await look(now);
    asking = false;
  }, EVERY_MS);
  let result: T;
  try {
    result = await work();
  } finally {
    clearInterval(timer);
  }
  await look(now);
  return { result, samples: samples.sort((one, other) => one.atMs - other.atMs) };
}

/** Puts together what HAProxy told in the course of a trial; undefined when it was asked but once. */
export function watchedOf(samples: readonly Sample[]): Watched | undefined {
  const [first] = samples;
  const last = samples.at(-1);
  if (first === undefined || last === undefined || samples.length < 2) return undefined;
  const seconds = Array.from({ length: Math.max(1, Math.ceil(last.atMs / 1000)) }, () => new Map<string, number>());
  let earlier = first;
  for (const sample of samples.slice(1)) {
    const before = answersOf(earlier.figures);
    for (const [server, count] of answersOf(sample.figures)) {
      const known = before.get(server) ?? 0;
      // One that counts less was started anew.
      share(seconds, server, count >= known ? count - known : count, earlier.atMs, sample.atMs);
    }
    earlier = sample;
  }
  const served = seconds.map((answers, second) => {
    const rounded = [...answers].map(([server, count]) => [server, Math.round(count * 10) / 10]);
    return { second, answers: Object.fromEntries(rounded) as Record<string, number> };
  });
  return { before: first.figures, after: last.figures, seconds: served };
}

/** Answers of each server so far; one that is in several backends or balancers counts together. */
function answersOf({ servers }: Figures): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { server, responses } of servers) {
    const sum = responses.reduce((total, count) => total + count, 0);
    counts.set(server, (counts.get(server) ?? 0) + sum);
  }
  return counts;
}

/** Shares a count out evenly over the seconds that a span of time is in. */
function share(seconds: readonly Map<string, number>[], server: string, count: number, from: number, to: number): void {
  const span = Math.max(to - from, 1e-6);
  for (let second = Math.floor(from / 1000); second < seconds.length && second * 1000 <= to; second++) {
    const part = (Math.min(to, (second + 1) * 1000) - Math.max(from, second * 1000)) / span;
    const answers = seconds[second] as Map<string, number>;
    answers.set(server, (answers.get(server) ?? 0) + count * Math.max(part, 0));
  }
}
