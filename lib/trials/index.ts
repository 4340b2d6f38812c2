export {
  type Figures,
  type LoadSecond,
  type ProxyFigures,
  parseStatistics,
  type ServedSecond,
  type ServerFigures,
  type Watched,
} from '../measure/index.js';
export {
  DISTURBANCES,
  type DrillEvent,
  type DrillOptions,
  type DrillResult,
  type DrillStep,
  type Expectation,
  runDrill,
  type StepResult,
  type Verdict,
} from './drill.js';
export { DrillScriptError, parseDrill } from './drill-script.js';
export { type ExpectOptions, FailoverDrill, type FailoverDrillProps } from './failover-drill.js';
export { LightLoad, type RequestCounts } from './light-load.js';
export { LoadTest, type LoadTestProps, type LoadThresholds, type RateLoadProps, type UsersLoadProps } from './load-test.js';
export type { Disturbance, RunningSystem } from './system.js';
