import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { type AssembledStack, type Assembly, originsAt, sourceLine } from '../core/index.js';
import { assembleApp } from './app-process.js';
import { inFolder, runChild } from './child.js';
import type { Command } from './command.js';
import { interpreterOf, isProvisioner, type Language, languageOf } from './language.js';
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
  /** What could not run, and what would let it; what nobody looked at. */
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
  readonly reads: readonly Language[];
  /** Judges some files of a stack, which stand below `folder`. */
  readonly judge: (folder: string, files: readonly string[], stack: AssembledStack) => Promise<Said[]>;
}

/** A hash that crypt(3) takes, where HAProxy expects one from its environment. */
const SOME_HASH = '$6$saltsalt$qFmFH.bQmmtXzyBY0s9v7Oicd2z4XSIecDzlB5KiA2/jctKu9YterLp8wwnSq.qc.eoxqOmSuNp2xS0ktL3nh/';

/** A line that names a place. */
const PLACE = /^.*?:(\d+): (.*)$/;

/** `py_compile` would write what it made. */
const PARSE_PYTHON = `import sys
name = sys.argv[1]
try:
  compile(open(name, "rb").read(), name, "exec")
except SyntaxError as error:
  sys.exit(f"{name}:{error.lineno}: {error.msg}")
`;

/** What shellcheck says where there is no `#!` line, and then takes Bash, as a machine does. */
const NO_SHELL_NAMED = 'SC2148:';

const CHECKERS: readonly Checker[] = [
  { by: 'ruby -c', program: 'ruby', reads: ['Vagrantfile', 'ruby'], judge: eachFile('ruby', ['-wc'], PLACE, /^Syntax OK$/) },
  { by: 'python3', program: 'python3', reads: ['python'], judge: eachFile('python3', ['-W', 'ignore', '-c', PARSE_PYTHON], PLACE) },
  {
    by: 'vagrant validate',
    program: 'vagrant',
    reads: ['Vagrantfile'],
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
  { by: 'bash -n', program: 'bash', reads: ['shell'], judge: eachFile('bash', ['-n'], /^.*?: line (\d+): (.*)$/) },
  {
    by: 'shellcheck',
    program: 'shellcheck',
    reads: ['shell'],
    judge: async (folder, files) => {
      const { text } = await run('shellcheck', ['--format=json', ...files.map((file) => `./${file}`)], folder);
      const said = JSON.parse(text === '' ? '[]' : text) as { file: string; line: number; code: number; message: string }[];
      return said
        .map(({ file, line, code, message }) => ({ file: file.slice(2), line, message: `SC${code}: ${message}` }))
        .filter(({ file, message }) => !(isProvisioner(file) && message.startsWith(NO_SHELL_NAMED)));
    },
  },
  {
    by: 'haproxy -c',
    program: 'haproxy',
    reads: ['haproxy'],
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
    reads: ['yaml'],
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
  await inFolder('cdkv-check-', async (folder) => {
    for (const stack of assembly.stacks) write(join(folder, stack.name), stack);
    const stacks = assembly.stacks.map((stack) => ({ stack, files: stack.files.map((file) => ({ file, language: languageOf(file) })) }));
    for (const { by, program, reads, judge } of CHECKERS) {
      const chosen = stacks
        .map(({ stack, files }) => ({
          stack,
          paths: files.filter(({ language }) => language !== undefined && reads.includes(language)).map(({ file }) => file.path),
        }))
        .filter(({ paths }) => paths.length > 0);
      if (chosen.length === 0) continue;
      if (program !== undefined && (await run(program, ['--version'], folder)).code === undefined) {
        missing.push(`${by} did not run: ${program} is not installed`);
        continue;
      }
      for (const { stack, paths } of chosen) {
        const said = await judge(join(folder, stack.name), paths, stack);
        findings.push(...said.map((one) => attribute(by, stack, one)));
      }
      const count = chosen.reduce((sum, { paths }) => sum + paths.length, 0);
      ran.push(`${by}: ${count} file${count === 1 ? '' : 's'}`);
    }
    missing.push(...assembly.stacks.flatMap(unread));
  });
  return { findings, ran, missing };
}

/** Scripts in a language that nobody here reads. */
function unread({ name, files }: AssembledStack): string[] {
  const scripts = files.filter((file) => isProvisioner(file.path) && languageOf(file) === undefined);
  return scripts.map((file) => `${name}/${file.path} was not looked at: nothing here reads ${interpreterOf(file) ?? 'what it is'}`);
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

/** Each alert and warning, with the line that it names; some name none. The last ones only say that there were others. */
function ofHaproxy(file: string, text: string): Said[] {
  const closing = /: (Error\(s\) found in configuration file|Fatal errors found in configuration|Some warnings were found and )/;
  const lines = text.split('\n').filter((line) => /^\[(ALERT|WARNING)\]/.test(line) && !closing.test(line));
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
