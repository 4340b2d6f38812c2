import { count, type LimitStep, type LoadResult, milliseconds, sentence, type Verdict } from '../load/index.js';
import type { LimitTrial, LoadTrial } from '../report/index.js';
import type { FoundLoad } from './load.js';
import { paint } from './paint.js';

export function loadText({ name }: FoundLoad, { url, result, verdicts, saturated }: LoadTrial): string {
  const { times, waited, statuses, errors, clientLimits: limits } = result;
  const counts = Object.entries({ ...statuses, ...errors }).map(([what, number]) => `${what}: ${count(number)}`);
  const asked = result.intended === undefined ? '' : ` of the ${count(result.intended)}/s asked for`;
  const row = (title: string, text: string) => `  ${title.padEnd(11)}${text}`;
  const lines = [
    paint('bold', `${name} at ${url}`),
    row('requests', `${count(result.sent)} sent at ${count(result.rate)}/s${asked}, on ${count(result.connections)} connections`),
    row('answers', `${count(result.answered)}/s in ${result.seconds.toFixed(1)} s; ${counts.join(', ')}`),
    row('times', spread(times)),
    row('client', `sent late by ${milliseconds(waited.p50)} ms (median), ${milliseconds(waited.p99)} ms (p99)`),
    '',
    ...verdicts.map(verdictText),
    ...(verdicts.length > 0 ? [''] : []),
    ...(saturated === undefined ? [] : [`first saturated: ${saturated}`]),
    ...limits.map((text) => `${paint('yellow', 'the client was the limit')}: ${text}`),
    result.model === 'open'
      ? 'Open model: times count from the moment a request was due, so the wait behind a stall is in them.'
      : 'Closed model: users wait for answers, so a stall hides the requests that would have come meanwhile; a rate shows them.',
  ];
  return `${lines.join('\n')}\n`;
}

function spread(times: LoadResult['times']): string {
  const parts = (['p50', 'p90', 'p95', 'p99', 'max'] as const).map((name) => `${name} ${milliseconds(times[name])} ms`);
  return parts.join(', ');
}

function verdictText(verdict: Verdict): string {
  if (verdict.met === undefined) return `${paint('yellow', '??  ')} ${verdict.threshold} is not judged: ${verdict.reason}`;
  return `${verdict.met ? paint('green', 'ok  ') : paint('red', 'FAIL')} ${sentence(verdict)}`;
}

export function stepText({ rate, held, broke, result }: LimitStep): string {
  const mark = held ? paint('green', 'held ') : paint('red', 'broke');
  return `${mark} ${count(rate)}/s: p95 ${milliseconds(result.times.p95)} ms${held ? '' : `; ${broke.join('; ')}`}`;
}

export function limitText({ name, primaries }: FoundLoad, { result: { held, broken, endedBy, steps }, needs }: LimitTrial): string {
  const lines = [paint('bold', `${name}: ${held === undefined ? 'no rate held' : `highest rate held ${count(held)}/s`}`)];
  if (broken !== undefined) {
    lines.push(`broke at ${count(broken.rate)}/s: ${broken.broke.join('; ')}`);
    lines.push(`first saturated: ${broken.saturated ?? "not known, for there are no figures of HAProxy's"}`);
  }
  if (endedBy === 'client') {
    const why = steps.at(-1)?.result.clientLimits.join('; ');
    lines.push(`${paint('yellow', 'the client was the limit')}, so the system may hold more${why === '' ? '' : `: ${why}`}`);
  }
  if (endedBy === 'max') lines.push('that is the highest rate tried; --max raises it');
  if (held !== undefined && needs !== undefined) {
    const each = count(held / primaries);
    lines.push(
      `${count(needs.rate)}/s need about ${needs.servers} servers: an estimate, as if each held the ${each}/s that each of ${primaries} did`,
    );
  }
  return `${lines.join('\n')}\n`;
}
