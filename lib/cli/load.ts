import { relative } from 'node:path';
import type { Assembly } from '../core/index.js';
import {
  type ClientLimits,
  clientLimits,
  findLimit,
  judge,
  type LimitReport,
  type LimitStep,
  type LoadPlan,
  type LoadResult,
  milliseconds,
  type RunOptions,
  runLoad,
  type Served,
  sentence,
  serversFor,
  tooSmall,
  type Verdict,
} from '../load/index.js';
import type { Figures, LoadTest } from '../trials/index.js';
import { assembleApp } from './app-process.js';
import { chooseResource, type Kind } from './choose.js';
import { type Command, CommandFailed } from './command.js';
import { paint } from './paint.js';

type LoadProperties = NonNullable<ReturnType<LoadTest['toResource']>>['properties'];

const LOAD: Kind = { type: 'LoadTest', word: 'load test', example: 'new LoadTest(stack, name, { target: frontend, users: 100 })' };

/** A load test of an assembly. */
export interface FoundLoad {
  /** `STACK/NAME`. */
  readonly name: string;
  readonly folder: string;
  readonly properties: LoadProperties;
  /** Primaries of the backend that serves it. */
  readonly primaries: number;
}

/** What a load came to, judged. */
export interface JudgedLoad {
  readonly url: string;
  readonly client: ClientLimits;
  readonly result: LoadResult;
  readonly verdicts: readonly Verdict[];
}

export interface LoadOptions extends RunOptions {
  /** Where the system runs, `http://host:port`. */
  readonly url?: string | undefined;
  /** HAProxy's own figures, where they can be had. */
  readonly figures?: (() => Promise<Figures>) | undefined;
}

export interface LimitOptions extends LoadOptions {
  /** Requests a second to begin with, and to stop at. */
  readonly start?: number | undefined;
  readonly max?: number | undefined;
  /** How long each rate is tried, at least 5 seconds. */
  readonly stepMs?: number | undefined;
  /** Told after each rate. */
  readonly onStep?: (step: LimitStep) => void;
}

/**
 * The load test of a name, `NAME` or `STACK/NAME`.
 *
 * @throws CommandFailed when there is none, or more than one
 */
export function findLoad(assembly: Assembly, name: string): FoundLoad {
  const { stack, resource } = chooseResource(assembly, LOAD, name);
  const properties = resource.properties as unknown as LoadProperties;
  const backend = stack.resources().find((one) => one.type === 'WebBackend' && one.name === properties.backend);
  const primaries = (backend?.properties.primaries as readonly string[] | undefined)?.length ?? 1;
  return { name: `${stack.name}/${resource.name}`, folder: stack.folder, properties, primaries };
}

/** Runs a load test against the system at its URL, which must answer. */
export async function load(test: FoundLoad, options: LoadOptions = {}): Promise<JudgedLoad> {
  const { properties } = test;
  const plan = planOf(properties, options.url ?? properties.url);
  await mustAnswer(test, plan);
  const before = await options.figures?.();
  const result = await runLoad(plan, options);
  const after = await options.figures?.();
  const served: Served | undefined = before && after && { backend: properties.backend, before, after };
  return { url: plan.url, client: clientLimits(), result, verdicts: judge(properties.thresholds, result, served) };
}

/** Requests a second that a search begins with, unless told, or the test has a rate: nearly all hold it. */
const FIRST_RATE = 50;

/** Finds the highest rate that the system at the URL of a load test holds, by the thresholds of the test. */
export async function limit(test: FoundLoad, options: LimitOptions = {}): Promise<LimitReport> {
  const { backend, paths, timeoutMs, rate, thresholds } = test.properties;
  const { figures, start = rate ?? FIRST_RATE, max = 10_000, stepMs = 10_000 } = options;
  const plan = { url: options.url ?? test.properties.url, paths, timeoutMs };
  await mustAnswer(test, { ...plan, rate: 1, durationMs: 1000 });
  const haproxy = figures && { backend, figures };
  return findLimit(plan, { ...options, start, max: Math.max(start, max), stepMs, thresholds, haproxy });
}

