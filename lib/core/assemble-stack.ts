import type { IConstruct } from 'constructs';
import { Annotations } from './annotations.js';
import type { AssembledStack, TreeNode } from './assembly.js';
import { Element, type Resource } from './element.js';
import { noteFailure } from './failure.js';
import { inJson } from './json.js';
import { originsOf } from './line-origins.js';
import { OutputFile, TREE } from './output-file.js';
import { type RenderedFile, renderManifest } from './publish.js';
import { UnquotableError } from './quoting.js';
import type { Stack } from './stack.js';

/**
 * Renders the files of a stack.
 *
 * @param isSound whether the tree has no errors. Then it is one when a file cannot be rendered; else it may follow from the others
 * @returns undefined when some file could not be
 */
export function assembleStack(stack: Stack, isSound: boolean): AssembledStack | undefined {
  const files: RenderedFile[] = [];
  let failed = false;
  for (const file of stack.files) {
    try {
      files.push({ path: file.path, content: bytes(file.render()), construct: file.owner.node.path });
    } catch (error) {
      failed = true;
      if (!isSound) continue;
      // By its name: another copy of the library has a class of its own.
      if ((error as Error | undefined)?.name === 'UnquotableError')
        Annotations.of(file.owner).addError(
          'unquotable-text',
          `${(error as Error).message}, which "${file.path}" cannot carry; take it out`,
        );
      else noteFailure(file.owner, `the rendering of "${file.path}" for`, error);
    }
  }
  if (failed) return undefined;
  files.push({ path: TREE, content: treeJson(stack), construct: stack.node.path });
  let described: TreeNode | undefined;
  const tree = () => {
    described ??= describe(stack, stack.node.path);
    return described;
  };
  files.push(renderManifest(files, stack.node.path));
  return {
    name: stack.stackName,
    path: stack.node.path,
    folder: stack.folder,
    files,
    providers: providersOf(stack),
    get tree() {
      return tree();
    },
    resources: () => resources(stack),
    userLines: () => userLines(stack),
    origins: () => originsOf(stack, tree()),
  };
}

function providersOf(stack: Stack): readonly string[] | undefined {
  const all = stack.writtenFor.map(({ providers }) => providers);
  return all.includes(undefined) ? undefined : [...new Set(all.flatMap((some) => some ?? []))];
}

/** A text as UTF-8, which has no place for half of a surrogate pair. */
function bytes(content: string | Uint8Array): Uint8Array {
  // Bytes may be of another realm, as in some test runners.
  if (typeof content !== 'string' && !ArrayBuffer.isView(content))
    throw new TypeError(`render() returned ${typeof content}; let it return a string or a Uint8Array`);
  if (typeof content !== 'string') return Buffer.from(content);
  if (content.isWellFormed()) return inRoom(content);
  const half = content.search(/\p{Cs}/u);
  const near = content.slice(Math.max(0, half - 20), half + 20);
  throw new UnquotableError(`${JSON.stringify(near)} holds half of a surrogate pair`);
}

/** Room for many files: to make it for each takes longer than to fill it. */
const ROOM = 262_144;
let room = Buffer.alloc(0);

function inRoom(text: string): Uint8Array {
  const most = 3 * text.length;
  if (most > ROOM / 4) return Buffer.from(text);
  if (most > room.length) room = Buffer.allocUnsafeSlow(ROOM);
  const length = room.write(text);
  const bytes = room.subarray(0, length);
  room = room.subarray(length);
  return bytes;
}

function refuseHalf(construct: IConstruct): void {
  const id = JSON.stringify(construct.node.id);
  Annotations.of(construct).addError(
    'unquotable-text',
    `id ${id} holds half of a surrogate pair, which "${TREE}" cannot carry; take it out`,
  );
}

function describe(construct: IConstruct, path: string): TreeNode {
  const children = Element.inOrder(construct.node.children).map((child) => describe(child, `${path}/${child.node.id}`));
  return {
    id: construct.node.id,
    path,
    type: construct.constructor.name,
    ...(OutputFile.isOutputFile(construct) ? { file: construct.path } : {}),
    ...(children.length > 0 ? { children } : {}),
  };
}

/** What stands between the values of a construct of some depth. */
type Layout = ReturnType<typeof layoutAt>;

function layoutAt(depth: number) {
  const indent = ' '.repeat(4 * depth);
  const next = `\n${indent}  `;
  return {
    beforeId: `{${next}"id": "`,
    beforePath: `",${next}"path": "`,
    beforeType: `",${next}"type": "`,
    beforeFile: `,${next}"file": "`,
    beforeFirst: `,${next}"children": [${next}  `,
    beforeNext: `,${next}  `,
    afterLast: `${next}]\n${indent}}`,
    end: `\n${indent}}`,
  };
}

/** As long as pieces of a long text become bytes while they are still at hand. */
const PIECE = 32_768;

/**
 * What `describe` tells, as JSON with two spaces a level, not by way of its objects: to make those takes longer than all the text. What
 * JSON cannot carry is noted as an error.
 */
function treeJson(stack: Stack): Uint8Array {
  const pieces: Uint8Array[] = [];
  const indents: Layout[] = [];
  let text = '';
  /** @param above path of what the construct is in, as JSON has it */
  const write = (construct: IConstruct, before: string, above: string, depth: number) => {
    indents[depth] ??= layoutAt(depth);
    const { beforeId, beforePath, beforeType, beforeFile, beforeFirst, beforeNext, afterLast, end } = indents[depth] as Layout;
    const id = inJson(construct.node.id);
    if (id !== construct.node.id && !construct.node.id.isWellFormed()) refuseHalf(construct);
    const path = above === '' ? id : `${above}/${id}`;
    text += `${before}${beforeId}${id}${beforePath}${path}${beforeType}${inJson(construct.constructor.name)}"`;
    if (OutputFile.isOutputFile(construct)) text += `${beforeFile}${inJson(construct.path)}"`;
    if (text.length > PIECE) {
      pieces.push(Buffer.from(text));
      text = '';
    }
    const children = Element.inOrder(construct.node.children);
    for (let index = 0; index < children.length; index++)
      write(children[index] as IConstruct, index === 0 ? beforeFirst : beforeNext, path, depth + 1);
    text += children.length === 0 ? end : afterLast;
  };
  write(stack, '', '', 0);
  return Buffer.concat([...pieces, Buffer.from(`${text}\n`)]);
}

function resources(stack: Stack): Resource[] {
  const elements = stack.node.findAll().filter(Element.isElement);
  return elements.map((element) => element.toResource()).filter((resource) => resource !== undefined);
}

function userLines(stack: Stack): Record<string, string> {
  const elements = stack.node.findAll().filter(Element.isElement);
  return Object.fromEntries(
    elements.flatMap(({ node, createdAt: { userLine } }) => (userLine === undefined ? [] : [[node.path, userLine]])),
  );
}
