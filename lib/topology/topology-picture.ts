import { OutputFile, type Stack, type Target } from '../core/index.js';
import { draw } from './draw.js';
import { topologyOf } from './topology.js';

/** Path of the picture in a stack's folder. */
const PICTURE = 'topology.svg';

/** Draws each stack. */
export class TopologyPicture implements Target {
  public prepare(stack: Stack): void {
    const render = () => draw(topologyOf(stack));
    new OutputFile(stack, PICTURE, { path: PICTURE, render });
  }
}
