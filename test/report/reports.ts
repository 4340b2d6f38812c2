import type { LimitStep } from '../../lib/load/index.js';
import type { Figures, LoadSecond, ServerFigures, Watched } from '../../lib/measure/index.js';
import type { DrillTrial, LimitTrial, LoadTrial, Trial, TrialReport } from '../../lib/report/index.js';
import type { DrillEvent, DrillStep, StepResult } from '../../lib/trials/index.js';
import { aResult } from '../load/results.js';

export const SERVERS = ['web1', 'web2', 'web3', 'web4'];

/** A report of a trial, with what is said. */
export function aReport(trial: Trial, change: Partial<TrialReport> = {}): TrialReport {
  return {
    generator: 'cdk-vagrant 1.2.3',
    name: 'shop/peak',
    begun: '2026-11-23T12:34:56.789Z',
    system: 'a rehearsal on this host',
    target: 'http',
    passed: true,
    trial,
    host: { system: 'Debian GNU/Linux 12 (bookworm)', processors: '2 × some processor', memoryMiB: 24_000, node: '20.19.0' },
    versions: { haproxy: '2.6.12', lxd: '5.0.2' },
    ...change,
  };
}

/** Seconds of a load, in one of which requests fail and are slow. */
export function aSeries(length = 20, rate = 50): LoadSecond[] {
  return Array.from({ length }, (_, second) => {
    const bad = second === 7;
    return { second, sent: rate, failed: bad ? 3 : 0, done: bad ? rate - 20 : rate, p50: 2, p95: bad ? 900 : 3.5, p99: bad ? 1200 : 4.75 };
  });
}

const figures = (names: readonly string[], each: number, requests: number): Figures => ({
  proxies: [
    { name: 'http', kind: 'frontend', requests, currentSessions: 0, queued: 0, responses: [0, requests, 0, 0, 0] },
    { name: 'web', kind: 'backend', requests, currentSessions: 0, queued: 0, responses: [0, requests, 0, 0, 0] },
  ],
  servers: names.map((server, n): ServerFigures => {
    const count = { connectionErrors: n, responseErrors: 0, retries: 2 * n };
    return {
      backend: 'web',
      server,
      status: 'UP',
      isBackup: n > 1,
      total: each,
      current: 0,
      queued: 0,
      ...count,
      responses: [0, each, 0, 0, 0],
    };
  }),
});

/** What HAProxy counted of so many requests, a quarter of them on each of four servers. */
export function aWatch(requests = 1000, { names = SERVERS, seconds = 20 } = {}): Watched {
  const each = requests / names.length;
  return {
    before: figures(names, 5, 11),
    after: figures(names, 5 + each, 11 + requests),
    seconds: Array.from({ length: seconds }, (_, second) => ({
      second,
      answers: Object.fromEntries(names.map((name, n) => [name, n === second % 4 ? (4 * each) / seconds : 0])),
    })),
  };
}

const counts = { requests: 100, failed: 0, results: { 200: 100 }, medianMs: 2, p95Ms: 3, longestMs: 40 };

/** A drill whose second expectation is not met, unless it is to be. */
export function aDrill(change: { readonly met?: boolean; readonly server?: string; readonly why?: string } = {}): DrillTrial {
  const { met = false, server = 'web1', why = `${server} is given requests, and 5000 ms are over` } = change;
  const verdicts = [
    { ...counts, met: true, afterMs: 120, served: { [server]: 50 } },
    { ...counts, met, ...(met ? {} : { why }), failed: met ? 0 : 3, afterMs: met ? 800 : undefined, served: {} },
  ];
  const steps: DrillStep[] = [
    { expect: { serves: [server, 'web2'], withinMs: 5000 } },
    { action: 'hang', server },
    { expect: { serves: ['web2'], withinMs: 5000, maxFailed: 2 } },
    { waitMs: 2000 },
    { action: 'restore', server },
  ];
  const results = steps.map((step, n): StepResult => {
    const verdict = 'expect' in step ? verdicts[n / 2] : undefined;
    return { step, atMs: 4000 * n, tookMs: 3000, ...(verdict && { verdict }) };
  });
  const events = results.flatMap(({ step, atMs, verdict }): DrillEvent[] => [
    { atMs, kind: 'step', step },
    ...('action' in step ? [{ atMs: atMs + 900, kind: 'status', backend: 'web', server, status: 'DOWN' } as const] : []),
    ...(verdict === undefined ? [] : [{ atMs: atMs + 3000, kind: 'verdict', verdict } as const]),
  ]);
  const requests = { ...counts, requests: 1000, failed: met ? 0 : 3 };
  const haproxy = aWatch(1000, { names: [server, ...SERVERS.slice(1)] });
  return { kind: 'drill', result: { met, durationMs: 20_000, steps: results, events, requests, series: aSeries(), haproxy } };
}

/** A load test that missed one of three thresholds, and whose spread nobody could judge. */
export function aLoad(change: Partial<LoadTrial> = {}): LoadTrial {
  return {
    kind: 'load',
    url: 'http://192.168.56.5:1080',
    result: aResult({ series: aSeries(), failed: 3, statuses: { 200: 997, 503: 2 }, errors: { ECONNRESET: 1 }, seconds: 20 }),
    verdicts: [
      { threshold: 'failed', limit: 0.01, found: 0.003, met: true },
      { threshold: 'p95Ms', limit: 5, found: 10, met: false },
      { threshold: 'spread', limit: 0.05, found: undefined, met: undefined, reason: 'no primary got a request' },
    ],
    haproxy: aWatch(),
    saturated: 'the servers\' slots: 12 requests waited in the queue of backend "web" while its servers were at work on web1 16, web2 16',
    ...change,
  };
}

/** A search that ended between 150 and 157 requests a second. */
export function aLimit(change: Partial<LimitTrial> = {}): LimitTrial {
  const step = (rate: number, broke: readonly string[] = []): LimitStep => ({
    rate,
    held: broke.length === 0,
    broke,
    result: aResult({ rate, intended: rate, p95: rate / 10 }),
    saturated: broke.length === 0 ? undefined : 'nothing of HAProxy\'s: no request of backend "web" waited in its queue',
  });
  const steps = [
    step(50),
    step(100),
    step(150),
    step(225, ['p95 is 400 ms, above 200 ms']),
    step(188, ['requests pile up']),
    step(157, ['p95 is 250 ms, above 200 ms']),
  ];
  const result = { held: 150, broken: steps[5], endedBy: 'threshold', steps } as const;
  return { kind: 'limit', url: 'http://192.168.56.5:1080', result, primaries: 2, needs: { rate: 5000, servers: 67 }, ...change };
}
