export { CloudInitTarget, type CloudInitTargetProps, type SeedFile, type SeedValue } from './cloud-init-target.js';
export type { CloudNetwork, NetworkInterface } from './network.js';
