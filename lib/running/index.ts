export { type MachineState, Machines } from './machines.js';
export { type Status, statusOf } from './status.js';
export { VagrantSystem } from './vagrant-system.js';
