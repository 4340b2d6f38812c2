import { compare } from './compare.js';
import { AssertionError } from './error.js';
import { type Catcher, differs, Matcher, type MatchResult, show } from './matcher.js';

/**
 * Takes the place of a value in a pattern and keeps what it finds there, when everything around it matches as well. What it keeps of
 * several resources is read one after the other: see {@link next}.
 */
export class Capture extends Matcher implements Catcher {
  private readonly values: unknown[] = [];
  private position = 0;

  /**
   * @param pattern what the value must be like to be kept: plain data, or a matcher
   * @default - anything but nothing
   */
  public constructor(private readonly pattern?: unknown) {
    super();
  }

  public override test(actual: unknown): MatchResult {
    if (actual === undefined || actual === null) return differs(this.describe(), actual);
    const result = this.pattern === undefined ? undefined : compare(this.pattern, actual, 'like');
    return { differences: result?.differences ?? [], captured: [...(result?.captured ?? []), { by: this, value: actual }] };
  }

  public override describe(): string {
    return this.pattern === undefined ? 'any value' : show(this.pattern);
  }

  /** Called when the whole match has succeeded. */
  public keep(value: unknown): void {
    this.values.push(value);
  }

  /**
   * Goes on to the next value.
   *
   * @returns whether there is one; when not, the last one stays
   */
  public next(): boolean {
    if (this.position + 1 >= this.values.length) return false;
    this.position += 1;
    return true;
  }

  /** @throws AssertionError when nothing was captured, or something else than text */
  public asString(): string {
    return this.read('text', (value) => typeof value === 'string') as string;
  }

  /** @throws AssertionError when nothing was captured, or something else than a number */
  public asNumber(): number {
    return this.read('a number', (value) => typeof value === 'number') as number;
  }

  /** @throws AssertionError when nothing was captured, or something else than true or false */
  public asBoolean(): boolean {
    return this.read('true or false', (value) => typeof value === 'boolean') as boolean;
  }

  /** @throws AssertionError when nothing was captured, or something else than an array */
  public asArray(): unknown[] {
    return this.read('an array', Array.isArray) as unknown[];
  }

  /** @throws AssertionError when nothing was captured, or something else than an object */
  public asObject(): Record<string, unknown> {
    return this.read('an object', (value) => typeof value === 'object' && !Array.isArray(value)) as Record<string, unknown>;
  }

  private read(kind: string, is: (value: unknown) => boolean): unknown {
    if (this.values.length === 0) throw new AssertionError('nothing was captured; use the capture in an assertion that holds, first');
    const value = this.values[this.position];
    if (!is(value)) throw new AssertionError(`what was captured is not ${kind}, it is ${show(value)}`);
    return value;
  }
}
