import { spawn } from 'node:child_process';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server on the loopback, with what it saw. */
export interface Stub {
  readonly url: string;
  readonly server: Server;
  readonly seen: { connections: number; readonly paths: string[] };
  close(): void;
}

/** Starts a server that answers by this. */
export function stub(answer: RequestListener): Promise<Stub> {
  const seen = { connections: 0, paths: [] as string[] };
  const server = createServer((request, response) => {
    seen.paths.push(request.url ?? '');
    answer(request, response);
  });
  server.on('connection', () => seen.connections++);
  return new Promise((done) => {
    server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => {
      const close = () => {
        server.close();
        server.closeAllConnections();
      };
      done({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server, seen, close });
    });
  });
}

/** A server in a process of its own. */
export interface StubProcess {
  readonly url: string;
  readonly pid: number;
  /** @returns when it has ended */
  stop(): Promise<void>;
}

const PROCESS = `
const [each, oneByOne] = JSON.parse(process.argv[1]);
let free = 0;
const server = require('node:http').createServer((request, response) => {
  const now = performance.now();
  free = oneByOne ? Math.max(free, now) + each : now + each;
  setTimeout(() => response.end('ok'), free - now);
});
server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => console.log(server.address().port));
`;

/** Starts a server that takes so many milliseconds for each request, all at once or one by one. */
export function stubProcess(eachMs: number, oneByOne = false): Promise<StubProcess> {
  const child = spawn(process.execPath, ['-e', PROCESS, JSON.stringify([eachMs, oneByOne])], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<void>((done) => child.once('exit', () => done()));
  const stop = async () => {
    child.kill('SIGKILL');
    await ended;
  };
  return new Promise((done, fail) => {
    child.once('error', fail);
    child.stdout.once('data', (port) => done({ url: `http://127.0.0.1:${Number(port)}`, pid: child.pid as number, stop }));
  });
}
