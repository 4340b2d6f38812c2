import type { Sample, ServerFigures } from '../measure/index.js';
import type { RunningSystem } from './system.js';

/** HAProxy's figures of each server at a moment. */
export interface Look {
  readonly atMs: number;
  readonly servers: ReadonlyMap<string, ServerFigures>;
}

/** That HAProxy thinks otherwise of a server. */
export interface Turn {
  readonly atMs: number;
  readonly backend: string;
  readonly server: string;
  readonly status: string;
}

/** How often figures are kept. */
const KEEP_MS = 500;

/** Looks at HAProxy, and tells what is new. */
export class Lookout {
  /** Figures, twice a second at most, and those of the last look. */
  public readonly samples: Sample[] = [];
  private last: Look | undefined;
  private asked = 0;
  private told = 0;

  /** @param now the time in milliseconds after the trial began */
  public constructor(
    private readonly system: RunningSystem,
    private readonly now: () => number,
    private readonly onTurn: (turn: Turn) => void,
  ) {}

  public async look(): Promise<Look> {
    const number = ++this.asked;
    const figures = await this.system.figures();
    const look = { atMs: this.now(), servers: byName(figures.servers) };
    // One that took long may come behind a later one.
    if (number < this.told) return look;
    this.told = number;
    for (const [server, { backend, status }] of look.servers) {
      const before = this.last?.servers.get(server)?.status;
      if (before !== undefined && before !== status) this.onTurn({ atMs: look.atMs, backend, server, status });
    }
    this.last = look;
    const kept = this.samples.at(-2);
    if (kept !== undefined && look.atMs - kept.atMs < KEEP_MS) this.samples.pop();
    this.samples.push({ atMs: look.atMs, figures });
    return look;
  }
}

/** A server may be in several backends and balancers; its requests are counted together, its status is that of the first. */
function byName(servers: readonly ServerFigures[]): Map<string, ServerFigures> {
  const found = new Map<string, ServerFigures>();
  for (const one of servers) {
    const known = found.get(one.server);
    if (known === undefined) found.set(one.server, one);
    else {
      const responses = known.responses.map((count, n) => count + (one.responses[n] ?? 0)) as unknown as ServerFigures['responses'];
      found.set(one.server, { ...known, total: known.total + one.total, current: known.current + one.current, responses });
    }
  }
  return found;
}
