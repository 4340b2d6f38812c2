import { once } from 'node:events';
import { connect, createServer, type Server } from 'node:net';
import type { Disturbance } from '../trials/index.js';

// How another terminal talks to a rehearsal: a connection to its socket for each question, a line of JSON there and one back.

export type Question = { readonly ask: 'who' } | { readonly server: string; readonly disturbance: Disturbance };

export interface Answer {
  /** Why it cannot be done. */
  readonly error?: string;
  /** The stack that is rehearsed. */
  readonly stack?: string;
}

/** The most that is read of either line. */
const LIMIT = 10_000;

/** Listens for questions. */
export async function listen(socket: string, answer: (question: Question) => Promise<Answer>): Promise<Server> {
  const server = createServer((connection) => {
    let text = '';
    connection.on('error', () => {});
    connection.on('data', async (data) => {
      if (text.includes('\n') || text.length > LIMIT) return;
      text += data.toString();
      if (!text.includes('\n')) return;
      const found = await Promise.resolve()
        .then(() => answer(JSON.parse(text) as Question))
        .catch((error: Error): Answer => ({ error: error.message }));
      connection.end(`${JSON.stringify(found)}\n`);
    });
  });
  server.listen(socket);
  await once(server, 'listening');
  return server;
}

/**
 * Asks a rehearsal.
 *
 * @throws Error when nobody listens there, or it does not answer
 */
export async function ask(socket: string, question: Question): Promise<Answer> {
  const connection = connect(socket);
  let text = '';
  connection.on('data', (data) => {
    text += data.toString().slice(0, LIMIT);
  });
  connection.setTimeout(5000, () => connection.destroy(new Error('the rehearsal does not answer')));
  connection.write(`${JSON.stringify(question)}\n`);
  await once(connection, 'close');
  return JSON.parse(text) as Answer;
}

/** Whether nobody has listened there since the one who made the socket ended. */
export function isRefused(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ECONNREFUSED';
}

export function isListening(socket: string): Promise<boolean> {
  return new Promise((done) => {
    const connection = connect(socket, () => {
      connection.destroy();
      done(true);
    });
    connection.once('error', () => done(false));
  });
}
