export { Rules } from './rules.js';
