// How exact the load generator is, measured against hey (Debian's) and servers whose limits are known. Needs a machine that does
// little else; each trial has three attempts. Run by `npm run test:load`; about two minutes, on the loopback only.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Cluster, Duration, HaproxyFrontend, Site, Stack, WebBackend } from '../../lib/index.js';
import { findLimit, type LoadPlan, type LoadResult, runLoad } from '../../lib/load/index.js';
import { LoadTest } from '../../lib/trials/index.js';
import { type StubProcess, stubProcess } from './stub.js';

const ATTEMPTS = 3;
const PAUSE = (milliseconds: number) => new Promise((done) => setTimeout(done, milliseconds));

/** Runs a trial until it succeeds, three times at most. */
async function trial(what: string, attempt: () => Promise<string>): Promise<void> {
  for (let count = 1; ; count++) {
    try {
      console.log(`ok   ${what}: ${await attempt()}`);
      return;
    } catch (error) {
      const message = (error as Error).message;
      console.log(`${count < ATTEMPTS ? 'again' : 'FAIL'} ${what}: ${message}`);
      if (count === ATTEMPTS) throw error;
    }
  }
}

async function withServer<T>(eachMs: number, oneByOne: boolean, use: (server: StubProcess) => Promise<T>): Promise<T> {
  const server = await stubProcess(eachMs, oneByOne);
  try {
    return await use(server);
  } finally {
    await server.stop();
  }
}

/** The seconds that each request of hey took. */
function hey(words: readonly string[]): Promise<number[]> {
  return new Promise((done, fail) => {
    const child = spawn('hey', ['-o', 'csv', ...words], { stdio: ['ignore', 'pipe', 'inherit'] });
    let out = '';
    child.stdout.on('data', (data) => {
      out += data;
    });
    child.once('error', () => fail(new Error('the trials need hey, which is not on this machine; install it: apt install hey')));
    child.once('close', () =>
      done(
        out
          .trim()
          .split('\n')
          .slice(1)
          .map((line) => Number(line.split(',')[0])),
      ),
    );
  });
}

const open = (url: string, rate: number, seconds: number): LoadPlan => ({
  url,
  paths: ['/'],
  timeoutMs: 10_000,
  rate,
  durationMs: seconds * 1000,
});
const within = (found: number, expected: number, share: number, what: string) =>
  assert(Math.abs(found - expected) <= expected * share, `${what}: ${found}, expected ${expected} within ${share * 100} %`);
const ms = (value: number) => `${value.toFixed(1)} ms`;

const busy = `load average ${loadavg()[0]?.toFixed(1)} on ${availableParallelism()} processors`;
console.log(`${busy}; what others take from them is missing here`);

await trial('a rate of 200/s beside hey -q', () =>
  withServer(10, false, async ({ url }) => {
    const seconds = 10;
    const theirs = await hey(['-z', `${seconds}s`, '-c', '20', '-q', '10', url]);
    const { rate, failed, times } = await runLoad(open(url, 200, seconds));
    const theirRate = theirs.length / seconds;
    const p50 = (theirs.sort((a, b) => a - b)[Math.floor(theirs.length / 2)] as number) * 1000;
    const told = `${rate.toFixed(1)}/s and p50 ${ms(times.p50)}; hey ${theirRate.toFixed(1)}/s and ${ms(p50)}`;
    assert.equal(failed, 0);
    within(rate, 200, 0.02, `rate (${told})`);
    within(rate, theirRate, 0.02, `rate beside hey's (${told})`);
    within(times.p50, p50, 0.2, `p50 beside hey's (${told})`);
    return told;
  }),
);

await trial('a rate of 2,000/s', () =>
  withServer(5, false, async ({ url }) => {
    const { rate, failed, times, waited } = await runLoad(open(url, 2000, 5));
    assert.equal(failed, 0);
    within(rate, 2000, 0.02, 'rate');
    return `${rate.toFixed(0)}/s, p50 ${ms(times.p50)}, sent late by ${ms(waited.p50)} (p50), ${ms(waited.p99)} (p99)`;
  }),
);

