import { types } from 'node:util';
import { below, differs, MATCHES, Matcher, type MatchResult, show, together } from './matcher.js';
import { nearest } from './nearest.js';

/** Whether objects may have more than the pattern names. */
export type Strictness = 'like' | 'equal';

/** Compares a value with a pattern: plain data with matchers and regular expressions in it. */
export function compare(pattern: unknown, actual: unknown, strictness: Strictness): MatchResult {
  if (Matcher.isMatcher(pattern)) return pattern.test(actual);
  if (types.isRegExp(pattern)) return typeof actual === 'string' && occurs(pattern, actual) ? MATCHES : differs(show(pattern), actual);
  if (Array.isArray(pattern)) return compareArrays(pattern, actual, strictness);
  if (isObject(pattern)) return compareObjects(pattern, actual, strictness);
  return Object.is(pattern, actual) ? MATCHES : differs(show(pattern), actual);
}

/** Whether a regular expression is found in a text, wherever an earlier search with it ended. */
export function occurs(pattern: RegExp, text: string): boolean {
  return new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, '')).test(text);
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

function compareArrays(pattern: readonly unknown[], actual: unknown, strictness: Strictness): MatchResult {
  if (!Array.isArray(actual)) return differs(show(pattern), actual);
  const length = Math.max(pattern.length, actual.length);
  const indexes = Array.from({ length }, (_, index) => index);
  return together(indexes.map((index) => below(index, compare(pattern[index], actual[index], strictness))));
}

function compareObjects(pattern: Record<string, unknown>, actual: unknown, strictness: Strictness): MatchResult {
  if (!isObject(actual)) return differs(show(pattern), actual);
  const others = Object.keys(actual).filter((key) => !Object.hasOwn(pattern, key));
  const results = Object.entries(pattern).map(([key, expected]) => {
    const present = Object.hasOwn(actual, key);
    const result = compare(expected, present ? actual[key] : undefined, strictness);
    return below(key, present ? result : mentioning(nearest(key, others, 0.5)[0], result));
  });
  const extras = strictness === 'equal' ? others.map((key) => below(key, compare(undefined, actual[key], strictness))) : [];
  return together([...results, ...extras]);
}

/** A property that is not there may be misspelt. */
function mentioning(other: string | undefined, result: MatchResult): MatchResult {
  if (other === undefined) return result;
  return { ...result, differences: result.differences.map((one) => ({ ...one, actual: `${one.actual}, but there is "${other}"` })) };
}
