import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  ADDRESS,
  domain,
  engine,
  expect,
  MACHINES,
  type MachineName,
  must,
  OUTPUT,
  run,
  SITE,
  STACK,
  say,
  ssh,
  synth,
  trySsh,
  until,
  vagrant,
  virsh,
} from './rig.js';
import { CONTAINERS, endState, instances, page, settled } from './system.js';

/** The machines, as they are, are given another network between their containers by a `vagrant provision`; then all of it is tried. */
export async function turnsTo(way: string): Promise<void> {
  say(`network ${way}`);
  await synth('-c', `network=${way}`);
  if (way === 'bridged') for (const machine of MACHINES) await attachInterface(machine);
  const turned = await vagrant(['provision']);
  expect(turned.code === 0, `vagrant provision gave the containers the network ${way} in ${turned.seconds} s`);
  const state = await settled(300);
  await rightLinks(way);
  await serves(way);
  const again = await vagrant(['provision']);
  expect(again.code === 0 && again.out.split('nothing to change').length === 7, 'provisioned again, nothing changes');
  await losesMachine();
  for (const machine of ['vmServidor2', 'vmBalanceador'] as const) {
    const boot = 'cat /proc/sys/kernel/random/boot_id';
    const before = await ssh(machine, boot);
    await trySsh(machine, 'systemctl reboot'); // the connection may end first
    await until(600, `${machine} after its boot`, async () => {
      const { code, out } = await trySsh(machine, boot);
      return code === 0 && out !== before ? true : undefined;
    });
    await settled(600, state);
    await serves(`${way}, after ${machine} booted anew`);
  }
}

/** libvirt gives a machine its interfaces when it is made, so this one comes by hand, as the Vagrantfile has it. */
async function attachInterface(machine: MachineName): Promise<void> {
  const block =
    readFileSync(join(OUTPUT, 'Vagrantfile'), 'utf8').split(`config.vm.define "${machine}"`)[1]?.split('config.vm.define')[0] ?? '';
  const digits = /mac(?:: |"? => )"(02CD[0-9A-F]{8})"/.exec(block)?.[1];
  expect(digits !== undefined, `the Vagrantfile has an interface for the containers of ${machine}: ${digits}`);
  const mac = (digits?.match(/../g) ?? []).join(':').toLowerCase();
  const rows = (await virsh('domiflist', domain(machine)))
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/));
  if (rows.some((row) => row[4] === mac)) return;
  const leases = await Promise.all(rows.map(async (row) => [row[2] as string, await virsh('net-dumpxml', row[2] as string)] as const));
  const network = leases.find(([, xml]) => xml.includes("address='192.168.56.1'"))?.[0] as string;
  await virsh('attach-interface', domain(machine), 'network', network, '--model', 'virtio', '--mac', mac, '--live', '--config');
}

/** Each container is linked to what the network is, and has the one address that it is to have. */
async function rightLinks(way: string): Promise<void> {
  for (const { name, location, devices } of await instances()) {
    const kind =
      devices.eth1 === undefined
        ? 'published'
        : devices.eth1.nictype === 'macvlan'
          ? 'macvlan'
          : devices.eth1.mtu === undefined
            ? 'bridged'
            : 'vxlan';
    expect(kind === way, `${name} on ${location} is linked by ${kind}`);
    if (way === 'published') continue;
    const script = readFileSync(join(OUTPUT, `${location}_cfg.sh`), 'utf8');
    const address = new RegExp(`^network_address ${name} (\\S+) `, 'm').exec(script)?.[1];
    const shown = await ssh(location as MachineName, `${engine().client} exec ${name} -- ip -4 -o address show eth1 </dev/null`);
    expect(shown.split('\n').filter(Boolean).length === 1 && shown.includes(` ${address}/`), `${name} has ${address}`);
  }
}

