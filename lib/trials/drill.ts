import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { type LoadSecond, Seconds, type ServerFigures, type Watched, watchedOf } from '../measure/index.js';
import { LightLoad, type RequestCounts } from './light-load.js';
import { type Look, Lookout } from './lookout.js';
import type { Disturbance, RunningSystem } from './system.js';

/** All that may be done to a server. */
export const DISTURBANCES: readonly Disturbance[] = ['stop', 'hang', 'slow', 'break', 'powerOff', 'restore'];

/** What is to come true. */
export interface Expectation {
  /** These servers answer, and no other is given a request. */
  readonly serves: readonly string[];
  /** In how many milliseconds, from the end of the step before. */
  readonly withinMs: number;
  /**
   * How many of the requests since the last expectation may fail.
   *
   * @default 0; any number when nobody is to serve
   */
  readonly maxFailed?: number;
}

/** One step of a drill. */
export type DrillStep =
  | { readonly action: Disturbance; readonly server: string }
  | { readonly expect: Expectation }
  | { readonly waitMs: number };

export interface DrillOptions {
  /**
   * Requests a second while it runs.
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
  /**
   * Where they go, in turn: `http://host:port`.
   *
   * @default - to each frontend of the system
   */
  readonly urls?: readonly string[];
  /** Told as it happens. */
  readonly onEvent?: (event: DrillEvent) => void;
  /** Ends the drill early; it throws then. */
  readonly signal?: AbortSignal;
}

/** What happened when; times are milliseconds after the drill began. */
export type DrillEvent =
  /** A step begins. */
  | { readonly atMs: number; readonly kind: 'step'; readonly step: DrillStep }
  /** HAProxy thinks otherwise of a server. */
  | { readonly atMs: number; readonly kind: 'status'; readonly backend: string; readonly server: string; readonly status: string }
  /** An expectation has come true, or will not. */
  | { readonly atMs: number; readonly kind: 'verdict'; readonly verdict: Verdict };

/** What became of an expectation. */
export interface Verdict extends RequestCounts {
  readonly met: boolean;
  /** Why it was not met. */
  readonly why?: string;
  /** Milliseconds until these servers served, and no other; undefined when it never was so. */
  readonly afterMs: number | undefined;
  /** Requests that each server answered since the last expectation. */
  readonly served: Readonly<Record<string, number>>;
}

export interface StepResult {
  readonly step: DrillStep;
  readonly atMs: number;
  readonly tookMs: number;
  /** Of an expectation. */
  readonly verdict?: Verdict;
}

export interface DrillResult {
  /** Whether all expectations were met. */
  readonly met: boolean;
  readonly durationMs: number;
  readonly steps: readonly StepResult[];
  readonly events: readonly DrillEvent[];
  /** All requests of the drill. */
  readonly requests: RequestCounts;
  readonly series: readonly LoadSecond[];
  /** What HAProxy counted meanwhile. */
  readonly haproxy: Watched | undefined;
}

/** How often HAProxy is asked for its figures. */
const POLL_MS = 100;
/** What is expected must stay so for this long, and for so many requests. */
const SETTLED_MS = 500;
const SETTLED_REQUESTS = 20;

/**
 * Does one step after the other on a running system, under a light load, and judges by HAProxy's own figures. An expectation that
 * is not met does not end it.
 *
 * @throws Error when a step names a server that there is not
 */
