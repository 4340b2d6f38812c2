export { Cluster, type ClusterProps } from './cluster.js';
export { Container, type ContainerOptions, type ContainerProps, type PublishedPort } from './container.js';
export { Image, type ImageFiles } from './image.js';
export { Member, type MemberOptions } from './member.js';
export { clusterScriptName } from './scripts.js';
export { Software, type SoftwareProps } from './software.js';
export { stablePlace } from './stable-place.js';
