import type { DrillEvent, DrillResult } from '../trials/index.js';
import { paint } from './paint.js';

/** What happened in a drill, as a line. */
export function eventLine(event: DrillEvent): string {
  return `${inSeconds(event.atMs, 1).padStart(7)}  ${what(event)}\n`;
}

function what(event: DrillEvent): string {
  if (event.kind === 'status') return paint('dim', `${event.server} ${event.status}`);
  if (event.kind === 'verdict') {
    const { met, why, afterMs = 0, requests, failed, longestMs } = event.verdict;
    if (!met) return paint('red', `not met: ${why}`);
    return paint('green', `met after ${inSeconds(afterMs, 1)}: ${requests} requests, ${failed} failed, the slowest took ${longestMs} ms`);
  }
  const { step } = event;
  if ('action' in step) return `${step.action} ${step.server}`;
  if ('waitMs' in step) return `wait ${inSeconds(step.waitMs, 1)}`;
  const { serves, withinMs } = step.expect;
  return `expect ${serves.length === 0 ? 'nobody' : serves.join(', ')} to serve within ${inSeconds(withinMs, 1)}`;
}

/** What a drill came to, in a sentence. */
export function summary({ met, steps, requests: { requests, failed, medianMs, p95Ms, longestMs } }: DrillResult): string {
  const verdicts = steps.flatMap(({ verdict }) => (verdict === undefined ? [] : [verdict]));
  const count = `${verdicts.filter((verdict) => verdict.met).length} of ${verdicts.length} expectations met`;
  const times = `half within ${medianMs} ms, 95 % within ${p95Ms} ms, all within ${longestMs} ms`;
  return `${paint(met ? 'green' : 'red', count)}; ${requests} requests, ${failed} failed, ${times}\n`;
}

export function inSeconds(milliseconds: number, digits: number): string {
  return `${(milliseconds / 1000).toFixed(digits)} s`;
}