/** `cdkv load` */
export const loadCommand: Command = async ({ words, options, app }) => {
  const wants = readOptions(options);
  const test = findLoad(await assembleApp({ ...app(), origins: false }), words[0] ?? '');
  const note = (text: string) => options.json || process.stderr.write(`${text}\n`);
  const url = wants.url ?? test.properties.url;
  for (const one of tooSmall(planOf(test.properties, url), clientLimits())) note(`${paint('yellow', 'warn')} ${one}`);
  if (options['find-limit']) {
    const report = await limit(test, { ...wants, url, onStep: (step) => note(stepText(step)) });
    const servers = wants.for === undefined || report.held === undefined ? undefined : serversFor(wants.for, report.held, test.primaries);
    const answer = { url, client: clientLimits(), primaries: test.primaries, ...report, ...(servers === undefined ? {} : { servers }) };
    process.stdout.write(options.json ? `${JSON.stringify(answer, undefined, 2)}\n` : limitText(test, report, wants.for, servers));
    return report.held === undefined ? 1 : 0;
  }
  const onTick: LoadOptions['onTick'] = ({ second, sent, done, failed, p95 }) =>
    note(paint('dim', `${String(second + 1).padStart(4)} s: ${sent} sent, ${done} done, ${failed} failed, p95 ${milliseconds(p95)} ms`));
  const judged = await load(test, { url, ...(process.stderr.isTTY ? { onTick } : {}) });
  process.stdout.write(options.json ? `${JSON.stringify(judged, undefined, 2)}\n` : loadText(test, judged));
  return judged.verdicts.some(({ met }) => met === false) ? 1 : 0;
};

interface Wants {
  readonly url: string | undefined;
  readonly start: number | undefined;
  readonly max: number | undefined;
  readonly stepMs: number | undefined;
  readonly for: number | undefined;
}

function readOptions(options: Readonly<Record<string, unknown>>): Wants {
  const number = (name: string, least = 0.001) => {
    const value = options[name];
    if (value === undefined) return undefined;
    if (!options['find-limit']) throw new CommandFailed(`--${name} is of --find-limit; give that as well`);
    const found = Number(value);
    if (!(found >= least && found <= 1e6)) throw new CommandFailed(`--${name} ${value} is no number from ${least} to 1000000`);
    return found;
  };
  const url = options.url as string | undefined;
  if (url !== undefined && !/^http:\/\/[^/?#]+\/?$/.test(url)) throw new CommandFailed(`--url ${url} is not like http://host:port`);
  const step = number('step', 5);
  const stepMs = step === undefined ? undefined : step * 1000;
  return { url: url?.replace(/\/$/, ''), start: number('start'), max: number('max'), stepMs, for: number('for') };
}

function planOf(properties: LoadProperties, url: string): LoadPlan {
  const { paths, timeoutMs, users, rampUpMs = 1, loops = 1, rate = 1, durationMs = 1 } = properties;
  const common = { url, paths, timeoutMs };
  return users === undefined ? { ...common, rate, durationMs } : { ...common, users, rampUpMs, loops };
}

const ANSWERS_WITHIN_MS = 10_000;

async function mustAnswer({ folder, properties }: FoundLoad, plan: LoadPlan): Promise<void> {
  const timeoutMs = Math.min(plan.timeoutMs, ANSWERS_WITHIN_MS);
  const { errors } = await runLoad({ url: plan.url, paths: plan.paths.slice(0, 1), timeoutMs, users: 1, loops: 1, rampUpMs: 1 });
  const [reason] = Object.keys(errors);
  if (reason === undefined) return;
  const remedy =
    plan.url === properties.url
      ? `bring the machines up (cd ${relative('', folder) || '.'} && vagrant up), or name another place with --url`
      : 'look whether the system runs, and whether the URL is right';
  throw new CommandFailed(`nothing answers at ${plan.url}/ (${reason}); ${remedy}`);
}

const count = (value: number) => value.toLocaleString('en-US', { maximumFractionDigits: value < 100 ? 1 : 0 });

function loadText({ name }: FoundLoad, { url, result, verdicts }: JudgedLoad): string {
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

function stepText({ rate, held, broke, result }: LimitStep): string {
  const mark = held ? paint('green', 'held ') : paint('red', 'broke');
  return `${mark} ${count(rate)}/s: p95 ${milliseconds(result.times.p95)} ms${held ? '' : `; ${broke.join('; ')}`}`;
}

function limitText({ name, primaries }: FoundLoad, report: LimitReport, wanted?: number, servers?: number): string {
  const { held, broken, endedBy } = report;
  const lines = [paint('bold', `${name}: ${held === undefined ? 'no rate held' : `highest rate held ${count(held)}/s`}`)];
  if (broken !== undefined) {
    lines.push(`broke at ${count(broken.rate)}/s: ${broken.broke.join('; ')}`);
    lines.push(`first saturated: ${broken.saturated ?? "not known, for there are no figures of HAProxy's"}`);
  }
  if (endedBy === 'client') {
    const why = report.steps.at(-1)?.result.clientLimits.join('; ');
    lines.push(`${paint('yellow', 'the client was the limit')}, so the system may hold more${why === '' ? '' : `: ${why}`}`);
  }
  if (endedBy === 'max') lines.push('that is the highest rate tried; --max raises it');
  if (held !== undefined && wanted !== undefined && servers !== undefined) {
    const each = count(held / primaries);
    lines.push(
      `${count(wanted)}/s need about ${servers} servers: an estimate, as if each held the ${each}/s that each of ${primaries} did`,
    );
  }
  return `${lines.join('\n')}\n`;
}
