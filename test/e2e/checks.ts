import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Figures } from '../../lib/measure/index.js';
import type { TrialReport } from '../../lib/report/index.js';
import { burst, type LoadSummary, OpenLoad } from './load.js';
import {
  ADDRESS,
  CheckFailed,
  cdkv,
  domain,
  engine,
  expect,
  MACHINES,
  type MachineName,
  must,
  OUTPUT,
  quote,
  run,
  SITE,
  STACK,
  say,
  sleep,
  ssh,
  synth,
  trySsh,
  until,
  vagrant,
  virsh,
  WORK,
} from './rig.js';
import { CONTAINERS, databaseLeader, endState, instances, members, page, password, processes, settled, statistics } from './system.js';

/** 3: three members online as each sees it, five containers where they belong. */
export async function clusterIsWhole(): Promise<void> {
  say('3. cluster and containers');
  for (const machine of MACHINES) {
    const seen = await members(machine);
    expect(
      Object.keys(seen).length === 3 && Object.values(seen).every((status) => status === 'Online'),
      `${machine} sees ${JSON.stringify(seen)}`,
    );
  }
  const found = Object.fromEntries((await instances()).map((instance) => [instance.name, instance.location]));
  expect(
    JSON.stringify(Object.entries(found).sort()) === JSON.stringify(Object.entries(CONTAINERS).sort()),
    `containers are at ${JSON.stringify(found)}`,
  );
}

/** 4: requests alternate, each server has its own page, and nobody but the balancer reaches the web ports. */
export async function alternates(): Promise<void> {
  say('4. balancing');
  const servers: string[] = [];
  for (let n = 0; n < 8; n++) servers.push(/<h1>(web\d)<\/h1>/.exec((await page()) ?? '')?.[1] ?? 'none');
  expect(
    servers.every((server, n) => server === servers[n % 2]) &&
      new Set(servers).size === 2 &&
      servers.every((server) => ['web1', 'web2'].includes(server)),
    `eight requests were served by ${servers.join(' ')}`,
  );

  const configuration = readFileSync(join(OUTPUT, 'haproxy.cfg'), 'utf8');
  const ports = [...configuration.matchAll(/server (web\d) ([\d.]+):(\d+)/g)].map(([, name, address, port]) => ({ name, address, port }));
  expect(ports.length === 4, `haproxy.cfg names ${ports.length} servers`);
  const found = await instances();
  for (const { name, address, port } of ports) {
    const url = `http://${address}:${port}/`;
    const fromHost = await run('curl', ['-s', '-o', '/dev/null', '--max-time', '5', url]);
    expect([7, 28].includes(fromHost.code), `${name} at ${url} refuses the host (curl ${fromHost.code})`);
    const third = address === ADDRESS.vmServidor1 ? 'vmServidor2' : 'vmServidor1';
    const fromThird = await trySsh(third, `curl -s -o /dev/null --max-time 5 ${url}`);
    expect([7, 28].includes(fromThird.code), `${name} at ${url} refuses ${third} (curl ${fromThird.code})`);
    const sibling = Object.keys(CONTAINERS).find((other) => other !== name && CONTAINERS[other] === CONTAINERS[name as string]);
    const own = found.find((instance) => instance.name === name)?.devices.eth0?.['ipv4.address'];
    for (const door of [`${own}/80`, `${address}/${port}`]) {
      const fromSibling = await trySsh(
        CONTAINERS[name as string] as MachineName,
        `${engine().client} exec ${sibling} -- timeout 5 bash -c 'exec 3<>/dev/tcp/${door}' </dev/null`,
      );
      expect([1, 124].includes(fromSibling.code), `${name} at ${door} refuses ${sibling}, which is on the same machine`);
    }
    const fromBalancer = await trySsh(
      'vmBalanceador',
      `${engine().client} exec haproxy -- bash -c 'exec 3<>/dev/tcp/${address}/${port}' </dev/null`,
    );
    expect(fromBalancer.code === 0, `${name} at ${url} lets the balancer in`);
  }

  // Whoever asks from the private network is in both logs with the address it has there.
  const mark = `/?mark=${Date.now()}`;
  await must('curl', ['-s', '-o', '/dev/null', `${SITE}${mark.slice(1)}`]);
  await trySsh('vmServidor1', `curl -s -o /dev/null '${SITE}${mark.slice(1)}from-vm'`);
  await sleep(1500);
  const haproxyLog = await ssh(
    'vmBalanceador',
    `${engine().client} exec haproxy -- journalctl -u haproxy -t haproxy --since -2min </dev/null | grep -F '${mark}' || true`,
  );
  expect(
    haproxyLog.includes('192.168.56.1:') && haproxyLog.includes('192.168.56.6:'),
    'HAProxy logged the host as 192.168.56.1 and vmServidor1 as 192.168.56.6',
  );
  const apacheLog =
    (await ssh(
      'vmServidor1',
      `${engine().client} exec web1 -- sh -c "grep -aF '${mark}' /var/log/apache2/access.log || true" </dev/null`,
    )) +
    (await ssh('vmServidor2', `${engine().client} exec web2 -- sh -c "grep -aF '${mark}' /var/log/apache2/access.log || true" </dev/null`));
  expect(/^192\.168\.56\.1 /m.test(apacheLog) && /^192\.168\.56\.6 /m.test(apacheLog), 'Apache logged the same addresses');
}

