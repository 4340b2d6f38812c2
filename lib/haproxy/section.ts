import type { IConstruct } from 'constructs';
import { block, from, type Owners, text } from '../core/index.js';

/** A section of haproxy.cfg: a line that opens it and the directives below. Every word is quoted as HAProxy reads it. */
export class Section {
  /** Lines, some of them several in one. */
  private readonly body: string[] = [];

  /**
   * @param keyword `global`, `defaults`, `frontend`, `backend`, `userlist`, ...
   * @param name its name, where it has one
   * @param of what it is of, and which of its blocks, for raw text and for whoever asks where a line comes from
   */
  public constructor(
    private readonly keyword: string,
    private readonly name?: string,
    private readonly of?: { readonly construct: IConstruct; readonly block: string; readonly main?: boolean },
  ) {}

  /**
   * Adds directives and comments, one a line, as a template literal: its own text is kept, each value becomes one quoted word, a
   * list several. Empty lines are dropped.
   *
   * @example section.lines`timeout client ${'30s'}`
   */
  public lines(layout: TemplateStringsArray, ...values: readonly (string | number | readonly (string | number)[])[]): this {
    let added = layout.raw[0] as string;
    for (let index = 0; index < values.length; index++) {
      const value = values[index];
      added += `${Array.isArray(value) ? value.map(text.hap).join(' ') : text.hap(value)}${layout.raw[index + 1]}`;
    }
    for (const line of added.includes('\n') ? added.split('\n') : [added]) {
      const directive = line.trim();
      if (directive !== '') this.body.push(directive);
    }
    return this;
  }

  /** Adds a directive that depends on these constructs, the nearest first. */
  public line(owners: Owners, words: readonly (string | number)[]): this {
    this.body.push(from(owners, words.map(text.hap).join(' ')));
    return this;
  }

  /** Adds lines that depend on these constructs, the nearest first. */
  public from(owners: Owners, add: (section: this) => void): this {
    const begin = this.body.length;
    add(this);
    const lines = this.body.splice(begin);
    if (lines.length > 0) this.body.push(from(owners, lines.join('\n')));
    return this;
  }

  /**
   * Adds a directive that ends in the value of an environment variable, which HAProxy expands in double quotes only.
   *
   * @param variable name of the variable: capitals, digits and `_`
   */
  public lineWithVariable(words: readonly string[], variable: string): this {
    if (!/^[A-Z_][A-Z0-9_]*$/.test(variable)) {
      throw new text.UnquotableError(`${JSON.stringify(variable)} is no name of an environment variable`);
    }
    this.body.push(`${words.map(text.hap).join(' ')} "\${${variable}}"`);
    return this;
  }

  public render(): string {
    const head = [this.keyword, this.name].filter((word) => word !== undefined).map(text.hap);
    const body = this.body.map((lines) => `    ${lines.replaceAll('\n', '\n    ')}\n`).join('');
    if (this.of === undefined) return `${head.join(' ')}\n${body}`;
    const { construct, block: name, main = false } = this.of;
    return `${from(construct, `${head.join(' ')}\n`)}${block(construct, { name, main, indent: '    ' }, body)}`;
  }
}
