import { Element, OutputFile, type Stack, type Target } from '../core/index.js';
import { draw } from './draw.js';
import { type Part, topologyOf } from './topology.js';

/** Path of the picture in a stack's folder. */
export const PICTURE = 'topology.svg';

/** Draws each stack. */
export class TopologyPicture implements Target {
  public prepare(stack: Stack): void {
    const render = () => draw(topologyOf(stack.stackName, partsOf(stack)));
    new OutputFile(stack, PICTURE, { path: PICTURE, render });
  }
}

/** The resources of a stack. */
export function partsOf(stack: Stack): Part[] {
  const parts: Part[] = [];
  for (const construct of stack.node.findAll()) {
    const resource = Element.isElement(construct) ? construct.toResource() : undefined;
    if (resource !== undefined) parts.push({ resource, of: construct });
  }
  return parts;
}
