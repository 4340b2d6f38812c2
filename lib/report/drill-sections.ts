import { count } from '../load/index.js';
import type { DrillEvent, DrillResult } from '../trials/index.js';
import type { Mark } from './chart.js';
import { course, shares } from './course.js';
import { html, type Markup } from './html.js';
import { mark, table, tiles } from './table.js';
import { stepText, time, verdictText } from './words.js';

/** What a drill came to. */
export function drillSections(result: DrillResult): { readonly sentence: string; readonly body: Markup } {
  const { steps, requests, durationMs, series, haproxy } = result;
  const verdicts = steps.flatMap(({ verdict }) => verdict ?? []);
  const { lines, marks } = timeline(result.events);
  const sentence = `${verdicts.filter(({ met }) => met).length} of ${verdicts.length} expectations met`;
  const body = html`${tiles([
    ['requests', count(requests.requests)],
    ['failed', count(requests.failed)],
    ['half within', time(requests.medianMs)],
    ['95 % within', time(requests.p95Ms)],
    ['slowest', time(requests.longestMs)],
    ['duration', `${(durationMs / 1000).toFixed(1)} s`],
  ])}<h2>What happened</h2>
<p class="muted">Vertical lines in the graphs are the numbered steps in which something was done to a server.</p>
${course(series, durationMs, marks)}${haproxy === undefined ? [] : shares(haproxy, durationMs, marks)}${table(
  'What was done, and what came of it',
  [
    { title: 'step', kind: 'number' },
    { title: 'at', kind: 'number' },
    { title: 'what', kind: 'long' },
  ],
  lines,
)}`;
  return { sentence, body };
}

/** All that happened, and the moments that graphs show: what was done, and what was not met. */
function timeline(events: readonly DrillEvent[]): { readonly lines: (string | Markup)[][]; readonly marks: Mark[] } {
  let number = 0;
  const marks: Mark[] = [];
  const lines = events.map((event): (string | Markup)[] => {
    const at = `${(event.atMs / 1000).toFixed(1)} s`;
    if (event.kind === 'status') return ['', at, html`<span class="muted">HAProxy has ${event.server} as ${event.status}</span>`];
    if (event.kind === 'verdict') {
      const { verdict } = event;
      if (!verdict.met) marks.push({ at: event.atMs / 1000, label: `${number} not met`, bad: true });
      return ['', at, mark(verdict.met, verdictText(verdict))];
    }
    number++;
    if ('action' in event.step) marks.push({ at: event.atMs / 1000, label: String(number) });
    return [String(number), at, stepText(event.step)];
  });
  return { lines, marks };
}
