export { LoadTest, type LoadTestProps, type LoadThresholds, type RateLoadProps, type UsersLoadProps } from './load-test.js';
export type { Disturbance, Figures, ProxyFigures, RunningSystem, ServerFigures } from './system.js';
