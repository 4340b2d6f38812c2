import { readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { type AssembledStack, type Assembly, type LineOrigin, shorten, sourceLine } from '../core/index.js';
import { assembleApp } from './app-process.js';
import { type Command, CommandFailed } from './command.js';
import { paint } from './paint.js';

/** Lines of a file, one after the other, that come from the same constructs. */
export interface Explained {
  /** Path below the folder that holds the stacks' folders. */
  readonly file: string;
  /** Numbers of the first and the last line, from 1. */
  readonly from: number;
  readonly to: number;
  /** The text of the line, when only one was asked for. */
  readonly text: string | undefined;
  /** What the lines depend on, the nearest first. */
  readonly origins: readonly (LineOrigin & { readonly type: string | undefined })[];
}

interface Made {
  readonly stack: AssembledStack;
  /** Path below the stack's folder. */
  readonly path: string;
}

/**
 * Which constructs, and which lines of the user's, made a file or a line of it.
 *
 * @param file path of a file of the output, relative to the working folder, to the folder that holds the stacks' folders or to a
 * stack's, or absolute
 * @param line from 1; without it, all
 * @throws CommandFailed when the app makes no such file, several stacks do, or the file has no such line
 */
export function explainFile(assembly: Assembly, file: string, line?: number): Explained[] {
  const { stack, path } = find(assembly, file);
  const content = Buffer.from(stack.files.find((one) => one.path === path)?.content ?? '');
  const types = typesOf(stack);
  const explained: Explained[] = [];
  let from = 1;
  for (const { count, origins } of stack.origins()[path] ?? []) {
    const to = from + count - 1;
    const typed = origins.map((origin) => ({ ...origin, type: types.get(origin.construct) }));
    const common = { file: `${stack.name}/${path}`, origins: typed };
    if (line === undefined) explained.push({ ...common, from, to, text: undefined });
    else if (from <= line && line <= to)
      explained.push({ ...common, from: line, to: line, text: content.toString().split('\n')[line - 1] ?? '' });
    from = to + 1;
  }
  if (explained.length === 0 && line !== undefined)
    throw new CommandFailed(`${stack.name}/${path} has ${from - 1} lines, so no line ${line}`);
  return explained;
}

/** `cdkv explain` */
export const explain: Command = async ({ words, options, app }) => {
  const [, file, number] = /^(.*?)(?::(\d+))?$/s.exec(words[0] ?? '') ?? [];
  const assembly = await assembleApp(app());
  const explained = explainFile(assembly, file ?? '', number === undefined ? undefined : Number(number));
  if (options.json) process.stdout.write(`${JSON.stringify(explained, undefined, 2)}\n`);
  else {
    const stale = isStale(assembly, explained[0]?.file);
    if (stale) process.stderr.write(`what stands in ${explained[0]?.file} now differs from what the app makes, which is explained here\n`);
    process.stdout.write(explained.map(asText).join(''));
  }
  return 0;
};

/** One line in full; or the lines of a file, as a table of few words. */
function asText({ file, from, to, text, origins }: Explained): string {
  const names = origins.map(({ construct, type, userLine }) => {
    const name = `  ${construct}${type === undefined ? '' : ` (${type})`}`;
    if (userLine === undefined) return name;
    return text === undefined ? `${name} at ${shorten(userLine)}` : `${name}\n    at ${sourceLine(userLine)}`;
  });
  const head = text === undefined ? `${file}:${from}${to === from ? '' : `-${to}`}` : `${file}:${from}: ${text.trim()}`;
  return `${paint('bold', head)}\n${names.join('\n')}\n`;
}

function find({ outdir, stacks }: Assembly, file: string): Made {
  const inStacks = stacks.map(({ folder }) => join(folder, file));
  for (const places of [[resolve(file)], [join(outdir, file)], inStacks]) {
    const [found, ...others] = stacks.flatMap((stack) => madeAt(stack, places));
    if (found === undefined) continue;
    if (others.length === 0) return found;
    const all = [found, ...others].map(({ stack, path }) => join(relative('', stack.folder), path));
    throw new CommandFailed(`several stacks have a file ${JSON.stringify(file)}; name one of ${all.join(', ')}`);
  }
  throw new CommandFailed(
    `the app makes no file ${JSON.stringify(file)}; name one of its output, e.g. ${join(relative('', stacks[0]?.folder ?? outdir), 'Vagrantfile')}`,
  );
}

/** The files of a stack that stand at one of some places, which are absolute. */
function madeAt(stack: AssembledStack, places: readonly string[]): Made[] {
  const paths = places.map((place) => relative(stack.folder, place).replaceAll('\\', '/'));
  return stack.files.filter(({ path }) => paths.includes(path)).map(({ path }) => ({ stack, path }));
}

function isStale({ stacks }: Assembly, file: string | undefined): boolean {
  for (const stack of stacks) {
    const made = stack.files.find(({ path }) => `${stack.name}/${path}` === file);
    if (made === undefined) continue;
    try {
      return !readFileSync(join(stack.folder, made.path)).equals(Buffer.from(made.content));
    } catch {
      return false; // it was not written yet
    }
  }
  return false;
}

function typesOf({ tree }: AssembledStack): Map<string, string> {
  const types = new Map<string, string>();
  const walk = (node: AssembledStack['tree']) => {
    types.set(node.path, node.type);
    node.children?.forEach(walk);
  };
  walk(tree);
  return types;
}
