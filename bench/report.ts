import { readFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { aim, goals, type Results } from './goals.js';
import { BENCH, median, ROOT } from './measure.js';
import type { Cost } from './profile.js';
import type { Series } from './trials.js';

/** What was asked for. */
export interface Settings {
  readonly rounds: number;
  readonly starts: number;
  /** What the folders are on. */
  readonly fileSystem: string;
  /** Share of the processors that others used meanwhile. */
  readonly others: number;
}

const SHOWN_COSTS = 15;

const group = (value: number) => Math.round(value).toLocaleString('en');
const percent = (share: number) => `${(share * 100).toFixed(1)} %`;

/** @param figures the first column that holds figures, which are set to the right */
function table(heads: readonly string[], rows: readonly (readonly string[])[], figures = 1): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |\n`;
  return line(heads) + line(heads.map((_, index) => (index < figures ? '---' : '---:'))) + rows.map(line).join('');
}

/** Times of several contenders, and how many times that of the first one they are. */
function timesTable(all: readonly Series[], first: Series): string {
  const sized = all.some(({ peakMiB }) => peakMiB.length > 0);
  const written = all.some(({ files }) => files > 0);
  const heads = ['', 'ms, median', 'least', 'most', `times ${first.title}`, ...(sized ? ['CPU, ms', 'peak RSS, MiB'] : [])];
  const rows = all.map((series) => [
    series.title,
    group(median(series.ms)),
    group(Math.min(...series.ms)),
    group(Math.max(...series.ms)),
    (median(series.ms) / median(first.ms)).toFixed(2),
    ...(sized ? [group(median(series.cpuMs)), group(median(series.peakMiB))] : []),
    ...(written ? [series.files, series.bytes / 1000].map((value) => (value === 0 ? '' : group(value))) : []),
  ]);
  return table(written ? [...heads, 'files', 'kB'] : heads, rows);
}

/** The phases that apps/cdk-vagrant.mjs notes, for who does not know it. */
const PHASES: Readonly<Record<string, string>> = {
  start: 'starting Node, loading the library',
  construct: 'constructing the tree',
  check: 'aspects and checks',
  render: 'rendering',
  publish: 'comparing and writing',
  end: 'making and ending the process',
};

function phasesTable(series: Series): string {
  const whole = median(series.ms);
  const rows = [...series.phases].map(([phase, ms]) => [PHASES[phase] ?? phase, group(median(ms)), percent(median(ms) / whole)]);
  return table(['', 'ms, median', 'share'], rows);
}

function machine(): string {
  const os = /^PRETTY_NAME="(.*)"$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? process.platform;
  const processors = cpus();
  return `${processors.length} × ${processors[0]?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${os}, Node ${process.version}`;
}

function versions(): string {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const { dependencies } = JSON.parse(readFileSync(join(BENCH, 'package.json'), 'utf8'));
  return [`cdk-vagrant ${version}`, ...Object.entries(dependencies).map(([name, exact]) => `${name} ${exact}`)].join(', ');
}

/** What `npm run bench` prints, and RESULTS.md is. */
export function report(results: Results, costs: readonly Cost[], { rounds, starts, others, fileSystem }: Settings): string {
  const { sizes, papers, starts: started } = results;
  const list = goals(results).map((goal) => [goal.what, goal.limit, goal.measured, goal.reached ? 'reached' : '**missed**']);
  const sections = [...sizes].map(([size, { ours, unchanged, bare, cdk8s, awsOff, awsOn }]) => {
    return `### N = ${group(size)}, ${ours.ms.length} processes each\n\n${timesTable([ours, unchanged, bare, cdk8s, awsOff, awsOn], ours)}`;
  });
  const [largest = 0, profiled] = [...sizes].at(-1) ?? [];
  const shown = costs.slice(0, SHOWN_COSTS).map(({ name, self, total }) => [`\`${name}\``, percent(self), percent(total)]);
  return `# What a synthesis costs

Printed by \`npm run bench\` on ${new Date().toISOString().slice(0, 10)}: ${machine()}.
${versions()}.
Whatever else ran on the machine used ${percent(others)} of its processors meanwhile.

## Must be reached

${table(['', 'goal', 'measured', ''], list, 4)}
${aim(results)}
## N resources

Medians of fresh processes, alternating, each into an empty folder (on ${fileSystem}).

${sections.join('\n')}
- **cdk-vagrant**: what \`npm run build\` makes, imported by plain Node. Half are \`Container\`s, half servers of one \`WebBackend\`, spread
  over a cluster of 100 machines at every N, behind one \`HaproxyFrontend\`. Each server makes a container of its own as well, each machine
  its scripts and settings: what the others need not do. Unchanged: once more into the same folder; no file may change its inode or times.
- **bare constructs**: a tree of that shape, and as many files of about the same texts, without checks, quoting, hashes and comparison.
- **cdk8s**: one chart of N \`ApiObject\`s, half Pods, half Services.
- **aws-cdk-lib**: N \`CfnResource\`s, half instances, half target groups, in stacks of 500 (the most a stack may have), with
  \`analyticsReporting: false\`. Off: \`builtinCloudFormationValidation: false\` and \`skipValidation: true\`. Both it and cdk8s are
  loaded by \`require\`, as in apps compiled to CommonJS; an import from an ES module would load hundreds of files of aws-cdk-lib more.
- The time is the parent's, from before the process is made until it has ended; peak RSS is the process's own \`VmHWM\` at its end.
  Before the first round everybody runs once, unmeasured.

## Where the time goes

cdk-vagrant at N = ${group(largest)}, by its own clock:

${profiled === undefined ? '' : phasesTable(profiled.ours)}
One more run under Node's profiler, by function:

${table(['', 'alone', 'with what it calls'], shown)}
## Start

Medians of ${starts} fresh processes each, alternating.

${timesTable(Object.values(started), started.node)}
## The paper's app

\`bin/balanceador.ts\` and its like in \`bench/cdk\`, both TypeScript run by tsx, each into an empty folder; medians of ${rounds} processes
each, alternating. \`cdk\` runs with \`--quiet\`, and without notices and telemetry. It is the newest that reads what this aws-cdk-lib
writes; aws-cdk 3.0.0 does not.

${timesTable([papers.ours, papers.cdk, papers.cdkUnchecked], papers.ours)}`;
}
