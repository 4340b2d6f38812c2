export { ReportFolder } from './files.js';
export { renderJUnit } from './junit.js';
export { renderPage } from './page.js';
export { type DrillTrial, type HostFacts, type LimitTrial, type LoadTrial, type Trial, type TrialReport, thisHost } from './report.js';
