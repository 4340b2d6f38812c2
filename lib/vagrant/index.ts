export { VagrantTarget, type VagrantTargetProps } from './vagrant-target.js';
