import { median } from './measure.js';
import type { Papers, Series, Sized, Starts } from './trials.js';

/** All that was measured; sizes by their number of resources. */
export interface Results {
  readonly sizes: ReadonlyMap<number, Sized>;
  readonly starts: Starts;
  readonly papers: Papers;
}

/** Something that must be reached, and whether it was. */
export interface Goal {
  readonly what: string;
  readonly limit: string;
  readonly measured: string;
  readonly reached: boolean;
}

/** An import may cost so many milliseconds more than Node alone. */
const IMPORT_MS = 60;

const wall = (series: Series) => median(series.ms);
const peak = (series: Series) => median(series.peakMiB);
const times = (ratio: number) => `${ratio.toFixed(2)} times`;

function atLeast(what: string, limit: number, ratio: number): Goal {
  return { what, limit: `at least ${limit} times`, measured: times(ratio), reached: ratio >= limit };
}

function atMost(what: string, limit: number, ratio: number): Goal {
  return { what, limit: limit === 1 ? 'at most as much' : `at most ${limit} times`, measured: times(ratio), reached: ratio <= limit };
}

/** What is aimed at beyond the list: so many times faster than cdk8s at N=10,000. */
const AIM = 5;

/** How far the aim is. */
export function aim({ sizes }: Results): string {
  const large = sizes.get(10_000);
  if (large === undefined) return '';
  const ratio = wall(large.cdk8s) / wall(large.ours);
  return `The aim, ${AIM} times faster than cdk8s at N=10,000, is ${ratio >= AIM ? 'reached' : 'not reached'}: ${times(ratio)}.\n`;
}

/** The list of what must be reached, as far as its sizes were measured. */
export function goals({ sizes, starts, papers }: Results): Goal[] {
  const [small, middle, large] = [100, 1_000, 10_000].map((size) => sizes.get(size));
  const list: Goal[] = [];
  if (large !== undefined) {
    const ours = wall(large.ours);
    list.push(
      atLeast('N=10,000: faster than cdk8s', 2, wall(large.cdk8s) / ours),
      atLeast('N=10,000: faster than aws-cdk-lib with validation off', 2, wall(large.awsOff) / ours),
      atMost('N=10,000: time of bare `constructs`', 4, ours / wall(large.bare)),
      atMost('N=10,000: peak RSS of cdk8s', 1, peak(large.ours) / peak(large.cdk8s)),
    );
  }
  if (large !== undefined && middle !== undefined) {
    list.push(atMost('N=10,000: time of N=1,000, for 10 times as much', 10, wall(large.ours) / wall(middle.ours)));
  }
  if (small !== undefined) {
    const ratio = wall(small.cdk8s) / wall(small.ours);
    list.push({ what: 'N=100: faster than cdk8s', limit: 'any', measured: times(ratio), reached: ratio > 1 });
  }
  const touched = [...sizes].filter(([, sized]) => sized.touched).map(([size]) => size.toLocaleString('en'));
  list.push({
    what: 'an unchanged re-synth writes no file',
    limit: 'none',
    measured: touched.length === 0 ? 'none, at any size' : `some at N=${touched.join(', ')}`,
    reached: touched.length === 0,
  });
  const loading = wall(starts.import) - wall(starts.node);
  list.push(
    atMost('`cdkv --version`: time of bare Node', 1.6, wall(starts.version) / wall(starts.node)),
    {
      what: 'import of the library, over bare Node',
      limit: `at most ${IMPORT_MS} ms`,
      measured: `${loading.toFixed(0)} ms`,
      reached: loading <= IMPORT_MS,
    },
    atMost("`npm run synth` of the paper's app: time of `cdk synth`", 0.5, wall(papers.ours) / wall(papers.cdk)),
  );
  return list;
}
