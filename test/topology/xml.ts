import { SaxesParser } from 'saxes';

export interface Node {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly (Node | string)[];
}

/** The root of a document. Throws where it is not well-formed. */
export function parse(text: string): Node {
  const document: { name: string; attributes: Record<string, string>; children: (Node | string)[] } = {
    name: '',
    attributes: {},
    children: [],
  };
  const open = [document];
  const parser = new SaxesParser();
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', ({ name, attributes }) => {
    const node = { name, attributes: attributes as Record<string, string>, children: [] };
    open.at(-1)?.children.push(node);
    open.push(node);
  });
  parser.on('closetag', () => open.pop());
  parser.on('text', (value) => open.at(-1)?.children.push(value));
  parser.write(text).close();
  return document.children.find((child) => typeof child !== 'string') as Node;
}

export function elements(node: Node): Node[] {
  return node.children.filter((child) => typeof child !== 'string');
}

/** All elements of a name. */
export function all(node: Node, name: string): Node[] {
  return elements(node).flatMap((child) => [...(child.name === name ? [child] : []), ...all(child, name)]);
}

/** The text directly in an element, without what its elements hold. */
export function textOf(node: Node): string {
  return node.children.filter((child) => typeof child === 'string').join('');
}
