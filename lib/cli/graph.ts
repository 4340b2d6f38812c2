import type { TreeNode } from '../core/index.js';
import { assembleApp } from './app-process.js';
import { type Command, CommandFailed } from './command.js';

const FORMATS: Readonly<Record<string, (trees: readonly TreeNode[]) => string>> = {
  text: (trees) => trees.map((tree) => asText(tree)).join(''),
  json: (trees) => `${JSON.stringify(trees, undefined, 2)}\n`,
  mermaid: asMermaid,
};

/** `cdkv graph` */
export const graph: Command = async ({ options, app }) => {
  const format = options.json ? 'json' : ((options.format as string | undefined) ?? 'text');
  const show = Object.hasOwn(FORMATS, format) ? FORMATS[format] : undefined;
  if (show === undefined) throw new CommandFailed(`format ${JSON.stringify(format)} is none of ${Object.keys(FORMATS).join(', ')}`);
  const { stacks } = await assembleApp(app());
  process.stdout.write(show(stacks.map(({ tree }) => tree)));
  return 0;
};

/** An indented line a construct. */
function asText(node: TreeNode, before = '', branch = '', last = true): string {
  const own = `${before}${branch}${node.id} (${node.type})${node.file === undefined ? '' : ` -> ${node.file}`}\n`;
  const below = branch === '' ? before : `${before}${last ? '   ' : '\u2502  '}`;
  const children = node.children ?? [];
  return (
    own +
    children
      .map((child, n) => asText(child, below, n === children.length - 1 ? '\u2514\u2500 ' : '\u251c\u2500 ', n === children.length - 1))
      .join('')
  );
}

/** A flowchart, with its nodes numbered, for ids may hold anything. */
function asMermaid(trees: readonly TreeNode[]): string {
  const lines = ['flowchart LR'];
  let count = 0;
  const add = (node: TreeNode): number => {
    const own = count++;
    // Quoted text of Mermaid knows no escape but character codes.
    const label = `${node.id}: ${node.type}`.replace(/[^\w .:/-]/g, (character) => `#${character.codePointAt(0)};`);
    lines.push(`  n${own}["${label}"]`);
    for (const child of node.children ?? []) lines.push(`  n${own} --> n${add(child)}`);
    return own;
  };
  for (const tree of trees) add(tree);
  return `${lines.join('\n')}\n`;
}
