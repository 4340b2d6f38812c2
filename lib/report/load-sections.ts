import { count, type LoadResult, sentence as thresholdText, type Verdict } from '../load/index.js';
import { figure } from './chart.js';
import { course, shares } from './course.js';
import { html, type Markup } from './html.js';
import type { LimitTrial, LoadTrial } from './report.js';
import { mark, table, tiles } from './table.js';
import { time } from './words.js';

/** What a load came to. */
export function loadSections({ url, result, verdicts, haproxy, saturated }: LoadTrial): {
  readonly sentence: string;
  readonly body: Markup;
} {
  const judged = verdicts.filter(({ met }) => met !== undefined);
  const { times, intended } = result;
  const asked = intended === undefined ? '' : ` of ${count(intended)} asked for`;
  const unjudged = verdicts.length - judged.length;
  const met = `${judged.filter((verdict) => verdict.met).length} of ${verdicts.length} thresholds met`;
  const sentence = verdicts.length === 0 ? 'there is no threshold' : `${met}${unjudged === 0 ? '' : `, ${unjudged} not judged`}`;
  const body = html`<p>${modelOf(result)} Sent to ${url}.</p>
${tiles([
  ['requests', count(result.sent)],
  ['failed', `${count(result.failed)} (${percent(result.failed / Math.max(1, result.sent))})`],
  ['sent a second', `${count(result.rate)}${asked}`],
  ['answered a second', count(result.answered)],
  ['half within', time(times.p50)],
  ['95 % within', time(times.p95)],
  ['99 % within', time(times.p99)],
  ['slowest', time(times.max)],
])}${limitsOf(result)}${verdicts.length === 0 ? '' : thresholds(verdicts)}<h2>Course</h2>
${course(result.series, result.seconds * 1000, [])}${haproxy === undefined ? [] : shares(haproxy, result.seconds * 1000, [])}${
  saturated === undefined
    ? ''
    : html`<p>First saturated: ${saturated}.</p>
`
}${outcomes(result)}`;
  return { sentence, body };
}

/** How the highest rate that a system holds was found. */
export function limitSections({ url, result, primaries, needs }: LimitTrial): { readonly sentence: string; readonly body: Markup } {
  const { held, broken, endedBy, steps } = result;
  const sentence = held === undefined ? 'no rate held' : `highest rate held: ${count(held)} requests a second`;
  const tried = steps.toSorted((one, other) => one.rate - other.rate);
  const line = (name: string, colour: number, of: (result: LoadResult) => number) => ({
    name,
    colour,
    points: tried.map((step) => [step.rate, Number(of(step.result).toPrecision(3))] as const),
  });
  const facts = [
    ...(broken === undefined
      ? []
      : [
          html`<p>Broke at ${count(broken.rate)} a second: ${broken.broke.join('; ')}.</p>
`,
        ]),
    ...(broken?.saturated === undefined
      ? []
      : [
          html`<p>First saturated: ${broken.saturated}.</p>
`,
        ]),
    ...(endedBy === 'client'
      ? [
          html`<p>${mark(false, 'The client was the limit,')} so the system may hold more.</p>
`,
        ]
      : []),
    ...(endedBy === 'max'
      ? [
          html`<p>That is the highest rate tried.</p>
`,
        ]
      : []),
    ...(needs === undefined
      ? []
      : [
          html`<p>${count(needs.rate)} a second need about ${needs.servers} servers: an estimate, as if each held what each of ${primaries} did.</p>
`,
        ]),
  ];
  const last = steps.at(-1);
  const body = html`<p>Sent to ${url}, each rate for some seconds, one that broke twice. ${MODELS.open}</p>
${facts}${last === undefined ? '' : limitsOf(last.result)}<h2>Rates</h2>
${figure({
  title: 'Times in milliseconds by rate',
  description: `Times at each rate tried, from ${count(tried[0]?.rate ?? 0)} to ${count(tried.at(-1)?.rate ?? 0)} requests a second`,
  x: 'requests a second',
  lines: [
    line('half within (p50)', 0, ({ times }) => times.p50),
    line('95 % within', 1, ({ times }) => times.p95),
    line('99 % within', 3, ({ times }) => times.p99),
  ],
  marks: [
    ...(held === undefined ? [] : [{ at: held, label: 'held' }]),
    ...(broken === undefined ? [] : [{ at: broken.rate, label: 'broke', bad: true }]),
  ],
})}${table(
  'Rates in the order they were tried',
  [
    { title: 'rate', kind: 'number' },
    { title: 'verdict' },
    { title: 'failed', kind: 'number' },
    { title: 'p50', kind: 'number' },
    { title: 'p95', kind: 'number' },
    { title: 'p99', kind: 'number' },
    { title: 'why', kind: 'long' },
  ],
  steps.map(({ rate, held: did, broke, result: { failed, times } }) => [
    count(rate),
    mark(did, did ? 'held' : 'broke'),
    count(failed),
    time(times.p50),
    time(times.p95),
    time(times.p99),
    broke.join('; '),
  ]),
)}`;
  return { sentence, body };
}

const MODELS = {
  open: 'Open model: times count from the moment a request was due, so the wait behind a stall is in them.',
  closed: 'Closed model: users wait for answers, so a stall hides the requests that would have come meanwhile.',
};

const modelOf = ({ model }: LoadResult) => MODELS[model];

const percent = (share: number) => `${Number((share * 100).toPrecision(3))} %`;

/** What the client lacked. */
function limitsOf({ clientLimits }: LoadResult): Markup {
  if (clientLimits.length === 0) return html``;
  return html`<p>${mark(false, 'The client was the limit:')} ${clientLimits.join('; ')}.</p>
`;
}

function thresholds(verdicts: readonly Verdict[]): Markup {
  const rows = verdicts.map((verdict) =>
    verdict.met === undefined
      ? ['not judged', `${verdict.threshold}: ${verdict.reason}`]
      : [mark(verdict.met, verdict.met ? 'met' : 'missed'), thresholdText(verdict)],
  );
  return html`<h2>Thresholds</h2>
${table('What was allowed, and what was found', [{ title: 'verdict' }, { title: 'threshold', kind: 'long' }], rows)}`;
}

/** Answers by status, and requests without one. */
function outcomes({ statuses, errors, sent }: LoadResult): Markup {
  const rows = [...Object.entries(statuses), ...Object.entries(errors)].map(([what, number]) => [
    what,
    count(number),
    percent(number / sent),
  ]);
  return table(
    'What the client got',
    [{ title: 'answer' }, { title: 'requests', kind: 'number' }, { title: 'share', kind: 'number' }],
    rows,
  );
}
