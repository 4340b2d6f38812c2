import { performance } from 'node:perf_hooks';

/** A timer may be a millisecond late. From this gap on, the rest of the wait is spent looking at the clock: a quarter of a processor at most. */
const EXACT_GAP_MS = 4;
/** So often it looks whether it is to end. */
const ATTENTIVE_MS = 200;

/**
 * Calls `send` at even moments from now on. What the process was too late for is called at once, with the moment that was meant: none
 * is left out.
 *
 * @param signal ends it early
 */
export function pace(count: number, gapMs: number, send: (intended: number) => void, signal?: AbortSignal): Promise<void> {
  const start = performance.now();
  let called = 0;
  return new Promise((done) => {
    const next = () => {
      if (signal?.aborted) return done();
      for (; called < count && start + called * gapMs <= performance.now(); called++) send(start + called * gapMs);
      if (called === count) return done();
      const wait = start + called * gapMs - performance.now();
      if (gapMs < EXACT_GAP_MS) setTimeout(next, 1);
      else if (wait >= 2) setTimeout(next, Math.min(Math.floor(wait - 1), ATTENTIVE_MS));
      else setImmediate(next);
    };
    next();
  });
}