const inWeb = (name: string, command: string) =>
  ssh(CONTAINERS[name] as MachineName, `${engine().client} exec ${name} -- sh -c ${quote(command)} </dev/null`);
const signal = (name: string, which: string) =>
  inWeb(name, `for p in /proc/[0-9]*; do [ "$(cat $p/comm 2>/dev/null)" = apache2 ] && kill -${which} \${p#/proc/}; done; true`);

/** Who served since a moment of the load, waiting until it is exactly these. */
export async function servedBy(load: OpenLoad, servers: readonly string[], seconds = 60): Promise<void> {
  await until(seconds, `${servers.join(' and ')} alone to serve`, async () => {
    const since = load.now - 2000;
    await sleep(2200);
    const seen = new Set(load.recent(since).map((outcome) => outcome.server));
    return seen.size === servers.length && servers.every((server) => seen.has(server)) ? true : undefined;
  });
  say(`  ${servers.join(' and ')} serve`);
}

function report(load: LoadSummary): string {
  const window = load.slowWindow;
  const slow =
    window === undefined
      ? 'none took over 1 s'
      : `${window.count} took over 1 s, sent from ${window.from.toFixed(1)} s to ${window.to.toFixed(1)} s`;
  return `${load.outcomes.length} requests, ${load.failed.length} failed, longest ${Math.round(load.longest)} ms, ${slow}, served ${JSON.stringify(load.byServer)}`;
}

export async function underLoad(what: string, trial: (load: OpenLoad) => Promise<void>): Promise<void> {
  say(`  50 requests/s while ${what}`);
  const load = new OpenLoad(SITE, 50);
  try {
    await sleep(2000);
    await trial(load);
  } finally {
    const summary = await load.stop();
    say(`  ${report(summary)}`);
    for (const failure of summary.failed.slice(0, 5))
      say(`    failed: at ${Math.round(failure.at)} ms after ${Math.round(failure.took)} ms: ${failure.result}`);
    expect(summary.failed.length === 0, `0 failed while ${what}`);
  }
}

/** 5: whatever is stopped, hung or broken, nobody sees it. */
export async function failsOver(): Promise<void> {
  say('5. failover');
  await settled(120);
  const both = ['web1', 'web2'];
  await underLoad('web1 is stopped, then restored', async (load) => {
    await inWeb('web1', 'systemctl stop apache2');
    await servedBy(load, ['web2']);
    await inWeb('web1', 'systemctl start apache2');
    await servedBy(load, both);
  });
  await underLoad('web1 hangs, then goes on', async (load) => {
    await signal('web1', 'STOP');
    await servedBy(load, ['web2']);
    await signal('web1', 'CONT');
    await servedBy(load, both);
  });
  await underLoad('web1 answers 500, then is restored', async (load) => {
    await inWeb('web1', 'echo Redirect 500 / >/etc/apache2/conf-enabled/broken.conf; systemctl reload apache2');
    await servedBy(load, ['web2']);
    await inWeb('web1', 'rm /etc/apache2/conf-enabled/broken.conf; systemctl reload apache2');
    await servedBy(load, both);
  });
  await underLoad('both primaries are stopped, then a backup, then a primary returns', async (load) => {
    await Promise.all(both.map((name) => inWeb(name, 'systemctl stop apache2')));
    await servedBy(load, ['web3', 'web4']);
    await inWeb('web3', 'systemctl stop apache2');
    await servedBy(load, ['web4']);
    await inWeb('web1', 'systemctl start apache2');
    await servedBy(load, ['web1']);
    await inWeb('web2', 'systemctl start apache2');
    await inWeb('web3', 'systemctl start apache2');
    await servedBy(load, both);
  });
  await underLoad('vmServidor1 is powered off, then on', async (load) => {
    await virsh('destroy', domain('vmServidor1'));
    await servedBy(load, ['web2']);
    await sleep(10_000);
    await virsh('start', domain('vmServidor1'));
    await servedBy(load, both, 400);
  });
  await settled(300);
}

