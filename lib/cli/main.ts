import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { type ParseArgsConfig, parseArgs } from 'node:util';
import type { AppOptions } from './app-process.js';
import type { Interrupted } from './child.js';
import { type Command, CommandFailed, type CommandLine, version } from './command.js';

type Options = NonNullable<ParseArgsConfig['options']>;

interface Entry {
  /** Words after the command's name. */
  readonly usage?: string;
  readonly what: string;
  readonly words?: readonly [least: number, most: number];
  readonly options: Options;
  readonly help: string;
  readonly load: () => Promise<Command>;
}

const APP: Options = {
  app: { type: 'string', short: 'a' },
  output: { type: 'string', short: 'o' },
  context: { type: 'string', short: 'c', multiple: true },
};
const APP_HELP = `
  -a, --app COMMAND        what runs the app (default: "app" in cdk.json)
  -o, --output FOLDER      where the stacks' folders are (default: "output" in cdk.json, else synth-out)
  -c, --context KEY=VALUE  a value for node.tryGetContext; may be given more than once
                           (an outdir in the app's own code has the last word)`;
const REPORT_HELP = `
      --report FOLDER      write a report there: a page, JSON, and JUnit's XML; replaces an earlier one`;
const JSON_HELP = `
      --json               one JSON document on standard output, for programs, also of a failure`;

