import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findLoad, limit, load } from '../../lib/cli/index.js';
import { App, Duration, HaproxyFrontend, Stack } from '../../lib/index.js';
import { type Figures, LoadTest } from '../../lib/trials/index.js';
import { someFigures } from '../load/results.js';
import { type Stub, stub } from '../load/stub.js';
import { aSite, fill, ROOT, removeTemporaries, start, temporary } from '../support.js';

removeTemporaries();

const LIB = JSON.stringify(join(ROOT, 'lib/index.ts'));
const TRIALS = JSON.stringify(join(ROOT, 'lib/trials/index.ts'));
const APP = `
import { App, Cluster, Duration, HaproxyFrontend, Site, Stack, WebBackend } from ${LIB};
import { LoadTest } from ${TRIALS};
const app = new App();
for (const name of ['s', 't']) {
  const stack = new Stack(app, name);
  const cluster = new Cluster(stack, 'C');
  const [m1, m2, m3] = [1, 2, 3].map((n) => cluster.addMember('m' + n, { address: '127.0.0.1' + n }));
  const web = new WebBackend(stack, 'web', { site: Site.html('x') });
  web.addServer('web2', { on: m2 });
  web.addServer('web3', { on: m3 });
  const target = new HaproxyFrontend(stack, 'http', { on: m1, port: 9, defaultBackend: web });
  new LoadTest(stack, 'few', { target, users: 5, rampUp: Duration.millis(100), loops: 2, thresholds: { p95: Duration.seconds(9), spread: 0.1 } });
  if (name === 's') new LoadTest(stack, 'steady', { target, rate: 50, duration: Duration.seconds(1), paths: ['/', '/missing'] });
}
app.synth();
`.replace("'127.0.0.1' + n", "'192.168.56.1' + n");

const LOADER = join(ROOT, 'node_modules/tsx/dist/loader.mjs');

describe.concurrent('cdkv load', () => {
  let served: Stub;
  beforeAll(async () => {
    served = await stub((request, response) => {
      response.statusCode = request.url === '/missing' ? 404 : 200;
      response.end();
    });
  });
  afterAll(() => served.close());

  const cdkv = (...words: string[]) => {
    const app = `node --import ${JSON.stringify(LOADER)} app.ts`;
    const folder = fill(temporary(), { 'package.json': '{"type": "module"}', 'app.ts': APP, 'cdk.json': JSON.stringify({ app }) });
    return start('node', ['--import', LOADER, join(ROOT, 'bin/cdkv.ts'), 'load', ...words], { cwd: folder });
  };

  it('runs users and ends with 0 when all that can be judged is met', async ({ expect }) => {
    const { code, out } = await cdkv('s/few', '--url', `${served.url}/`);
    expect(code, out).toBe(0);
    expect(out).toMatch(/^s\/few at http:\/\/127\.0\.0\.1:\d+\n {2}requests {3}10 sent at [\d,.]+\/s, on 5 connections\n/);
    expect(out).toContain('ok   failed is 0 %, at most 0 %\n');
    expect(out).toMatch(/ok {3}p95 is [\d.]+ ms, at most 9000 ms\n/);
    expect(out).toContain("??   spread is not judged: there are no figures of HAProxy's\n");
    expect(out).toContain('Closed model: users wait for answers, so a stall hides');
  });

  it('runs a rate and ends with 1 when a threshold is not met', async ({ expect }) => {
    const { code, out } = await cdkv('steady', '--url', served.url);
    expect(code, out).toBe(1);
    expect(out).toMatch(/ 50 sent at [\d.]+\/s of the 50\/s asked for/);
    expect(out).toContain('200: 25, 404: 25');
    expect(out).toContain('FAIL failed is 50 %, above 0 %\n');
    expect(out).toContain('Open model: times count from the moment a request was due');
  });

  it('answers programs', async ({ expect }) => {
    const { code, out } = await cdkv('steady', '--url', served.url, '--json');
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({
      url: served.url,
      client: { processors: expect.any(Number) },
      result: { model: 'open', sent: 50, failed: 25, statuses: { 200: 25, 404: 25 }, series: expect.any(Array) },
      verdicts: [{ threshold: 'failed', limit: 0, found: 0.5, met: false }],
    });
  });

  it('finds a limit', async ({ expect }) => {
    const words = ['few', '--find-limit', '--start', '20', '--max', '20', '--step', '5', '--for', '100'];
    const { code, out, err } = await cdkv(`t/${words[0]}`, ...words.slice(1), '--url', served.url);
    expect(code, out + err).toBe(0);
    expect(err).toMatch(/held {2}20\/s: p95 [\d.]+ ms\n/);
    expect(out).toBe(
      't/few: highest rate held 20/s\nthat is the highest rate tried; --max raises it\n100/s need about 10 servers: an estimate, as if each held the 10/s that each of 2 did\n',
    );
  });

  it.each([
    [['nope'], 'the app has no load test "nope"; there are s/few, s/steady, t/few'],
    [['few'], 'more than one load test is called "few"; name one of s/few, s/steady, t/few'],
    [['steady', '--url', 'http://127.0.0.1:9'], 'nothing answers at http://127.0.0.1:9/ (ECONNREFUSED); look whether the system runs'],
    [['steady', '--url', 'ftp://x'], '--url ftp://x is not like http://host:port'],
    [['steady', '--start', '5'], '--start is of --find-limit; give that as well'],
    [['steady', '--find-limit', '--step', '1'], '--step 1 is no number from 5'],
    [[], '"" is not what load takes'],
  ])('cannot run %j: ends with 2', async (words, says) => {
    const { code, out, err } = await cdkv(...words);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(says);
  });
});

