export type { Figures, ProxyFigures, ServerFigures } from './figures.js';
export { type LoadSecond, Seconds, type Times, TimesKeeper } from './record.js';
export { mergeFigures, parseStatistics } from './statistics.js';
export { type Sample, type ServedSecond, type Watched, watchedOf, watching } from './watch.js';