/** 6: the statistics page and the error page. */
export async function statisticsAndErrors(): Promise<void> {
  say('6. statistics and error page');
  const url = `${SITE}haproxy?stats`;
  const status = async (...words: string[]) => (await must('curl', ['-s', '-o', '/dev/null', '-w', '%{http_code}', ...words, url])).trim();
  expect((await status()) === '401', 'without a password: 401');
  expect((await status('-u', 'admin:admin')) === '401', 'with admin:admin: 401');
  const secret = await password();
  expect((await status('-u', `admin:${secret}`)) === '200', 'with the password: 200');
  const answered = await must('curl', ['-si', '-u', `admin:${secret}`, url]);
  expect(/^refresh: 10\r?$/im.test(answered), 'it loads itself anew every 10 s');
  const rows = await statistics();
  expect(
    JSON.stringify(rows.map((row) => [row.server, row.backup])) === '[["web1",false],["web2",false],["web3",true],["web4",true]]',
    `CSV: ${rows.map((row) => `${row.server} ${row.backup ? 'backup' : 'primary'} ${row.status}`).join(', ')}`,
  );
  const servers = Object.keys(CONTAINERS).filter((name) => name.startsWith('web'));
  for (const name of servers) await inWeb(name, 'systemctl stop apache2');
  try {
    // A request that is being retried while the last server is found to be down is closed by HAProxy 2.6 without a byte: seen once.
    const answer = await until(30, 'a 503', async () => {
      const { code, out } = await run('curl', ['-s', '-w', '\n%{http_code}', SITE]);
      if (code !== 0) say(`  curl ended with ${code} while the servers went down`);
      return out.endsWith('\n503') ? out : undefined;
    });
    expect(answer.includes('Ningún servidor puede atender la petición'), 'all four stopped: the 503 page of the app');
    const again = await Promise.all(Array.from({ length: 20 }, () => must('curl', ['-s', '-w', '\n%{http_code}', SITE])));
    expect(
      again.every((text) => text === answer),
      'and twenty times more',
    );
  } finally {
    for (const name of servers) await inWeb(name, 'systemctl start apache2');
  }
  await settled(60);
}

/** The paper's failover trials as the app has them, by `cdkv drill`; and what `cdkv status` makes of the system. */
export async function drills(): Promise<void> {
  say('cdkv drill failover --running, and cdkv status');
  const drill = await cdkv('drill', 'failover', '--running');
  for (const line of drill.out.trim().split('\n')) say(`  ${line}`);
  expect(drill.code === 0, `the drill of the rehearsal is met on the machines`);
  await settled(120);
  const status = await cdkv('status');
  for (const line of status.out.trim().split('\n')) say(`  ${line}`);
  expect(status.code === 0, 'cdkv status finds all up');
}

