import { text } from '../core/index.js';
import type { LoadTest } from './load-test.js';

const JMETER_PLAN = new URL('./templates/load-test.jmx.hbs', import.meta.url);
const K6_SCRIPT = new URL('./templates/load-test.k6.js.hbs', import.meta.url);

/** What JMeter 5.6.3 saves of each sample, in its order. */
const SAVED: Readonly<Record<string, boolean | 0>> = {
  time: true,
  latency: true,
  timestamp: true,
  success: true,
  label: true,
  code: true,
  message: true,
  threadName: true,
  dataType: true,
  encoding: false,
  assertions: true,
  subresults: true,
  responseData: false,
  samplerData: false,
  xml: false,
  fieldNames: true,
  responseHeaders: false,
  requestHeaders: false,
  responseDataOnError: false,
  saveAssertionResultsFailureMessage: true,
  assertionsResultsToSave: 0,
  bytes: true,
  sentBytes: true,
  url: true,
  threadCounts: true,
  idleTime: true,
  connectTime: true,
};

/** The load as a plan of JMeter, in the form in which JMeter 5.6.3 saves it. */
export function renderJmeterPlan(load: LoadTest): string {
  const saved = Object.entries(SAVED).map(([name, value]) => ({ name, value }));
  return text.render(JMETER_PLAN, {
    ...common(load),
    // JMeter has no thresholds: whoever opens the plan is to read them.
    comments: [`${load.requests} requests`, ...thresholds(load)].join('; '),
    rampUp: load.rampUp?.toSeconds() ?? 0,
    schedule: schedule(load),
    timeout: load.timeout.toMilliseconds(),
    reports: [
      { gui: 'SummaryReport', name: 'Summary Report', saved },
      { gui: 'StatVisualizer', name: 'Aggregate Report', saved },
    ],
  });
}

/** The load as a script of k6. */
export function renderK6Script(load: LoadTest): string {
  const { failed, p95, p99 } = load.thresholds;
  const milliseconds = (time: { toMilliseconds(): number }) => `${time.toMilliseconds()}ms`;
  const durations = [
    ...(p95 === undefined ? [] : [`p(95)<=${p95.toMilliseconds()}`]),
    ...(p99 === undefined ? [] : [`p(99)<=${p99.toMilliseconds()}`]),
  ];
  const rate = load.rate ?? 0;
  const isWhole = Number.isInteger(rate);
  const visitMs = (load.loops ?? 1) * load.paths.length * load.timeout.toMilliseconds() + (load.rampUp?.toMilliseconds() ?? 0);
  return text.render(K6_SCRIPT, {
    ...common(load),
    path: load.node.path,
    failed: [`rate<=${failed}`],
    durations,
    hasDurations: durations.length > 0,
    timeout: milliseconds(load.timeout),
    rampUp: (load.rampUp?.toMilliseconds() ?? 0) / 1000,
    // A visit may last as long as all its requests may.
    visit: `${visitMs}ms`,
    // k6 takes whole rates of any unit.
    arrivals: isWhole ? rate : Math.round(rate * 1000),
    unit: isWhole ? '1s' : '1000s',
    duration: load.duration === undefined ? '' : milliseconds(load.duration),
    ready: Math.ceil(rate),
    most: Math.ceil((rate * load.timeout.toMilliseconds()) / 1000) + 1,
  });
}

function common(load: LoadTest) {
  return {
    name: load.loadName,
    target: [load.target, load.target.machine],
    url: load.url,
    host: load.target.machine.address,
    port: load.target.publishPort,
    paths: load.paths,
    isClosed: load.users !== undefined,
    users: load.users ?? 0,
    loops: load.loops ?? 1,
  };
}

function thresholds(load: LoadTest): string[] {
  const { failed, p95, p99, spread } = load.thresholds;
  return [
    `failed at most ${failed}`,
    ...(p95 === undefined ? [] : [`p95 at most ${p95.toMilliseconds()} ms`]),
    ...(p99 === undefined ? [] : [`p99 at most ${p99.toMilliseconds()} ms`]),
    ...(spread === undefined ? [] : [`spread at most ${spread}`]),
  ];
}

/** Arrivals of JMeter's open model. Each asks for all paths. */
function schedule({ rate = 0, paths, duration }: LoadTest): string {
  const arrivals = Number((rate / paths.length).toFixed(6));
  return `rate(${arrivals}/s) even_arrivals(${(duration?.toMilliseconds() ?? 0) / 1000} s)`;
}
