import type { IConstruct } from 'constructs';
import { Annotations } from './annotations.js';
import { from, marksOf, unmarked } from './origin.js';
import { note, UnquotableError } from './quoting.js';
import { shared } from './shared.js';
import { CreationSite } from './site.js';
import { TreeMark } from './tree-mark.js';
import { noted, options, TEXT } from './typed.js';

/** Where a raw text goes. */
export interface RawOptions {
  /**
   * The block of the construct that is meant.
   *
   * @default - its main block; the README lists all
   */
  readonly block?: string;
}

const OPTIONS = options<RawOptions>("{ block: 'backend' }", () => ({ block: TEXT }));

interface Edit {
  readonly kind: 'prepend' | 'append' | 'override' | 'before' | 'after';
  readonly block: string | undefined;
  /** How the lines begin that are overridden. */
  readonly start: string;
  readonly lines: readonly string[];
  readonly site: CreationSite;
}

const RAW = Symbol.for('cdk-vagrant.raw');

const TREE_HAS_RAW = new TreeMark('raw');

interface Edited extends IConstruct {
  [RAW]?: Edit[];
}

/**
 * Text of the user's own in what a construct emits, taken as it is: Ruby in the Vagrantfile, directives in a section of haproxy.cfg,
 * shell in a step of a provisioner. It stands between `# raw` comments. Neither its syntax nor its sense is checked; `cdkv check`
 * asks those who read the file.
 */
export class Raw {
  public static of(scope: IConstruct): Raw {
    return new Raw(scope);
  }

  private constructor(private readonly scope: Edited) {}

  /** Adds lines at the end of the block. In a Vagrantfile and for most settings of HAProxy the last word counts. */
  public append(lines: string, options: RawOptions = {}): this {
    return this.add('append', '', lines, options);
  }

  /** Adds lines at the beginning of the block. */
  public prepend(lines: string, options: RawOptions = {}): this {
    return this.add('prepend', '', lines, options);
  }

  /**
   * Puts lines in the place of each line of the block that begins with `start`, indentation aside; without lines these are left
   * out. That there is no such line is an error.
   *
   * @param start whole words, e.g. `balance` or `node.vm.box`
   */
  public override(start: string, lines?: string, options: RawOptions = {}): this {
    return this.add('override', start, lines ?? '', options);
  }

  /** @internal What was added, for whoever judges it. */
  public get overrides(): readonly { readonly start: string; readonly lines: readonly string[]; readonly site: CreationSite }[] {
    return (this.scope[RAW] ?? []).filter(({ kind }) => kind === 'override');
  }

  /** @internal Puts lines before or after the block, outside of it. */
  public beside(kind: 'before' | 'after', lines: string, block: string): this {
    return this.add(kind, '', lines, { block });
  }

  private add(kind: Edit['kind'], start: string, lines: string, given: RawOptions): this {
    const { path } = this.scope.node;
    if (noted(TEXT, lines, 'lines', this.scope, 'raw text of', path) === undefined) return this;
    if (noted(TEXT, start, 'start', this.scope, 'raw text of', path) === undefined) return this;
    const { block } = OPTIONS.of(this.scope, 'raw text of', path, given);
    const all = lines === '' ? [] : lines.replace(/\r?\n$/, '').split(/\r?\n/);
    this.scope[RAW] ??= [];
    TREE_HAS_RAW.set(this.scope);
    this.scope[RAW].push({ kind, block, start, lines: all, site: new CreationSite() });
    return this;
  }
}

/** A block of a file, as the README names it. */
export interface Block {
  readonly name: string;
  /** Whether raw text that names no block is for this one. */
  readonly main?: boolean;
  /** Put before each raw line. */
  readonly indent?: string;
}

interface Placed {
  readonly blocks: Set<string>;
  readonly edits: Set<Edit>;
}

