import { type Difference, show } from './matcher.js';
import { didYouMean, listed, nearest } from './nearest.js';
import type { FoundResource, NamePattern } from './resources.js';

/** A resource that was compared, and how it differs. */
export interface Candidate {
  readonly resource: FoundResource;
  readonly differences: readonly Difference[];
}

/** Nobody of this name: the names there are, and when properties were asked for, who comes nearest to them. */
export function nobodyNamed(
  stack: string,
  type: string,
  name: NamePattern,
  all: readonly Candidate[],
  resources: readonly FoundResource[],
) {
  const asked = show(name);
  const names = all.map(({ resource }) => resource.name);
  if (names.length === 0) return `stack "${stack}" has no ${type} at all, so none named ${asked}\n  ${typesThere(type, resources)}`;
  const wanted = typeof name === 'string' ? name : '';
  const first = `stack "${stack}" has no ${type} named ${asked}${didYouMean(wanted, names)}`;
  const best = nearestOf(all, wanted) as Candidate;
  const near = all.every(({ differences }) => differences.length === 0) ? [] : [`nearest by its properties: ${notAsExpected(best)}`];
  return [first, `  there are ${listed(names, wanted)}`, ...near].join('\n');
}

/** There are some of this name, but none is as expected. */
export function noneAsExpected(type: string, name: NamePattern, candidates: readonly Candidate[]): string {
  const best = nearestOf(candidates, '') as Candidate;
  if (candidates.length === 1) return `${type} ${notAsExpected(best)}`;
  return `none of ${candidates.length} resources of type ${type} named ${show(name)} is as expected\nnearest by its properties: ${notAsExpected(best)}`;
}

/** Some are not as expected where all should be. */
export function notAllAsExpected(type: string, failed: readonly Candidate[], count: number): string {
  const first = `${failed.length} of ${count} resources of type ${type} ${failed.length === 1 ? 'is' : 'are'} not as expected`;
  return [first, ...failed.map(notAsExpected)].join('\n');
}

/** Another number of resources than expected. */
export function otherCount(type: string, count: number | 'at least 1', names: readonly string[], resources: readonly FoundResource[]) {
  const there = names.length === 0 ? typesThere(type, resources) : `there are ${names.length}: ${listed(names)}`;
  return `expected ${count} ${typeof count === 'number' && count !== 1 ? 'resources' : 'resource'} of type ${type}\n  ${there}`;
}

/** There is no such file. */
export function noFile(stack: string, path: string, paths: readonly string[]): string {
  return `stack "${stack}" makes no file ${JSON.stringify(path)}${didYouMean(path, paths)}\n  there are ${listed(paths, path)}`;
}

/** A file that lacks what it should hold. */
export function notInFile(path: string, expected: string | RegExp, text: string): string {
  const first = `file "${path}" does not ${typeof expected === 'string' ? `contain ${JSON.stringify(expected)}` : `match ${expected}`}`;
  const lines = text.split('\n');
  const wanted = typeof expected === 'string' ? expected.split('\n') : [expected.source];
  const missing = wanted.find((line) => !text.includes(line));
  if (missing === undefined && wanted.length > 1) return `${first}\n  each of these lines is there, but not one right after the other`;
  const line = nearest(missing ?? wanted.join(''), lines)[0];
  return line === undefined ? first : `${first}\n  nearest is line ${lines.indexOf(line) + 1}: ${show(line)}`;
}

/** A file whose text does not satisfy a matcher. */
export function fileNotAsExpected(path: string, differences: readonly Difference[]): string {
  return [`file "${path}" is not as expected:`, ...differences.map((one) => `  ${tell(one, 'its text')}`)].join('\n');
}

function notAsExpected({ resource, differences }: Candidate): string {
  const { name, path } = resource;
  if (differences.length === 0) return `"${name}" (${path}), which has them`;
  return [`"${name}" (${path}) is not as expected:`, ...differences.map((one) => `  ${tell(one, 'properties')}`)].join('\n');
}

function tell({ path, expected, actual }: Difference, whole: string): string {
  return `${path === '' ? whole : path}: expected ${expected}, got ${actual}`;
}

/** The one with the fewest differences; among equals the one whose name is most alike. */
function nearestOf(candidates: readonly Candidate[], name: string): Candidate | undefined {
  const fewest = Math.min(...candidates.map(({ differences }) => differences.length));
  const best = candidates.filter(({ differences }) => differences.length === fewest);
  const names = best.map(({ resource }) => resource.name);
  return best.find(({ resource }) => resource.name === nearest(name, names, 0)[0]);
}

function typesThere(type: string, resources: readonly FoundResource[]): string {
  const types = [...new Set(resources.map((one) => one.type))];
  if (types.length === 0) return 'there are no resources';
  return `there are resources of type ${listed(types, type)}${didYouMean(type, types)}`;
}
