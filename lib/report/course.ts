import type { LoadSecond, Watched } from '../measure/index.js';
import { type Chart, COLOURS, figure, type Line, type Mark } from './chart.js';
import { html, type Markup } from './html.js';
import { time } from './words.js';

/** A second's figures say little of what is over in three. */
const SHORTEST_MS = 3000;

/** The middle of a second, where its figures are drawn. */
const middle = (second: number) => second + 0.5;

/** The last second of a trial is a part of one, and would look as if less had come about in it. */
function whole<T extends { readonly second: number }>(seconds: readonly T[], durationMs: number): readonly T[] {
  return seconds.filter(({ second }) => (second + 1) * 1000 <= durationMs);
}

/** What became of requests in the course of a trial: a graph of their number, and one of their times. */
export function course(all: readonly LoadSecond[], durationMs: number, marks: readonly Mark[]): Markup[] {
  if (durationMs < SHORTEST_MS)
    return [
      html`<p>It took ${time(durationMs)}, which is too short for graphs by the second.</p>
`,
    ];
  const series = whole(all, durationMs);
  const line = (name: string, colour: Line['colour'], of: (second: LoadSecond) => number, more: Partial<Line> = {}): Line => ({
    name,
    colour,
    points: series.map((second) => [middle(second.second), of(second)]),
    ...more,
  });
  const failed = series.some((second) => second.failed > 0);
  // A second in which no request was due has no times.
  const due = series.filter(({ sent }) => sent > 0);
  const times = (name: string, colour: number, of: (second: LoadSecond) => number): Line => ({
    name,
    colour,
    points: due.map((second) => [middle(second.second), Number(of(second).toPrecision(3))]),
  });
  const slowest = due.reduce((most, { p99 }) => Math.max(most, p99), 0);
  const charts: Chart[] = [
    {
      title: 'Requests a second',
      description: `Requests a second over ${series.length} seconds: sent, ended${failed ? ' and failed' : ''}`,
      x: 'seconds',
      lines: [
        line('sent', 7, ({ sent }) => sent, { dashed: true }),
        line('ended', 0, ({ done }) => done),
        ...(failed ? [line('failed', 'bad', (second) => second.failed)] : []),
      ],
      marks,
    },
    {
      title: 'Times in milliseconds',
      description: `Times of the requests that were due in each second; in the slowest second, 99 of 100 took at most ${time(slowest)}`,
      x: 'seconds',
      lines: [
        times('half within (p50)', 0, ({ p50 }) => p50),
        times('95 % within', 1, ({ p95 }) => p95),
        times('99 % within', 3, ({ p99 }) => p99),
      ],
      marks,
    },
  ];
  return charts.map(figure);
}

/** So many servers have a colour each; the rest are shown together. */
const SHOWN = COLOURS - 1;

/** Who answered, second by second. */
export function shares({ seconds: all, before }: Watched, durationMs: number, marks: readonly Mark[]): Markup[] {
  if (durationMs < SHORTEST_MS) return [];
  const seconds = whole(all, durationMs);
  const totals = new Map<string, number>();
  for (const { answers } of seconds)
    for (const [server, answered] of Object.entries(answers)) totals.set(server, (totals.get(server) ?? 0) + answered);
  const busy = [...totals].filter(([, answered]) => answered > 0);
  if (busy.length === 0) return [];
  const most = busy.toSorted(([, one], [, other]) => other - one).slice(0, SHOWN);
  // In HAProxy's own order.
  const shown = [...totals.keys()].filter((server) => most.some(([name]) => name === server));
  const others = [...totals.keys()].filter((server) => !shown.includes(server));
  const backups = new Set(before.servers.filter(({ isBackup }) => isBackup).map(({ server }) => server));
  const line = (name: string, colour: number, servers: readonly string[]): Line => ({
    name,
    colour,
    stacked: true,
    points: seconds.map(({ second, answers }) => [middle(second), servers.reduce((sum, server) => sum + (answers[server] ?? 0), 0)]),
  });
  const rest = busy.length - most.length;
  const chart: Chart = {
    title: 'Answers a second of each server',
    description: `Answers a second of ${shown.join(', ')}${rest > 0 ? ` and ${rest} others` : ''}, one upon the other, as HAProxy counted them`,
    x: 'seconds',
    lines: [
      ...shown.map((server, n) => line(backups.has(server) ? `${server} (backup)` : server, n, [server])),
      ...(rest > 0 ? [line(`${rest} others`, SHOWN, others)] : []),
    ],
    marks,
  };
  return [figure(chart)];
}