const COMMANDS: Readonly<Record<string, Entry>> = {
  synth: {
    what: "check the app's tree and write its files",
    options: { ...APP, force: { type: 'boolean' }, strict: { type: 'boolean' }, json: { type: 'boolean' }, quiet: { type: 'boolean' } },
    help: `${APP_HELP}
      --force              overwrite files that were edited after they were written, or that are not ours
      --strict             warnings that nobody acknowledged are errors
      --quiet              say nothing but errors${JSON_HELP}

Exit codes: 0 written or nothing to do, 1 refused, 2 the command cannot be run.
Examples: cdkv synth
          cdkv synth --strict -c box=local/debian12`,
    load: async () => (await import('./synth.js')).synth,
  },
  diff: {
    what: 'show what a synth would change; writes nothing',
    options: { ...APP, json: { type: 'boolean' } },
    help: `${APP_HELP}${JSON_HELP}

Exit codes: 0 nothing would change, 1 something would, 2 the tree was refused or the command cannot be run.
Example: cdkv diff -c box=local/debian12`,
    load: async () => (await import('./diff.js')).diff,
  },
  check: {
    what: 'give the files to the real parsers that are installed; writes nothing',
    options: { ...APP, json: { type: 'boolean' } },
    help: `${APP_HELP}${JSON_HELP}

The parsers: ruby -c, vagrant validate, bash -n, shellcheck, python3, haproxy -c, YAML. It tells which could not run.
Exit codes: 0 no findings, 1 findings or the tree was refused, 2 the command cannot be run.
Example: cdkv check`,
    load: async () => (await import('./check.js')).check,
  },
  explain: {
    usage: 'FILE[:LINE]',
    what: 'tell which constructs, and which lines of your code, made a file or a line of it',
    words: [1, 1],
    options: { ...APP, json: { type: 'boolean' } },
    help: `${APP_HELP}${JSON_HELP}

FILE is one of the output, as it stands there or below its stack's folder. The nearest construct comes first.
Exit codes: 0 told, 1 the tree was refused, 2 there is no such file or line or the command cannot be run.
Example: cdkv explain synth-out/balanceador/haproxy.cfg:42`,
    load: async () => (await import('./explain.js')).explain,
  },
  rehearse: {
    usage: '[stop|hang|slow|break|powerOff|restore SERVER]',
    what: 'run the real HAProxy with the files on this host, without a machine; or disturb a server of such a rehearsal',
    words: [0, 2],
    options: {
      ...APP,
      stack: { type: 'string' },
      script: { type: 'string' },
      rate: { type: 'string' },
      path: { type: 'string' },
      json: { type: 'boolean' },
    },
    help: `${APP_HELP}
      --stack NAME         the stack; needed only where there are several
      --script FILE        do the steps of a YAML or JSON file under a light load, judge, and end
      --rate NUMBER        requests a second (default: 0, with a script 50)
      --path PATH          what they ask for (default: /)
      --json               with a script: one JSON document on standard output, also of a failure

All of it is on 127.0.0.1, and ends with Ctrl-C. The second form is for another terminal, in the same folder.
Exit codes: 0 ended by Ctrl-C, done, or all expectations met; 1 one was not met or the tree was refused; 2 the command cannot be run.
Examples: cdkv rehearse
          cdkv rehearse stop web1
          cdkv rehearse --script failover.yaml --json`,
    load: async () => (await import('./rehearse.js')).rehearse,
  },
  drill: {
    usage: 'NAME',
    what: 'run a failover drill, on a rehearsal or on the machines, and judge it',
    words: [1, 1],
    options: { ...APP, running: { type: 'boolean' }, report: { type: 'string' }, json: { type: 'boolean' } },
    help: `${APP_HELP}
      --running            on the machines that "vagrant up" brought up, instead of a rehearsal on this host${REPORT_HELP}${JSON_HELP}

NAME is that of a FailoverDrill, or STACK/NAME. Machines that run another tree than the app's are refused.
Exit codes: 0 all expectations met, 1 one was not or the tree was refused, 2 there is no such drill or it cannot be run.
Examples: cdkv drill paper --running
          cdkv drill paper --report reports`,
    load: async () => (await import('./drill.js')).drill,
  },
  status: {
    what: 'show machines, members, containers and servers of what runs',
    options: { ...APP, watch: { type: 'boolean' }, json: { type: 'boolean' } },
    help: `${APP_HELP}
      --watch              again every 5 seconds${JSON_HELP}

Exit codes: 0 all is up, 1 something is not or the tree was refused, 2 the command cannot be run.
Example: cdkv status --watch`,
    load: async () => (await import('./status.js')).status,
  },
  doctor: {
    what: 'look whether this host can run the machines; changes nothing',
    options: { ...APP, json: { type: 'boolean' } },
    help: `${APP_HELP}${JSON_HELP}

Looks at Node, Vagrant, providers, memory, disk, processors, ports of the host and subnets.
Exit codes: 0 nothing is in the way, 1 something is or the tree was refused, 2 the command cannot be run.
Example: cdkv doctor`,
    load: async () => (await import('./doctor.js')).doctor,
  },
  load: {
    usage: 'NAME',
    what: 'run a load test against the running system',
    words: [1, 1],
    options: {
      ...APP,
      url: { type: 'string' },
      rehearse: { type: 'boolean' },
      report: { type: 'string' },
      json: { type: 'boolean' },
      'find-limit': { type: 'boolean' },
      start: { type: 'string' },
      max: { type: 'string' },
      step: { type: 'string' },
      for: { type: 'string' },
    },
    help: `${APP_HELP}
      --url URL            where the system runs (default: the address and port of its frontend)
      --rehearse           on a rehearsal on this host, which tells more of this host than of the machines
      --find-limit         raise the rate until a threshold breaks
      --start RATE         requests a second to begin with (default: the test's rate, else 50)
      --max RATE           requests a second to stop at (default: 10000)
      --step SECONDS       how long each rate is tried, at least 5 (default: 10)
      --for RATE           tell how many servers this rate needs${REPORT_HELP}${JSON_HELP}

NAME is that of a LoadTest, or STACK/NAME.
Exit codes: 0 all thresholds that could be judged were met, or a rate held; 1 not, or the tree was refused; 2 the command cannot be run.
Examples: cdkv load peak
          cdkv load peak --rehearse --report reports
          cdkv load peak --find-limit --for 5000`,
    load: async () => (await import('./load.js')).loadCommand,
  },
  seed: {
    usage: '[MACHINE...]',
    what: 'make what machines are handed over that cloud-init brings up',
    words: [0, 1000],
    options: {
      ...APP,
      stack: { type: 'string' },
      archive: { type: 'boolean' },
      rejoin: { type: 'boolean' },
      json: { type: 'boolean' },
    },
    help: `${APP_HELP}
      --stack NAME         the stack; needed only where there are several
      --archive            archives for clouds, which take user data of their own, instead of media
      --rejoin             the machines come back to a cluster that the others have; none founds a new one${JSON_HELP}

What it makes holds keys: it is in .cdkv-seed of the stack's folder, for you alone, and git does not see it.
Exit codes: 0 made, 1 the tree was refused, 2 the stack is not written for cloud-init or a program is missing.
Examples: cdkv seed
          cdkv seed vmServidor1 --archive`,
    load: async () => (await import('./seed.js')).seed,
  },
  init: {
    usage: '[FOLDER]',
    what: 'make a new app with a test',
    words: [0, 1],
    options: {},
    help: `
What is there already stays; package.json and .gitignore get what they lack.
Exit codes: 0 made, 2 a file of these names is there already or the folder cannot be written.
Example: cdkv init my-site`,
    load: async () => (await import('./init.js')).init,
  },
  graph: {
    what: "show the app's tree, or a picture of what it describes",
    options: { ...APP, format: { type: 'string' }, json: { type: 'boolean' }, svg: { type: 'boolean' }, stack: { type: 'string' } },
    help: `${APP_HELP}
      --format FORMAT      text (default), json or mermaid: the tree; svg: machines, containers, ports and who serves
      --json, --svg        the same as --format json and --format svg
      --stack NAME         this stack only (default: all; a picture is of one)

Exit codes: 0 shown, 1 the tree was refused, 2 the command cannot be run.
Examples: cdkv graph --format mermaid > tree.mmd
          cdkv graph --svg > topology.svg`,
    load: async () => (await import('./graph.js')).graph,
  },
};

