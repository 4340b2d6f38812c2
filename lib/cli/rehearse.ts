import { readFileSync } from 'node:fs';
import { get } from 'node:http';
import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import type { AssembledStack } from '../core/index.js';
import { Rehearsal, type RehearsedServer } from '../rehearsal/index.js';
import {
  DISTURBANCES,
  type Disturbance,
  type DrillEvent,
  DrillScriptError,
  type DrillStep,
  type Figures,
  LightLoad,
  parseDrill,
  runDrill,
} from '../trials/index.js';
import { assembleApp } from './app-process.js';
import { chooseStack } from './choose.js';
import { type Command, CommandFailed } from './command.js';
import { eventLine, inSeconds, summary } from './drill-text.js';
import { paint } from './paint.js';
import { withSystem } from './with-system.js';

/** What a rehearsal with a script is asked for. */
interface Trial {
  readonly steps: readonly DrillStep[];
  readonly json: boolean;
}

/** The load, and what ends it. */
interface Run {
  readonly rate: number;
  readonly path: string;
  readonly signal: AbortSignal;
}

/** `cdkv rehearse` */
export const rehearse: Command = async (line) => {
  const { words, options } = line;
  const stackName = options.stack as string | undefined;
  if (words.length > 0) return control(words, stackName);
  const { script, rate, path = '/', json = false } = options as { script?: string; rate?: string; path?: string; json?: boolean };
  if (json && script === undefined) throw new CommandFailed('--json tells what became of a script; add --script FILE');
  if (!path.startsWith('/')) throw new CommandFailed(`path ${JSON.stringify(path)} does not begin with "/"`);
  const perSecond = rateOf(rate, script === undefined ? 0 : 50);
  const text = script === undefined ? undefined : read(script);
  const stack = chooseStack((await assembleApp(line.app())).stacks, stackName);
  const trial = script === undefined || text === undefined ? undefined : { steps: stepsOf(script, text, stack), json };

  return await withSystem(
    () => Rehearsal.start(stack),
    async (rehearsal, signal) => {
      const ended = rehearsal.ended.then((why): never => {
        throw new Error(why);
      });
      return await Promise.race([ended, perform(rehearsal, trial, { rate: perSecond, path, signal })]);
    },
  );
};

/** @returns the exit code */
async function perform(rehearsal: Rehearsal, trial: Trial | undefined, run: Run): Promise<number> {
  const firstAnswerMs = await firstAnswer(rehearsal, run.signal);
  const versions = await rehearsal.versions();
  if (!trial?.json) process.stdout.write(overview(rehearsal, versions.haproxy ?? '', firstAnswerMs));
  if (trial === undefined) {
    await watch(rehearsal, run);
    return 0;
  }
  const onEvent = (event: DrillEvent) => trial.json || process.stdout.write(eventLine(event));
  const { met, ...result } = await runDrill(rehearsal, trial.steps, { ...run, onEvent });
  if (trial.json) {
    const answer = { outcome: met ? 'met' : 'unmet', stack: rehearsal.stack, versions, firstAnswerMs, ...result };
    process.stdout.write(`${JSON.stringify(answer, undefined, 2)}\n`);
  } else process.stdout.write(summary({ met, ...result }));
  return met ? 0 : 1;
}

/** Does something to a server of a rehearsal in another terminal. */
async function control([action = '', server, ...more]: readonly string[], stack: string | undefined): Promise<number> {
  if (!(DISTURBANCES as readonly string[]).includes(action))
    throw new CommandFailed(`${JSON.stringify(action)} is nothing to do to a server; there are ${DISTURBANCES.join(', ')}`);
  if (server === undefined || more.length > 0) throw new CommandFailed(`name one server: cdkv rehearse ${action} SERVER`);
  await Rehearsal.control(process.cwd(), stack, server, action as Disturbance);
  return 0;
}

function rateOf(text: string | undefined, usual: number): number {
  const rate = text === undefined ? usual : Number(text);
  if (!(rate >= 0 && rate <= 1000)) throw new CommandFailed(`rate ${JSON.stringify(text)} is no number of requests a second up to 1000`);
  return rate;
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new CommandFailed(`the script cannot be read: ${(error as Error).message}`);
  }
}

