// What a disturbance does where a server is. Vagrant, SSH, the engine and tc are scripts here.
import { chmodSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { App, Network, Stack } from '../../lib/index.js';
import { VagrantSystem } from '../../lib/running/index.js';
import { aSite, fill, PAGE, removeTemporaries, temporary } from '../support.js';

removeTemporaries();
afterEach(() => void vi.unstubAllEnvs());

/** The calls of tc that a disturbance of web2 on m2, in a container, comes to. */
async function callsOf(disturbance: 'slow' | 'restore', network: Network, interfaces: readonly string[]): Promise<string[]> {
  const folder = temporary();
  const programs = {
    vagrant: `case $1 in status) printf '1,m2,%s,%s\\n' provider-name libvirt state running ;; *) echo 'Host m2' ;; esac`,
    ssh: `[ "$3" = -O ] || eval "\${@: -1}"`,
    sudo: 'exec "$@"',
    lxc: `[ "$1 $2 $3" = 'exec web2 --' ] && shift 5 && exec sh -c "\${1//\\/sys/${folder}/sys}"`,
    tc: `echo "$*" >>${folder}/calls`,
    systemctl: '',
  };
  for (const [name, body] of Object.entries(programs)) {
    fill(folder, { [`bin/${name}`]: `#!/bin/bash\n${body}\n` });
    chmodSync(join(folder, 'bin', name), 0o755);
  }
  for (const name of interfaces) fill(folder, { [`sys/class/net/${name}/mtu`]: '' });
  vi.stubEnv('PATH', [join(folder, 'bin'), process.env.PATH].join(delimiter));
  fill(folder, { 'out/s/Vagrantfile': '' });
  const app = new App({ outdir: join(folder, 'out') });
  aSite(new Stack(app, 's'), { site: PAGE }, { network });
  const [stack] = app.assemble().stacks;
  const system = await VagrantSystem.of(stack as NonNullable<typeof stack>, { any: true });
  await system.disturb('web2', disturbance);
  await system.close();
  return readFileSync(join(folder, 'calls'), 'utf8').trim().split('\n');
}

it('makes a container slow on each of its networks, and fast again', async () => {
  expect(await callsOf('slow', Network.vxlan(), ['eth0', 'eth1'])).toEqual([
    'qdisc replace dev eth0 root netem delay 2s',
    'qdisc replace dev eth1 root netem delay 2s',
  ]);
  expect(await callsOf('slow', Network.published(), ['eth0'])).toEqual(['qdisc replace dev eth0 root netem delay 2s']);
  expect(await callsOf('restore', Network.vxlan(), ['eth0', 'eth1'])).toEqual(['qdisc del dev eth0 root', 'qdisc del dev eth1 root']);
});
