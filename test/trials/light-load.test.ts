import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { LightLoad } from '../../lib/trials/index.js';

it('asks in turn, at its rate, and tells what came of it', async () => {
  const server = createServer((request, response) => {
    if (request.url === '/late') return;
    response.writeHead(request.url === '/bad' ? 503 : 200).end('x');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const load = new LightLoad([`${url}/`, `${url}/bad`, `${url}/late`, 'http://127.0.0.1:1/'], 100, { timeoutMs: 200 });
  await pause(400);
  const sent = load.sent;
  expect(sent).toBeGreaterThan(20);
  expect(sent).toBeLessThan(60);
  const first = await load.count(0, 4);
  expect(first).toMatchObject({ requests: 4, failed: 3, results: { 200: 1, 503: 1, timeout: 1, ECONNREFUSED: 1 } });
  expect(first.longestMs).toBeGreaterThan(150);
  expect(first.medianMs).toBeLessThanOrEqual(first.p95Ms);

  load.forget();
  const known = load.sent;
  await pause(200);
  load.stop();
  expect(load.sent - known).toBeGreaterThan(5);
  expect(load.sent - known).toBeLessThan(60);
  expect((await load.count(known)).requests).toBe(load.sent - known);
  server.closeAllConnections();
  server.close();
});
