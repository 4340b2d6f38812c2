import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BENCH, run } from './measure.js';

interface ProfileNode {
  readonly id: number;
  readonly callFrame: { readonly functionName: string; readonly url: string };
  readonly children?: readonly number[];
}

interface Profile {
  readonly nodes: readonly ProfileNode[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/** A function, and its shares of the whole run. */
export interface Cost {
  readonly name: string;
  readonly self: number;
  /** With what it calls. */
  readonly total: number;
}

/** Where one run of ours spends its time by Node's own profiler, which makes it a little slower. */
export function profile(size: number, work: string): Cost[] {
  const folder = join(work, 'profile');
  mkdirSync(folder);
  const flags = ['--cpu-prof', `--cpu-prof-dir=${folder}`, '--cpu-prof-interval=500'];
  run(process.execPath, [...flags, 'apps/cdk-vagrant.mjs', String(size), join(folder, 'out')], BENCH, work);
  const file = readdirSync(folder).find((name) => name.endsWith('.cpuprofile')) as string;
  return costs(JSON.parse(readFileSync(join(folder, file), 'utf8')) as Profile);
}

function costs({ nodes, samples, timeDeltas }: Profile): Cost[] {
  const spent = new Map<number, number>();
  for (const [index, id] of samples.entries()) spent.set(id, (spent.get(id) ?? 0) + (timeDeltas[index] ?? 0));
  const whole = timeDeltas.reduce((sum, delta) => sum + delta, 0);
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const found = new Map<string, { self: number; total: number }>();
  const walk = (node: ProfileNode, above: ReadonlySet<string>, caller: string): number => {
    const name = nameOf(node, caller);
    const cost = found.get(name) ?? { self: 0, total: 0 };
    found.set(name, cost);
    const within = new Set(above).add(name);
    const self = (spent.get(node.id) ?? 0) / whole;
    const total = (node.children ?? []).reduce((sum, child) => sum + walk(byId.get(child) as ProfileNode, within, name), self);
    cost.self += self;
    // What calls itself is counted once.
    if (!above.has(name)) cost.total += total;
    return total;
  };
  walk(nodes[0] as ProfileNode, new Set(), '');
  return [...found].map(([name, cost]) => ({ name, ...cost })).sort((a, b) => b.self - a.self);
}

/** A function without a name counts for its caller, a part of a template for the template. */
function nameOf({ callFrame: { functionName, url } }: ProfileNode, caller: string): string {
  if (functionName === '') return url === '' ? 'template' : caller;
  const where = url.startsWith('node:') ? url : /node_modules\/([^/]+)\//.exec(url)?.[1];
  return where === undefined ? functionName : `${functionName} (${where})`;
}
