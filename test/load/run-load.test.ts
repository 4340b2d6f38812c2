import { createServer } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { type LoadSecond, runLoad } from '../../lib/load/index.js';
import { type Stub, stub } from './stub.js';

// What is counted. How exact the times are is measured by npm run test:load, on a quiet machine.

const open: Stub[] = [];
const started = async (...args: Parameters<typeof stub>) => {
  const made = await stub(...args);
  open.push(made);
  return made;
};
afterEach(() => {
  for (const one of open.splice(0)) one.close();
});

const ok = () => started((_, response) => response.end('ok'));

it('sends the requests of a rate, whose paths take turns', async () => {
  const { url, seen } = await ok();
  const result = await runLoad({ url, paths: ['/', '/a'], timeoutMs: 5000, rate: 100, durationMs: 500 });
  expect(result).toMatchObject({ model: 'open', sent: 50, failed: 0, statuses: { 200: 50 }, errors: {}, intended: 100 });
  expect(seen.paths).toHaveLength(50);
  expect(seen.paths.filter((path) => path === '/a')).toHaveLength(25);
  expect(result.connections).toBe(seen.connections);
  expect(result.times.count).toBe(50);
  expect(result.series.reduce((sum, { sent }) => sum + sent, 0)).toBe(50);
  expect(result.series.reduce((sum, { done }) => sum + done, 0)).toBe(50);
});

it('gives each user a connection for all their requests', async () => {
  const { url, seen } = await ok();
  const result = await runLoad({ url, paths: ['/', '/a'], timeoutMs: 5000, users: 20, rampUpMs: 100, loops: 3 });
  expect(result).toMatchObject({ model: 'closed', sent: 120, failed: 0, connections: 20, intended: undefined });
  expect(seen).toMatchObject({ connections: 20 });
  expect(seen.paths.filter((path) => path === '/a')).toHaveLength(60);
});

it('tells failures by their status', async () => {
  let count = 0;
  const { url } = await started((_, response) => {
    response.statusCode = count++ % 4 === 0 ? 503 : count % 4 === 2 ? 301 : 200;
    response.setHeader('location', '/elsewhere');
    response.end();
  });
  const result = await runLoad({ url, paths: ['/'], timeoutMs: 5000, users: 1, rampUpMs: 1, loops: 8 });
  expect(result).toMatchObject({ sent: 8, failed: 4, statuses: { 503: 2, 301: 2, 200: 4 }, errors: {} });
});

it('tells requests without an answer by the reason, and goes on', async () => {
  let count = 0;
  const { url } = await started((request, response) => {
    count++;
    if (count === 1) request.socket.destroy();
    else if (count > 2) response.end();
  });
  const result = await runLoad({ url, paths: ['/'], timeoutMs: 1000, users: 1, rampUpMs: 1, loops: 4 });
  expect(result.failed).toBe(2);
  expect(result.statuses).toEqual({ 200: 2 });
  expect(Object.keys(result.errors)).toEqual(expect.arrayContaining(['no answer in time']));
  expect(Object.values(result.errors).reduce((sum, one) => sum + one, 0)).toBe(2);
  expect(result.times.max).toBeGreaterThanOrEqual(990);
});

it('gives up an answer that never comes to its end', async () => {
  const { url } = await started((_, response) => {
    response.write('begun');
    const timer = setInterval(() => response.write('.'), 100);
    response.on('close', () => clearInterval(timer));
  });
  const result = await runLoad({ url, paths: ['/'], timeoutMs: 500, rate: 4, durationMs: 500 });
  expect(result).toMatchObject({ sent: 2, failed: 2, errors: { 'no answer in time': 2 } });
});

it('tells that nobody listens', async () => {
  const port = await new Promise<number>((done) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port: free } = server.address() as { port: number };
      server.close(() => done(free));
    });
  });
  const result = await runLoad({ url: `http://127.0.0.1:${port}`, paths: ['/'], timeoutMs: 1000, rate: 10, durationMs: 300 });
  expect(result).toMatchObject({ sent: 3, failed: 3, statuses: {}, errors: { ECONNREFUSED: 3 }, answered: 0 });
});

it('counts from the moment that was meant when the client itself is held up, and says so', async () => {
  const { url } = await ok();
  setTimeout(() => {
    const until = performance.now() + 600;
    while (performance.now() < until);
  }, 200);
  const result = await runLoad({ url, paths: ['/'], timeoutMs: 5000, rate: 50, durationMs: 1000 });
  expect(result.sent).toBe(50);
  expect(result.waited.max).toBeGreaterThan(400);
  expect(result.times.max).toBeGreaterThan(400);
  expect(result.clientLimits.join()).toMatch(/sent one request of 100 more than \d+ ms late/);
});

it('tells each second as it passes', async () => {
  const { url } = await ok();
  const seconds: LoadSecond[] = [];
  await runLoad({ url, paths: ['/'], timeoutMs: 5000, rate: 20, durationMs: 2500 }, { onTick: (second) => seconds.push(second) });
  expect(seconds.map(({ second }) => second).slice(0, 2)).toEqual([0, 1]);
  expect(seconds[0]?.sent).toBeGreaterThan(5);
});
