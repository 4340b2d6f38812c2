import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ReportFolder, renderJUnit, renderPage, type Trial, thisHost } from '../../lib/report/index.js';
import { STYLE } from '../../lib/report/style.js';
import { AWKWARD } from '../strings.js';
import { contents, fill, removeTemporaries, temporary } from '../support.js';
import { all, elements, type Node, parse, textOf } from '../topology/xml.js';
import { aDrill, aLimit, aLoad, aReport, aWatch } from './reports.js';

removeTemporaries();

/** All that a person reads, a line a piece. */
function textsOf(node: Node): string[] {
  return node.children.flatMap((child) => (typeof child === 'string' ? [child.trim()] : textsOf(child))).filter((text) => text !== '');
}
const everything = (node: Node): Node[] => [node, ...elements(node).flatMap(everything)];
const rowsOf = (page: Node) => all(page, 'tr').map((row) => elements(row).map((cell) => textsOf(cell).join(' ')));
const pageOf = (trial: Trial, passed = true, topology?: string) => parse(renderPage(aReport(trial, { passed }), topology));

describe('the page of a report', () => {
  it.each([
    ['a drill', aDrill()],
    ['a load', aLoad()],
    ['a limit', aLimit()],
  ])('of %s needs no script, nothing from elsewhere, and is the same each time', (_, trial) => {
    const page = renderPage(aReport(trial), '<svg class="cdkv-topology"><title>picture</title></svg>');
    const nodes = everything(parse(page));
    expect(nodes.filter(({ name }) => ['script', 'img', 'iframe', 'image', 'foreignObject', 'use', 'a'].includes(name))).toEqual([]);
    const attributes = nodes.flatMap((node) => Object.entries(node.attributes));
    expect(attributes.filter(([name]) => /^on/i.test(name))).toEqual([]);
    expect(attributes.filter(([name, value]) => /^(src|href|xlink:href)$/.test(name) && !value.startsWith('data:'))).toEqual([]);
    expect(page).not.toMatch(/@import|url\((?!#)/);
    expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'; img-src data:"`);
    expect(page).toContain('<svg class="cdkv-topology"><title>picture</title></svg>');
    // Identifiers of drawings count on within a process.
    const numbered = (text: string) => text.replace(/\bzr\d+-(cls-\d+)?/g, 'zr-');
    expect(numbered(renderPage(aReport(trial), undefined))).toBe(numbered(renderPage(aReport(trial), undefined)));
  });

  it('shows any text as it is, wherever it stands', () => {
    const texts = [...new Set(AWKWARD.filter((text) => text.trim() !== ''))];
    const every = texts.join(' | ');
    // What XML cannot hold is shown as such; white space is the browser's.
    const seen = (text: string) =>
      text
        .toWellFormed()
        // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
        .replace(/[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g, '\ufffd')
        .replaceAll('\r\n', '\n');
    const trials: Trial[] = [
      aDrill({ server: every, why: every }),
      aLoad({ url: every, saturated: every, haproxy: aWatch(1000, { names: texts }) }),
      aLimit({ url: every }),
    ];
    for (const trial of trials) {
      const versions = Object.fromEntries(texts.map((text) => [text, text]));
      const report = aReport(trial, { name: every, system: every, target: every, versions });
      const page = parse(renderPage(report, undefined));
      expect(all(page, 'script')).toEqual([]);
      expect(textsOf(page).filter((text) => text.includes(seen(every).trim())).length).toBeGreaterThan(2);
      const cells = new Set(rowsOf(page).flat());
      for (const text of texts) expect(cells).toContain(seen(text).trim());
      const suites = parse(renderJUnit(report));
      expect(suites.attributes.name).toBe(seen(every));
      const names = all(suites, 'property').map(({ attributes }) => attributes.name);
      for (const text of texts) expect(names).toContain(seen(text));
    }
  });

  it('shows where a drill was not met', () => {
    const page = pageOf(aDrill(), false);
    expect(textsOf(page)).toContain('failed: 1 of 2 expectations met');
    const rows = rowsOf(page);
    expect(rows).toContainEqual(['3', '8.0 s', 'expect that web2 serves within 5000 ms, at most 2 requests failed']);
    expect(rows).toContainEqual([
      '',
      '11.0 s',
      'not met: web1 is given requests, and 5000 ms are over (100 requests, 3 failed, the slowest took 40 ms)',
    ]);
    // In each of the three graphs, for wide and narrow pages: what was done by its number, and what was not met.
    const labels = all(page, 'svg').map((svg) => all(svg, 'text').map(textOf));
    expect(labels).toHaveLength(6);
    for (const texts of labels) expect(texts).toEqual(expect.arrayContaining(['2', '5', '3 not met']));
  });

  it('marks what comes at the very end', () => {
    const { result } = aDrill();
    const events = result.events.map((event) => (event.kind === 'verdict' && !event.verdict.met ? { ...event, atMs: 19_990 } : event));
    const page = pageOf({ kind: 'drill', result: { ...result, events } }, false);
    for (const svg of all(page, 'svg')) expect(all(svg, 'text').map(textOf)).toContain('3 not met');
  });

  it('tells what a drill came to when all was met', () => {
    const page = pageOf(aDrill({ met: true }));
    expect(textsOf(page)).toContain('passed: 2 of 2 expectations met');
    expect(rowsOf(page)).toContainEqual(['', '11.0 s', 'met after 800 ms: 100 requests, 0 failed, the slowest took 40 ms']);
    expect(textsOf(page).join('\n')).not.toContain('not met');
  });

  it('shows thresholds that were met, missed, and not judged', () => {
    const page = pageOf(aLoad(), false);
    expect(textsOf(page)).toContain('failed: 1 of 3 thresholds met, 1 not judged');
    const rows = rowsOf(page);
    expect(rows).toContainEqual(['met', 'failed is 0.3 %, at most 1 %']);
    expect(rows).toContainEqual(['missed', 'p95 is 10.0 ms, above 5.00 ms']);
    expect(rows).toContainEqual(['not judged', 'spread: no primary got a request']);
    expect(rows).toContainEqual(['200', '997', '99.7 %']);
    expect(rows).toContainEqual(['ECONNRESET', '1', '0.1 %']);
  });

  it('shows what each server answered, and whether HAProxy counted what the client did', () => {
    const agreed = pageOf(aLoad());
    expect(textsOf(agreed).join(' ')).toContain(`Agreed: the client sent 1,000 requests, and HAProxy's frontend "http" counted as many.`);
    const rows = rowsOf(agreed);
    expect(rows).toContainEqual(['web2', 'primary', 'UP', '250', '25.0 %', '2xx: 250', '0', '0', '0']);
    expect(rows).toContainEqual(['web4', 'backup', 'UP', '250', '25.0 %', '2xx: 250', '0', '0', '0']);
    expect(rows).toContainEqual(['frontend http', '11', '1,011', '1,000', '2xx: 1,000']);
    const other = textsOf(pageOf(aLoad({ haproxy: aWatch(996) }))).join(' ');
    expect(other).toContain(`Not agreed: the client sent 1,000 requests, and HAProxy's frontend "http" counted 996.`);
    expect(textsOf(pageOf(aLoad({ haproxy: undefined }))).join(' ')).toContain('Not known: HAProxy was not asked, or did not answer.');
  });

  it('compares nothing when HAProxy began to count anew', () => {
    const { before, after, seconds } = aWatch();
    const page = pageOf(aLoad({ haproxy: { before: after, after: before, seconds } }));
    expect(textsOf(page).join(' ')).toContain('Not known: HAProxy was started anew meanwhile, and began to count again.');
    expect(textsOf(page).filter((text) => /^-\d/.test(text))).toEqual([]);
  });

  it('draws no more servers than can be told apart', () => {
    const names = Array.from({ length: 40 }, (_, n) => `server${n}`);
    const busy = aWatch(8000, { names });
    const seconds = busy.seconds.map(({ second }) => ({
      second,
      answers: Object.fromEntries(names.map((name, n) => [name, n < 2 ? 9 : 1])),
    }));
    const page = pageOf(aLoad({ haproxy: { ...busy, seconds } }));
    const legend = all(all(page, 'ul')[2] as Node, 'li').map(textOf);
    expect(legend).toEqual(expect.arrayContaining(['server0', 'server1', '33 others']));
    expect(legend.filter((text) => text.startsWith('server'))).toHaveLength(7);
    // In the table are all.
    expect(rowsOf(page).filter(([name]) => name?.startsWith('server'))).toHaveLength(40 + 1);
  });

  it('shows the rates that were tried, and what more servers would hold', () => {
    const text = textsOf(pageOf(aLimit())).join('\n');
    expect(text).toContain('passed: highest rate held: 150 requests a second');
    expect(text).toContain('Broke at 157 a second: p95 is 250 ms, above 200 ms.');
    expect(text).toContain('First saturated: nothing of HAProxy');
    expect(text).toContain('5,000 a second need about 67 servers');
    expect(rowsOf(pageOf(aLimit()))).toContainEqual(['188', 'broke', '0', '18.8 ms', '18.8 ms', '18.8 ms', 'requests pile up']);
    const none = aLimit({ result: { held: undefined, broken: undefined, endedBy: 'client', steps: [] }, needs: undefined });
    expect(textsOf(pageOf(none, false)).join('\n')).toContain('failed: no rate held');
  });

  it('shows a trial of which there is no course', () => {
    const { result } = aDrill();
    const page = pageOf({ kind: 'drill', result: { ...result, series: [], haproxy: undefined, events: [], steps: [] } });
    expect(textsOf(page)).toContain('passed: 0 of 0 expectations met');
  });

  it('has colours that can be told from its page', () => {
    const light = (hex: string) => {
      const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
        const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
        return value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const contrast = (one: string, other: string) => {
      const [a, b] = [light(one), light(other)].sort((x, y) => y - x) as [number, number];
      return (a + 0.05) / (b + 0.05);
    };
    const themes = [...STYLE.matchAll(/:root \{[^}]*\}/g)].map(([rule]) =>
      Object.fromEntries([...rule.matchAll(/--(\w+): (#[0-9a-f]{6})/g)].map(([, name, colour]) => [name, colour as string])),
    );
    expect(themes).toHaveLength(3);
    for (const { page = '', card = '', text = '', muted = '', ok = '', bad = '', ...others } of themes as Record<string, string>[]) {
      for (const colour of [text, muted, ok, bad]) {
        expect(contrast(colour, page)).toBeGreaterThan(4.5);
        expect(contrast(colour, card)).toBeGreaterThan(4.5);
      }
      const lines = Object.entries(others).filter(([name]) => name.startsWith('line'));
      expect(lines).toHaveLength(8);
      for (const [, colour] of lines) expect(contrast(colour, page)).toBeGreaterThan(3);
    }
  });
});

describe("the report as JUnit's XML", () => {
  const casesOf = (trial: Trial) => {
    const root = parse(renderJUnit(aReport(trial)));
    const [suite] = elements(root);
    return { root, suite: suite as Node, cases: all(root, 'testcase') };
  };

  it('has a test case for each expectation of a drill, and what was done before it', () => {
    const { suite, cases } = casesOf(aDrill());
    expect(suite.attributes).toMatchObject({ name: 'shop/peak', tests: '2', failures: '1', errors: '0', skipped: '0', time: '20.000' });
    expect(suite.attributes.timestamp).toBe('2026-11-23T12:34:56');
    expect(cases.map(({ attributes }) => attributes.name)).toEqual([
      '1. expect that web1, web2 serve within 5000 ms',
      '3. after hang web1: expect that web2 serves within 5000 ms, at most 2 requests failed',
    ]);
    expect(cases.map(({ attributes }) => attributes.classname)).toEqual(['shop.peak', 'shop.peak']);
    expect(cases.map((one) => elements(one).map(({ name, attributes }) => [name, attributes.message]))).toEqual([
      [],
      [['failure', 'not met: web1 is given requests, and 5000 ms are over (100 requests, 3 failed, the slowest took 40 ms)']],
    ]);
  });

  it('has a test case for each threshold of a load', () => {
    const { suite, cases } = casesOf(aLoad());
    expect(suite.attributes).toMatchObject({ tests: '3', failures: '1', skipped: '1' });
    expect(cases.map((one) => elements(one).map(({ name, attributes }) => [name, attributes.message]))).toEqual([
      [],
      [['failure', 'p95 is 10.0 ms, above 5.00 ms']],
      [['skipped', 'no primary got a request']],
    ]);
  });

  it('has one for a limit, which fails when no rate held', () => {
    expect(elements(casesOf(aLimit()).cases[0] as Node)).toEqual([]);
    const { result } = aLimit();
    const [failure] = elements(casesOf(aLimit({ result: { ...result, held: undefined } })).cases[0] as Node);
    expect(failure?.attributes.message).toBe('p95 is 250 ms, above 200 ms');
  });
});

describe('the folder of a report', () => {
  const report = aReport(aDrill(), { host: thisHost() });

  it('is made, and gets the page, JSON and XML; later ones take their place', () => {
    const folder = join(temporary(), 'a', 'reports');
    const paths = new ReportFolder(folder, 'shop/peak', 'drill').write(report, undefined);
    expect(paths).toEqual(['html', 'json', 'xml'].map((end) => join(folder, `shop-peak.drill.${end}`)));
    expect(JSON.parse(readFileSync(join(folder, 'shop-peak.drill.json'), 'utf8'))).toEqual(JSON.parse(JSON.stringify(report)));
    new ReportFolder(folder, 'shop/peak', 'drill').write(aReport(aLoad()), undefined);
    expect(JSON.parse(readFileSync(join(folder, 'shop-peak.drill.json'), 'utf8')).trial.kind).toBe('load');
  });

  it.each(['html', 'json', 'xml'])('is refused where a file of somebody else has the name of the .%s', (end) => {
    const folder = fill(temporary(), { [`shop-peak.drill.${end}`]: 'mine' });
    expect(() => new ReportFolder(folder, 'shop/peak', 'drill')).toThrow(
      `"${join(folder, `shop-peak.drill.${end}`)}" is there already and is no report; move it away, or name another folder`,
    );
    expect(contents(folder)).toEqual({ [`shop-peak.drill.${end}`]: 'mine' });
  });

  it('spoils nothing that came there during the trial, nor what a link leads to', () => {
    const folder = temporary();
    const late = new ReportFolder(folder, 'shop/peak', 'drill');
    fill(folder, { 'shop-peak.drill.xml': 'mine' });
    expect(() => late.write(report, undefined)).toThrow('shop-peak.drill.xml" is there already and is no report');
    expect(contents(folder)).toEqual({ 'shop-peak.drill.xml': 'mine' });
    const linked = temporary();
    symlinkSync(join(folder, 'nowhere'), join(linked, 'shop-peak.drill.html'));
    expect(() => new ReportFolder(linked, 'shop/peak', 'drill')).toThrow('is there already and is no report');
  });

  it('is refused where it cannot be', () => {
    const file = join(temporary(), 'file');
    writeFileSync(file, '');
    expect(() => new ReportFolder(join(file, 'reports'), 'a/b', 'drill')).toThrow(
      /cannot be written to ".*": ENOTDIR.*; name another folder/,
    );
  });
});
