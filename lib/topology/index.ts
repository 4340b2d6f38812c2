export { draw } from './draw.js';
export { type Part, topologyOf } from './topology.js';
export { partsOf, TopologyPicture } from './topology-picture.js';
