import { drillSections } from './drill-sections.js';
import { haproxySection } from './haproxy.js';
import { html, Markup } from './html.js';
import { limitSections, loadSections } from './load-sections.js';
import type { TrialReport } from './report.js';
import { STYLE } from './style.js';
import { mark, table } from './table.js';

const KINDS = { drill: 'Failover drill', load: 'Load test', limit: 'Search for the limit' } as const;

/**
 * The report as a page that needs nothing else: no script, nothing from elsewhere.
 *
 * @param topology the picture of the stack, as SVG
 */
export function renderPage(report: TrialReport, topology: string | undefined): string {
  const { name, begun, system, passed, generator, trial } = report;
  const { sentence, body } = sectionsOf(report);
  const page = html`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8"/>
<meta name="viewport" content="width=device-width, initial-scale=1"/>
<meta name="generator" content="${generator}"/>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:"/>
<title>${name}: ${passed ? 'passed' : 'failed'}</title>
<link rel="icon" href="data:,"/>
<style>${new Markup(STYLE)}</style>
</head>
<body>
<main>
<h1>${name}</h1>
<p class="muted">${KINDS[trial.kind]} on ${system}, ${begun.replace('T', ' ').replace(/(\.\d+)?Z$/, ' UTC')}</p>
<p class="verdict ${passed ? 'ok' : 'bad'}">${passed ? 'passed' : 'failed'}: ${sentence}</p>
${body}${figuresOf(report)}${
  topology === undefined
    ? ''
    : html`<h2>Topology</h2>
<div class="picture" role="region" aria-label="Topology" tabindex="0">
${new Markup(topology)}</div>
`
}${surroundings(report)}</main>
</body>
</html>
`;
  return page.html;
}

function sectionsOf({ trial }: TrialReport): { readonly sentence: string; readonly body: Markup } {
  if (trial.kind === 'drill') return drillSections(trial.result);
  return trial.kind === 'load' ? loadSections(trial) : limitSections(trial);
}

function figuresOf({ trial, target }: TrialReport): Markup {
  if (trial.kind === 'limit') return html``;
  const [haproxy, sent] =
    trial.kind === 'drill' ? [trial.result.haproxy, trial.result.requests.requests] : [trial.haproxy, trial.result.sent];
  if (haproxy !== undefined) return haproxySection(haproxy, target, sent);
  return html`<h2>HAProxy's figures</h2>
<p>${mark(false, 'Not known:')} HAProxy was not asked, or did not answer.</p>
`;
}

function surroundings({ host, versions, generator }: TrialReport): Markup {
  const rows = [
    ['client', `${host.system}, ${host.processors}, ${host.memoryMiB.toLocaleString('en-US')} MiB, Node ${host.node}`],
    ...Object.entries(versions),
    ['report', generator],
  ];
  return html`<h2>Versions and machine</h2>
${table('What sent the requests, and what answered them', [{ title: 'what' }, { title: 'which', kind: 'long' }], rows)}`;
}
