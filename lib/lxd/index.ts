export { Cluster, type ClusterProps, type MembersOptions } from './cluster.js';
export { Container, type ContainerOptions, type ContainerProps, containerOptions, type PublishedPort } from './container.js';
export { Engine, type LxdTrack } from './engine.js';
export { Image, type ImageFiles } from './image.js';
export { Member, type MemberOptions, type OwnStep, type StepName, type StepPlace } from './member.js';
export { clusterScriptName } from './scripts.js';
export { stablePlace } from './stable-place.js';
export { Storage, type StoragePlace } from './storage.js';
