import type { AssembledStack, TreeNode } from '../core/index.js';
import { assembleApp } from './app-process.js';
import { chooseStack } from './choose.js';
import { type Command, CommandFailed } from './command.js';

const FORMATS: Readonly<Record<string, (stacks: readonly AssembledStack[]) => string | Uint8Array>> = {
  text: (stacks) => stacks.map(({ tree }) => asText(tree)).join(''),
  json: (stacks) =>
    `${JSON.stringify(
      stacks.map(({ tree }) => tree),
      undefined,
      2,
    )}\n`,
  mermaid: (stacks) => asMermaid(stacks.map(({ tree }) => tree)),
  svg: pictureOf,
};

/** `cdkv graph` */
export const graph: Command = async ({ options, app }) => {
  const asked = [options.format as string | undefined, options.json && 'json', options.svg && 'svg'];
  const [format = 'text', other] = new Set(asked.filter((one) => typeof one === 'string'));
  if (other !== undefined) throw new CommandFailed(`formats ${format} and ${other} are asked for; choose one`);
  const show = Object.hasOwn(FORMATS, format) ? FORMATS[format] : undefined;
  if (show === undefined) throw new CommandFailed(`format ${JSON.stringify(format)} is none of ${Object.keys(FORMATS).join(', ')}`);
  const { stacks } = await assembleApp({ ...app(), origins: false });
  const name = options.stack as string | undefined;
  const all = name === undefined && format !== 'svg';
  process.stdout.write(show(all ? stacks : [chooseStack(stacks, name)]));
  return 0;
};

/** The picture that the synthesis writes. */
function pictureOf([stack]: readonly AssembledStack[]): Uint8Array {
  const file = stack?.files.find(({ path }) => path === 'topology.svg');
  if (file === undefined) throw new CommandFailed('the app makes no picture; take "topology: false" out of it');
  return file.content;
}

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
