import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { BENCH, ROOT, run, snapshot, type Told } from './measure.js';

/** What was measured of one contender, a value a round. */
export class Series {
  public readonly ms: number[] = [];
  public readonly cpuMs: number[] = [];
  public readonly peakMiB: number[] = [];
  /** Of the output. */
  public files = 0;
  public bytes = 0;
  /** How long each phase took, in the order they come. */
  public readonly phases = new Map<string, number[]>();

  public constructor(public readonly title: string) {}

  public note(ms: number, told?: Told): void {
    this.ms.push(ms);
    if (told === undefined) return;
    this.cpuMs.push(told.cpuMs);
    this.peakMiB.push(told.peakKiB / 1024);
    let begin = 0;
    for (const [phase, end] of Object.entries({ ...told.marks, end: ms })) {
      const known = this.phases.get(phase) ?? [];
      known.push(end - begin);
      this.phases.set(phase, known);
      begin = end;
    }
  }
}

/** Several contenders, one after the other in each round, each round beginning with another one. */
export function alternate<T>(contenders: readonly T[], rounds: number, measure: (contender: T) => void): void {
  for (let round = 0; round < rounds; round++) {
    const first = round % contenders.length;
    for (const contender of [...contenders.slice(first), ...contenders.slice(0, first)]) measure(contender);
  }
}

/** One that nobody had before, left until all is measured: some file systems make new files slowly where many were just removed. */
function emptyFolder(work: string): string {
  return mkdtempSync(join(work, 'out-'));
}

/** The contenders at one size. */
export type Sized = Record<'ours' | 'unchanged' | 'bare' | 'cdk8s' | 'awsOff' | 'awsOn', Series> & {
  /** Whether any of our unchanged syntheses touched a file. */
  touched: boolean;
};

const APPS = [
  { key: 'ours', app: 'cdk-vagrant.mjs', words: [] },
  { key: 'bare', app: 'bare.mjs', words: [] },
  { key: 'cdk8s', app: 'cdk8s.mjs', words: [] },
  { key: 'awsOff', app: 'aws-cdk.mjs', words: ['off'] },
  { key: 'awsOn', app: 'aws-cdk.mjs', words: ['on'] },
] as const;

/** Synthesises `size` resources with everybody, into an empty folder each time; with us once more into the same folder. */
export function trySize(size: number, rounds: number, work: string): Sized {
  const sized: Sized = {
    ours: new Series('cdk-vagrant'),
    unchanged: new Series('cdk-vagrant, unchanged'),
    bare: new Series('bare constructs'),
    cdk8s: new Series('cdk8s'),
    awsOff: new Series('aws-cdk-lib, validation off'),
    awsOn: new Series('aws-cdk-lib, validation on'),
    touched: false,
  };
  alternate(APPS, rounds, ({ key, app, words }) => {
    const folder = emptyFolder(work);
    const once = (series: Series): Told => {
      const { ms, out } = run(process.execPath, [join('apps', app), String(size), folder, ...words], BENCH, work);
      const told = JSON.parse(out) as Told;
      series.note(ms, told);
      return told;
    };
    once(sized[key]);
    const after = snapshot(folder);
    Object.assign(sized[key], { files: after.files, bytes: after.bytes });
    if (key === 'ours') {
      const { written } = once(sized.unchanged);
      if (written !== 0 || snapshot(folder).state !== after.state) sized.touched = true;
    }
  });
  return sized;
}

/** Loading alone. */
export type Starts = Record<'node' | 'version' | 'import' | 'cdk8s' | 'aws', Series>;

export function tryStarts(rounds: number, work: string): Starts {
  const starts: Starts = {
    node: new Series('`node -e 0`'),
    version: new Series('`cdkv --version`'),
    import: new Series('import of cdk-vagrant'),
    cdk8s: new Series('import of cdk8s'),
    aws: new Series('import of aws-cdk-lib'),
  };
  const words: Record<keyof Starts, readonly string[]> = {
    node: ['-e', '0'],
    version: ['../dist/cdkv.cjs', '--version'],
    import: ['-e', "import('../dist/index.js')"],
    cdk8s: ['-e', "require('cdk8s')"],
    aws: ['-e', "require('aws-cdk-lib')"],
  };
  alternate(Object.keys(words) as (keyof Starts)[], rounds, (key) => starts[key].note(run(process.execPath, words[key], BENCH, work).ms));
  return starts;
}

/** The paper's app and its like, from the command line as a user would. */
export type Papers = Record<'ours' | 'cdk' | 'cdkUnchecked', Series>;

export function tryPapers(rounds: number, work: string): Papers {
  const papers: Papers = {
    ours: new Series('`npm run synth`'),
    cdk: new Series('`npx cdk synth`'),
    cdkUnchecked: new Series('`npx cdk synth --no-validation`'),
  };
  const ways: Record<keyof Papers, readonly [program: string, args: readonly string[], cwd: string]> = {
    ours: ['npm', ['run', 'synth', '--', '-o'], ROOT],
    cdk: ['npx', ['cdk', 'synth', '--quiet', '-o'], join(BENCH, 'cdk')],
    cdkUnchecked: ['npx', ['cdk', 'synth', '--quiet', '--no-validation', '-o'], join(BENCH, 'cdk')],
  };
  alternate(Object.keys(ways) as (keyof Papers)[], rounds, (key) => {
    const folder = emptyFolder(work);
    const [program, args, cwd] = ways[key];
    papers[key].note(run(program, [...args, folder], cwd, work).ms);
    const { files, bytes } = snapshot(folder);
    Object.assign(papers[key], { files, bytes });
  });
  return papers;
}
