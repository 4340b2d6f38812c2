import type { LoadResult, Times } from '../../lib/load/index.js';
import type { Figures, ServerFigures } from '../../lib/trials/index.js';

const times = (value: number): Times => ({
  count: 100,
  min: value,
  mean: value,
  p50: value,
  p90: value,
  p95: value,
  p99: value,
  p999: value,
  max: value,
});

/** A result in which all went well, but for what is said. */
export function aResult(change: Partial<LoadResult> & { readonly p95?: number } = {}): LoadResult {
  const { p95 = 10, ...rest } = change;
  return {
    model: 'open',
    sent: 1000,
    failed: 0,
    statuses: { 200: 1000 },
    errors: {},
    seconds: 5,
    rate: 200,
    intended: 200,
    answered: 200,
    times: times(p95),
    waited: times(0.1),
    pending: { halfway: 2, last: 2 },
    connections: 5,
    series: [],
    clientLimits: [],
    ...rest,
  };
}

const server = (name: string, change: Partial<ServerFigures>): ServerFigures => ({
  backend: 'web',
  server: name,
  status: 'UP',
  isBackup: false,
  total: 0,
  current: 16,
  queued: 0,
  connectionErrors: 0,
  responseErrors: 0,
  retries: 0,
  responses: [0, 0, 0, 0, 0],
  ...change,
});

/** Figures of a backend `web` of web1, web2 and the backup web3. */
export function someFigures({ queued = 0, errors = 0, totals = [0, 0], status = 'UP' } = {}): Figures {
  return {
    proxies: [
      { name: 'http', kind: 'frontend', requests: 0, currentSessions: 0, queued: 0, responses: [0, 0, 0, 0, errors] },
      { name: 'web', kind: 'backend', requests: 0, currentSessions: 0, queued, responses: [0, 0, 0, 0, errors] },
    ],
    servers: [
      server('web1', { total: totals[0] ?? 0 }),
      server('web2', { total: totals[1] ?? 0, status }),
      server('web3', { total: 99, isBackup: true, current: 0 }),
      server('api1', { total: 77, backend: 'api' }),
    ],
  };
}