await trial('a server that is stopped for a second', () =>
  withServer(5, false, async ({ url, pid }) => {
    const stall = async () => {
      await PAUSE(2000);
      process.kill(pid, 'SIGSTOP');
      await PAUSE(1000);
      process.kill(pid, 'SIGCONT');
    };
    const [result] = await Promise.all([runLoad(open(url, 200, 5)), stall()]);
    const [theirs] = await Promise.all([hey(['-z', '5s', '-c', '1', url]), stall()]);
    const theirSlow = theirs.filter((took) => took > 0.1).length;
    const { times } = result as LoadResult;
    // Of 1,000 requests, 200 are due while it stands still; they wait from 0 to 1,000 ms.
    const told = `p90 ${ms(times.p90)}, p95 ${ms(times.p95)}, max ${ms(times.max)}; hey -c 1: ${theirSlow} of ${theirs.length} requests above 100 ms`;
    assert.equal(result.failed, 0);
    within(times.p90, 500, 0.3, `p90 (${told})`);
    within(times.p95, 750, 0.25, `p95 (${told})`);
    within(times.max, 1000, 0.3, `max (${told})`);
    assert(theirSlow <= 3, `hey counts the stall more than once: ${told}`);
    return told;
  }),
);

await trial('the limit of a server of exactly 200/s', () =>
  withServer(5, true, async ({ url }) => {
    const { held, endedBy, steps } = await findLimit(
      { url, paths: ['/'], timeoutMs: 10_000 },
      { start: 60, max: 2000, stepMs: 5000, thresholds: { failed: 0, p95Ms: 300 } },
    );
    const tried = steps.map((step) => `${step.rate}${step.held ? '' : '!'}`).join(' ');
    assert.equal(endedBy, 'threshold', `ended by ${endedBy} (${tried})`);
    within(held ?? 0, 200, 0.1, `limit (${tried})`);
    return `${held}/s (tried ${tried})`;
  }),
);

// A real k6, where there is one.
const version = spawnSync('k6', ['version'], { encoding: 'utf8' }).stdout;
if (!version) console.log('--   the script of k6: not run, for there is no k6 on this machine (Debian has none)');
else {
  const folder = mkdtempSync(join(tmpdir(), 'cdkv-load-'));
  try {
    const script = (name: string) => {
      const app = new App({ outdir: folder });
      const stack = new Stack(app, 's');
      const cluster = new Cluster(stack, 'C');
      const web = new WebBackend(stack, 'web', { site: Site.html('x') });
      web.addServer('web1', { on: cluster.addMember('m1', { address: '192.168.56.11' }) });
      const target = new HaproxyFrontend(stack, 'http', {
        on: cluster.addMember('m2', { address: '192.168.56.12' }),
        port: 80,
        defaultBackend: web,
      });
      new LoadTest(stack, 'peak', { target, users: 400, loops: 2 });
      new LoadTest(stack, 'steady', { target, rate: 100, duration: Duration.seconds(5) });
      const file = app.assemble().stacks[0]?.files.find(({ path }) => path === `load/${name}.k6.js`);
      writeFileSync(join(folder, `${name}.js`), file?.content ?? '');
      return join(folder, `${name}.js`);
    };
    for (const [name, expected] of [
      ['peak', 800],
      ['steady', 500],
    ] as const) {
      await trial(`${version.trim()}, ${name}`, () =>
        withServer(5, false, async ({ url }) => {
          const summary = join(folder, 'summary.json');
          const words = ['run', '--quiet', '--no-usage-report', '--summary-export', summary, '-e', `TARGET=${url}`, script(name)];
          const { status, stderr } = spawnSync('k6', words, { encoding: 'utf8', env: { ...process.env, HOME: folder } });
          assert.equal(status, 0, stderr);
          const { metrics } = JSON.parse(readFileSync(summary, 'utf8'));
          within(metrics.http_reqs.count, expected, 0.01, 'requests');
          return `${metrics.http_reqs.count} requests, exit code ${status}`;
        }),
      );
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
