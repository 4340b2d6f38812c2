import type { IConstruct } from 'constructs';
import { siteOf } from './annotations.js';
import type { LineOrigin, LineRun, TreeNode } from './assembly.js';
import { type Origin, trace } from './origin.js';
import { MANIFEST, TREE } from './output-file.js';
import type { CreationSite } from './site.js';
import type { Stack } from './stack.js';

/** Where each line of each file of a stack comes from, by the file's path. */
export function originsOf(stack: Stack, tree: TreeNode): Record<string, LineRun[]> {
  const describe = describer();
  const own = [describe({ construct: stack })];
  const byPath = new Map(stack.node.findAll().map((construct) => [construct.node.path, construct]));
  const lines = new Map<string, (readonly LineOrigin[])[]>();
  for (const file of stack.files) {
    const owner = [describe({ construct: file.owner })];
    lines.set(
      file.path,
      trace(file.render).map((origins) => (origins.length === 0 ? owner : [...new Set(origins.map(describe))])),
    );
  }
  lines.set(
    TREE,
    linesOf(tree).map((path) => [describe({ construct: byPath.get(path) ?? stack })]),
  );
  // Four lines for each file, which follow from all of it.
  const entries = [...lines]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([, of]) => Array.from({ length: 4 }, () => [...new Set(of.flat())]));
  lines.set(MANIFEST, [own, own, own, ...entries, own, own]);
  return Object.fromEntries([...lines].map(([path, of]) => [path, inRuns(of)]));
}

/** The same object for the same origin. */
function describer(): (origin: Origin) => LineOrigin {
  const known = new Map<CreationSite | undefined, Map<IConstruct, LineOrigin>>();
  return ({ construct, site }) => {
    const bySite = known.get(site) ?? new Map<IConstruct, LineOrigin>();
    known.set(site, bySite);
    const found = bySite.get(construct) ?? { construct: construct.node.path, userLine: (site ?? siteOf(construct))?.userLine };
    bySite.set(construct, found);
    return found;
  };
}

function inRuns(lines: readonly (readonly LineOrigin[])[]): LineRun[] {
  const runs: { count: number; origins: readonly LineOrigin[] }[] = [];
  for (const origins of lines) {
    const last = runs.at(-1);
    if (last !== undefined && last.origins.length === origins.length && last.origins.every((one, n) => one === origins[n])) last.count++;
    else runs.push({ count: 1, origins });
  }
  return runs;
}

/** The path of the construct of each line of tree.json. */
function linesOf({ path, file, children = [] }: TreeNode): string[] {
  const head = Array.from({ length: file === undefined ? 4 : 5 }, () => path);
  return [...head, ...(children.length === 0 ? [] : [path, ...children.flatMap(linesOf), path]), path];
}