function stepsOf(file: string, text: string, stack: AssembledStack): DrillStep[] {
  const servers = stack.resources().filter(({ type }) => type === 'WebServer');
  const names = servers.map(({ name }) => name);
  try {
    return parseDrill(text, names);
  } catch (error) {
    if (!(error instanceof DrillScriptError)) throw error;
    throw new CommandFailed(error.problems.map(({ line, message }) => `${file}:${line}: ${message}`).join('\n'));
  }
}

/** When each frontend had given an answer of a server, since this process began; undefined when one gives none. */
async function firstAnswer({ urls }: Rehearsal, signal: AbortSignal): Promise<number | undefined> {
  const deadline = performance.now() + 10_000;
  for (const url of Object.values(urls)) {
    while (!(await answers(url))) {
      if (performance.now() > deadline) return undefined;
      await pause(20, undefined, { signal });
    }
  }
  return Math.round(performance.now());
}

function answers(url: string): Promise<boolean> {
  return new Promise((done) => {
    const request = get(url, { agent: false }, (response) => {
      response.resume();
      done((response.statusCode ?? 500) < 500);
    });
    request.on('error', () => done(false));
  });
}

/** What is where. */
function overview({ stack, frontends, servers }: Rehearsal, haproxy: string, firstAnswerMs: number | undefined): string {
  const rows: [string, string][] = [];
  for (const { name, url, address, statistics } of frontends) {
    rows.push([name, `${url}/   for ${address}`]);
    if (statistics !== undefined) rows.push(['', `${statistics.url}   user ${statistics.user}, password ${statistics.password}`]);
  }
  for (const { name, at, address, machine, isBackup, backend } of servers) {
    rows.push([name, `${at}   for ${address} on ${machine}, ${isBackup ? 'backup' : 'primary'} of ${backend}`]);
  }
  const width = Math.max(...rows.map(([name]) => name.length));
  return [
    paint('bold', `${stack}, rehearsed by HAProxy ${haproxy}`),
    ...rows.map(([name, what]) => `  ${name.padEnd(width)}  ${what}`),
    firstAnswerMs === undefined
      ? paint('red', 'no server answered within 10 s')
      : `first balanced answer after ${inSeconds(firstAnswerMs, 2)}`,
    '',
  ].join('\n');
}

/** A line a second, until told to end. */
async function watch(rehearsal: Rehearsal, { rate, path, signal }: Run): Promise<void> {
  process.stdout.write(`in another terminal: cdkv rehearse ${DISTURBANCES.join('|')} SERVER; Ctrl-C ends it\n`);
  const urls = Object.values(rehearsal.urls).map((url) => new URL(path, url).href);
  const load = rate > 0 ? new LightLoad(urls, rate) : undefined;
  const { isTTY, columns = 80 } = process.stdout;
  let before = await rehearsal.figures();
  const began = performance.now();
  try {
    for (let second = 1; ; second++) {
      await pause(began + second * 1000 - performance.now(), undefined, { signal }).catch(() => {});
      if (signal.aborted) return;
      const now = await rehearsal.figures();
      const text = statusLine(second, rehearsal.servers, before, now);
      before = now;
      load?.forget();
      const coloured = (isTTY ? text.slice(0, columns - 1) : text).replace(/\bDOWN\b/g, (word) => paint('red', word));
      process.stdout.write(isTTY ? `\r\x1b[K${coloured}` : `${coloured}\n`);
    }
  } finally {
    load?.stop();
    if (isTTY) process.stdout.write('\n');
  }
}

/** What HAProxy thinks of each server, and what clients got. */
export function statusLine(second: number, servers: readonly RehearsedServer[], before: Figures, now: Figures): string {
  const backends = [...new Set(servers.map(({ backend }) => backend))].map((backend) => {
    const states = (isBackup: boolean) => {
      const some = servers.filter((one) => one.backend === backend && one.isBackup === isBackup);
      return some.map(({ name }) => `${name} ${now.servers.find((one) => one.backend === backend && one.server === name)?.status ?? '?'}`);
    };
    const backups = states(true);
    return `${backend}: ${states(false).join(', ')}${backups.length === 0 ? '' : `, backups ${backups.join(', ')}`}`;
  });
  const frontends = ({ proxies }: Figures) => proxies.filter(({ kind }) => kind === 'frontend');
  const requests = (figures: Figures) => frontends(figures).reduce((sum, one) => sum + one.requests, 0);
  const errors = frontends(now).reduce((sum, { responses: [, , , , failed] }) => sum + failed, 0);
  return `${second} s  ${backends.join('; ')}   ${requests(now) - requests(before)} req/s   ${errors} errors`;
}
