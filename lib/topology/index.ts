export { draw } from './draw.js';
export { DARK, LIGHT, type Theme } from './style.js';
export { type Part, topologyOf } from './topology.js';
export { partsOf, TopologyPicture } from './topology-picture.js';
