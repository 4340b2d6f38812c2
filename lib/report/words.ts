import { count } from '../load/index.js';
import type { DrillEvent, DrillStep } from '../trials/index.js';

/** A time to read, in milliseconds below ten seconds. */
export function time(milliseconds: number): string {
  if (milliseconds >= 10_000) return `${Number((milliseconds / 1000).toFixed(1))} s`;
  return `${milliseconds.toFixed(milliseconds >= 100 ? 0 : milliseconds >= 10 ? 1 : 2).replace(/\.0+$/, '')} ms`;
}

/** A step of a drill in words. */
export function stepText(step: DrillStep): string {
  if ('action' in step) return `${ACTIONS[step.action]} ${step.server}`;
  if ('waitMs' in step) return `wait ${time(step.waitMs)}`;
  const { serves, withinMs, maxFailed } = step.expect;
  const who = serves.length === 0 ? 'nobody serves' : `${serves.join(', ')} ${serves.length === 1 ? 'serves' : 'serve'}`;
  return `expect that ${who} within ${time(withinMs)}${maxFailed === undefined ? '' : `, at most ${maxFailed} requests failed`}`;
}

const ACTIONS: Readonly<Record<Extract<DrillStep, { action: unknown }>['action'], string>> = {
  stop: 'stop',
  hang: 'hang',
  slow: 'slow down',
  break: 'break',
  powerOff: 'power off the machine of',
  restore: 'restore',
};

/** What became of an expectation, in words. */
export function verdictText({
  met,
  why,
  afterMs = 0,
  requests,
  failed,
  longestMs,
}: Extract<DrillEvent, { kind: 'verdict' }>['verdict']): string {
  const counts = `${count(requests)} requests, ${count(failed)} failed, the slowest took ${time(longestMs)}`;
  return met ? `met after ${time(afterMs)}: ${counts}` : `not met: ${why} (${counts})`;
}