/** Requests alternate, the client's own address is in both logs, and nobody but the balancer reaches a server. */
async function serves(way: string): Promise<void> {
  const served: string[] = [];
  for (let n = 0; n < 8; n++) served.push(/<h1>(web\d)<\/h1>/.exec((await page()) ?? '')?.[1] ?? 'none');
  expect(
    served.every((one, n) => one === served[n % 2]) && new Set(served).size === 2,
    `${way}: eight requests were served by ${served.join(' ')}`,
  );
  const mark = `mark=${Date.now()}`;
  for (let n = 0; n < 2; n++) {
    await must('curl', ['-s', '-o', '/dev/null', `${SITE}?${mark}`]);
    await trySsh('vmServidor1', `curl -s -o /dev/null '${SITE}?${mark}'`);
  }
  const log = (name: string, command: string) =>
    ssh(CONTAINERS[name] as MachineName, `${engine().client} exec ${name} -- sh -c "${command}" </dev/null`);
  const apache = `grep -ahF '${mark}' /var/log/apache2/access.log || true`;
  const both = await until(20, 'the requests in the logs', async () => {
    const text = (await log('web1', apache)) + (await log('web2', apache));
    return text.split('\n').filter(Boolean).length >= 4 ? text : undefined;
  });
  const seen = [
    ...new Set(
      both
        .split('\n')
        .filter(Boolean)
        .map((line) => line.split(' ')[0]),
    ),
  ].sort();
  expect(seen.join(' ') === '192.168.56.1 192.168.56.6', `${way}: Apache logged ${seen.join(' and ')}`);
  const configuration = readFileSync(join(OUTPUT, 'haproxy.cfg'), 'utf8');
  for (const [, name, address, port] of configuration.matchAll(/server (web\d) ([\d.]+):(\d+)/g)) {
    const third = CONTAINERS[name as string] === 'vmServidor1' ? 'vmServidor2' : 'vmServidor1';
    const stranger = third === 'vmServidor2' ? 'web2' : 'web1';
    const fromHost = await asksFromHost(address as string, port as string, CONTAINERS[name as string] as MachineName);
    const fromServer = await trySsh(
      third,
      `${engine().client} exec ${stranger} -- timeout 4 bash -c 'exec 3<>/dev/tcp/${address}/${port}' </dev/null`,
    );
    const told = `${name} at ${address}:${port}: the host ${fromHost.code}, ${stranger} ${fromServer.code}`;
    // macvlan has nobody in between, as its warning says.
    if (way.startsWith('macvlan')) say(`  ${told}`);
    else expect([7, 28].includes(fromHost.code) && [1, 124].includes(fromServer.code), `refused: ${told}`);
  }
}

/** Asks a server by its address, through its machine where that is no address of the private network. */
async function asksFromHost(address: string, port: string, machine: MachineName): Promise<{ readonly code: number }> {
  const route = ['route', 'add', `${address}/32`, 'via', ADDRESS[machine]];
  const isNear = address.startsWith('192.168.56.');
  if (!isNear) await must('ip', route);
  try {
    return await run('curl', ['-s', '-o', '/dev/null', '--max-time', '4', `http://${address}:${port}/`]);
  } finally {
    if (!isNear) await must('ip', ['route', 'del', ...route.slice(2)]);
  }
}

/** A machine without power costs nothing but its own servers. */
async function losesMachine(): Promise<void> {
  const expected = await endState();
  await virsh('destroy', domain('vmServidor1'));
  const answers: string[] = [];
  for (let n = 0; n < 20; n++) answers.push(/<h1>(web\d)<\/h1>/.exec((await page()) ?? '')?.[1] ?? 'none');
  expect(!answers.includes('none') && answers.slice(-5).every((one) => one === 'web2'), `without vmServidor1: ${answers.join(' ')}`);
  await virsh('start', domain('vmServidor1'));
  await settled(600, expected);
  say(`  ${STACK}: vmServidor1 at ${ADDRESS.vmServidor1} is back`);
}
