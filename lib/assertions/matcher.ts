import { types } from 'node:util';

/** One thing that is not as expected. */
export interface Difference {
  /** Where, e.g. `publishedPorts[0].listen`; empty for the value itself. */
  readonly path: string;
  /** What was asked for, as a person reads it. */
  readonly expected: string;
  /** What is there instead, as a person reads it. */
  readonly actual: string;
}

/** Something that takes the values a match has found. */
export interface Catcher {
  /** Takes one value. Called once the whole match has succeeded. */
  keep(value: unknown): void;
}

/** How a match went. */
export interface MatchResult {
  /** None: it matches. */
  readonly differences: readonly Difference[];
  /** What captures are to keep if everything around them matches too. */
  readonly captured: readonly { readonly by: Catcher; readonly value: unknown }[];
}

const MATCHER = Symbol.for('cdk-vagrant.Matcher');

/** Decides whether a value is as expected. `Match` has the ready ones. */
export abstract class Matcher {
  public static isMatcher(x: unknown): x is Matcher {
    return x !== null && typeof x === 'object' && MATCHER in x;
  }

  public constructor() {
    Object.defineProperty(this, MATCHER, { value: true });
  }

  /** Compares. `actual` is undefined where nothing is. */
  public abstract test(actual: unknown): MatchResult;

  /** What it asks for, as messages name it: `any value`. */
  public abstract describe(): string;
}

export const MATCHES: MatchResult = { differences: [], captured: [] };

/** The value itself is not as expected. */
export function differs(expected: string, actual: unknown): MatchResult {
  return { differences: [{ path: '', expected, actual: show(actual) }], captured: [] };
}

/** Several results as one. */
export function together(results: readonly MatchResult[]): MatchResult {
  return { differences: results.flatMap((one) => one.differences), captured: results.flatMap((one) => one.captured) };
}

/** The result of what stands under a key or an index, as seen from above. */
export function below(key: string | number, result: MatchResult): MatchResult {
  const step = typeof key === 'number' ? `[${key}]` : /^[\w$]+$/.test(key) ? key : `[${JSON.stringify(key)}]`;
  const join = (path: string) => `${step}${path === '' || path.startsWith('[') ? '' : '.'}${path}`;
  return { ...result, differences: result.differences.map((one) => ({ ...one, path: join(one.path) })) };
}

/** Longest value that a message shows whole. */
const LONGEST = 200;

/** A value, or a pattern with matchers in it, on one line. */
export function show(value: unknown): string {
  const text = write(value);
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}... (${text.length} characters)` : text;
}

function write(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (Matcher.isMatcher(value)) return value.describe();
  if (types.isRegExp(value)) return `text matching ${value}`;
  if (Array.isArray(value)) return `[${value.map(write).join(', ')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? String(value);
  const entries = Object.entries(value).map(([key, one]) => `${/^[\w$]+$/.test(key) ? key : JSON.stringify(key)}: ${write(one)}`);
  return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
}
