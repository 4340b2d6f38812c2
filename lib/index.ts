export { App, type AppProps } from './app.js';
export {
  Annotations,
  type Aspect,
  AspectPriority,
  Aspects,
  type AssembledStack,
  type Assembly,
  type Diagnostic,
  Duration,
  OutputFile,
  type OutputFileProps,
  type Rule,
  type RuleCategory,
  Size,
  Stack,
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
  Software,
  type SoftwareProps,
} from './lxd/index.js';
export { Box, type BoxProps, Machine, type MachineProps, type MachineSizing, type Packaging } from './machine/index.js';
export { MESSAGES, type MessageMeaning } from './messages.js';
export { Rules } from './rules/index.js';
export { VagrantTarget } from './vagrant/index.js';
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
