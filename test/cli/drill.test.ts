import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import { contents, fill, ROOT, removeTemporaries, start, temporary } from '../support.js';

removeTemporaries();

const LIB = JSON.stringify(join(ROOT, 'lib/index.ts'));
const TRIALS = JSON.stringify(join(ROOT, 'lib/trials/index.ts'));

/** Two servers and a backup, a drill that they pass and one that they cannot, and a load test. */
const APP = (port: number) => `
import { App, Cluster, Duration, HaproxyFrontend, BackupPool, Site, Stack, WebBackend } from ${LIB};
import { FailoverDrill, LoadTest } from ${TRIALS};
const app = new App();
const stack = new Stack(app, 'shop${port}');
const cluster = new Cluster(stack, 'C');
const [m1, m2, m3] = [1, 2, 3].map((n) => cluster.addMember('m' + n, { address: '192.168.56.1' + n }));
const web = new WebBackend(stack, 'web', { site: Site.html('x') });
const web1 = web.addServer('web1', { on: m1, port: ${port + 1} });
const web2 = web.addServer('web2', { on: m2, port: ${port + 2} });
const spare = new BackupPool(stack, 'spare', { backend: web, site: Site.html('x') }).addServer('spare1', { on: m3, port: ${port + 3} });
const target = new HaproxyFrontend(stack, 'http', { on: m1, port: 80, publishPort: ${port}, defaultBackend: web });
const within = { within: Duration.seconds(20) };
new FailoverDrill(stack, 'passes', { target }).expect([web1, web2], within).stop(web1).expect([web2], within);
new FailoverDrill(stack, 'fails', { target }).expect([web1, web2], within).expect([spare], { within: Duration.millis(700) }).stop(web1, web2).expect([spare], within);
new LoadTest(stack, 'steady', { target, rate: 100, duration: Duration.seconds(3), thresholds: { p95: Duration.seconds(5), spread: 0.2 } });
app.synth();
`;

const LOADER = join(ROOT, 'node_modules/tsx/dist/loader.mjs');

function project(port: number) {
  const app = `node --import ${JSON.stringify(LOADER)} app.ts`;
  const folder = fill(temporary(), { 'package.json': '{"type": "module"}', 'app.ts': APP(port), 'cdk.json': JSON.stringify({ app }) });
  const cdkv = (...words: string[]) => start('node', ['--import', LOADER, join(ROOT, 'bin/cdkv.ts'), ...words], { cwd: folder });
  const report = (name: string) =>
    JSON.parse(readFileSync(join(folder, 'reports', `shop${port}-${name}.${name === 'steady' ? 'load' : 'drill'}.json`), 'utf8'));
  return { folder, cdkv, report };
}

