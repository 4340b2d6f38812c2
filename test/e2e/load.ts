import http from 'node:http';
import net from 'node:net';
import { performance } from 'node:perf_hooks';

/** What one request came to. */
export interface Outcome {
  /** Milliseconds after the start of the load at which it was sent. */
  readonly at: number;
  /** Milliseconds until its answer was complete, or until it failed. */
  readonly took: number;
  /** 200, another status, or why there was no answer. */
  readonly result: number | string;
  /** Which server's page it was. */
  readonly server: string | undefined;
}

export interface LoadSummary {
  readonly outcomes: readonly Outcome[];
  readonly failed: readonly Outcome[];
  readonly byServer: Readonly<Record<string, number>>;
  /** First and last moment, in seconds, at which a request was sent that took over 1 s; undefined when none did. */
  readonly slowWindow: { readonly from: number; readonly to: number; readonly count: number } | undefined;
  readonly longest: number;
}

export function summarise(outcomes: readonly Outcome[]): LoadSummary {
  const byServer: Record<string, number> = {};
  for (const { server } of outcomes) if (server !== undefined) byServer[server] = (byServer[server] ?? 0) + 1;
  const slow = outcomes.filter((outcome) => outcome.took > 1000).map((outcome) => outcome.at / 1000);
  return {
    outcomes,
    failed: outcomes.filter((outcome) => outcome.result !== 200),
    byServer,
    slowWindow: slow.length === 0 ? undefined : { from: Math.min(...slow), to: Math.max(...slow), count: slow.length },
    longest: outcomes.reduce((most, outcome) => Math.max(most, outcome.took), 0),
  };
}

const SERVER = /<h1>(web\d+)<\/h1>/;

/** An open load: a request every 1/rate seconds whatever becomes of the ones before, each on a new connection, none repeated. */
export class OpenLoad {
  private readonly outcomes: Outcome[] = [];
  private readonly pending = new Set<Promise<void>>();
  private readonly began = performance.now();
  private readonly timer: NodeJS.Timeout;
  private sent = 0;

  public constructor(
    private readonly url: string,
    private readonly rate: number,
    private readonly timeoutMs = 15_000,
  ) {
    this.timer = setInterval(() => this.catchUp(), 5);
  }

  /** Requests answered so far, from the moment `since` (milliseconds after the start). */
  public recent(since: number): readonly Outcome[] {
    return this.outcomes.filter((outcome) => outcome.at >= since);
  }

  public get now(): number {
    return performance.now() - this.began;
  }

  /** Sends no more, waits for the answers that are due. */
  public async stop(): Promise<LoadSummary> {
    clearInterval(this.timer);
    await Promise.all(this.pending);
    return summarise(this.outcomes);
  }

  private catchUp(): void {
    const due = Math.floor((this.now / 1000) * this.rate);
    while (this.sent < due) {
      this.sent += 1;
      const request = get(this.url, this.timeoutMs, this.now).then((outcome) => {
        this.outcomes.push(outcome);
        this.pending.delete(request);
      });
      this.pending.add(request);
    }
  }
}

function get(url: string, timeoutMs: number, at: number): Promise<Outcome> {
  const start = performance.now();
  return new Promise((resolve) => {
    const done = (result: number | string, body = '') => {
      clearTimeout(limit);
      resolve({ at, took: performance.now() - start, result, server: SERVER.exec(body)?.[1] });
    };
    const request = http.get(url, { agent: false, headers: { connection: 'close' } }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        body += chunk;
      });
      response.on('end', () => done(response.statusCode ?? 'no status', body));
      response.on('error', (error) => done(error.message));
    });
    request.on('error', (error) => done(error.message));
    const limit = setTimeout(() => {
      request.destroy();
      done('timeout');
    }, timeoutMs);
  });
}

export interface BurstOptions {
  readonly host: string;
  readonly port: number;
  readonly connections: number;
  /** Seconds over which the connections are opened, evenly. */
  readonly rampSeconds: number;
  /** Requests on each connection, one after the other. */
  readonly requests: number;
  readonly timeoutMs: number;
}

/** The paper's load: many connections at once, a few requests on each, none repeated. */
export async function burst(options: BurstOptions): Promise<LoadSummary> {
  const began = performance.now();
  const outcomes: Outcome[] = [];
  const all: Promise<void>[] = [];
  for (let opened = 0; opened < options.connections; ) {
    const due = Math.min(options.connections, Math.ceil(((performance.now() - began) / 1000 / options.rampSeconds) * options.connections));
    for (; opened < due; opened++) all.push(connection(options, began, outcomes));
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  await Promise.all(all);
  return summarise(outcomes);
}

function connection(options: BurstOptions, began: number, outcomes: Outcome[]): Promise<void> {
  return new Promise((resolve) => {
    let left = options.requests;
    let sentAt = performance.now();
    let received = '';
    const socket = net.connect({ host: options.host, port: options.port });
    const limit = () => setTimeout(() => end('timeout'), options.timeoutMs);
    let timer = limit();
    const note = (result: number | string, body: string) =>
      outcomes.push({ at: sentAt - began, took: performance.now() - sentAt, result, server: SERVER.exec(body)?.[1] });
    const end = (why: string) => {
      clearTimeout(timer);
      // Each request that got no answer counts, also those that could not be sent any more.
      for (; left > 0; left--) note(why, '');
      socket.destroy();
      resolve();
    };
    const send = () => {
      sentAt = performance.now();
      received = '';
      clearTimeout(timer);
      timer = limit();
      socket.write(`GET / HTTP/1.1\r\nHost: ${options.host}\r\n\r\n`);
    };
    socket.setEncoding('utf8');
    socket.on('connect', send);
    socket.on('data', (chunk: string) => {
      received += chunk;
      const head = received.indexOf('\r\n\r\n');
      if (head < 0) return;
      const length = Number(/\r\ncontent-length: *(\d+)/i.exec(received.slice(0, head))?.[1] ?? 0);
      if (Buffer.byteLength(received.slice(head + 4)) < length) return;
      note(Number(received.slice(9, 12)), received);
      left -= 1;
      if (left > 0) send();
      else end('');
    });
    socket.on('error', (error) => end(error.message));
    socket.on('close', () => end('closed'));
  });
}
