import { Worker } from 'node:worker_threads';

/** What a stub does with requests. */
export type Mode = 'stop' | 'hang' | 'slow' | 'break' | 'restore';

/** A server and its pages. */
export interface StubServer {
  readonly name: string;
  /** The port it has on its machine; when that is taken here, it gets another. */
  readonly port: number;
  /** By path below the document root. */
  readonly pages: Readonly<Record<string, Uint8Array>>;
}

/** A message to the thread. */
export interface Order {
  readonly id: number;
  readonly modes: Readonly<Record<string, Mode>>;
}

type Answer = { readonly ports: Readonly<Record<string, number>> } | { readonly id: number; readonly error: string | undefined };

/** A small web server for each server of a stack, on loopback, in a thread of their own. */
export class Stubs {
  /** Starts them all, in good order. */
  public static async start(servers: readonly StubServer[]): Promise<Stubs> {
    // Nothing of how this process was started is for the thread, which is plain JavaScript.
    const worker = new Worker(new URL('./templates/stub-servers.mjs', import.meta.url), { workerData: servers, execArgv: [] });
    const ports = await new Promise<Readonly<Record<string, number>>>((done, fail) => {
      worker.once('message', (answer: Answer) => 'ports' in answer && done(answer.ports));
      worker.once('error', fail);
    });
    return new Stubs(worker, ports);
  }

  /** Resolves when the thread ended by itself, which it never should. */
  public readonly ended: Promise<string>;
  private readonly waiting = new Map<number, { readonly done: () => void; readonly fail: (error: Error) => void }>();
  private orders = 0;

  private constructor(
    private readonly worker: Worker,
    /** Where each listens, by its name. */
    public readonly ports: Readonly<Record<string, number>>,
  ) {
    worker.on('message', (answer: Answer) => {
      if (!('id' in answer)) return;
      const { done, fail } = this.waiting.get(answer.id) ?? {};
      this.waiting.delete(answer.id);
      if (answer.error === undefined) done?.();
      else fail?.(new Error(answer.error));
    });
    this.ended = new Promise((done) => {
      worker.once('error', (error) => done(`the stub servers ended: ${String(error)}`));
      worker.once('exit', (code) => done(`the stub servers ended with exit code ${code}`));
    });
    this.ended.then((why) => {
      for (const { fail } of this.waiting.values()) fail(new Error(why));
    });
  }

  /** Has servers behave so from now on. */
  public async set(modes: Readonly<Record<string, Mode>>): Promise<void> {
    const id = ++this.orders;
    const answered = new Promise<void>((done, fail) => this.waiting.set(id, { done, fail }));
    this.worker.postMessage({ id, modes } satisfies Order);
    await answered;
  }

  public async close(): Promise<void> {
    await this.worker.terminate();
  }
}