describe.concurrent('cdkv drill', { timeout: 60_000 }, () => {
  it('ends with 0 when all expectations are met, and reports it', async ({ expect }) => {
    const { folder, cdkv, report } = project(18_400);
    const { code, out, err } = await cdkv('drill', 'passes', '--report', 'reports');
    expect(`${code}${err}`, out).toBe('0');
    expect(out).toMatch(/^shop18400\/passes on a rehearsal on this host\n/);
    expect(out).toMatch(/2 of 2 expectations met; \d+ requests, 0 failed, .*\nreport: reports\/shop18400-passes\.drill\.html\n$/);
    const { trial, ...rest } = report('passes');
    expect(rest).toMatchObject({ name: 'shop18400/passes', passed: true, target: 'http', versions: { haproxy: expect.any(String) } });
    const { haproxy, requests, series } = trial.result;
    const counted = (figures: typeof haproxy.after) => figures.proxies.find((one: { kind: string }) => one.kind === 'frontend').requests;
    expect(counted(haproxy.after) - counted(haproxy.before)).toBe(requests.requests);
    const sum = (numbers: number[]) => numbers.reduce((a, b) => a + b, 0);
    expect(sum(series.map((second: { sent: number }) => second.sent))).toBe(requests.requests);
    const answers = haproxy.seconds.map((second: { answers: Record<string, number> }) => sum(Object.values(second.answers)));
    expect(Math.abs(sum(answers) - requests.requests)).toBeLessThan(2);
    expect(Object.keys(contents(join(folder, 'reports')))).toEqual(['html', 'json', 'xml'].map((end) => `shop18400-passes.drill.${end}`));
  });

  it('ends with 1 when one is not, goes on, and its report shows where', async ({ expect }) => {
    const { folder, cdkv, report } = project(18_410);
    const { code, out } = await cdkv('drill', 'shop18410/fails', '--report', 'reports', '--json');
    expect(code, out).toBe(1);
    expect(JSON.parse(out)).toMatchObject({ outcome: 'unmet', stack: 'shop18410', drill: 'fails', system: 'rehearsal' });
    expect(report('fails').trial.result.steps.map(({ verdict }: { verdict?: { met: boolean } }) => verdict?.met)).toEqual([
      true,
      false,
      undefined,
      undefined,
      true,
    ]);
    const page = readFileSync(join(folder, 'reports/shop18410-fails.drill.html'), 'utf8');
    expect(page).toContain('failed: 2 of 3 expectations met');
    expect(page).toMatch(/<span class="bad">not met: web[12] is given requests, and 700 ms are over/);
    const junit = readFileSync(join(folder, 'reports/shop18410-fails.drill.xml'), 'utf8');
    expect(junit).toMatch(/name="2\. expect that spare1 serves within 700 ms" time="[\d.]+">\n {6}<failure message="not met: /);
  });

  it('spoils no file for its report, and says so before it begins', async ({ expect }) => {
    const { folder, cdkv } = project(18_420);
    fill(folder, { 'reports/shop18420-passes.drill.html': 'mine' });
    const { code, out, err } = await cdkv('drill', 'passes', '--report', 'reports');
    expect([code, out]).toEqual([2, '']);
    expect(err).toBe(
      'cdkv: "reports/shop18420-passes.drill.html" is there already and is no report; move it away, or name another folder\n',
    );
    expect(contents(join(folder, 'reports'))).toEqual({ 'shop18420-passes.drill.html': 'mine' });
  });

  it('cannot run what there is not', async ({ expect }) => {
    const { cdkv } = project(18_430);
    expect(await cdkv('drill', 'nope')).toMatchObject({
      code: 2,
      out: '',
      err: expect.stringContaining('the app has no drill "nope"; there are'),
    });
    expect(await cdkv('drill', 'passes', '--report', '')).toMatchObject({
      code: 2,
      err: 'cdkv: --report is empty; see: cdkv drill --help\n',
    });
  });
});

describe.concurrent('cdkv load --rehearse', { timeout: 60_000 }, () => {
  it("loads a rehearsal, judges by HAProxy's figures, and reports", async ({ expect }) => {
    const { cdkv, report } = project(18_440);
    const { code, out, err } = await cdkv('load', 'steady', '--rehearse', '--report', 'reports');
    expect(code, out + err).toBe(0);
    expect(out).toContain('300 sent');
    expect(out).toMatch(/ok {3}spread is [\d.]+ %, at most 20 %\n/);
    expect(out).toContain('report: reports/shop18440-steady.load.html\n');
    const { trial, system } = report('steady');
    expect(system).toBe('a rehearsal on this host');
    const of = (figures: { proxies: { kind: string; requests: number }[] }) =>
      figures.proxies.find(({ kind }) => kind === 'frontend')?.requests ?? 0;
    expect(of(trial.haproxy.after) - of(trial.haproxy.before)).toBe(300);
  });

  it('ends when it is told to, and leaves no rehearsal', async ({ expect }) => {
    const { folder, cdkv } = project(18_450);
    const told = start(
      'timeout',
      ['--signal=INT', '6', 'node', '--import', LOADER, join(ROOT, 'bin/cdkv.ts'), 'load', 'steady', '--rehearse', '--find-limit'],
      {
        cwd: folder,
      },
    );
    const { code } = await told;
    expect([124, 130]).toContain(code);
    // The next one would be refused while it is there.
    expect((await cdkv('load', 'steady', '--rehearse')).code).toBe(0);
  });

  it('refuses two systems at once', async ({ expect }) => {
    const { cdkv } = project(18_460);
    expect(await cdkv('load', 'steady', '--rehearse', '--url', 'http://127.0.0.1:1')).toMatchObject({
      code: 2,
      err: 'cdkv: --rehearse and --url name two systems; leave one of them out\n',
    });
  });
});
