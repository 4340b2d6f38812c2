import { text } from '../core/index.js';

/** A section of haproxy.cfg: a line that opens it and the directives below. Every word is quoted as HAProxy reads it. */
export class Section {
  private readonly lines: string[] = [];

  /**
   * @param keyword `global`, `defaults`, `frontend`, `backend`, `userlist`, ...
   * @param name its name, where it has one
   */
  public constructor(
    private readonly keyword: string,
    private readonly name?: string,
  ) {}

  /** Adds a directive: its words, numbers as they are. */
  public add(...words: readonly (string | number)[]): this {
    this.lines.push(words.map(text.hap).join(' '));
    return this;
  }

  /**
   * Adds a directive that ends in a word with an environment variable, which HAProxy expands in double quotes only.
   *
   * @param variable name of the variable: capitals, digits and `_`
   */
  public addWithVariable(words: readonly string[], variable: string): this {
    if (!/^[A-Z_][A-Z0-9_]*$/.test(variable))
      throw new text.UnquotableError(`${JSON.stringify(variable)} is no name of an environment variable`);
    this.lines.push(`${words.map(text.hap).join(' ')} "\${${variable}}"`);
    return this;
  }

  /** Adds a comment: why, for whoever reads the file. */
  public comment(comment: string): this {
    this.lines.push(`# ${text.note(comment)}`);
    return this;
  }

  public render(): string {
    const head = [this.keyword, this.name].filter((word) => word !== undefined).map(text.hap);
    return `${[head.join(' '), ...this.lines.map((line) => `    ${line}`)].join('\n')}\n`;
  }
}
