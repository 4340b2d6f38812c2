export { type LoadSecond, type Sample, type Times, type Watched, watchedOf, watching } from '../measure/index.js';
export { type ClientLimits, clientLimits, tooSmall } from './client-limits.js';
export { count, findLimit, type LimitOptions, type LimitReport, type LimitStep, milliseconds, sentence, serversFor } from './find-limit.js';
export { judge, type Served, servedBy, spreadOf, type Thresholds, type Verdict } from './judge.js';
export type { ClosedPlan, LoadPlan, OpenPlan } from './plan.js';
export { type LoadResult, type RunOptions, runLoad } from './run-load.js';
export { elsewhere, saturation } from './saturation.js';
