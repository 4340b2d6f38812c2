import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { App, Container, Size, Stack } from '../../lib/index.js';
import { stablePlace } from '../../lib/lxd/index.js';
import { aCluster, errorsOf, itRefuses, output, removeTemporaries, stackOf, temporary } from '../support.js';

removeTemporaries();

describe('Container', () => {
  itRefuses(import.meta.url, [
    {
      id: 'bad-container-name',
      path: 's/C',
      says: ['"1st"', 'beginning with a letter'],
      build: (stack) => new Container(stack, 'C', { name: '1st', on: aCluster(stack).m1 }),
    },
    {
      id: 'bad-container-name',
      when: 'that would leave the output',
      path: 's/C',
      says: ['"../x"', 'use letters'],
      build: (stack) => new Container(stack, 'C', { name: '../x', on: aCluster(stack).m1 }),
    },
    {
      id: 'duplicate-container',
      path: 's/B',
      says: ['"WEB"', 's/A', 'rename one'],
      build: (stack) => {
        const { m1, m2 } = aCluster(stack);
        new Container(stack, 'A', { name: 'web', on: m1 });
        new Container(stack, 'B', { name: 'WEB', on: m2 });
      },
    },
    {
      id: 'colliding-names',
      path: 's/web101',
      says: ['"web101"', '"web1"', '10.77.', '"m1"', 'rename one'],
      build: (stack) => {
        const { m1 } = aCluster(stack);
        new Container(stack, 'web1', { on: m1 });
        new Container(stack, 'web101', { on: m1 });
      },
    },
    {
      id: 'duplicate-port',
      when: 'for a port of the host, whose port in the machine the user did not choose',
      path: 's/C',
      says: ['"m1", to which port 8080 of the host leads, is taken by s/B', 'choose another'],
      build: (stack) => {
        const { m1 } = aCluster(stack);
        new Container(stack, 'B', { on: m1 }).publish({ listen: stablePlace('8080-host', '10.77').port, connect: 80 });
        new Container(stack, 'C', { on: m1 }).publishOnHost(8080, 80);
      },
    },
    {
      id: 'memory-above-machine',
      path: 's/C',
      says: ['2048 MiB', '"m1" has 1024 MiB', 'lower the limit or enlarge'],
      build: (stack) => new Container(stack, 'C', { on: aCluster(stack).m1, memory: Size.gibibytes(2) }),
    },
    {
      id: 'bad-cpus',
      path: 's/C',
      says: ['1.5 cpus', 'a whole number'],
      build: (stack) => new Container(stack, 'C', { on: aCluster(stack).m1, cpus: 1.5 }),
    },
  ]);

  it('may not be on a machine of another stack', () => {
    const app = new App({ outdir: join(temporary(), 'out') });
    const { m1 } = aCluster(new Stack(app, 'here'));
    new Container(new Stack(app, 'there'), 'C', { on: m1 });
    const error = errorsOf(app).find((one) => one.id === 'other-stack');
    expect(error).toMatchObject({ path: 'there/C' });
    expect(error?.message).toMatch(/"C" is in stack "there" but on "m1" of stack "here"; choose a member of its own stack/);
  });

  it('of colliding names may be on different machines', () => {
    const { warnings } = stackOf((stack) => {
      const { m1, m2 } = aCluster(stack);
      new Container(stack, 'web1', { on: m1 });
      new Container(stack, 'web101', { on: m2 });
    });
    expect(warnings).toEqual([]);
  });

  it('is described to LXD: limits, an address of its own, ports on the private address', () => {
    const { files } = stackOf((stack) => {
      const container = new Container(stack, 'C', { name: 'app', on: aCluster(stack).m2, memory: Size.mebibytes(256), cpus: 1 });
      container.publish({ listen: 1080, connect: 80 });
      container.publishOnHost(8080, 80);
    });
    const { config, devices } = JSON.parse(files['s/containers/m2.json'] ?? '').app;
    expect(config).toMatchObject({
      'boot.autostart': 'true',
      'limits.cpu': '1',
      'limits.memory': '256MiB',
      'user.cdk-vagrant.path': 's/C',
    });
    const address = devices.eth0['ipv4.address'];
    expect(devices['port-1080']).toEqual({ connect: `tcp:${address}:80`, listen: 'tcp:192.168.56.12:1080', nat: 'true', type: 'proxy' });
    // In the machine the host's port is another one, so that both may be 8080.
    const { port } = stablePlace('8080-host', '10.77');
    expect(devices[`host-${port}`]).toEqual({ connect: `tcp:${address}:80`, listen: `tcp:0.0.0.0:${port}`, type: 'proxy' });
    expect(files['s/Vagrantfile']).toContain(`"forwarded_port", guest: ${port}, host: 8080, host_ip: "127.0.0.1"`);
    // The private network and the containers beside it do not get in that way.
    expect(files['s/firewall/m2.nft']).toContain(`ip saddr 192.168.56.0/24 tcp dport ${port} reject`);
    expect(files['s/firewall/m2.nft']).toContain(`iifname "lxdbr0" tcp dport ${port} reject`);
  });

  it('keeps ports of the host from all networks of the machine, as far as their addresses are known', () => {
    const { files, folder } = stackOf((stack) => {
      const { m2 } = aCluster(stack);
      new Container(stack, 'C', { on: m2 }).publishOnHost(8080, 80);
      m2.machine
        .addNetwork({ address: '192.168.57.12' })
        .addNetwork({ address: 'dhcp', subnet: '192.168.58.0/24' })
        .addNetwork({ promiscuous: true })
        .addNetwork({ kind: 'public', address: '10.1.2.3', bridge: 'eno1' })
        .addNetwork({ kind: 'public', address: 'dhcp', bridge: 'eno1' });
    });
    const { port } = stablePlace('8080-host', '10.77');
    const nft = files['s/firewall/m2.nft'] ?? '';
    expect(nft.split('\n').flatMap((line) => (line.includes(` tcp dport ${port} `) ? [line.trim().split(` tcp`)[0]] : []))).toEqual([
      ...['ip saddr 192.168.56.0/24', 'ip saddr 192.168.57.0/24', 'ip saddr 192.168.58.0/24', 'ip daddr 10.1.2.3'],
      'iifname "lxdbr0"',
    ]);
    const [program = '', ...words] = process.getuid?.() === 0 ? ['nft'] : ['unshare', '-rn', 'nft'];
    output(program, [...words, '-c', '-f', join(folder, 'firewall/m2.nft')]);
  });

  it('takes limits back when the app has none any more', () => {
    const { files } = stackOf((stack) => new Container(stack, 'app', { on: aCluster(stack).m1 }));
    expect(JSON.parse(files['s/containers/m1.json'] ?? '').app.config).toMatchObject({ 'limits.cpu': '', 'limits.memory': '' });
  });
});
