import { Element, kindOf, OutputFile, type Stack, type Target } from '../core/index.js';
import { draw } from './draw.js';
import { type Part, topologyOf } from './topology.js';

/** Path of the picture in a stack's folder. */
const PICTURE = 'topology.svg';

/** Draws each stack. */
export class TopologyPicture implements Target {
  public prepare(stack: Stack): void {
    const render = () => draw(topologyOf(stack.stackName, partsOf(stack)));
    new OutputFile(stack, PICTURE, { path: PICTURE, render });
  }
}

/** Most constructs are but parts of others, as files are. */
const hasResource = (x: unknown): x is Element => Element.isElement(x) && x.toResource !== Element.prototype.toResource;

/** The resources of a stack, in the order they were made, each asked for when its turn comes. */
export function* partsOf(stack: Stack): Generator<Part> {
  for (const element of Element.inOrder(kindOf(stack, hasResource))) {
    const resource = element.toResource();
    if (resource !== undefined) yield { resource, of: element };
  }
}
