import { performance } from 'node:perf_hooks';
import { Client } from 'undici';

/** What became of a request. */
export interface Answer {
  /** The status, or why there is none. */
  readonly result: number | string;
  /** When the answer was complete or given up. */
  readonly at: number;
}

/** What undici says in its own words. */
const REASONS: Readonly<Record<string, string>> = {
  UND_ERR_CONNECT_TIMEOUT: 'no connection in time',
  UND_ERR_HEADERS_TIMEOUT: 'no answer in time',
  UND_ERR_BODY_TIMEOUT: 'no answer in time',
  UND_ERR_SOCKET: 'connection closed',
};

/** A connection of HTTP/1.1 that is kept alive. It carries one request at a time and is opened anew when it was closed. */
export class Connection {
  private readonly client: Client;

  public constructor(
    private readonly url: string,
    private readonly timeoutMs: number,
    opened: () => void,
  ) {
    this.client = new Client(url, {
      pipelining: 1,
      connect: { timeout: timeoutMs },
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
    });
    this.client.on('connect', opened);
  }

  public get(path: string): Promise<Answer> {
    return new Promise((done) => {
      let status = 0;
      // A server that sends byte after byte, or a proxy that never finishes to connect, would outlast all timeouts.
      const limit = setTimeout(() => end('no answer in time'), this.timeoutMs);
      const end = (result: number | string) => {
        clearTimeout(limit);
        done({ result, at: performance.now() });
      };
      this.client.dispatch(
        { origin: this.url, path, method: 'GET' },
        {
          onRequestStart() {},
          onResponseStart(_, code) {
            status = code;
          },
          onResponseData() {},
          onResponseEnd: () => end(status),
          onResponseError: (_, error) => end(reason(error)),
        },
      );
    });
  }

  public close(): void {
    this.client.destroy().catch(() => {});
  }
}

/** Connections of an open model: the one that was used last, or a new one when all are busy. */
export class Pool {
  public opened = 0;
  private readonly idle: Connection[] = [];
  private readonly all: Connection[] = [];

  public constructor(
    private readonly url: string,
    private readonly timeoutMs: number,
  ) {}

  public async get(path: string): Promise<Answer> {
    const connection = this.idle.pop() ?? this.open();
    const answer = await connection.get(path);
    this.idle.push(connection);
    return answer;
  }

  /** A connection of one's own. */
  public open(): Connection {
    const connection = new Connection(this.url, this.timeoutMs, () => this.opened++);
    this.all.push(connection);
    return connection;
  }

  public close(): void {
    for (const connection of this.all) connection.close();
  }
}

function reason(error: Error & { code?: string }): string {
  const { code } = error;
  return code === undefined ? error.message : (REASONS[code] ?? code);
}