/** The paper's load as the app has it, by `cdkv load`: its report counts as HAProxy does, to the request. */
export async function loadsByCommand(): Promise<void> {
  say('cdkv load peak, with a report');
  await settled(120);
  const before = await statistics();
  const run = await cdkv('load', 'peak', '--report', join(WORK, 'reports'));
  const after = await statistics();
  for (const line of run.out.trim().split('\n')) say(`  ${line}`);
  expect(run.code === 0, 'all thresholds of the load test are met');
  const report = JSON.parse(readFileSync(join(WORK, 'reports', `${STACK}-peak.load.json`), 'utf8')) as TrialReport;
  if (report.trial.kind !== 'load' || report.trial.haproxy === undefined) throw new CheckFailed("the report has no figures of HAProxy's");
  const { result, haproxy } = report.trial;
  const requests = ({ proxies }: Figures) => proxies.find(({ kind, name }) => kind === 'frontend' && name === report.target)?.requests ?? 0;
  const counted = requests(haproxy.after) - requests(haproxy.before);
  expect(
    result.sent === 8000 && counted === 8000,
    `8,000 requests sent (${result.sent}), and as many counted by HAProxy's frontend (${counted})`,
  );
  // The statistics page's CSV, asked for by this very check, has to agree with what the command was told by HAProxy's socket.
  for (const { server, sessions } of after) {
    const was = before.find((row) => row.server === server)?.sessions ?? 0;
    const total = (figures: Figures) => figures.servers.find((one) => one.server === server)?.total ?? 0;
    // One request more was the command's own, to see whether anything answers.
    const told = total(haproxy.after) - total(haproxy.before);
    expect([0, 1].includes(sessions - was - told), `${server}: ${sessions - was} by the CSV, ${told} by the report`);
  }
}

/** 7: the paper's load, three times in a row. */
export async function carriesLoad(rampSeconds: number): Promise<void> {
  say(`7. load: 4,000 connections opened within ${rampSeconds} s, two requests each`);
  for (let turn = 1; turn <= 3; turn++) {
    const before = await statistics();
    const began = Date.now();
    const summary = await burst({
      host: ADDRESS.vmBalanceador,
      port: 1080,
      connections: 4000,
      rampSeconds,
      requests: 2,
      timeoutMs: 60_000,
    });
    const seconds = (Date.now() - began) / 1000;
    const after = await statistics();
    const lines = after.map(
      (row, n) => `${row.server} +${row.sessions - (before[n]?.sessions ?? 0)} (retries ${row.retries - (before[n]?.retries ?? 0)})`,
    );
    say(`  run ${turn}: ${report(summary)}, in ${seconds.toFixed(1)} s; HAProxy: ${lines.join(', ')}`);
    const reasons: Record<string, number> = {};
    for (const failure of summary.failed) reasons[String(failure.result)] = (reasons[String(failure.result)] ?? 0) + 1;
    expect(
      summary.failed.length === 0 && summary.outcomes.length === 8000,
      `run ${turn}: 8,000 answers of 200 (${summary.outcomes.length - summary.failed.length}; failed ${JSON.stringify(reasons)})`,
    );
    const { web1 = 0, web2 = 0, ...others } = summary.byServer;
    expect(Math.abs(web1 - web2) <= 400 && Object.keys(others).length === 0, `run ${turn}: web1 ${web1}, web2 ${web2}, no backup served`);
  }
}

/** 9: provisioning again changes nothing and restarts nothing. */
export async function provisionsIdempotently(): Promise<void> {
  say('9. a second vagrant provision');
  const before = await processes();
  const { code, out, seconds } = await vagrant(['provision']);
  expect(code === 0, `it ended well after ${seconds} s`);
  expect(out.split('nothing to change').length === 7, 'all six scripts said that there was nothing to change');
  const after = await processes();
  expect(after === before, `no process was restarted:\n${after}`);
}

