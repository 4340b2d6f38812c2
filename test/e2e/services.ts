// Services on machines themselves: HAProxy on one, Apache on two others, by plain `vagrant up`, and the trials of failover. Run by
// `npm run e2e:services`, as root.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { servedBy, underLoad } from './checks.js';
import {
  ADDRESS,
  cdkv,
  cleanUp,
  domain,
  expect,
  MACHINES,
  type MachineName,
  makeProject,
  must,
  PROJECT,
  prepareBox,
  prepareKey,
  run,
  runToItsEnd,
  SITE,
  say,
  sleep,
  ssh,
  synth,
  trySsh,
  until,
  useApp,
  vagrant,
  virsh,
} from './rig.js';
import { page, statistics } from './system.js';

const { values } = parseArgs({
  options: {
    /** Leaves the machines as they are at the end. */
    keep: { type: 'boolean', default: false },
    /** Uses the machines that an earlier run with --keep left. */
    checks: { type: 'boolean', default: false },
  },
});

const BOTH = ['web1', 'web2'];

/** All four servers are up, as HAProxy sees them. */
async function up(seconds: number): Promise<void> {
  await until(seconds, 'all servers to be up', async () => {
    try {
      const rows = await statistics();
      return rows.length === 4 && rows.every((row) => row.status === 'UP') ? true : undefined;
    } catch {
      return undefined; // HAProxy is on its way
    }
  });
}

async function balances(): Promise<void> {
  say('balancing, and who reaches what');
  const servers: string[] = [];
  for (let n = 0; n < 8; n++) servers.push(/<h1>(web\d)<\/h1>/.exec((await page()) ?? '')?.[1] ?? 'none');
  expect(new Set(servers).size === 2 && servers.every((server, n) => server === servers[n % 2]), `served by ${servers.join(' ')}`);
  expect((await page('http://127.0.0.1:10080/'))?.includes('<h1>web') === true, 'the port of the host leads there as well');
  const listening = await ssh('vmServidor2', "ss -Hltn | awk '{print $4}' | grep -Ev ':(22|53|5355)$' | sort -u");
  const ports = listening.trim().split('\n');
  expect(ports.length === 2 && ports.includes('0.0.0.0:8083'), `vmServidor2 listens on ${ports.join(' and ')}, and nowhere else`);
  for (const port of ports.map((one) => one.split(':')[1])) {
    const url = `http://${ADDRESS.vmServidor2}:${port}/`;
    const fromHost = await run('curl', ['-s', '-o', '/dev/null', '--max-time', '5', url]);
    const fromThird = await trySsh('vmServidor1', `curl -s -o /dev/null --max-time 5 ${url}`);
    const fromBalancer = await trySsh('vmBalanceador', `curl -s -o /dev/null --max-time 5 ${url}`);
    expect(
      fromHost.code === 7 && fromThird.code === 7 && fromBalancer.code === 0,
      `${url} answers the balancer, and refuses the host and vmServidor1`,
    );
  }
  const mark = `mark=${Date.now()}`;
  await must('curl', ['-s', '-o', '/dev/null', `${SITE}?${mark}`]);
  await ssh('vmServidor1', `curl -s -o /dev/null '${SITE}?${mark}'`);
  await sleep(1500);
  const haproxy = await ssh('vmBalanceador', `journalctl -t haproxy --since -2min | grep -F '${mark}' || true`);
  expect(haproxy.includes('192.168.56.1:') && haproxy.includes('192.168.56.6:'), "HAProxy logged both clients' addresses");
  const logs = await Promise.all(
    (['vmServidor1', 'vmServidor2'] as const).map((name) => ssh(name, `grep -aF '${mark}' /var/log/apache2/access.log || true`)),
  );
  expect(/^192\.168\.56\.1 /m.test(logs.join('')) && /^192\.168\.56\.6 /m.test(logs.join('')), 'Apache logged the same addresses');
}

/** Takes servers out of the Apache of their machine, or puts them back. */
async function serve(name: string, machine: MachineName, serves: boolean): Promise<void> {
  const own = `/etc/apache2/cdk-vagrant/${name}`;
  await ssh(machine, `mv ${serves ? `${own}.off ${own}.conf` : `${own}.conf ${own}.off`} && systemctl reload-or-restart apache2`);
}

async function failsOver(): Promise<void> {
  say('failover');
  await underLoad('Apache of vmServidor1 is stopped, then started', async (load) => {
    await ssh('vmServidor1', 'systemctl stop apache2');
    await servedBy(load, ['web2']);
    await ssh('vmServidor1', 'systemctl start apache2');
    await servedBy(load, BOTH);
  });
  await underLoad('both primaries go, their backups serve, the primaries return', async (load) => {
    await Promise.all([serve('web1', 'vmServidor1', false), serve('web2', 'vmServidor2', false)]);
    await servedBy(load, ['web3', 'web4']);
    await Promise.all([serve('web1', 'vmServidor1', true), serve('web2', 'vmServidor2', true)]);
    await servedBy(load, BOTH);
  });
  await underLoad('vmServidor1 is powered off, then on', async (load) => {
    await virsh('destroy', domain('vmServidor1'));
    await servedBy(load, ['web2']);
    await sleep(10_000);
    await virsh('start', domain('vmServidor1'));
    await servedBy(load, BOTH, 300);
  });
  await up(120);
  say('the balancer is powered off, then on: it comes back by itself');
  await virsh('destroy', domain('vmBalanceador'));
  await virsh('start', domain('vmBalanceador'));
  await up(300);
  for (const command of ['drill failover --running', 'status']) {
    const { code, out } = await cdkv(...command.split(' '));
    for (const line of out.trim().split('\n')) say(`  ${line}`);
    expect(code === 0, `cdkv ${command}`);
    await up(120);
  }
}

/** Process ids of the services. */
async function processes(): Promise<string> {
  const all = await Promise.all(
    MACHINES.map((machine) =>
      ssh(machine, 'systemctl show --property MainPID --value haproxy apache2; pgrep -x "haproxy|apache2" | sort -n'),
    ),
  );
  return all.map((text) => text.trim().split(/\s+/).join(' ')).join(' | ');
}

async function provisionsAgain(): Promise<void> {
  say('a second vagrant provision, then one without web4');
  const before = await processes();
  const again = await vagrant(['provision']);
  expect(again.code === 0 && again.out.split('nothing to change').length === 4, 'all three scripts said that there was nothing to change');
  const after = await processes();
  expect(after === before, `no process was restarted: ${after}`);
  await synth('-c', 'without=web4');
  await underLoad('vagrant provision takes web4 out', async () => {
    const { code, out } = await vagrant(['provision']);
    expect(code === 0 && out.includes('ended web4, which is no longer in the app'), 'web4 is ended and reported');
  });
  expect((await statistics()).length === 3, 'HAProxy has three servers');
  await synth();
  expect((await vagrant(['provision'])).code === 0, 'and it comes back');
  await up(60);
}

async function main(): Promise<void> {
  if (process.getuid?.() !== 0) throw new Error('this needs root: it installs packages and starts virtual machines');
  useApp('test/e2e/services-app.ts');
  await must(join(PROJECT, 'test/e2e/rig/host-up'), []);
  await prepareKey();
  await prepareBox('debian12');
  if (!values.checks) {
    await cleanUp();
    await makeProject();
    say('one unattended vagrant up from nothing');
    const { code, seconds } = await vagrant(['up']);
    expect(code === 0, `vagrant up from nothing in ${seconds} s`);
  }
  await up(60);
  await balances();
  await failsOver();
  await provisionsAgain();
}

await runToItsEnd(main, values.keep || values.checks);
