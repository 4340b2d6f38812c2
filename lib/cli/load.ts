import { relative } from 'node:path';
import type { AssembledStack, Assembly } from '../core/index.js';
import {
  type ClientLimits,
  clientLimits,
  findLimit,
  judge,
  type LimitReport,
  type LimitStep,
  type LoadPlan,
  milliseconds,
  type RunOptions,
  runLoad,
  saturation,
  servedBy,
  serversFor,
  tooSmall,
} from '../load/index.js';
import { type Figures, watchedOf, watching } from '../measure/index.js';
import { Rehearsal } from '../rehearsal/index.js';
import type { LimitTrial, LoadTrial } from '../report/index.js';
import { VagrantSystem } from '../running/index.js';
import type { LoadTest, RunningSystem } from '../trials/index.js';
import { assembleApp } from './app-process.js';
import { chooseResource, type Kind } from './choose.js';
import { type Command, CommandFailed } from './command.js';
import { limitText, loadText, stepText } from './load-text.js';
import { paint } from './paint.js';
import { exitCode, reporterTo, reportText, systemText } from './report.js';
import { withSystem } from './with-system.js';

type LoadProperties = NonNullable<ReturnType<LoadTest['toResource']>>['properties'];

const LOAD: Kind = { type: 'LoadTest', word: 'load test', example: 'new LoadTest(stack, name, { target: frontend, users: 100 })' };

/** A load test of an assembly. */
export interface FoundLoad {
  /** `STACK/NAME`. */
  readonly name: string;
  readonly stack: AssembledStack;
  readonly properties: LoadProperties;
  /** Primaries of the backend that serves it. */
  readonly primaries: number;
}

/** What a load came to, judged. */
export interface JudgedLoad extends Omit<LoadTrial, 'kind'> {
  readonly client: ClientLimits;
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
  return { name: `${stack.name}/${resource.name}`, stack, properties, primaries };
}

/** Runs a load test against the system at its URL, which must answer. */
export async function load(test: FoundLoad, options: LoadOptions = {}): Promise<JudgedLoad> {
  const { properties } = test;
  const plan = planOf(properties, options.url ?? properties.url);
  await mustAnswer(test, plan, options.signal);
  const send = () => runLoad(plan, options);
  const { result, samples } = options.figures === undefined ? { result: await send(), samples: [] } : await watching(options.figures, send);
  const verdicts = judge(properties.thresholds, result, servedBy(properties.backend, samples));
  const haproxy = watchedOf(samples);
  return { url: plan.url, client: clientLimits(), result, verdicts, haproxy, saturated: saturation(samples, properties.backend) };
}

/** Requests a second that a search begins with, unless told, or the test has a rate: nearly all hold it. */
const FIRST_RATE = 50;

/** Finds the highest rate that the system at the URL of a load test holds, by the thresholds of the test. */
export async function limit(test: FoundLoad, options: LimitOptions = {}): Promise<LimitReport> {
  const { backend, paths, timeoutMs, rate, thresholds } = test.properties;
  const { figures, start = rate ?? FIRST_RATE, max = 10_000, stepMs = 10_000 } = options;
  const plan = { url: options.url ?? test.properties.url, paths, timeoutMs };
  await mustAnswer(test, { ...plan, rate: 1, durationMs: 1000 }, options.signal);
  const haproxy = figures && { backend, figures };
  return findLimit(plan, { ...options, start, max: Math.max(start, max), stepMs, thresholds, haproxy });
}

/** Where a load goes. */
interface Place {
  readonly url: string;
  /** In words. */
  readonly system: string;
  /** Whom HAProxy's figures are asked of. */
  readonly running: RunningSystem | undefined;
  close(): Promise<void>;
}

/** The rehearsal that is asked for, the URL, or the machines; these need not be of this host. */
async function placeOf({ stack, properties: { url, target } }: FoundLoad, wants: Wants, warn: (text: string) => void): Promise<Place> {
  const nobody = { running: undefined, close: async () => {} };
  if (wants.url !== undefined) return { url: wants.url, system: wants.url, ...nobody };
  try {
    const running = wants.rehearse ? await Rehearsal.start(stack) : await VagrantSystem.of(stack);
    return { url: running.urls[target] ?? url, system: systemText(running), running, close: () => running.close() };
  } catch (error) {
    if (wants.rehearse) throw error;
    warn(`HAProxy is not asked for its figures: ${(error as Error).message}`);
    return { url, system: url, ...nobody };
  }
}

