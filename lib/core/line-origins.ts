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
  const byPath = new Map(stack.node.findAll().map((construct) => [construct.node.path, [describe({ construct })] as const]));
  const runs = new Map<string, LineRun[]>();
  for (const file of stack.files) {
    const owner = [describe({ construct: file.owner })];
    // Lines that come from the same share one list.
    const described = new Map<readonly Origin[], readonly LineOrigin[]>();
    const lines = trace(file.render).map((origins) => {
      const known = described.get(origins) ?? (origins.length === 0 ? owner : [...new Set(origins.map(describe))]);
      described.set(origins, known);
      return known;
    });
    runs.set(file.path, inRuns(lines));
  }
  runs.set(TREE, inRuns(linesOf(tree).map((path) => byPath.get(path) ?? own)));
  // Four lines for each file, which follow from all of it.
  const entries = [...runs]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, of]) => ({ count: 4, origins: [...new Set(of.flatMap(({ origins }) => origins))] }));
  runs.set(MANIFEST, [{ count: 3, origins: own }, ...entries, { count: 2, origins: own }]);
  return Object.fromEntries(runs);
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
    if (last !== undefined && isSame(last.origins, origins)) last.count++;
    else runs.push({ count: 1, origins });
  }
  return runs;
}

function isSame(one: readonly LineOrigin[], other: readonly LineOrigin[]): boolean {
  return one === other || (one.length === other.length && one.every((origin, n) => origin === other[n]));
}

/** The path of the construct of each line of tree.json. */
function linesOf({ path, file, children = [] }: TreeNode): string[] {
  const head = Array.from({ length: file === undefined ? 4 : 5 }, () => path);
  return [...head, ...(children.length === 0 ? [] : [path, ...children.flatMap(linesOf), path]), path];
}