describe('for programs', () => {
  const test = () => {
    const stack = new Stack(new App({ outdir: temporary() }), 's');
    const { m1, web } = aSite(stack);
    const target = new HaproxyFrontend(stack, 'http', { on: m1, port: 80, defaultBackend: web });
    new LoadTest(stack, 'few', { target, users: 4, loops: 2, rampUp: Duration.millis(20), thresholds: { spread: 0.1 } });
    return findLoad((stack.node.root as App).assemble(), 'few');
  };

  it("judges the spread by HAProxy's figures", async () => {
    const served = await stub((_, response) => response.end());
    try {
      const looks = [someFigures({ totals: [10, 10] }), someFigures({ totals: [16, 12] })];
      const { result, verdicts } = await load(test(), { url: served.url, figures: async () => looks.shift() as Figures });
      expect(result).toMatchObject({ model: 'closed', sent: 8, failed: 0, connections: 4 });
      expect(verdicts).toEqual([
        { threshold: 'failed', limit: 0, found: 0, met: true },
        { threshold: 'spread', limit: 0.1, found: 0.5, met: false },
      ]);
    } finally {
      served.close();
    }
  });

  it("finds a limit with HAProxy's figures", async () => {
    const served = await stub((_, response) => response.end());
    try {
      let asked = 0;
      const figures = async () => {
        asked++;
        return someFigures({ totals: [asked * 10, asked * 10] });
      };
      const steps: number[] = [];
      const { held, endedBy } = await limit(test(), {
        url: served.url,
        figures,
        start: 20,
        max: 20,
        stepMs: 1500,
        onStep: ({ rate }) => steps.push(rate),
      });
      expect({ held, endedBy, steps }).toEqual({ held: 20, endedBy: 'max', steps: [20] });
      expect(asked).toBeGreaterThanOrEqual(3);
    } finally {
      served.close();
    }
  });

  it('tells where nothing answers, and how to bring it up', async () => {
    const found = test();
    const elsewhere = { ...found, properties: { ...found.properties, url: 'http://127.0.0.1:9' } };
    await expect(load(elsewhere)).rejects.toThrow(
      /nothing answers at http:\/\/127\.0\.0\.1:9\/ \(ECONNREFUSED\); bring the machines up \(cd .*s && vagrant up\)/,
    );
  });
});
