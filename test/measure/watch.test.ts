import { expect, it } from 'vitest';
import { type Figures, watchedOf, watching } from '../../lib/measure/index.js';

const figures = (answers: Readonly<Record<string, number>>): Figures => ({
  proxies: [],
  servers: Object.entries(answers).map(([name, ok]) => ({
    backend: 'web',
    server: name,
    status: 'UP',
    isBackup: false,
    total: ok,
    current: 0,
    queued: 0,
    connectionErrors: 0,
    responseErrors: 0,
    retries: 0,
    responses: [0, ok, 0, 0, 0],
  })),
});
const secondsOf = (...samples: [atMs: number, answers: Readonly<Record<string, number>>][]) =>
  watchedOf(samples.map(([atMs, answers]) => ({ atMs, figures: figures(answers) })))?.seconds.map(({ answers }) => answers);

it('gives each second what was answered in it', () => {
  expect(secondsOf([0, { a: 100, b: 0 }], [1000, { a: 110, b: 4 }], [2000, { a: 110, b: 24 }])).toEqual([
    { a: 10, b: 4 },
    { a: 0, b: 20 },
  ]);
});

it('shares what was answered between two looks out over their seconds', () => {
  expect(secondsOf([0, { a: 0 }], [2500, { a: 25 }], [3000, { a: 30 }])).toEqual([{ a: 10 }, { a: 10 }, { a: 10 }]);
});

it('loses no answer', () => {
  const looks = Array.from(
    { length: 40 },
    (_, n) => [n * 373 + (n % 7) * 11, { a: n * n, b: 3 * n }] as [number, { a: number; b: number }],
  );
  const total = (server: 'a' | 'b') => (secondsOf(...looks) ?? []).reduce((sum, answers) => sum + (answers[server] ?? 0), 0);
  expect(total('a')).toBeCloseTo(39 * 39, 0);
  expect(total('b')).toBeCloseTo(3 * 39, 0);
});

it('counts anew where HAProxy does', () => {
  expect(secondsOf([0, { a: 500 }], [1000, { a: 7 }])).toEqual([{ a: 7 }]);
});

it('counts a server of several backends together', () => {
  const twice = (ok: number): Figures => ({ proxies: [], servers: [...figures({ a: ok }).servers, ...figures({ a: ok }).servers] });
  const watched = watchedOf([
    { atMs: 0, figures: twice(0) },
    { atMs: 1000, figures: twice(5) },
  ]);
  expect(watched?.seconds).toEqual([{ second: 0, answers: { a: 10 } }]);
});

it('knows nothing by one look', () => {
  expect(watchedOf([{ atMs: 0, figures: figures({ a: 1 }) }])).toBeUndefined();
});

it('looks before and after the work, and goes on when HAProxy does not answer once', async () => {
  let looks = 0;
  const ask = async () => {
    if (++looks === 2) throw new Error('too busy');
    return figures({ a: looks });
  };
  const work = () => new Promise<string>((done) => setTimeout(() => done('done'), 2300));
  const { result, samples } = await watching(ask, work);
  expect(result).toBe('done');
  expect(samples.map((sample) => sample.figures.servers[0]?.total)).toEqual([1, 3, 4]);
  expect(samples[1]?.atMs).toBeGreaterThan(1900);
});

it('does not lose the work when HAProxy does not answer at its end, or at all', async () => {
  let looks = 0;
  const dying = async () => {
    if (++looks > 1) throw new Error('gone');
    return figures({ a: 1 });
  };
  const once = await watching(dying, async () => 'done');
  expect([once.result, once.samples.length]).toEqual(['done', 1]);
  const never = await watching(
    () => Promise.reject(new Error('gone')),
    async () => 'done',
  );
  expect([never.result, never.samples.length]).toEqual(['done', 0]);
});
