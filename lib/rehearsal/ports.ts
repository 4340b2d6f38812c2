import { createServer } from 'node:net';

/** Below what the kernel gives to outgoing connections. */
const [FIRST, LAST] = [10_000, 31_999];

/** A port of 127.0.0.1 that nobody has: this one, or one near it that needs no root. */
export async function freePort(preferred: number, taken: readonly number[]): Promise<number> {
  const next = (port: number) => (port < FIRST ? FIRST + port : port >= LAST ? FIRST : port + 1);
  for (let port = preferred; ; port = next(port)) {
    if (!taken.includes(port) && (await canListen(port))) return port;
  }
}

function canListen(port: number): Promise<boolean> {
  return new Promise((done) => {
    const server = createServer();
    server.once('error', () => done(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => done(true)));
  });
}
