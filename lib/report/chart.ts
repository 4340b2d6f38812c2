import { LineChart } from 'echarts/charts';
import { GridComponent, MarkLineComponent } from 'echarts/components';
import { type EChartsCoreOption, init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import { html, Markup } from './html.js';

use([LineChart, GridComponent, MarkLineComponent, SVGRenderer]);

/** A graph over a number, mostly the seconds of a trial. */
export interface Chart {
  readonly title: string;
  /** What it shows, for who does not see it. */
  readonly description: string;
  /** Name of the axis from left to right; that of the other is the title. */
  readonly x: string;
  readonly lines: readonly Line[];
  readonly marks?: readonly Mark[];
}

export interface Line {
  readonly name: string;
  /** In the order of `x`. */
  readonly points: readonly (readonly [x: number, y: number])[];
  /** Number of its colour, from 0; failures have one of their own. */
  readonly colour: number | 'bad';
  /** Whether it is put upon the lines before it that are stacked, and filled. */
  readonly stacked?: boolean;
  readonly dashed?: boolean;
}

/** A moment with a word above it. */
export interface Mark {
  readonly at: number;
  readonly label: string;
  readonly bad?: boolean;
}

/** The colours that the style sheet has for lines; those after take them again. */
export const COLOURS = 8;

/** Sizes in px: for a desk, a page of paper, and for a phone, on which what is drawn for a desk cannot be read. */
const SIZES = [
  { kind: 'wide', width: 920, height: 300 },
  { kind: 'narrow', width: 350, height: 280 },
] as const;

/** The graph as a figure, for wide and for narrow pages. The style sheet of the page has its colours. */
export function figure(chart: Chart): Markup {
  const drawn = SIZES.map(({ kind, width, height }) => {
    const svg = new Markup(draw(chart, width, height));
    return html`<div class="chart ${kind}" role="img" aria-label="${chart.description}">${svg}</div>`;
  });
  const legend = chart.lines.map(({ name, colour, dashed }) => {
    const shade = colour === 'bad' ? 'bad' : `line${colour % COLOURS}`;
    return html`<li><span class="swatch" style="border-top: 3px ${dashed ? 'dashed' : 'solid'} var(--${shade})"></span>${name}</li>`;
  });
  return html`<figure><figcaption>${chart.title}</figcaption><ul class="legend">${legend}</ul>${drawn}</figure>
`;
}

function draw(chart: Chart, width: number, height: number): string {
  const drawing = init(null, null, { renderer: 'svg', ssr: true, width, height });
  try {
    drawing.setOption(optionOf(chart));
    // Colours are variables of the page, which axes of ECharts' own would not follow.
    return drawing.renderToSVGString().replace(/^<svg /, '<svg aria-hidden="true" ');
  } finally {
    drawing.dispose();
  }
}

function optionOf({ x, lines, marks = [] }: Chart): EChartsCoreOption {
  const muted = { color: 'var(--muted)', fontSize: 12 };
  const axis = {
    type: 'value',
    axisLabel: { ...muted, hideOverlap: true },
    axisLine: { show: true, lineStyle: { color: 'var(--border)' } },
    axisTick: { show: false },
    splitLine: { lineStyle: { color: 'var(--grid)' } },
  };
  return {
    animation: false,
    // ECharts does not escape quotation marks in names of fonts.
    textStyle: { fontFamily: 'inherit' },
    grid: {
      left: 4,
      right: 12,
      top: marks.length > 0 ? 36 : 10,
      bottom: 22,
      outerBoundsMode: 'same',
      outerBoundsContain: 'axisLabel',
    },
    xAxis: {
      ...axis,
      name: x,
      nameLocation: 'middle',
      nameGap: 26,
      nameTextStyle: muted,
      splitLine: { show: false },
      ...extent(lines, marks),
    },
    yAxis: { ...axis, min: 0 },
    series: [...lines.map(seriesOf), ...(marks.length > 0 ? [markSeries(marks)] : [])],
  };
}

/** What is marked belongs to it as well: ECharts leaves out what is beside its axes. */
function extent(lines: readonly Line[], marks: readonly Mark[]): { readonly min: number; readonly max: number } {
  const all = [...lines.flatMap(({ points }) => points.map(([at]) => at)), ...marks.map(({ at }) => at)];
  return { min: all.reduce((a, b) => Math.min(a, b), 0), max: all.reduce((a, b) => Math.max(a, b), 1) };
}

function seriesOf({ points, colour, stacked, dashed }: Line): object {
  const shade = colour === 'bad' ? 'var(--bad)' : `var(--line${colour % COLOURS})`;
  return {
    type: 'line',
    data: points,
    color: shade,
    showSymbol: points.length < 3,
    symbol: 'circle',
    lineStyle: { color: shade, width: stacked ? 1 : 2, type: dashed ? 'dashed' : 'solid' },
    itemStyle: { color: shade },
    ...(stacked && { stack: 'all', areaStyle: { color: shade, opacity: 0.55 } }),
  };
}

/** Marks are a series of their own. */
function markSeries(marks: readonly Mark[]): object {
  // Neighbours stand at two heights, for they may be close.
  const data = marks.map(({ at, label, bad }, n) => {
    const color = bad ? 'var(--bad)' : 'var(--muted)';
    return {
      xAxis: at,
      lineStyle: { color },
      label: { formatter: label, color, fontSize: 11, fontWeight: bad ? 'bold' : 'normal', distance: 3 + 13 * (n % 2) },
    };
  });
  return {
    type: 'line',
    data: [],
    silent: true,
    markLine: { symbol: 'none', silent: true, animation: false, lineStyle: { type: 'dotted', width: 1 }, label: { position: 'end' }, data },
  };
}
