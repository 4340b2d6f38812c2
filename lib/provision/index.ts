export type { Command } from './command.js';
export { type Firewall, renderFirewall, type SharedNetwork } from './firewall.js';
export { type GuardedPort, MachineServices, PROVISION_LIBRARY, type Service } from './machine-services.js';
export type { Place } from './place.js';
export { recipeFile } from './recipe-file.js';
export { renderHead } from './script-head.js';
export { SOFTWARE, Software, type SoftwareProps } from './software.js';
