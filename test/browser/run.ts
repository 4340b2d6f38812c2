// What a person would see, in headless Chromium (Debian's): on a phone and on a desk, light and dark. And what a CI server would read of a
// report, by Debian's python3-junitparser. Run by `npm run test:browser`.
// With a folder as argument, it leaves screenshots there.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { AxeResults } from 'axe-core';
import { type Browser, chromium, type Page } from 'playwright-core';
import type { App } from '../../lib/index.js';
import { Rehearsal } from '../../lib/rehearsal/index.js';
import { renderJUnit, renderPage, type TrialReport } from '../../lib/report/index.js';
import { draw, topologyOf } from '../../lib/topology/index.js';
import { aDrill, aLimit, aLoad, aReport, aWatch } from '../report/reports.js';
import { many, mixed, three } from '../topology/stacks.js';

const PROGRAM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const WIDTHS = { phone: 390, desktop: 1440 };
/** A4 without its margins, at 96 dots an inch. */
const PAPER = 718;
const SCHEMES = ['light', 'dark'] as const;

assert.ok(existsSync(PROGRAM), `there is no ${PROGRAM}; install Debian's package: apt install chromium`);
const [shots] = process.argv.slice(2);
const work = mkdtempSync(join(tmpdir(), 'cdkv-browser-'));

/** Pictures, by the name of their screenshots. */
function pictures(): Record<string, string> {
  const drawn = [three(), mixed(), many(100, 4800), many(30, 200, 12)].map((stack) => draw(topologyOf(stack)));
  return Object.fromEntries(
    ['topology-3', 'topology-8', 'topology-100', 'topology-30-twelve-backends'].map((name, n) => [name, drawn[n] as string]),
  );
}

/** Reports, with the pictures of three and of a hundred machines in them. */
function reports(): Record<string, readonly [TrialReport, string | undefined]> {
  const { 'topology-3': small, 'topology-100': large } = pictures();
  const names = Array.from({ length: 60 }, (_, n) => `a-server-with-a-long-name-${n}`);
  return {
    'report-drill': [aReport(aDrill(), { passed: false }), small],
    'report-drill-met': [aReport(aDrill({ met: true })), small],
    'report-load': [aReport(aLoad(), { passed: false }), small],
    'report-load-many': [aReport(aLoad({ haproxy: aWatch(6000, { names }) }), { passed: false }), large],
    'report-load-url': [aReport(aLoad({ haproxy: undefined, saturated: undefined }), { passed: false }), undefined],
    'report-limit': [aReport(aLimit()), small],
  };
}

