import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { type AssembledStack, type Assembly, originsAt, sourceLine } from '../core/index.js';
import { assembleApp } from './app-process.js';
import { runChild } from './child.js';
import type { Command } from './command.js';
import { paint } from './paint.js';

/** What a program has against a file. */
export interface CheckFinding {
  /** The program. */
  readonly by: string;
  /** Path below the folder that holds the stacks' folders. */
  readonly file: string;
  /** Line in it, from 1, where the program named one. */
  readonly line: number | undefined;
  readonly message: string;
  /** Path of the nearest construct that the line, or else the file, is of. */
  readonly construct: string | undefined;
  /** The user's `file:line:column` that made it. */
  readonly userLine: string | undefined;
}

export interface CheckResult {
  readonly findings: readonly CheckFinding[];
  /** What ran, e.g. `bash -n: 9 files`. */
  readonly ran: readonly string[];
  /** What could not run, and what would let it. */
  readonly missing: readonly string[];
}

interface Said {
  readonly file: string;
  readonly line?: number;
  readonly message: string;
}

interface Checker {
  readonly by: string;
  /** The program to look for; none when the check needs none. */
  readonly program?: string;
  readonly files: RegExp;
  /** Judges some files of a stack, which stand below `folder`. */
  readonly judge: (folder: string, files: readonly string[], stack: AssembledStack) => Promise<Said[]>;
}

/** A hash that crypt(3) takes, where HAProxy expects one from its environment. */
const SOME_HASH = '$6$saltsalt$qFmFH.bQmmtXzyBY0s9v7Oicd2z4XSIecDzlB5KiA2/jctKu9YterLp8wwnSq.qc.eoxqOmSuNp2xS0ktL3nh/';

const CHECKERS: readonly Checker[] = [
  { by: 'ruby -c', program: 'ruby', files: /^Vagrantfile$/, judge: eachFile('ruby', ['-wc'], /^(?:.*?):(\d+): (.*)$/, /^Syntax OK$/) },
  {
    by: 'vagrant validate',
    program: 'vagrant',
    files: /^Vagrantfile$/,
    judge: async (folder) => {
      // A Vagrant of its own: what the user's knows of running machines is left alone.
      const env = {
        VAGRANT_CHECKPOINT_DISABLE: '1',
        VAGRANT_DOTFILE_PATH: join(folder, '.vagrant'),
        VAGRANT_CWD: undefined,
        VAGRANT_VAGRANTFILE: undefined,
      };
      const { code, text } = await run('vagrant', ['validate'], folder, env);
      if (code === 0) return [];
      // Where there is no provider, as on a CI server, the rest is judged all the same.
      const without = await run('vagrant', ['validate', '--ignore-provider'], folder, env);
      return without.code === 0 ? [] : [{ file: 'Vagrantfile', message: text.trim() }];
    },
  },
  { by: 'bash -n', program: 'bash', files: /\.sh$/, judge: eachFile('bash', ['-n'], /^.*?: line (\d+): (.*)$/) },
  {
    by: 'shellcheck',
    program: 'shellcheck',
    files: /\.sh$/,
    judge: async (folder, files) => {
      const { text } = await run('shellcheck', ['--format=json', ...files.map((file) => `./${file}`)], folder);
      const said = JSON.parse(text === '' ? '[]' : text) as { file: string; line: number; code: number; message: string }[];
      return said.map(({ file, line, code, message }) => ({ file: file.slice(2), line, message: `SC${code}: ${message}` }));
    },
  },
  {
    by: 'haproxy -c',
    program: 'haproxy',
    files: /\.cfg$/,
    judge: async (folder, files, stack) => {
      const said: Said[] = [];
      for (const file of files) {
        const content = Buffer.from(stack.files.find(({ path }) => path === file)?.content ?? '').toString();
        // Hashes come from the environment of the process in the machine.
        const variables = Object.fromEntries([...content.matchAll(/\$\{(\w+)\}/g)].map(([, name]) => [name, SOME_HASH]));
        const { code, text } = await run('haproxy', ['-c', '-dW', '-f', `./${file}`], folder, variables);
        if (code !== 0) said.push(...ofHaproxy(file, text));
      }
      return said;
    },
  },
  {
    by: 'YAML',
    files: /\.ya?ml$/,
    judge: async (_folder, files, stack) => {
      return stack.files
        .filter(({ path }) => files.includes(path))
        .flatMap(({ path, content }) => {
          const documents = parseAllDocuments(Buffer.from(content).toString());
          const errors = Array.isArray(documents) ? documents.flatMap((document) => document.errors) : [];
          return errors.map((error) => ({ file: path, line: error.linePos?.[0].line ?? 1, message: error.message.split('\n')[0] ?? '' }));
        });
    },
  },
];

