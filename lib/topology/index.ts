export { draw } from './draw.js';
export { DARK, LIGHT, type Theme } from './style.js';
export { type Topology, topologyOf } from './topology.js';
export { TopologyPicture } from './topology-picture.js';