/** 13: no secret in what is synthesised; those on the host are the user's alone and not git's. */
export async function keepsSecrets(): Promise<void> {
  say('13. secrets');
  const pattern = /PRIVATE KEY|\$[156y]\$[^'"\s]{8,}|BEGIN CERTIFICATE|cluster_token: ["']?[A-Za-z0-9+/]{16}/;
  const files = readdirSync(OUTPUT, { recursive: true, withFileTypes: true }).filter(
    (entry) => entry.isFile() && !entry.parentPath.includes('.vagrant'),
  );
  const secret = await password();
  const found = files.filter((entry) => {
    const content = readFileSync(join(entry.parentPath, entry.name), 'utf8');
    return pattern.test(content) || content.includes(secret);
  });
  expect(files.length > 20 && found.length === 0, `none of ${files.length} synthesised files holds a secret`);
  const state = join(OUTPUT, '.vagrant', 'cdk-vagrant');
  const kept = readdirSync(state, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const open = kept.filter((entry) => (statSync(join(entry.parentPath, entry.name)).mode & 0o077) !== 0);
  expect(kept.some((entry) => entry.name === 'cluster.pem') && open.length === 0, `the ${kept.length} files kept on the host are 0600`);
  await must('git', ['init', '-q'], { cwd: OUTPUT });
  const ignored = await run('git', ['check-ignore', '.vagrant/cdk-vagrant/cluster.pem'], { cwd: OUTPUT });
  await must('rm', ['-rf', join(OUTPUT, '.git')]);
  expect(ignored.code === 0, 'git ignores them');
  const inMachines = await Promise.all(
    MACHINES.map((machine) => ssh(machine, 'ls -A /run/cdk-vagrant/keys 2>/dev/null | wc -l; stat -c %a /var/lib/cdk-vagrant/secrets')),
  );
  expect(
    inMachines.every((text) => text.trim() === '0\n700'),
    'no key is left in a machine',
  );
}

/** Each machine in turn has no power for a minute under load, the leader of the cluster's database among them; nobody lends a hand. */
export async function membersReturn(): Promise<void> {
  say('each member without power for 60 s');
  const expected = await settled(300);
  const led = new Set<MachineName>();
  const lose = async (machine: MachineName) => {
    const leader = await databaseLeader();
    if (machine === leader) led.add(machine);
    const what = `${machine}${machine === leader ? ', which leads the database,' : ''} is without power for 60 s`;
    const trial = async () => {
      await virsh('destroy', domain(machine));
      await sleep(60_000);
      await virsh('start', domain(machine));
      await settled(600, expected);
    };
    // Without the only balancer nobody is served; all others are not missed.
    if (machine !== 'vmBalanceador') return await underLoad(what, trial);
    say(`  ${what}, and so is the site`);
    await trial();
  };
  for (const machine of MACHINES) await lose(machine);
  if (led.size === 0) await lose(await databaseLeader());
  expect(led.size > 0, `the database was led by ${[...led].join(' and ')} when it went, and all came back by themselves`);
}

/** 11: one page edited, one server added: nothing else changes, and nobody notices. */
export async function changesOnlyWhatChanged(): Promise<void> {
  say('11. a page edited, web5 added');
  const before = await processes();
  const app = join(WORK, 'project', 'bin', 'balanceador.ts');
  const line = "web.addServer('web2', { on: servidor2, site: Site.directory('bin/sites/web2') });";
  const source = readFileSync(app, 'utf8');
  expect(source.includes(line), 'the app has the line to add to');
  writeFileSync(app, source.replace(line, `${line}\nweb.addServer('web5', { on: servidor2, site: Site.html('<h1>web5</h1>') });`));
  const edited = join(WORK, 'project', 'bin', 'sites', 'web1', 'index.html');
  writeFileSync(edited, readFileSync(edited, 'utf8').replace('Servidor principal', 'Servidor editado'));
  await synth();
  await underLoad('vagrant provision adds web5 and a page changes', async (load) => {
    const { code, out } = await vagrant(['provision']);
    expect(code === 0, 'it ended well');
    const did = out
      .split('\n')
      .filter((text) => /made container|pushed|configured|changed|installed|deleted|started|stopped/.test(text))
      .map((text) => text.replace(/^.*?: +/, '').trim());
    say(`  it did: ${did.join('; ')}`);
    expect(
      did.every((text) => /web5|pages of web1|HAProxy|firewall|apache/.test(text)),
      'it touched nothing but web5, the page of web1 and what leads to them',
    );
    await servedBy(load, ['web1', 'web2', 'web5']);
  });
  expect(
    ((await ssh('vmServidor1', `${engine().client} exec web1 -- cat /var/www/web1/index.html </dev/null`)).match(/Servidor editado/) ?? [])
      .length === 1,
    'web1 has its new page',
  );
  const after = await processes();
  const steady = (text: string) =>
    text
      .split('\n')
      .filter((entry) => / (lxd|incus) |web[1-4] /.test(entry))
      .map((entry) => entry.split(' ').slice(0, 3).join(' '))
      .join('\n');
  expect(steady(after) === steady(before), 'the engine, the other containers and their Apaches run on in the same processes');

  // Back to the paper's app: web5 is stopped and kept, and said so.
  writeFileSync(app, source);
  await synth();
  await underLoad('vagrant provision takes web5 out', async () => {
    const { code, out } = await vagrant(['provision']);
    expect(code === 0 && out.includes('web5 is no longer in the app'), 'web5 is stopped, kept and reported');
  });
  await ssh('vmServidor2', `${engine().client} delete web5 --force </dev/null`);
  await settled(60);
}

/** 10: halted, destroyed and brought back, also the founder. */
export async function comesBack(): Promise<void> {
  say('10. halt, destroy, up again');
  const expected = await endState();
  const halted = await vagrant(['halt']);
  expect(halted.code === 0, 'vagrant halt');
  const serial = await vagrant(['up', '--no-parallel']);
  expect(
    serial.code === 0 && /without a majority|no majority/.test(serial.out),
    'vagrant up --no-parallel: the first machine had no majority and let the others come up',
  );
  await settled(600, expected);
  expect(true, 'same end state after halt and a serial up');
  for (const machine of ['vmServidor1', 'vmBalanceador'] as const) {
    const destroyed = await vagrant(['destroy', '-f', machine]);
    expect(destroyed.code === 0, `${machine} destroyed`);
    const up = await vagrant(['up']);
    expect(up.code === 0, `vagrant up after ${machine} was destroyed`);
    if (machine === 'vmBalanceador')
      expect(up.out.includes('joined the cluster as vmBalanceador'), 'the founder joined the cluster of the others');
    await settled(300, expected);
    expect(true, `same end state after ${machine} was made anew`);
  }
}

/** 8, first part: a joiner alone says who is missing. Then the first `up` is killed three times. */
export async function survivesKills(): Promise<string> {
  say('8. Vagrant killed three times during the first up');
  const kills: [RegExp, string][] = [
    [/vmServidor1: \[3\/3\] Membership/, 'in the cluster script'],
    [/vmServidor2: \[\d\/\d\] Software apache/, "in the image's preparation"],
    [/vmServidor2: \[\d\/\d\] Container web3/, 'at the last container'],
  ];
  for (const [pattern, where] of kills) {
    const killed = await vagrant(['up'], pattern);
    expect(killed.code === -9, `killed ${where}`);
  }
  const last = await vagrant(['up']);
  expect(last.code === 0, 'the fourth vagrant up ended well');
  return await settled(300);
}

/** A joiner alone waits for its founder, then fails and says what to do. */
export async function joinerAloneFails(): Promise<void> {
  say('vmServidor1 alone before the founder exists');
  const app = join(WORK, 'project', 'bin', 'balanceador.ts');
  const source = readFileSync(app, 'utf8');
  writeFileSync(app, source.replace("subnet: '192.168.56.0/24',", "subnet: '192.168.56.0/24', joinDeadline: Duration.seconds(20),"));
  await synth();
  const { code, out } = await vagrant(['up', 'vmServidor1']);
  expect(
    code !== 0 &&
      /vmBalanceador \(192\.168\.56\.5\), which founds the cluster, does not answer/.test(out) &&
      out.includes('vagrant up vmBalanceador'),
    'it fails at its deadline, names vmBalanceador and the command',
  );
  writeFileSync(app, source);
  await synth();
}

/** 12: seconds of the container stage of an `up`, from its output with times. */
export async function paperWay(): Promise<number> {
  say("12. the paper's way, one container: launch, update, upgrade, sleeps, install, restart");
  const began = Date.now();
  const step = async (what: string, command: string) => {
    const start = Date.now();
    await ssh('vmServidor1', `${command} </dev/null >/dev/null 2>&1`);
    say(`  ${what}: ${Math.round((Date.now() - start) / 1000)} s`);
  };
  await step('launch', `${engine().client} launch debian-12 paper --target vmServidor1`);
  await step('sleep 5', 'sleep 5');
  await step('apt update', `${engine().client} exec paper -- apt-get update`);
  await step('apt upgrade', `${engine().client} exec paper -- env DEBIAN_FRONTEND=noninteractive apt-get upgrade -y`);
  await step('sleep 10', 'sleep 10');
  await step('apt install apache2', `${engine().client} exec paper -- env DEBIAN_FRONTEND=noninteractive apt-get install -y apache2`);
  await step('restart', `${engine().client} restart paper`);
  const seconds = (Date.now() - began) / 1000;
  await ssh('vmServidor1', `${engine().client} delete paper --force </dev/null`);
  return seconds;
}
