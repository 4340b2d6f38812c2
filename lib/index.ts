export { App, type AppProps } from './app.js';
export { CloudInitTarget, type CloudInitTargetProps, type CloudNetwork, type NetworkInterface } from './cloud-init/index.js';
export {
  Annotations,
  type Aspect,
  AspectPriority,
  Aspects,
  type AssembledStack,
  type Assembly,
  type Diagnostic,
  Duration,
  Element,
  Labels,
  type LineOrigin,
  type LineRun,
  OutputFile,
  type OutputFileProps,
  Raw,
  type RawOptions,
  type Resource,
  type Rule,
  type RuleCategory,
  Size,
  Stack,
  type StackProps,
  SynthesisError,
  type SynthesisResult,
  type SynthOptions,
  type Target,
} from './core/index.js';
export { Balance } from './haproxy/index.js';
export {
  Cluster,
  type ClusterProps,
  Container,
  type ContainerOptions,
  type ContainerProps,
  Image,
  type ImageFiles,
  Member,
  type MemberOptions,
  type PublishedPort,
  type StepName,
  type StepPlace,
} from './lxd/index.js';
export {
  Box,
  type BoxBuild,
  type BoxProps,
  type BoxSource,
  Machine,
  type MachineProps,
  type MachineSizing,
  type NetworkProps,
  type NetworkSettings,
  type Packaging,
  type ProvisionerOptions,
} from './machine/index.js';
export { MESSAGES, type MessageMeaning } from './messages.js';
export { type Place, Software, type SoftwareProps } from './provision/index.js';
export { Rules } from './rules/index.js';
export { VagrantTarget, type VagrantTargetProps } from './vagrant/index.js';
export {
  type ActivateWhen,
  BackupPool,
  type BackupPoolProps,
  ErrorPages,
  HaproxyBalancer,
  type HaproxyBalancerProps,
  HaproxyFrontend,
  type HaproxyFrontendProps,
  Password,
  Site,
  type StatisticsOptions,
  WebBackend,
  type WebBackendProps,
  WebServer,
  type WebServerOptions,
} from './web/index.js';
