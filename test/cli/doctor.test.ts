import { chmodSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import { nodeVersion } from '../../lib/cli/doctor.js';
import { fill, ROOT, removeTemporaries, start, temporary } from '../support.js';

removeTemporaries();

/** Programs of which nothing is known but what they answer. */
function programs(answers: Readonly<Record<string, string>>): string {
  const folder = fill(temporary(), answers);
  for (const name of Object.keys(answers)) chmodSync(join(folder, name), 0o755);
  symlinkSync(process.execPath, join(folder, 'node'));
  symlinkSync('/bin/sh', join(folder, 'sh'));
  return folder;
}

const VAGRANT = '#!/bin/sh\n[ "$1" = plugin ] && echo "$PLUGINS" || echo "Vagrant $VERSION"\n';
const THERE = '#!/bin/sh\n';

/** Runs the command for an app of one machine. */
async function doctor(PATH: string, machine: string, env: Readonly<Record<string, string>> = {}, target = 'new VagrantTarget()') {
  const folder = fill(temporary(), {
    'package.json': '{"type": "module"}',
    'app.ts': `
import { App, Box, CloudInitTarget, Cluster, Container, Size, Stack, VagrantTarget } from ${JSON.stringify(join(ROOT, 'lib/index.ts'))};
const app = new App();
const cluster = new Cluster(new Stack(app, 's', { targets: [${target}] }), 'Cluster', { subnet: process.env.SUBNET });
const vm = cluster.addMember('vm', ${machine});
if (process.env.SERVER === undefined) vm.machine.addNetwork({ address: '192.168.57.5' }).addNetwork({ kind: 'public', address: '10.55.0.5', device: 'eno1' });
vm.machine.forwardPort({ hostPort: Number(process.env.PORT ?? 18080), machinePort: 53, protocol: 'udp' });
vm.machine.forwardPort({ hostPort: Number(process.env.OTHER ?? 18081), machinePort: 54, autoCorrect: true });
new Container(app.node.findChild('s'), 'c', { on: vm }).publishOnHost(Number(process.env.PORT ?? 18080), 80);
app.synth();
`,
  });
  const loader = join(ROOT, 'node_modules/tsx/dist/loader.mjs');
  const { code, out } = await start(
    'node',
    ['--import', loader, join(ROOT, 'bin/cdkv.ts'), 'doctor', '--json', '-a', `node --import ${loader} app.ts`],
    { cwd: folder, env: { PATH, SUBNET: '192.168.56.0/24', VERSION: '2.4.9', ...env } },
  );
  const answer = JSON.parse(out) as { ok?: boolean; outcome?: string; ailments?: { state: string; message: string }[] };
  const say = (state: string) => answer.ailments?.filter((ailment) => ailment.state === state).map(({ message }) => message);
  return { code, ok: answer.ok, outcome: answer.outcome, ill: say('ill'), well: say('well') };
}

describe.concurrent('cdkv doctor', () => {
  const healthy = programs({ vagrant: VAGRANT, VBoxManage: THERE });

  it('finds nothing in the way', async ({ expect }) => {
    const found = await doctor(healthy, "{ address: '192.168.56.5' }");
    expect(found).toMatchObject({ code: 0, ok: true, ill: [] });
    expect(found.well).toEqual(
      expect.arrayContaining([
        'Vagrant 2.4.9',
        'provider virtualbox',
        's: 1 machine',
        'port 18080 is free for "vm"',
        'subnet 192.168.56.0/24 is not in use',
        'subnet 192.168.57.0/24 is not in use',
      ]),
    );
    expect(found.well?.filter((message) => /^(port|subnet)/.test(message))).toHaveLength(4);
  });

  it('knows machines that are made, wherever Vagrant keeps what it knows', async ({ expect }) => {
    const VAGRANT_DOTFILE_PATH = fill(temporary(), { 'machines/vm/virtualbox/id': '1' });
    const found = await doctor(healthy, "{ address: '192.168.56.5' }", { VAGRANT_DOTFILE_PATH });
    expect(found.well).toContain('s: 1 machine, 1 made already');
  });

  it('misses Vagrant, or a provider, or the one asked for', async ({ expect }) => {
    const machine = "{ address: '192.168.56.5' }";
    expect((await doctor(programs({}), machine)).ill).toEqual([expect.stringContaining('Vagrant is not installed')]);
    const old = await doctor(programs({ vagrant: VAGRANT }), machine, { VERSION: '2.2.19' });
    expect(old).toMatchObject({ code: 1, ok: false });
    expect(old.ill).toEqual([
      expect.stringContaining('no provider; install VirtualBox'),
      'Vagrant 2.2.19 is too old for stack "s"; install 2.3.0 or later',
    ]);
    const libvirt = programs({ vagrant: VAGRANT, virsh: '#!/bin/sh\nexit 1\n' });
    expect((await doctor(libvirt, machine, { PLUGINS: 'vagrant-libvirt (0.12.2, system)' })).ill).toEqual([
      expect.stringContaining('libvirt does not answer'),
    ]);
    expect((await doctor(healthy, machine, { VAGRANT_DEFAULT_PROVIDER: 'libvirt' })).ill).toEqual([
      'VAGRANT_DEFAULT_PROVIDER is libvirt, which is not ready; there are: virtualbox',
    ]);
  });

  it('finds machines too large, a busy port, a subnet that is refused or in use', async ({ expect }) => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((done) => server.once('listening', done));
    const { port } = server.address() as { port: number };
    const own = Object.values(networkInterfaces())
      .flat()
      .find((one) => one?.family === 'IPv4' && !one.internal);
    try {
      const greedy = await doctor(healthy, "{ address: '10.9.8.5', memory: Size.gibibytes(9000), cpus: 4096 }", {
        SUBNET: '10.9.8.0/24',
        PORT: String(port),
      });
      const other = await doctor(healthy, "{ address: '192.168.56.5' }", { OTHER: String(port) });
      expect(other.ill).toEqual([]);
      expect(other.well).toContain(`port ${port} is taken (EADDRINUSE), and Vagrant takes another for "vm"`);
      expect(greedy.code).toBe(1);
      expect(greedy.ill).toEqual([
        expect.stringMatching(/^the machines take 9216000 MiB of memory and the host has \d+; make fewer/),
        expect.stringContaining('"vm" wants 4096 processors'),
        expect.stringContaining(`port ${port} of the host, which "vm" is to have, is taken (EADDRINUSE)`),
        'VirtualBox refuses subnet 10.9.8.0/24; put the line "* 10.9.8.0/24" into /etc/vbox/networks.conf',
      ]);
    } finally {
      server.close();
    }
    expect(own, 'this host has a network').toBeDefined();
    const subnet = `${own?.address.replace(/\d+$/, '0')}/24`;
    const neighbour = own?.address.replace(/\d+$/, (last) => String(Number(last) === 77 ? 78 : 77));
    const inUse = await doctor(healthy, `{ address: '${neighbour}' }`, { SUBNET: subnet });
    expect(inUse.ill).toEqual(expect.arrayContaining([expect.stringContaining(`subnet ${subnet} is in use by the host`)]));
  });

  it('asks for what the stack is written for', async ({ expect }) => {
    const machine = "{ address: '192.168.56.5' }";
    const newer = await doctor(healthy, machine, { VERSION: '2.4.0' }, "new VagrantTarget({ vagrantVersion: '>= 2.4.1, < 3' })");
    expect(newer.ill).toEqual(['Vagrant 2.4.0 is too old for stack "s"; install 2.4.1 or later']);
    const parallels = await doctor(
      healthy,
      "{ address: '10.9.8.5' }",
      { SUBNET: '10.9.8.0/24' },
      "new VagrantTarget({ providers: ['parallels'] })",
    );
    expect(parallels.ill).toEqual([
      'stack "s" is written for parallels, and ready is virtualbox; install what it is for, or add to its target\'s providers',
    ]);
    const network = "new CloudInitTarget({ network: { private: { name: 'eth1' } } })";
    const servers = await doctor(programs({}), "{ address: '192.168.56.5', memory: Size.gibibytes(9000) }", { SERVER: '1' }, network);
    expect(servers).toMatchObject({ code: 0, ok: true, ill: [] });
    expect(servers.well).toEqual([expect.stringMatching(/^Node /), 's: 1 machine, for servers or a cloud: nothing is asked of this host']);
  });

  it('knows which Node will do', ({ expect }) => {
    const states = (versions: readonly string[]) => [...new Set(versions.map((version) => nodeVersion(version).state))];
    expect(states(['20.19.0', '20.20.2', '22.12.0', '23.0.0', '24.21.0'])).toEqual(['well']);
    expect(states(['18.20.8', '20.18.3', '21.7.3', '22.2.0', '22.11.0'])).toEqual(['ill']);
  });

  it('refuses a tree that is', async ({ expect }) => {
    expect(await doctor(healthy, "{ address: 'nowhere' }")).toMatchObject({
      code: 1,
      outcome: 'refused',
    });
  });
});