/** Gives the files of an assembly to the real parsers that are installed, in a folder of their own. */
export async function checkAssembly(assembly: Assembly): Promise<CheckResult> {
  const findings: CheckFinding[] = [];
  const ran: string[] = [];
  const missing: string[] = [];
  const folder = mkdtempSync(join(tmpdir(), 'cdkv-check-'));
  try {
    for (const stack of assembly.stacks) write(join(folder, stack.name), stack);
    for (const { by, program, files, judge } of CHECKERS) {
      if (program !== undefined && (await run(program, ['--version'], folder)).code === undefined) {
        missing.push(`${by} did not run: ${program} is not installed`);
        continue;
      }
      let count = 0;
      for (const stack of assembly.stacks) {
        const paths = stack.files.map(({ path }) => path).filter((path) => files.test(path) && !/^(sites|pages)\//.test(path));
        count += paths.length;
        const said = paths.length === 0 ? [] : await judge(join(folder, stack.name), paths, stack);
        findings.push(...said.map((one) => attribute(by, stack, one)));
      }
      ran.push(`${by}: ${count} file${count === 1 ? '' : 's'}`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return { findings, ran, missing };
}

/** `cdkv check` */
export const check: Command = async ({ options, app }) => {
  const result = await checkAssembly(await assembleApp(app()));
  if (options.json) process.stdout.write(`${JSON.stringify(result, undefined, 2)}\n`);
  else process.stdout.write(asText(result));
  return result.findings.length === 0 ? 0 : 1;
};

function asText({ findings, ran, missing }: CheckResult): string {
  const lines: string[] = [];
  for (const { by, file, line, message, construct, userLine } of findings) {
    lines.push(`${paint('red', `${file}${line === undefined ? '' : `:${line}`}`)} [${by}] ${message}`);
    if (construct !== undefined) lines.push(`    in ${construct}`);
    if (userLine !== undefined) lines.push(`    at ${sourceLine(userLine)}`);
  }
  lines.push(...ran.map((text) => paint('dim', text)), ...missing.map((text) => paint('yellow', text)));
  lines.push(findings.length === 0 ? 'no findings' : `${findings.length} finding${findings.length === 1 ? '' : 's'}`);
  return `${lines.join('\n')}\n`;
}

function attribute(by: string, stack: AssembledStack, { file, line, message }: Said): CheckFinding {
  const [nearest] = line === undefined ? [] : originsAt(stack, file, line);
  const construct = nearest?.construct ?? stack.files.find(({ path }) => path === file)?.construct;
  const userLine = nearest?.userLine ?? (construct === undefined ? undefined : stack.userLines()[construct]);
  return { by, file: `${stack.name}/${file}`, line, message, construct, userLine };
}

function write(folder: string, stack: AssembledStack): void {
  for (const { path, content } of stack.files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
}

/** A program that takes one file, and prints lines of which some name a place in it. */
function eachFile(program: string, words: readonly string[], place: RegExp, well?: RegExp): Checker['judge'] {
  return async (folder, files) => {
    const said: Said[] = [];
    for (const file of files) {
      const { code, text } = await run(program, [...words, `./${file}`], folder);
      const rest = text.split('\n').filter((line) => line.trim() !== '' && !well?.test(line));
      if (code !== 0 || rest.length > 0) said.push(...located(file, rest.join('\n'), place));
    }
    return said;
  };
}

/** The lines that name a place; all of the text, when none does. */
function located(file: string, text: string, place: RegExp): Said[] {
  const found = text.split('\n').flatMap((line) => {
    const [, number, message] = place.exec(line) ?? [];
    return number === undefined ? [] : [{ file, line: Number(number), message: (message ?? '').trim() }];
  });
  return found.length > 0 ? found : [{ file, message: text.trim() }];
}

/** Each alert and warning, with the line that it names; some name none. */
function ofHaproxy(file: string, text: string): Said[] {
  const lines = text.split('\n').filter((line) => /^\[(ALERT|WARNING)\]/.test(line));
  const said = lines.map((entry) => {
    const [, number, rest] = /\[[^[\]]*:(\d+)\]\s*:?\s*(.*)$/.exec(entry) ?? [];
    const message = rest ?? entry.replace(/^\[\w+\]\s*\(\d+\)\s*:\s*/, '');
    return { file, message, ...(number === undefined ? {} : { line: Number(number) }) };
  });
  return said.length > 0 ? said : [{ file, message: text.trim() }];
}

/** Runs a program to its end and takes what it says; the code is undefined when there is no such program. */
export async function run(
  program: string,
  words: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string | undefined>> = {},
): Promise<{ readonly code: number | undefined; readonly text: string }> {
  let text = '';
  const { code } = await runChild(program, words, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] }, (child) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
    }
  });
  return { code, text };
}
