// What a person would see, in headless Chromium (Debian's): on a phone and on a desk, light and dark. Run by `npm run test:browser`.
// With a folder as argument, it leaves screenshots there.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { AxeResults } from 'axe-core';
import { type Browser, chromium, type Page } from 'playwright-core';
import { draw, partsOf, topologyOf } from '../../lib/topology/index.js';
import { many, mixed, three } from '../topology/stacks.js';

const PROGRAM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const WIDTHS = { phone: 390, desktop: 1440 };
const SCHEMES = ['light', 'dark'] as const;

assert.ok(existsSync(PROGRAM), `there is no ${PROGRAM}; install Debian's package: apt install chromium`);
const [shots] = process.argv.slice(2);
const work = mkdtempSync(join(tmpdir(), 'cdkv-browser-'));

/** Pages, by the name of their screenshots. */
function pages(): Record<string, string> {
  const pictures = [three(), mixed(), many(100, 4800), many(30, 200, 12)].map((stack) => draw(topologyOf(stack.stackName, partsOf(stack))));
  return Object.fromEntries(
    ['topology-3', 'topology-8', 'topology-100', 'topology-30-twelve-backends'].map((name, n) => [name, pictures[n] as string]),
  );
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

async function look(browser: Browser, name: string, svg: string): Promise<void> {
  const [alone, within] = [join(work, `${name}.svg`), join(work, `${name}.html`)];
  writeFileSync(alone, svg);
  writeFileSync(within, embedded(name, svg));
  for (const [place, width] of Object.entries(WIDTHS)) {
    for (const scheme of SCHEMES) {
      const start = performance.now();
      const page = await open(browser, within, width, scheme);
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
        `${name}, ${place}, ${scheme}: ${Math.round(performance.now() - start)} ms, ${violations.length} minor faults of axe-core`,
      );
    }
    const page = await open(browser, alone, width, 'light');
    const root = await page.evaluate<[string, number]>('[document.documentElement.nodeName, document.documentElement.scrollWidth]');
    assert.deepEqual([root[0], root[1] <= width], ['svg', true], `${name}, ${place}: opens by itself`);
    await page.close();
  }
}

try {
  if (shots !== undefined) mkdirSync(shots, { recursive: true });
  // Chromium's sandbox does not start as root, and all that it opens was made here.
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const browser = await chromium.launch({ executablePath: PROGRAM, args });
  console.log(`Chromium ${browser.version()}`);
  for (const [name, svg] of Object.entries(pages())) await look(browser, name, svg);
  await browser.close();
  console.log('all looked at');
} finally {
  rmSync(work, { recursive: true, force: true });
}
