import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { App, CloudInitTarget, type CloudNetwork, Machine, Stack, VagrantTarget } from '../../lib/index.js';
import { AWKWARD } from '../strings.js';
import { aCluster, aSite, errorsOf, fill, output, removeTemporaries, run, synth, temporary } from '../support.js';

removeTemporaries();

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ somebody@example';
const NETWORK: CloudNetwork = { private: { name: 'eth1' }, dhcp: [{ name: 'eth0' }] };

/** A synthesised stack `s` of three members and two servers, for cloud-init. */
function cloud(network: CloudNetwork | ((machine: Machine) => CloudNetwork) = NETWORK, keys: readonly string[] = [KEY]) {
  const app = new App({ outdir: join(temporary(), 'out') });
  const stack = new Stack(app, 's', { targets: [new CloudInitTarget({ network, sshAuthorizedKeys: keys })] });
  return { app, stack };
}

function synthesised(network?: CloudNetwork | ((machine: Machine) => CloudNetwork)) {
  const { app, stack } = cloud(network);
  aSite(stack);
  return synth(app).files;
}

describe('CloudInitTarget', () => {
  it.each([
    ['its Vagrantfile', () => [new VagrantTarget(), new VagrantTarget()]],
    ['user-data', () => [new CloudInitTarget({ network: NETWORK }), new CloudInitTarget({ network: NETWORK })]],
  ])('is refused: a second target that writes %s', (what, targets) => {
    const app = new App({ outdir: join(temporary(), 'out') });
    aSite(new Stack(app, 's', { targets: targets() }));
    const message = `stack "s" has two targets that write ${what}; give it one`;
    expect(errorsOf(app)).toMatchObject([{ id: 'duplicate-target', path: 's', message }]);
  });

  it('writes for each machine what cloud-init reads, instead of a Vagrantfile, beside the same scripts', () => {
    const files = synthesised();
    const app = new App({ outdir: join(temporary(), 'out') });
    aSite(new Stack(app, 's'));
    const byVagrant = synth(app).files;
    expect(Object.keys(files).filter((path) => path.startsWith('s/cloud-init/'))).toEqual(
      ['m1', 'm2', 'm3'].flatMap((name) =>
        ['meta-data', 'network-config', 'seed.json', 'user-data'].map((file) => `s/cloud-init/${name}/${file}`),
      ),
    );
    expect(files['s/Vagrantfile']).toBeUndefined();
    expect(files['s/.gitignore']).toBe('.vagrant/\n.cdkv*/\n');
    // All that runs on a machine is as under Vagrant, byte for byte.
    const shared = Object.entries(byVagrant).filter(([path]) => !/Vagrantfile|manifest|tree\.json/.test(path));
    expect(shared.length).toBeGreaterThan(20);
    for (const [path, content] of shared) expect(files[path], path).toBe(content);
  });

  it('writes user data that cloud-init takes', () => {
    const files = synthesised();
    const folder = fill(temporary(), { 'user-data': files['s/cloud-init/m2/user-data'] as string });
    expect(output('cloud-init', ['schema', '-c', join(folder, 'user-data')])).toContain('Valid cloud-config');
    const { bootcmd, ...data } = parse(files['s/cloud-init/m2/user-data'] as string, { version: '1.1' });
    expect(data).toEqual({ hostname: 'm2', manage_etc_hosts: true, ssh_authorized_keys: [KEY] });
    expect(bootcmd).toHaveLength(1);
    const script = fill(temporary(), { 'boot.sh': bootcmd[0] });
    expect(run('sh', ['-n', join(script, 'boot.sh')]).code).toBe(0);
    expect(parse(files['s/cloud-init/m2/meta-data'] as string)).toEqual({ 'instance-id': 's-m2', 'local-hostname': 'm2' });
  });

  it.each(['yes', 'null', 'on', 'e3', 'x-1e3'])('takes %j for the name of a machine, which YAML may take for something else', (name) => {
    const { app, stack } = cloud();
    aCluster(stack).cluster.addMember(name, { address: '192.168.56.20' });
    const { files } = synth(app);
    const program = 'import sys, yaml; d = yaml.safe_load(sys.stdin); print(repr(d.get("hostname") or d.get("local-hostname")))';
    for (const file of ['user-data', 'meta-data'])
      expect(output('/usr/bin/python3', ['-c', program], { input: files[`s/cloud-init/${name}/${file}`] as string })).toBe(`'${name}'\n`);
  });

  it('takes any comment of a key as it is, or refuses the key', () => {
    const keys = AWKWARD.map((text) => `ssh-ed25519 AAAA ${text}`);
    const { app, stack } = cloud(NETWORK, keys);
    aCluster(stack);
    const refused = new Set(
      errorsOf(app)
        .filter(({ id }) => id === 'bad-ssh-key')
        .map(({ message }) => message.split(' is no public key')[0]),
    );
    const taken = keys.filter((key) => !refused.has(JSON.stringify(key)) && key.length < 200);
    expect(taken.length).toBeGreaterThan(40);
    const good = cloud(NETWORK, taken);
    aCluster(good.stack);
    const program = 'import sys, yaml, json; print(json.dumps(yaml.safe_load(sys.stdin.buffer)["ssh_authorized_keys"]))';
    const input = synth(good.app).files['s/cloud-init/m1/user-data'] as string;
    expect(JSON.parse(output('/usr/bin/python3', ['-c', program], { input: Buffer.from(input, 'latin1').toString() }))).toEqual(taken);
  });

  it("lays the user's own words over its own, and says so", () => {
    const app = new App({ outdir: join(temporary(), 'out') });
    const target = new CloudInitTarget({
      network: NETWORK,
      sshAuthorizedKeys: [KEY],
      userData: ({ machineName }) => ({ hostname: `${machineName}-own`, bootcmd: ['echo own'], packages: ['vim'] }),
      networkConfig: { ethernets: { eth1: { mtu: 1400 } } },
    });
    aCluster(new Stack(app, 's', { targets: [target] }));
    const { files } = synth(app);
    const text = files['s/cloud-init/m2/user-data'] ?? '';
    expect(text).toMatch(/^#cloud-config\n# m2\..*\n# raw, in hostname, bootcmd, packages\n/);
    const { bootcmd, ...data } = parse(text);
    expect(data).toEqual({ hostname: 'm2-own', manage_etc_hosts: true, ssh_authorized_keys: [KEY], packages: ['vim'] });
    expect(bootcmd).toEqual([expect.stringContaining('cdk-vagrant-start'), 'echo own']);
    const network = files['s/cloud-init/m2/network-config'] ?? '';
    expect(network).toMatch(/^# raw, in ethernets\n/);
    expect(parse(network).ethernets.eth1).toEqual({ dhcp4: false, addresses: ['192.168.56.12/24'], mtu: 1400 });
  });

  it.each<[own: object, says: string]>([
    [{ userData: 'packages: [vim]' }, 'userData for "m1" is "packages: [vim]"; give a map'],
    [{ userData: { bootcmd: 'true' } }, 'userData for "m1" has a bootcmd that is no list'],
    [{ networkConfig: [1] }, 'networkConfig for "m1" is [1]; give a map'],
  ])('refuses %j', (own, says) => {
    const app = new App({ outdir: join(temporary(), 'out') });
    aCluster(new Stack(app, 's', { targets: [new CloudInitTarget({ network: NETWORK, ...own })] }));
    expect(errorsOf(app)[0]).toMatchObject({ id: 'bad-user-data', message: expect.stringContaining(says) });
  });

  it('names interfaces, or knows them by their hardware address', () => {
    const config = (network: Parameters<typeof synthesised>[0]) => parse(synthesised(network)['s/cloud-init/m1/network-config'] as string);
    expect(config(NETWORK)).toEqual({
      version: 2,
      ethernets: { eth1: { dhcp4: false, addresses: ['192.168.56.11/24'] }, eth0: { dhcp4: true } },
    });
    const alone = ({ machineName }: Machine) => ({
      private: { mac: `52:54:00:AB:cd:0${machineName.at(-1)}` },
      gateway: '192.168.56.1',
      nameservers: ['9.9.9.9'],
    });
    expect(config(alone)).toEqual({
      version: 2,
      ethernets: {
        private: {
          match: { macaddress: '52:54:00:ab:cd:01' },
          'set-name': 'private',
          dhcp4: false,
          addresses: ['192.168.56.11/24'],
          routes: [{ to: '0.0.0.0/0', via: '192.168.56.1' }],
          nameservers: { addresses: ['9.9.9.9'] },
        },
      },
    });
  });

  it('sets up the further networks of a machine', () => {
    const further = (networks: CloudNetwork['networks']) => {
      const { app, stack } = cloud({ ...NETWORK, ...(networks && { networks }) });
      new Machine(stack, 'vm', { address: '192.168.56.5', network: { mtu: 1400, autoConfig: false } })
        .addNetwork({ address: '10.1.2.3', subnet: '10.1.0.0/16' })
        .addNetwork({ kind: 'public', address: 'dhcp', device: 'x', mtu: 9000 })
        .addNetwork({ promiscuous: true });
      return app;
    };
    const { files } = synth(further([{ mac: '52:54:00:00:00:09' }, { name: 'eth3' }, { name: 'eth4' }]));
    expect(parse(files['s/cloud-init/vm/network-config'] as string).ethernets).toEqual({
      eth1: { dhcp4: false, addresses: ['192.168.56.5/24'], mtu: 1400 },
      eth0: { dhcp4: true },
      further0: {
        match: { macaddress: '52:54:00:00:00:09' },
        'set-name': 'further0',
        dhcp4: false,
        addresses: ['10.1.2.3/16'],
      },
      eth3: { dhcp4: true, mtu: 9000 },
      eth4: { dhcp4: false, optional: true },
    });
    for (const networks of [undefined, [{ name: 'eth2' }]])
      expect(errorsOf(further(networks))).toMatchObject([
        { id: 'bad-cloud-network', message: expect.stringContaining(`${networks?.length ?? 0} interfaces for its 3 further networks`) },
      ]);
  });

  it('gives each machine its own network', () => {
    const files = synthesised(({ machineName }) => ({ private: { name: `nic-${machineName}` } }));
    expect(Object.keys(parse(files['s/cloud-init/m3/network-config'] as string).ethernets)).toEqual(['nic-m3']);
  });

  it('holds no secret, and says where each comes from', () => {
    const files = synthesised();
    const { scripts, bundle, machine } = JSON.parse(files['s/cloud-init/m1/seed.json'] as string);
    expect(machine).toBe('m1');
    expect(bundle).toContain('lib/provision.sh');
    expect(scripts.map(({ name, file }: { name: string; file: string }) => [name, file])).toEqual([
      ['cluster', 'cluster-m1.sh'],
      ['containers', 'm1_cfg.sh'],
    ]);
    expect(scripts[0].environment).toEqual({
      CLUSTER_CERTIFICATE: { keyPair: 'cluster', half: 'certificate' },
      CLUSTER_KEY: { keyPair: 'cluster', half: 'key' },
      JOIN_CERTIFICATE: { keyPair: 'join', half: 'certificate' },
      JOIN_KEY: { keyPair: 'join', half: 'key' },
      PROVISIONED: { others: ['m2', 'm3'] },
    });
    expect(Object.values(files).join('')).not.toMatch(/BEGIN [A-Z ]*PRIVATE KEY/);
  });

  it('is chosen stack by stack, beside Vagrant or instead', () => {
    const app = new App({ outdir: join(temporary(), 'out') });
    aCluster(new Stack(app, 'virtual'));
    aCluster(new Stack(app, 'real', { targets: [new CloudInitTarget({ network: NETWORK })] }));
    aCluster(new Stack(app, 'both', { targets: [new VagrantTarget(), new CloudInitTarget({ network: NETWORK })] }));
    const paths = Object.keys(synth(app).files);
    const has = (stack: string) =>
      [`${stack}/Vagrantfile`, `${stack}/cloud-init/m1/user-data`, `${stack}/topology.svg`].map((path) => paths.includes(path));
    expect([has('virtual'), has('real'), has('both')]).toEqual([
      [true, false, true],
      [false, true, true],
      [true, true, true],
    ]);
  });

  it.each<[fault: string, network: CloudNetwork]>([
    ['interface "", which is no name of one; write it like "eth1"', { private: { name: '' } }],
    ['interface "a-name-of-16-chr", which is no name', { private: { name: 'a-name-of-16-chr' } }],
    ['interface "52:54", which is no hardware address; write it like', { private: { mac: '52:54' } }],
    ['interface "eth0" twice; name each once', { private: { name: 'eth0' }, dhcp: [{ name: 'eth0' }] }],
    ['interface "private" twice', { private: { mac: '52:54:00:00:00:01' }, dhcp: [{ name: 'private' }] }],
    ['address "here", which is no IPv4 address', { private: { name: 'eth0' }, nameservers: ['here'] }],
    ['no interface for its own address; name it: private: { name: "eth1" }', {} as CloudNetwork],
    ['no interface for its own address', (() => undefined) as unknown as CloudNetwork],
    ['interface {}; tell it by either "name" or "mac"', { private: {} as { name: string } }],
    ['interface {"name":"eth0","mac":"52:54:00:00:00:01"}; tell it', { private: { name: 'eth0', mac: '52:54:00:00:00:01' } }],
    ['interface {"mac":5}; tell it', { private: { name: 'eth0' }, dhcp: [{ mac: 5 } as unknown as { mac: string }] }],
    ['interface "53:54:00:00:00:01", which is no hardware address', { private: { mac: '53:54:00:00:00:01' } }],
    ["gateway 192.168.56.255, which is no router's in 192.168.56.0/24", { private: { name: 'eth0' }, gateway: '192.168.56.255' }],
    ['gateway 192.168.57.1, which is outside 192.168.56.0/24', { private: { name: 'eth0' }, gateway: '192.168.57.1' }],
  ])('refuses a network with %s', (fault, network) => {
    const { app, stack } = cloud(network);
    aCluster(stack);
    const errors = errorsOf(app);
    expect(errors).toMatchObject([1, 2, 3].map((n) => ({ id: 'bad-cloud-network', path: `s/Cluster/m${n}/Machine` })));
    expect(errors[0]?.message).toContain(`the network of "m1" has ${fault}`);
  });

  it('refuses more user data than clouds take', () => {
    const keys = Array.from({ length: 60 }, (_, n) => `ssh-rsa ${'A'.repeat(372)} key${n}`);
    const { app, stack } = cloud(NETWORK, keys);
    aCluster(stack);
    const [first, ...others] = errorsOf(app);
    for (const error of [first, ...others]) expect(error).toMatchObject({ id: 'long-user-data' });
    expect(others).toHaveLength(2);
    expect(first?.message).toMatch(
      /^user-data of "m1" has \d+ bytes and clouds take 16384; leave out some of the 60 keys, or of your own words$/,
    );
  });

  it.each(['', 'AAAA', 'ssh-ed25519 AAAA\nssh-ed25519 BBBB', '-----BEGIN OPENSSH PRIVATE KEY-----'])(
    'refuses %j for a public key',
    (key) => {
      const { app, stack } = cloud(NETWORK, [key]);
      aCluster(stack);
      expect(errorsOf(app)).toMatchObject([
        { id: 'bad-ssh-key', path: 's', message: expect.stringContaining('is no public key; give a line like') },
      ]);
    },
  );

  it('refuses the hardware address of another machine, and the own address for a router', () => {
    const { app, stack } = cloud({ private: { mac: '52:54:00:AB:00:01' }, gateway: '192.168.56.13' });
    for (const [n, name] of ['one', 'two'].entries()) new Machine(stack, name, { address: `192.168.56.${11 + n}` });
    expect(errorsOf(app)).toMatchObject([
      {
        id: 'bad-cloud-network',
        path: 's/two',
        message:
          'the network of "two" has interface "52:54:00:ab:00:01", which is that of "one"; give each its own: network: (machine) => ...',
      },
    ]);
    const other = cloud({ private: { name: 'eth1' }, gateway: '192.168.56.11' });
    new Machine(other.stack, 'one', { address: '192.168.56.11' });
    expect(errorsOf(other.app)).toMatchObject([
      { id: 'bad-cloud-network', message: 'the network of "one" has gateway 192.168.56.11, which is its own address; choose another' },
    ]);
  });

  it('tells what is wrong with a machine once, and refuses a stack without one', () => {
    const { app, stack } = cloud();
    aCluster(stack).cluster.addMember('a\nb', { address: '192.168.56.20' });
    expect(errorsOf(app).map(({ id }) => id)).toContain('bad-host-name');
    const empty = cloud();
    expect(errorsOf(empty.app).map(({ id }) => id)).toEqual(['no-machines']);
  });
});
