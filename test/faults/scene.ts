import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Output, renderManifest } from '../../lib/core/publish.js';

/** The files of some stacks, by path below the folder of all. */
export type Version = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** What publishes a version into a folder. */
export function outputsOf(outdir: string, version: Version): Output[] {
  return Object.entries(version).map(([stack, files]) => {
    const rendered = Object.entries(files).map(([path, content]) => ({ path, content: Buffer.from(content), construct: stack }));
    return { folder: join(outdir, stack), files: [...rendered, renderManifest(rendered, stack)] };
  });
}

/** All that stands in the folder when a version was published. */
export function filesOf(version: Version): Record<string, string> {
  return Object.assign({}, ...Object.keys(version).map((stack) => filesOfStack(version, stack)));
}

export function filesOfStack(version: Version, stack: string): Record<string, string> {
  const [output] = outputsOf('', { [stack]: version[stack] ?? {} });
  return Object.fromEntries(
    (output?.files ?? []).map(({ path, content }) => [`${stack}/${path}`, Buffer.from(content).toString('latin1')]),
  );
}

/** Files that no publish may touch. */
export const FOREIGN: Readonly<Record<string, string>> = {
  'one/notes.txt': 'mine',
  'one/.vagrant/machines/vm/id': 'x',
  'one/b/mine': 'mine',
  'two/.vagrant/cdk-vagrant/cluster.pem': 'secret',
  'three/manifest.json': '{"of": "another"}',
};

/** What is wrong with the folder after an interruption, in words. */
export function judgeInterrupted(outdir: string, present: Readonly<Record<string, string>>, old: Version, next: Version): string[] {
  const wrong: string[] = [];
  for (const [path, content] of Object.entries(FOREIGN)) if (present[path] !== content) wrong.push(`foreign ${path} was touched`);
  const stacks = Object.keys(next);
  const closed = stacks.filter((stack) => !existsSync(join(outdir, stack, '.cdkv/journal.json')));
  const is = (version: Version, stack: string) => same(ours(present, stack), filesOfStack(version, stack));
  for (const stack of closed) if (![old, next].some((version) => is(version, stack))) wrong.push(`${stack} is mixed, and has no journal`);
  const isWhole = [old, next].some((version) => stacks.every((stack) => is(version, stack)));
  if (closed.length === stacks.length && !isWhole) wrong.push('the stacks are of two versions, and none has a journal');
  return wrong;
}

/** What is wrong with the folder after a publish that went well. */
export function judgePublished(present: Readonly<Record<string, string>>, next: Version): string[] {
  const expected = { ...filesOf(next), ...FOREIGN };
  const paths = new Set([...Object.keys(present), ...Object.keys(expected)]);
  return [...paths]
    .filter((path) => present[path] !== expected[path])
    .map((path) => `${path} is ${JSON.stringify(present[path]?.slice(0, 40))}`);
}

/** What publishes left in a stack's folder, but for what they work with. */
export function ours(present: Readonly<Record<string, string>>, stack: string): Record<string, string> {
  const some = Object.entries(present).filter(
    ([path]) => path.startsWith(`${stack}/`) && !path.startsWith(`${stack}/.cdkv`) && !(path in FOREIGN),
  );
  return Object.fromEntries(some);
}

export function same(one: Readonly<Record<string, string>>, other: Readonly<Record<string, string>>): boolean {
  return Object.keys(one).length === Object.keys(other).length && Object.entries(one).every(([path, content]) => other[path] === content);
}