export async function runDrill(system: RunningSystem, steps: readonly DrillStep[], options: DrillOptions = {}): Promise<DrillResult> {
  const { rate = 50, path = '/', urls = Object.values(system.urls), onEvent, signal } = options;
  const began = performance.now();
  const now = () => Math.round(performance.now() - began);
  const events: DrillEvent[] = [];
  const tell = (event: DrillEvent) => {
    events.push(event);
    onEvent?.(event);
  };
  const lookout = new Lookout(system, now, ({ atMs, backend, server, status }) => tell({ atMs, kind: 'status', backend, server, status }));
  const next = async () => {
    await pause(POLL_MS, undefined, signal && { signal });
    return lookout.look();
  };

  const { servers } = await lookout.look();
  checkServers(steps, [...servers.keys()]);
  const series = new Seconds(began);
  const load = new LightLoad(
    urls.map((url) => new URL(path, url).href),
    rate,
    { series },
  );
  const settleMs = Math.max(SETTLED_MS, (SETTLED_REQUESTS / rate) * 1000);
  let judged = { requests: 0, servers };
  const judge = async (expectation: Expectation): Promise<Verdict> => {
    const found = await settle(expectation, settleMs, await lookout.look(), next);
    const sent = load.sent;
    const counts = await load.count(judged.requests, sent);
    const after = (await lookout.look()).servers;
    const served = Object.fromEntries([...after].map(([name, figures]) => [name, answers(figures, judged.servers.get(name))]));
    judged = { requests: sent, servers: after };
    const { maxFailed = expectation.serves.length === 0 ? Number.POSITIVE_INFINITY : 0 } = expectation;
    const reasons = counts.failed > maxFailed ? [...found.reasons, failures(counts, maxFailed)] : found.reasons;
    const why = reasons.length === 0 ? {} : { why: reasons.join('; ') };
    return { met: reasons.length === 0, ...why, afterMs: found.afterMs, served, ...counts };
  };

  const results: StepResult[] = [];
  try {
    for (const step of steps) {
      signal?.throwIfAborted();
      const atMs = now();
      tell({ atMs, kind: 'step', step });
      if ('expect' in step) {
        const verdict = await judge(step.expect);
        tell({ atMs: now(), kind: 'verdict', verdict });
        results.push({ step, atMs, tookMs: now() - atMs, verdict });
        continue;
      }
      if ('action' in step) await lookingOn(system.disturb(step.server, step.action), next, signal);
      else while (now() - atMs < step.waitMs) await next();
      results.push({ step, atMs, tookMs: now() - atMs });
    }
  } finally {
    load.stop();
  }
  const requests = await load.count(0);
  await lookout.look();
  const met = results.every(({ verdict }) => verdict?.met !== false);
  return { met, durationMs: now(), steps: results, events, requests, series: series.all, haproxy: watchedOf(lookout.samples) };
}

/** Looks at HAProxy while something is being done, which may take minutes, and HAProxy out of sight. */
async function lookingOn(work: Promise<void>, next: () => Promise<unknown>, signal: AbortSignal | undefined): Promise<void> {
  let isDone = false;
  const done = work.finally(() => {
    isDone = true;
  });
  const ended = done.catch(() => {});
  while (!isDone && !signal?.aborted) await Promise.race([ended, next().catch(() => {})]);
  await done;
}

/** Looks on until what is expected has been so for `settleMs`, or can no longer become so in time. */
async function settle(
  { serves, withinMs }: Expectation,
  settleMs: number,
  begin: Look,
  next: () => Promise<Look>,
): Promise<{ readonly afterMs: number | undefined; readonly reasons: readonly string[] }> {
  // Since `calm` nobody else was given a request; at `servingMs` all of these had answered since then as well.
  let calm = begin;
  let servingMs: number | undefined;
  for (;;) {
    const found = await next();
    const others = [...found.servers].filter(([name]) => !serves.includes(name));
    const strays = others.filter(([name, { total, current }]) => current > 0 || total > (calm.servers.get(name)?.total ?? 0));
    if (strays.length > 0) {
      calm = found;
      servingMs = undefined;
    }
    const silent = serves.filter((name) => answers(found.servers.get(name), calm.servers.get(name)) === 0);
    if (strays.length + silent.length === 0) servingMs ??= found.atMs;
    const afterMs = servingMs === undefined ? undefined : servingMs - begin.atMs;
    if ((afterMs ?? found.atMs - begin.atMs) > withinMs) {
      const given = strays.map(([name]) => `${name} is given requests`);
      const mute = strays.length > 0 ? [] : silent.map((name) => `${name} answers nothing`);
      const late = afterMs === undefined ? [] : [`it came true after ${afterMs} ms`];
      return { afterMs, reasons: [...given, ...mute, ...late].map((reason) => `${reason}, and ${withinMs} ms are over`) };
    }
    if (afterMs !== undefined && found.atMs - calm.atMs >= settleMs) return { afterMs, reasons: [] };
  }
}

/** Answers of a server between two looks, other than errors of its own. */
function answers(now: ServerFigures | undefined, before: ServerFigures | undefined): number {
  const good = (figures: ServerFigures | undefined) =>
    figures === undefined ? 0 : figures.responses.slice(1, 4).reduce((a, b) => a + b, 0);
  return good(now) - good(before);
}

function checkServers(steps: readonly DrillStep[], known: readonly string[]): void {
  const named = steps.flatMap((step) => ('expect' in step ? step.expect.serves : 'server' in step ? [step.server] : []));
  const unknown = [...new Set(named)].filter((name) => !known.includes(name));
  if (unknown.length > 0) throw new Error(`there is no server ${unknown.join(', ')}; there are: ${known.join(', ')}`);
}

function failures({ requests, failed, results }: RequestCounts, maxFailed: number): string {
  const kinds = Object.entries(results).filter(([result]) => !/^[23]\d\d$/.test(result));
  return `${failed} of ${requests} requests failed (${kinds.map(([result, count]) => `${count} ${result}`).join(', ')}), at most ${maxFailed} may`;
}
