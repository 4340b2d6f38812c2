export { Cluster, type ClusterProps, type MembersOptions } from './cluster.js';
export {
  CONTAINER_OPTIONS,
  Container,
  type ContainerOptions,
  type ContainerProps,
  containerOptions,
  type PublishedPort,
} from './container.js';
export { Engine, type LxdTrack } from './engine.js';
export { Image, type ImageFiles } from './image.js';
export { MEMBER, Member, type MemberOptions, type OwnStep, type StepName, type StepPlace } from './member.js';
export { Network, type NetworkKind, type PrivateNetworkOptions, type VxlanOptions } from './network.js';
export { clusterScriptName } from './scripts.js';
export { stableAddress, stablePlace } from './stable-place.js';
export { Storage, type StoragePlace } from './storage.js';
