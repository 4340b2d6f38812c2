import { expect, it } from 'vitest';
import { findLimit, type LimitOptions, type LoadPlan, type LoadResult, serversFor } from '../../lib/load/index.js';
import type { Figures } from '../../lib/trials/index.js';
import { aResult, someFigures } from './results.js';

const PLAN = { url: 'http://127.0.0.1:1', paths: ['/'], timeoutMs: 1000 };
const OPTIONS = { start: 50, max: 1000, stepMs: 5000, thresholds: { failed: 0, p95Ms: 300 } };

/** A system that answers in time up to a rate, and what it was asked for. */
function system(limit: number, change: (rate: number, result: LoadResult, count: number) => Partial<LoadResult> = () => ({})) {
  const rates: number[] = [];
  const run = async (plan: LoadPlan) => {
    const { rate } = plan as Extract<LoadPlan, { rate: number }>;
    rates.push(rate);
    const result = aResult({ rate, intended: rate, p95: rate <= limit ? 10 : 900 });
    return { ...result, ...change(rate, result, rates.length) };
  };
  return { rates, find: (options: Partial<LimitOptions> = {}) => findLimit(PLAN, { ...OPTIONS, run, ...options }) };
}

it('raises the rate until a threshold breaks, then closes in', async () => {
  const { rates, find } = system(200);
  const { held, broken, endedBy, steps } = await find();
  expect(rates.slice(0, 6)).toEqual([50, 75, 113, 170, 255, 255]);
  expect(endedBy).toBe('threshold');
  expect(held).toBeGreaterThan(190);
  expect(held).toBeLessThanOrEqual(200);
  expect(broken?.rate).toBeLessThanOrEqual(210);
  expect(broken?.broke).toEqual(['p95 is 900 ms, above 300 ms']);
  expect(steps.filter((step) => step.held).map(({ rate }) => rate)).toContain(held);
});

it('goes down when the first rate is too much already', async () => {
  const { held } = await system(20).find();
  expect(held).toBeGreaterThan(18);
  expect(held).toBeLessThanOrEqual(20);
});

it('ends when no rate holds', async () => {
  expect(await system(0).find()).toMatchObject({ held: undefined, endedBy: 'threshold' });
});

it('ends at the highest rate it may try', async () => {
  const { rates, find } = system(5000);
  expect(await find()).toMatchObject({ held: 1000, broken: undefined, endedBy: 'max' });
  expect(rates.at(-1)).toBe(1000);
});

it('tries a rate again that broke once', async () => {
  const { rates, find } = system(5000, (_, { times }, count) => (count === 2 ? { times: { ...times, p95: 2000 } } : {}));
  expect(await find({ max: 100 })).toMatchObject({ held: 100, endedBy: 'max' });
  expect(rates).toEqual([50, 75, 75, 100]);
});

it('takes a rate for broken at which requests pile up', async () => {
  const { find } = system(5000, (rate) => (rate > 100 ? { pending: { halfway: 100, last: 200 } } : {}));
  const { held, broken } = await find();
  expect(held).toBeLessThanOrEqual(100);
  expect(broken?.broke.join()).toContain('requests pile up: 100 under way halfway, 200 at the end');
});

it.each([
  ['it sends too little', (rate: number) => ({ rate: rate * 0.9 })],
  ['it has no files left', () => ({ errors: { EMFILE: 5 } })],
  ['times are its own delay', (_: number, { times, waited }: LoadResult) => ({ times, waited: { ...waited, p95: 800 } })],
])('ends when the client is the limit: %s', async (_, change) => {
  const { find } = system(100, (rate, result) => (rate > 100 ? change(rate, result) : {}));
  const { held, endedBy } = await find();
  expect(endedBy).toBe('client');
  expect(held).toBe(75);
});

it("tells what saturated first, by HAProxy's figures", async () => {
  let rate = 0;
  const { find } = system(100, (now) => {
    rate = now;
    return {};
  });
  const figures = async (): Promise<Figures> => someFigures({ queued: rate > 100 ? 12 : 0 });
  const { broken } = await find({ haproxy: { backend: 'web', figures } });
  expect(broken?.saturated).toContain('the servers\' slots: 12 requests waited in the queue of backend "web"');
});

it('estimates how many servers a load needs', () => {
  expect(serversFor(1000, 200, 2)).toBe(10);
  expect(serversFor(1001, 200, 2)).toBe(11);
  expect(serversFor(1, 200, 2)).toBe(1);
});