/** Runs a command line. @returns the exit code */
export async function main(words: readonly string[]): Promise<number> {
  const [name = '--help', ...rest] = words;
  if (name === '--version' || name === '-v') {
    process.stdout.write(`${version()}\n`);
    return 0;
  }
  if (name === 'help' && rest[0] !== undefined) return main([rest[0], '--help']);
  if (name === '--help' || name === '-h' || name === 'help') {
    process.stdout.write(overview());
    return words.length === 0 ? 2 : 0;
  }
  const entry = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (entry === undefined) {
    process.stderr.write(`cdkv: unknown command ${JSON.stringify(name)}; there are ${Object.keys(COMMANDS).join(', ')}\n`);
    return 2;
  }
  const json = rest.includes('--json');
  try {
    const line = parse(name, entry, rest);
    if (line.options.help) {
      process.stdout.write(usage(name, entry));
      return 0;
    }
    return await (await entry.load())(line);
  } catch (error) {
    return fail(name, json, error);
  }
}

/** Tells why a command came to nothing. @returns the exit code */
function fail(name: string, json: boolean, error: unknown): number {
  // By their names: a command comes with classes of its own, and to import them would cost every command line the whole library.
  const is = (name: string) => error instanceof Error && error.name === name;
  if (is('Interrupted')) return (error as Interrupted).exitCode;
  const refused = is('SynthesisError');
  const message = error instanceof Error ? error.message : String(error);
  if (json) {
    const answer = refused
      ? { outcome: 'refused', diagnostics: (error as Error & { diagnostics: unknown }).diagnostics }
      : { outcome: 'failed', message };
    process.stdout.write(`${JSON.stringify(answer, undefined, 2)}\n`);
  } else process.stderr.write(refused ? `${message}\n` : `cdkv: ${message}\n`);
  return refused && name !== 'diff' ? 1 : 2;
}

function parse(name: string, entry: Entry, args: readonly string[]): CommandLine {
  const [least, most] = entry.words ?? [0, 0];
  let given: { values: Record<string, unknown>; positionals: string[] };
  try {
    given = parseArgs({ args: [...args], allowPositionals: true, options: { ...entry.options, help: { type: 'boolean', short: 'h' } } });
  } catch (error) {
    throw new CommandFailed(`${(error as Error).message}; see: cdkv ${name} --help`);
  }
  const { values: options, positionals: words } = given;
  const empty = Object.keys(options).find((option) => options[option] === '');
  if (empty !== undefined) throw new CommandFailed(`--${empty} is empty; see: cdkv ${name} --help`);
  if (!options.help && (words.length < least || words.length > most)) {
    throw new CommandFailed(`"${words.join(' ')}" is not what ${name} takes; see: cdkv ${name} --help`);
  }
  return { words, options, app: () => appOptions(name, options) };
}