/** `cdkv load` */
export const loadCommand: Command = async ({ words, options, app }) => {
  const wants = readOptions(options);
  const test = findLoad(await assembleApp({ ...app(), origins: wants.rehearse }), words[0] ?? '');
  const report = await reporterTo(options.report as string | undefined, test.name, options['find-limit'] ? 'limit' : 'load', test.stack);
  const note = (text: string) => options.json || process.stderr.write(`${text}\n`);
  const warn = (text: string) => note(`${paint('yellow', 'warn')} ${text}`);
  for (const one of tooSmall(planOf(test.properties, ''), clientLimits())) warn(one);
  const place = () => placeOf(test, wants, warn);
  return await withSystem(place, async ({ url, system, running }, signal) => {
    const unknown = (error: Error) => {
      warn(`versions are not known: ${error.message}`);
      return {};
    };
    const versions = (await running?.versions().catch(unknown)) ?? {};
    const more = { url, signal, figures: running && (() => running.figures()) };
    const begun = new Date().toISOString();
    const trial = await (options['find-limit'] ? searched : loaded)(test, { ...wants, ...more }, note);
    const passed = trial.kind === 'limit' ? trial.result.held !== undefined : trial.verdicts.every(({ met }) => met !== false);
    const reported = report({ begun, system, target: test.properties.target, passed, trial, versions });
    if (options.json)
      process.stdout.write(
        `${JSON.stringify({ ...answerOf(trial), client: clientLimits(), system, versions, report: reported }, undefined, 2)}\n`,
      );
    else process.stdout.write((trial.kind === 'limit' ? limitText(test, trial) : loadText(test, trial)) + reportText(reported));
    return exitCode(passed, reported);
  });
};

async function loaded(test: FoundLoad, options: LoadOptions, note: (text: string) => void): Promise<LoadTrial> {
  const onTick: LoadOptions['onTick'] = ({ second, sent, done, failed, p95 }) =>
    note(paint('dim', `${String(second + 1).padStart(4)} s: ${sent} sent, ${done} done, ${failed} failed, p95 ${milliseconds(p95)} ms`));
  const { client: _, ...judged } = await load(test, { ...options, ...(process.stderr.isTTY ? { onTick } : {}) });
  return { kind: 'load', ...judged };
}

async function searched(test: FoundLoad, options: LimitOptions & Wants, note: (text: string) => void): Promise<LimitTrial> {
  const result = await limit(test, { ...options, onStep: (step) => note(stepText(step)) });
  const { for: rate, url = test.properties.url } = options;
  const needs =
    rate === undefined || result.held === undefined ? undefined : { rate, servers: serversFor(rate, result.held, test.primaries) };
  return { kind: 'limit', url, result, primaries: test.primaries, needs };
}

/** For programs. */
function answerOf(trial: LoadTrial | LimitTrial): object {
  if (trial.kind === 'load') return trial;
  const { result, needs, ...more } = trial;
  return { ...more, ...result, ...(needs && { servers: needs.servers }) };
}

interface Wants {
  readonly url: string | undefined;
  readonly rehearse: boolean;
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
  const rehearse = Boolean(options.rehearse);
  if (rehearse && url !== undefined) throw new CommandFailed('--rehearse and --url name two systems; leave one of them out');
  return { url: url?.replace(/\/$/, ''), rehearse, start: number('start'), max: number('max'), stepMs, for: number('for') };
}

function planOf(properties: LoadProperties, url: string): LoadPlan {
  const { paths, timeoutMs, users, rampUpMs = 1, loops = 1, rate = 1, durationMs = 1 } = properties;
  const common = { url, paths, timeoutMs };
  return users === undefined ? { ...common, rate, durationMs } : { ...common, users, rampUpMs, loops };
}

const ANSWERS_WITHIN_MS = 10_000;

async function mustAnswer({ stack: { folder }, properties }: FoundLoad, plan: LoadPlan, signal?: AbortSignal): Promise<void> {
  const timeoutMs = Math.min(plan.timeoutMs, ANSWERS_WITHIN_MS);
  const one = { url: plan.url, paths: plan.paths.slice(0, 1), timeoutMs, users: 1, loops: 1, rampUpMs: 1 };
  const { errors } = await runLoad(one, { signal });
  const [reason] = Object.keys(errors);
  if (reason === undefined) return;
  const remedy =
    plan.url === properties.url
      ? `bring the machines up (cd ${relative('', folder) || '.'} && vagrant up), or name another place with --url`
      : 'look whether the system runs, and whether the URL is right';
  throw new CommandFailed(`nothing answers at ${plan.url}/ (${reason}); ${remedy}`);
}
