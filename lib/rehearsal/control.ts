import { once } from 'node:events';
import { connect, createServer, type Server } from 'node:net';
import type { Disturbance } from '../trials/index.js';

// How another terminal talks to a rehearsal: a connection to its socket for each order, a line of JSON there and one back.

export interface Order {
  readonly server: string;
  readonly disturbance: Disturbance;
}

interface Answer {
  /** Why it cannot be done. */
  readonly error?: string;
}

/** The most that is read of either line. */
const LIMIT = 10_000;

/** Listens for orders. */
export async function listen(socket: string, obey: (order: Order) => Promise<void>): Promise<Server> {
  const server = createServer((connection) => {
    let text = '';
    connection.on('error', () => {});
    connection.on('data', async (data) => {
      if (text.includes('\n') || text.length > LIMIT) return;
      text += data.toString();
      if (!text.includes('\n')) return;
      const answer = await Promise.resolve()
        .then(() => obey(JSON.parse(text) as Order))
        .then((): Answer => ({}))
        .catch((error: Error): Answer => ({ error: error.message }));
      connection.end(`${JSON.stringify(answer)}\n`);
    });
  });
  server.listen(socket);
  await once(server, 'listening');
  return server;
}

/**
 * Gives a rehearsal an order, and returns when it is done.
 *
 * @throws Error when it cannot be done, or nobody answers
 */
export async function command(socket: string, order: Order): Promise<void> {
  const connection = connect(socket);
  let text = '';
  connection.on('data', (data) => {
    text += data.toString().slice(0, LIMIT);
  });
  connection.setTimeout(10_000, () => connection.destroy(new Error('the rehearsal does not answer')));
  connection.write(`${JSON.stringify(order)}\n`);
  await once(connection, 'close');
  const { error } = JSON.parse(text) as Answer;
  if (error !== undefined) throw new Error(error);
}

/** Whether somebody listens at a socket; what a dead process left refuses. */
export function isListening(socket: string): Promise<boolean> {
  return new Promise((done) => {
    const connection = connect(socket, () => {
      connection.destroy();
      done(true);
    });
    connection.once('error', () => done(false));
  });
}
