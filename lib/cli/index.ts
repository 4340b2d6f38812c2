// What the commands do, for programs: `cdk-vagrant/cli`.

export { Rehearsal, type RehearsalOptions, type RehearsedFrontend, type RehearsedServer } from '../rehearsal/index.js';
export { makeSeeds, type Seed, type SeedOptions } from '../seed/index.js';
export type { Ailment } from './ailment.js';
export { type AppOptions, assembleApp, runApp } from './app-process.js';
export { type CheckFinding, type CheckResult, checkAssembly } from './check.js';
export { CommandFailed } from './command.js';
export { type Difference, difference, type FileChange } from './diff.js';
export { examine } from './doctor.js';
export { drillOn, type FoundDrill, findDrill } from './drill.js';
export { type Explained, explainFile } from './explain.js';
export { newApp } from './init.js';
export { type FoundLoad, findLoad, type JudgedLoad, type LimitOptions, type LoadOptions, limit, load } from './load.js';
export { main } from './main.js';
