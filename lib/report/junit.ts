import { sentence } from '../load/index.js';
import { html, type Markup } from './html.js';
import type { TrialReport } from './report.js';
import { stepText, verdictText } from './words.js';

interface Case {
  readonly name: string;
  readonly seconds: number;
  readonly failure?: string | undefined;
  readonly skipped?: string | undefined;
}

/** The report as JUnit's XML, as CI servers read it: an expectation or a threshold a test case. */
export function renderJUnit(report: TrialReport): string {
  const { name, begun, generator, versions, host } = report;
  const cases = casesOf(report);
  const failures = cases.filter(({ failure }) => failure !== undefined).length;
  const skipped = cases.filter((one) => one.skipped !== undefined).length;
  const seconds = durationOf(report).toFixed(3);
  const properties = Object.entries({ generator, host: `${host.system}, ${host.processors}`, ...versions });
  const counts = html`tests="${cases.length}" failures="${failures}" errors="0" skipped="${skipped}" time="${seconds}"`;
  const text = html`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="${name}" ${counts}>
  <testsuite name="${name}" ${counts} timestamp="${begun.replace(/(\.\d+)?Z$/, '')}">
    <properties>
${properties.map(
  ([key, value]) => html`      <property name="${key}" value="${value}"/>
`,
)}    </properties>
${cases.map((one) => testcase(name, one))}  </testsuite>
</testsuites>
`;
  return text.html;
}

function testcase(suite: string, { name, seconds, failure, skipped }: Case): Markup {
  const open = html`    <testcase classname="${suite.replaceAll('/', '.')}" name="${name}" time="${seconds.toFixed(3)}"`;
  if (failure !== undefined)
    return html`${open}>
      <failure message="${failure}" type="unmet">${failure}</failure>
    </testcase>
`;
  if (skipped !== undefined)
    return html`${open}>
      <skipped message="${skipped}"/>
    </testcase>
`;
  return html`${open}/>
`;
}

function casesOf(report: TrialReport): Case[] {
  const { trial } = report;
  if (trial.kind === 'drill') {
    const done: string[] = [];
    return trial.result.steps.flatMap(({ step, verdict, tookMs }, n) => {
      if (verdict === undefined) {
        done.push(stepText(step));
        return [];
      }
      const after = done.splice(0).join(', ');
      const failure = verdict.met ? undefined : verdictText(verdict);
      return [{ name: `${n + 1}. ${after === '' ? '' : `after ${after}: `}${stepText(step)}`, seconds: tookMs / 1000, failure }];
    });
  }
  if (trial.kind === 'load') {
    return trial.verdicts.map((verdict) => ({
      name: `${verdict.threshold} at most ${verdict.limit}`,
      seconds: durationOf(report),
      failure: verdict.met === false ? sentence(verdict) : undefined,
      skipped: verdict.met === undefined ? verdict.reason : undefined,
    }));
  }
  const { held, broken } = trial.result;
  const failure = held === undefined ? (broken?.broke.join('; ') ?? 'no rate held') : undefined;
  return [{ name: 'a rate that it holds', seconds: durationOf(report), failure }];
}

/** In seconds. */
function durationOf({ trial }: TrialReport): number {
  if (trial.kind === 'drill') return trial.result.durationMs / 1000;
  return trial.kind === 'load' ? trial.result.seconds : trial.result.steps.reduce((sum, { result }) => sum + result.seconds, 0);
}