/** The picture within a page, as a report or a README has it. */
function embedded(name: string, svg: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${name}</title>
<link rel="icon" href="data:,">
<style>:root { color-scheme: light dark; } body { margin: 16px; font-family: sans-serif; }</style>
</head>
<body>
<main>
<h1>${name}</h1>
${svg}</main>
</body>
</html>
`;
}

/** Opens a page; whatever the browser complains of is a fault. */
async function open(browser: Browser, file: string, width: number, colorScheme: 'light' | 'dark'): Promise<Page> {
  const page = await browser.newPage({ viewport: { width, height: 844 }, colorScheme, deviceScaleFactor: width < 600 ? 3 : 1 });
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('requestfailed', (request) => complaints.push(`failed: ${request.url()}`));
  page.on('request', (request) => !/^(file|data):/.test(request.url()) && complaints.push(`from elsewhere: ${request.url()}`));
  await page.goto(pathToFileURL(file).href);
  assert.deepEqual(complaints, [], 'the browser has nothing to complain of');
  return page;
}

/** For the page: texts that stand out of the box that they are in, by the browser's own measure. */
const OVERFLOWING = `[...document.querySelectorAll('svg text')].filter((text) => {
  let place = text.parentElement;
  while (place.querySelector(':scope > rect') === null) place = place.parentElement;
  const [inner, outer] = [text, place.querySelector(':scope > rect')].map((one) => one.getBoundingClientRect());
  return inner.left < outer.left - 0.5 || inner.right > outer.right + 0.5 || inner.top < outer.top - 0.5 || inner.bottom > outer.bottom + 0.5;
}).map((text) => text.textContent)`;

/** Looks at a page on a phone and on a desk, light and dark. */
async function look(browser: Browser, name: string, html: string): Promise<void> {
  const file = join(work, `${name}.html`);
  writeFileSync(file, html);
  for (const [place, width] of Object.entries(WIDTHS)) {
    for (const scheme of SCHEMES) {
      const start = performance.now();
      const page = await open(browser, file, width, scheme);
      const wide = await page.evaluate<number>('document.documentElement.scrollWidth');
      assert.ok(wide <= width, `${name}, ${place}: ${wide} px wide`);
      assert.deepEqual(await page.evaluate(OVERFLOWING), [], `${name}, ${place}, ${scheme}: text stays inside its box`);
      await page.evaluate(AXE);
      const { violations } = await page.evaluate<AxeResults>('axe.run()');
      const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
      assert.deepEqual(
        serious.map(({ id, help, nodes }) => [id, help, nodes[0]?.html]),
        [],
        `${name}, ${place}, ${scheme}: axe-core finds no serious fault`,
      );
      if (shots !== undefined) await page.screenshot({ path: join(shots, `${name}-${place}-${scheme}.png`), fullPage: true });
      await page.close();
      console.log(
        `${name}, ${place}, ${scheme}: ${Math.round(performance.now() - start)} ms, minor faults of axe-core: ${violations.map(({ id }) => id).join(', ') || 'none'}`,
      );
    }
  }
}

/** A picture opens by itself as well. */
async function lookAlone(browser: Browser, name: string, svg: string): Promise<void> {
  const file = join(work, `${name}.svg`);
  writeFileSync(file, svg);
  for (const [place, width] of Object.entries(WIDTHS)) {
    const page = await open(browser, file, width, 'light');
    const root = await page.evaluate<[string, number]>('[document.documentElement.nodeName, document.documentElement.scrollWidth]');
    assert.deepEqual([root[0], root[1] <= width], ['svg', true], `${name}, ${place}: opens by itself`);
    await page.close();
  }
}

/** On paper a report is light, as wide as the paper, with the graphs that are made for that. */
async function print(browser: Browser, name: string): Promise<void> {
  const page = await open(browser, join(work, `${name}.html`), PAPER, 'dark');
  await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
  const [wide, colour, narrow, drawn] = await page.evaluate<[number, string, number, number]>(`[
    document.documentElement.scrollWidth,
    getComputedStyle(document.body).backgroundColor,
    [...document.querySelectorAll('.narrow')].filter((one) => one.getBoundingClientRect().width > 0).length,
    [...document.querySelectorAll('.wide')].filter((one) => one.getBoundingClientRect().width > 0).length,
  ]`);
  assert.ok(wide <= PAPER, `${name}, on paper: ${wide} px wide`);
  assert.deepEqual([colour, narrow, drawn > 0], ['rgb(255, 255, 255)', 0, true], `${name}, on paper`);
  if (shots !== undefined) await page.pdf({ path: join(shots, `${name}.pdf`), format: 'A4' });
  await page.close();
}

/** HAProxy's own statistics page, of a rehearsal, which is as HAProxy made it: it is wider than a phone. */
async function lookAtStatistics(browser: Browser): Promise<void> {
  const stack = three();
  const [assembled] = (stack.node.root as App).assemble().stacks;
  assert.ok(assembled);
  const rehearsal = await Rehearsal.start(assembled, { project: work });
  try {
    const { url, user, password } = rehearsal.frontends[0]?.statistics ?? assert.fail('the frontend has statistics');
    for (const [place, width] of Object.entries(WIDTHS)) {
      for (const colorScheme of SCHEMES) {
        const context = await browser.newContext({
          viewport: { width, height: 844 },
          colorScheme,
          httpCredentials: { username: user, password },
        });
        const page = await context.newPage();
        const complaints: string[] = [];
        page.on('console', (message) => complaints.push(message.text()));
        page.on('pageerror', (error) => complaints.push(String(error)));
        page.on('request', (request) => request.url().startsWith(url) || complaints.push(`from elsewhere: ${request.url()}`));
        await page.goto(url);
        const rows = await page.evaluate<string[]>(`[...document.querySelectorAll('a[name^="web-backend/"]')].map(({ name }) => name)`);
        assert.deepEqual(
          rows,
          ['web1', 'web2', 'web3', 'web4', 'Backend'].map((server) => `web-backend/${server}`),
        );
        assert.deepEqual(complaints, [], `statistics, ${place}, ${colorScheme}: the browser has nothing to complain of`);
        const wide = await page.evaluate<number>('document.documentElement.scrollWidth');
        console.log(`statistics, ${place}, ${colorScheme}: ${wide} px wide of ${width}`);
        if (shots !== undefined) await page.screenshot({ path: join(shots, `statistics-${place}-${colorScheme}.png`) });
        await context.close();
      }
    }
  } finally {
    await rehearsal.close();
  }
}

/** What python3-junitparser makes of a report. */
function readJUnit(report: TrialReport): unknown {
  const file = join(work, 'junit.xml');
  writeFileSync(file, renderJUnit(report));
  const program = `import json, sys
from junitparser import JUnitXml, Failure, Skipped
suite, = list(JUnitXml.fromfile(sys.argv[1]))
kind = {Failure: 'failed', Skipped: 'skipped'}
def result(case):
    found = case.result
    return [kind[type(one)] for one in (found if isinstance(found, list) else [found] if found else [])]
print(json.dumps({'name': suite.name, 'tests': suite.tests, 'failures': suite.failures, 'skipped': suite.skipped, 'time': suite.time,
  'properties': {one.name: one.value for one in suite.properties()}, 'cases': [[case.name, result(case)] for case in suite]}))`;
  return JSON.parse(execFileSync('/usr/bin/python3', ['-c', program, file], { encoding: 'utf8' }));
}

try {
  if (shots !== undefined) mkdirSync(shots, { recursive: true });
  // Chromium's sandbox does not start as root, and all that it opens was made here.
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const browser = await chromium.launch({ executablePath: PROGRAM, args });
  console.log(`Chromium ${browser.version()}`);
  for (const [name, svg] of Object.entries(pictures())) {
    await look(browser, name, embedded(name, svg));
    await lookAlone(browser, name, svg);
  }
  for (const [name, [report, topology]] of Object.entries(reports())) {
    await look(browser, name, renderPage(report, topology));
    await print(browser, name);
  }
  await lookAtStatistics(browser);
  await browser.close();
  assert.deepEqual(readJUnit(aReport(aLoad())), {
    name: 'shop/peak',
    tests: 3,
    failures: 1,
    skipped: 1,
    time: 20,
    properties: {
      generator: 'cdk-vagrant 1.2.3',
      host: 'Debian GNU/Linux 12 (bookworm), 2 × some processor',
      haproxy: '2.6.12',
      lxd: '5.0.2',
    },
    cases: [
      ['failed at most 0.01', []],
      ['p95Ms at most 5', ['failed']],
      ['spread at most 0.05', ['skipped']],
    ],
  });
  console.log('all looked at');
} finally {
  rmSync(work, { recursive: true, force: true });
}
