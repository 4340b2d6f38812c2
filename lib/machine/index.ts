export { formatAddress, parseAddress, Subnet } from './address.js';
export { BOX, Box, type BoxBuild, type BoxProps, type BoxSource, isVersionConstraint, SYSTEMS, type System } from './box.js';
export type { CloudInitContentType, CloudInitPart } from './cloud-init.js';
export { type GroupCount, placesOf } from './group.js';
export { BUNDLE_ARCHIVE, GUEST_FOLDER, type HostValue, KeyPair } from './host-value.js';
export { endOfLife } from './lifecycle.js';
export { type ExtraDisk, MACHINE, Machine, type PostUpLine } from './machine.js';
export { type GroupProps, type MachineProps, type MachineSizing, SIZING } from './machine-props.js';
export { type MachineNetwork, type NetworkProps, type NetworkSettings, plainMac } from './network.js';
export type { ForwardedPort, ForwardingOptions, PortForwarding, PortRangeForwarding } from './ports.js';
export {
  type CustomizeCommand,
  type HypervSettings,
  type LibvirtSettings,
  type ParallelsSettings,
  PROVIDERS,
  type Provider,
  type ProviderSetting,
  type ProviderSettings,
  plainSettings,
  type SettingsByProvider,
  type VirtualBoxSettings,
  type VmwareSettings,
} from './providers.js';
export type { Provisioner, ProvisionerOptions } from './provisioner.js';
export { PROVIDER_OF_TYPE, type SyncedFolder, type SyncedFolderProps, type SyncedFolderType } from './synced-folder.js';
export { TRIGGER, type Trigger, type TriggerActions, type TriggerCommand, triggerFault } from './trigger.js';
export { sourceFrom, type Upload } from './upload.js';
