export { VagrantTarget } from './vagrant-target.js';
