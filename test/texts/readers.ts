import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { fill, start, temporary } from '../support.js';

// What the programs that read the output make of it. Each is asked once for all files.

const RUBY = fileURLToPath(new URL('readers.rb', import.meta.url));
const BASH = fileURLToPath(new URL('readers.sh', import.meta.url));

/** A file of a stack. */
export interface Place {
  readonly folder: string;
  readonly path: string;
}

/** What a Vagrantfile asks for, as test/vagrant/stub.rb writes it down: a name, and arguments or what is asked for within. */
export type Call = readonly [string, ...unknown[]];
/** Words, line by line or command by command. */
export type Lines = readonly (readonly string[])[];
type Environment = Readonly<Record<string, string>>;

/** Each takes files of its kind and gives what stands in each. */
export const READERS = {
  ruby: (places: readonly Place[], env: Environment) => askRuby<Call[]>(places, env),

  yaml: (places: readonly Place[], env: Environment) => askRuby<Record<string, Record<string, Record<string, string>>>>(places, env),

  json: async (places: readonly Place[]) => linesOf(await ask('jq', ['--compact-output', '.', ...places.map(whole)])).map(parseAny),

  bash: async (places: readonly Place[]): Promise<Lines[]> => {
    // The places outside of what is given here that a script writes to by itself.
    const outside = /\/run\/cdk-vagrant\/lock|\/usr\/sbin\/policy-rc\.d/g;
    const copies = places.map((place) => readFileSync(whole(place), 'utf8').replaceAll(outside, '/dev/null'));
    const folder = fill(temporary(), Object.fromEntries(copies.entries()));
    const words = (await ask('bash', [BASH, ...copies.keys()].map(String), { cwd: folder })).split('\0').slice(0, -1);
    const scripts: string[][][] = [];
    for (let at = 0; at < words.length; ) {
      const next = at + 1 + Number(words[at]);
      const command = words.slice(at + 1, next);
      if (command[0] === 'script') scripts.push([]);
      else scripts.at(-1)?.push(command);
      at = next;
    }
    return scripts;
  },

  haproxy: async (places: readonly Place[], env: Environment): Promise<Lines[]> => {
    const files = places.map((place) => readFileSync(whole(place), 'utf8'));
    await ask('haproxy', ['-c', ...places.flatMap((place) => ['-f', whole(place)])], { env });
    const raw = files.map((file) => file.split('\n').map((line) => line.match(HAPROXY_WORDS) ?? []));
    const read = await askHaproxy([...new Set(raw.flat(2))], env);
    return raw.map((lines) => lines.map((line) => line.map((word) => read.get(word) ?? '?')));
  },

  nft: async (places: readonly Place[]) => {
    const texts = places.map((place) => readFileSync(whole(place), 'utf8'));
    const folder = fill(temporary(), { all: texts.join('\n') });
    const [program, ...words] = process.getuid?.() === 0 ? ['nft'] : ['unshare', '-rn', 'nft'];
    await ask(program as string, [...words, '-c', '-f', join(folder, 'all')]);
    return texts;
  },

  /** The file as it is. */
  text: async (places: readonly Place[]) => places.map((place) => readFileSync(whole(place), 'utf8')),

  /** A file of the bundle that travels to machine `vm`, as `tar` unpacks it. */
  tar: async (places: readonly Place[]) => {
    await askRuby(places.map(({ folder }) => ({ folder, path: 'Vagrantfile' })));
    const script = `while (($#)); do tar -xOf "$1" -- "$2"; printf '\\0'; shift 2; done`;
    const words = places.flatMap(({ folder, path }) => [join(folder, 'vm.tar'), path]);
    return (await ask('bash', ['-ec', script, 'tar', ...words])).split('\0').slice(0, -1);
  },
} satisfies Readonly<Record<string, (places: readonly Place[], env: Environment) => Promise<readonly unknown[]>>>;

export type Reader = keyof typeof READERS;
type Read<R extends Reader> = Awaited<ReturnType<(typeof READERS)[R]>>[number];

/** Where a text of the user's is read, and what must be read there. */
export interface Hearing {
  readonly reader: Reader;
  readonly path: (text: string) => string;
  /** What is read: must be what `means` gives, all of it when it is a list. */
  readonly hears: (read: unknown, text: string) => unknown;
  /** What the text stands for there. */
  readonly means: (text: string, stack: string) => unknown;
}

/**
 * A hearing of a text.
 *
 * @param path file below the stack's folder; it may depend on the text
 * @param means default: the text itself
 */
export function by<R extends Reader>(
  reader: R,
  path: string | ((text: string) => string),
  hears: (read: Read<R>, text: string) => unknown,
  means: Hearing['means'] = (text) => text,
): Hearing {
  return { reader, path: typeof path === 'string' ? () => path : path, hears: hears as Hearing['hears'], means };
}

const whole = ({ folder, path }: Place) => join(folder, path);
const linesOf = (text: string) => text.trimEnd().split('\n');
const parseAny = (line: string): unknown => JSON.parse(line);

async function ask(program: string, words: readonly string[], options: Parameters<typeof start>[2] = {}): Promise<string> {
  const { code, out, err } = await start(program, words, options);
  expect(code, err).toBe(0);
  return out;
}

async function askRuby<T>(places: readonly Place[], env: Environment = {}): Promise<T[]> {
  const input = places.map((place) => `${whole(place)}\0`).join('');
  // Keys are made once for all.
  return linesOf(await ask('ruby', [RUBY], { input, env: { ...env, VAGRANT_DOTFILE_PATH: temporary() } })).map(parseAny) as T[];
}

/** The words of a line, still in their quotes. */
const HAPROXY_WORDS = /#.*|(?:'[^']*'|"(?:[^"\\]|\\.)*"|\\.|[^ \t\v\f\r'"\\#])+/g;

/** What HAProxy reads each of these words as: it takes them as values of variables, and is asked for its environment. */
async function askHaproxy(raw: readonly string[], env: Environment): Promise<Map<string, string>> {
  const words = raw.filter((word) => !word.startsWith('#'));
  const socket = join(temporary(), 'socket');
  const lines = ['global', `stats socket ${socket}`, ...words.map((word, n) => `setenv WORD_${n} =${word}`)];
  const folder = fill(temporary(), { 'x.cfg': `${lines.join('\n')}\ndefaults\ntimeout client 9s\nfrontend x\nbind unix@${socket}.x\n` });
  const haproxy = spawn('haproxy', ['-db', '-f', join(folder, 'x.cfg')], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let told = '';
  haproxy.stderr.on('data', (data) => (told += data));
  try {
    for (let wait = 0; wait < 200 && haproxy.exitCode === null && !existsSync(socket); wait++) await setTimeout(20);
    expect(existsSync(socket), told).toBe(true);
    const answers = connect(socket);
    const chunks: Buffer[] = [];
    answers.on('data', (chunk: Buffer) => chunks.push(chunk)).end('show env\n');
    await once(answers, 'end');
    const variables = new Map(
      Buffer.concat(chunks)
        .toString()
        .split('\n')
        .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)] as const),
    );
    return new Map(words.map((word, n) => [word, variables.get(`WORD_${n}`)?.slice(1) as string]));
  } finally {
    haproxy.kill('SIGKILL');
  }
}
