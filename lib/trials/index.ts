export type { Disturbance, Figures, ProxyFigures, RunningSystem, ServerFigures } from './system.js';