interface CdkJson {
  readonly app?: string;
  readonly output?: string;
  readonly context?: Readonly<Record<string, unknown>>;
}

function appOptions(name: string, options: Readonly<Record<string, unknown>>): AppOptions {
  const file = readCdkJson();
  const app = (options.app as string | undefined) ?? file.app;
  if (!app) {
    const above = folderAboveWithCdkJson();
    const remedy = above === undefined ? 'name it in cdk.json ("app": "tsx bin/app.ts")' : `run cdkv in ${above}, where a cdk.json is,`;
    throw new CommandFailed(`no app; ${remedy} or name it with --app`);
  }
  const context: Record<string, unknown> = Object.assign(Object.create(null), file.context);
  for (const pair of (options.context as string[] | undefined) ?? []) {
    const [key, ...value] = pair.split('=');
    if (!key || value.length === 0) throw new CommandFailed(`context ${JSON.stringify(pair)} is not KEY=VALUE`);
    context[key] = value.join('=');
  }
  return {
    app,
    output: (options.output as string | undefined) ?? file.output,
    context,
    force: Boolean(options.force),
    strict: Boolean(options.strict),
    // What the others print is for reading, perhaps by a program.
    quietOutput: name !== 'synth' || Boolean(options.json),
  };
}

function folderAboveWithCdkJson(): string | undefined {
  const here = process.cwd();
  for (let folder = dirname(here), below = here; folder !== below; below = folder, folder = dirname(folder))
    if (existsSync(join(folder, 'cdk.json'))) return relative(here, folder);
  return undefined;
}

function readCdkJson(): CdkJson {
  let text: string;
  try {
    text = readFileSync('cdk.json', 'utf8').replace(/^\ufeff/, '');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw new CommandFailed(`cdk.json cannot be read: ${(error as Error).message}`);
  }
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch (error) {
    throw new CommandFailed(`cdk.json is no JSON: ${(error as Error).message}`);
  }
  const isObject = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value);
  if (!isObject(found)) throw new CommandFailed('cdk.json holds no object; write it like {"app": "tsx bin/app.ts"}');
  const file = found as Record<string, unknown>;
  for (const key of ['app', 'output']) {
    if (file[key] !== undefined && (typeof file[key] !== 'string' || file[key] === ''))
      throw new CommandFailed(`"${key}" in cdk.json is ${JSON.stringify(file[key])}; make it a text`);
  }
  if (file.context !== undefined && !isObject(file.context))
    throw new CommandFailed(`"context" in cdk.json is ${JSON.stringify(file.context)}; make it an object`);
  noteMisspelt(Object.keys(file));
  return file;
}

/** Other keys are for other programs, as CDK's are, unless they look like one of ours that is missing. */
function noteMisspelt(keys: readonly string[]): void {
  for (const own of ['app', 'output', 'context']) {
    const shorter = withOneLetterLess(own);
    const near = keys.includes(own) ? undefined : keys.find((key) => withOneLetterLess(key).some((word) => shorter.includes(word)));
    if (near !== undefined) process.stderr.write(`cdk.json has ${JSON.stringify(near)}, which cdkv does not read; it reads "${own}"\n`);
  }
}

/** Words that differ by a letter, or in the order of two, have one of these in common. */
function withOneLetterLess(word: string): string[] {
  return [word, ...Array.from(word, (_, n) => word.slice(0, n) + word.slice(n + 1))];
}

function overview(): string {
  const lines = Object.entries(COMMANDS).map(([name, { what }]) => `  ${name.padEnd(8)} ${what}`);
  return `cdkv: machines, cluster, containers and HAProxy as a tree of constructs\n\n${lines.join('\n')}\n\ncdkv COMMAND --help tells its options and exit codes; cdkv --version the version.\n`;
}

function usage(name: string, { usage: words, what, help }: Entry): string {
  return `cdkv ${name}${words === undefined ? '' : ` ${words}`} [options]    ${what}\n${help}\n`;
}
