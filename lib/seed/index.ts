export { makeSeeds, type Seed, type SeedOptions } from './seed.js';
