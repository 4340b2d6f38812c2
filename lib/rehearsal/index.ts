export { HaproxyMissing } from './haproxy.js';
export { Rehearsal, type RehearsalOptions, type RehearsedFrontend, type RehearsedServer } from './rehearsal.js';