/** Of each construct with raw text: the blocks that were asked for since the last `startRaw`, and what found its place. */
const placed = shared('placed-raw', () => ({ by: new WeakMap<IConstruct, Placed>() }));

/**
 * A block of a file: text of a construct, with what the user has raw for it.
 *
 * @param body whole lines
 */
export function block(construct: IConstruct, { name, main = false, indent = '' }: Block, body: string): string {
  const edits = (construct as Edited)[RAW];
  if (edits === undefined) return from(construct, body);
  const known = placed.by.get(construct) ?? { blocks: new Set(), edits: new Set() };
  placed.by.set(construct, known);
  known.blocks.add(name);
  const mine = edits.filter((edit) => (edit.block === undefined ? main : edit.block === name));
  const raw = (edit: Edit) => from({ construct, site: edit.site }, marked(construct, edit, indent));
  const pieces = (kind: Edit['kind']) => mine.filter((edit) => edit.kind === kind).map(raw);
  let lines = body.split(/(?<=\n)/);
  // Of several that override the same lines the last counts.
  const last = new Map(mine.filter(({ kind }) => kind === 'override').map((edit) => [edit.start, edit]));
  for (const edit of mine) {
    if (last.get(edit.start) !== edit) known.edits.add(edit);
  }
  for (const edit of last.values()) {
    lines = lines.flatMap((line) => {
      if (!begins(unmarked(line), edit.start)) return [line];
      known.edits.add(edit);
      return [marksOf(line), raw(edit)];
    });
  }
  const inner = [...pieces('prepend'), ...lines, ...pieces('append')].join('');
  const before = pieces('before').map((piece) => `${piece}\n`);
  const after = pieces('after').map((piece) => `\n${piece}`);
  return [...before, from(construct, inner), ...after].join('');
}

/** Forgets what found its place in an earlier rendering. */
export function startRaw(): void {
  placed.by = new WeakMap();
}

/** Notes raw text that found no place in what was rendered since `startRaw`. */
export function noteUnplacedRaw(root: IConstruct): void {
  if (!TREE_HAS_RAW.isSet(root)) return;
  for (const construct of root.node.findAll() as Edited[]) {
    const { blocks, edits } = placed.by.get(construct) ?? { blocks: new Set(), edits: new Set() };
    for (const edit of construct[RAW]?.filter((one) => !edits.has(one)) ?? []) {
      const annotations = Annotations.of(construct);
      const has = [...blocks].map((name) => `"${name}"`).join(', ');
      if (blocks.size > 0 && (edit.block === undefined || blocks.has(edit.block)) && edit.kind === 'override') {
        const remedy = 'look at what is written there, or append it';
        annotations.addErrorAt(
          edit.site,
          'raw-override-unmatched',
          `no line of ${construct.node.path} begins with ${JSON.stringify(edit.start)}; ${remedy}`,
        );
      } else {
        const where = edit.block === undefined ? 'no main block' : `no block ${JSON.stringify(edit.block)}`;
        const remedy = blocks.size === 0 ? 'use it on a construct that has one' : `name one of ${has}`;
        annotations.addErrorAt(
          edit.site,
          'raw-without-block',
          `raw text for ${construct.node.path || 'the app'}, which has ${where}; ${remedy}`,
        );
      }
    }
  }
}

/** Whether a line begins with these words, indentation aside. */
function begins(line: string, start: string): boolean {
  const text = line.trimStart();
  return start !== '' && text.startsWith(start) && !/^[\w-]/.test(/[\w-]$/.test(start) ? text.slice(start.length) : '');
}

function marked({ node }: IConstruct, { lines }: Edit, indent: string): string {
  if (lines.length === 0) return '';
  for (const line of lines) if (line.includes('\0')) throw new UnquotableError(`${JSON.stringify(line)} holds a NUL character`);
  const all = [`# raw, from ${note(node.path)}`, ...lines, '# end of raw'];
  return all.map((line) => (line === '' ? '\n' : `${indent}${line}\n`)).join('');
}
