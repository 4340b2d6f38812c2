import { cpSync, existsSync, readdirSync, readFileSync, rmSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Image, Machine, Password, type SynthesisError } from '../../lib/index.js';
import { Container } from '../../lib/lxd/index.js';
import { HaproxyFrontend, Site } from '../../lib/web/index.js';
import { aCluster, aSite, fill, output, ROOT, removeTemporaries, run, stackOf, temporary } from '../support.js';
import { type Call, loaded, STUB } from './loaded.js';

removeTemporaries();

interface Options {
  readonly type?: string;
  readonly source?: string;
  readonly destination?: string;
  readonly path?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly [key: string]: unknown;
}

/** Loads a Vagrantfile, and lets its triggers see these events. */
function load(folder: string, events: readonly string[] = [], env: Readonly<Record<string, string>> = {}) {
  const calls = loaded(folder, events, env);
  const vm = calls.filter(([name]) => name === 'vm').flatMap(([, inner]) => inner as Call[]);
  const defined = vm.filter(([name]) => name === 'define') as [string, [string], Call[]][];
  const parts = defined.map(
    ([, [name], inner]) => [name, inner.filter(([part]) => part === 'vm').flatMap(([, calls]) => calls as Call[])] as const,
  );
  const nodes: Readonly<Record<string, readonly Call[]>> = Object.fromEntries(parts);
  const provisioner = (machine: string, name: string) =>
    nodes[machine]?.find((call) => call[0] === 'provision' && call[1] === name)?.[2] as Options | undefined;
  return {
    vm,
    names: Object.keys(nodes),
    calls: (machine: string, name: string) => (nodes[machine] ?? []).filter((call) => call[0] === name),
    provisioner,
    value: (machine: string, name: string, variable: string) =>
      Buffer.from(provisioner(machine, name)?.env?.[variable] ?? '', 'base64').toString(),
  };
}

/** A fresh copy of the paper's output. */
function paper(): string {
  const folder = temporary();
  cpSync(join(ROOT, 'synth-out/balanceador'), folder, { recursive: true });
  return folder;
}

const state = (folder: string, ...path: string[]) => join(folder, '.vagrant/cdk-vagrant', ...path);
const mode = (path: string) => (statSync(path).mode & 0o777).toString(8);

describe('the Vagrantfile', () => {
  it('describes the machines to every provider', () => {
    const loaded = load(paper());
    expect(loaded.names).toEqual(['vmBalanceador', 'vmServidor1', 'vmServidor2']);
    expect(loaded.vm).toContainEqual(['synced_folder', '.', '/vagrant', { disabled: true }]);
    expect(loaded.calls('vmServidor1', 'network')).toEqual([
      ['network', 'private_network', { ip: '192.168.56.6', netmask: '255.255.255.0', libvirt__dhcp_enabled: false }],
    ]);
    expect(loaded.calls('vmServidor1', 'provider').slice(1)).toEqual([
      [
        'provider',
        ['virtualbox'],
        [
          ['name=', 'balanceador-vmServidor1'],
          ['memory=', 1024],
          ['cpus=', 1],
          ['linked_clone=', true],
        ],
      ],
      [
        'provider',
        ['libvirt'],
        [
          ['memory=', 1024],
          ['cpus=', 1],
        ],
      ],
      [
        'provider',
        ['vmware_desktop'],
        [
          [
            'vmx',
            [
              ['displayName', 'balanceador-vmServidor1'],
              ['memsize', '1024'],
              ['numvcpus', '1'],
            ],
          ],
        ],
      ],
      [
        'provider',
        ['parallels'],
        [
          ['name=', 'balanceador-vmServidor1'],
          ['memory=', 1024],
          ['cpus=', 1],
          ['linked_clone=', true],
        ],
      ],
    ]);
    expect(loaded.calls('vmServidor1', 'provision').map(([, name]) => name)).toEqual(['bundle', 'cluster', 'containers']);
    expect(loaded.calls('vmBalanceador', 'post_up_message=').flat().join()).toContain('http: http://192.168.56.5:1080/');
  });

  it('refuses to run while a publish has not ended, and makes nothing', () => {
    const folder = fill(paper(), { '.cdkv/journal.json': '{}' });
    const { code, out, err } = run('ruby', ['-w', STUB, join(folder, 'Vagrantfile')]);
    expect([code, out]).toEqual([1, '']);
    expect(err).toMatch(/^\/.* is half written: a synthesis was interrupted, or is under way; run "npx cdkv synth" .* completes it\.\n$/);
    expect(existsSync(join(folder, '.vagrant'))).toBe(false);
    rmSync(join(folder, '.cdkv/journal.json'));
    expect(load(folder).names).toHaveLength(3);
  });

  it('gives each machine its files in one archive, and only its', () => {
    const folder = paper();
    const { provisioner } = load(folder);
    const bundle = provisioner('vmServidor1', 'bundle');
    expect(bundle).toMatchObject({
      type: 'file',
      run: 'always',
      destination: '/var/tmp/cdk-vagrant.tar',
      source: state(folder, 'vmServidor1.tar'),
    });
    const names = output('tar', ['-tf', bundle?.source ?? ''])
      .trim()
      .split('\n');
    expect(names).toEqual(
      [
        ...['clusterServidor1.sh', 'containers/names.txt', 'containers/vmServidor1.json', 'firewall/vmServidor1.nft'],
        ...['lib/containers.sh', 'lib/engine.sh', 'lib/provision.sh', 'lib/web-server.sh', 'preseeds/vmServidor1-join.yaml'],
        ...['sites/web1/index.html', 'sites/web4/index.html', 'software/apache.sh', 'vmServidor1_cfg.sh'],
      ].sort(),
    );
    const unpacked = temporary();
    output('tar', ['-xf', bundle?.source ?? '', '-C', unpacked]);
    for (const name of names) expect(readFileSync(join(unpacked, name))).toEqual(readFileSync(join(folder, name)));
    expect(mode(state(folder, 'vmServidor1.tar'))).toBe('600');
  });

  it('bundles files whatever their names and bytes', () => {
    const binary = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    const names = ["it's #{1} $HOME.html", 'ñandú/日本.bin', '-rf', `${'d'.repeat(90)}/${'f'.repeat(90)}.js`];
    const site = Site.directory(fill(temporary(), { 'index.html': 'i', ...Object.fromEntries(names.map((name) => [name, binary])) }));
    const { folder } = stackOf((stack) => {
      const { m1, web } = aSite(stack);
      web.addServer('odd', { on: m1, site });
    });
    const source = load(folder, [], { LC_ALL: 'C' }).provisioner('m1', 'bundle')?.source ?? '';
    const unpacked = temporary();
    output('tar', ['-xf', source, '-C', unpacked]);
    for (const name of names) expect(readFileSync(join(unpacked, 'sites/odd', name))).toEqual(binary);
  });

  it('bundles a file whose name is long, unless the synthesis refuses it', () => {
    const site = Site.directory(fill(temporary(), { 'index.html': 'i', [`${'l'.repeat(120)}.js`]: 'long' }));
    let made: { readonly folder: string };
    try {
      made = stackOf((stack) => {
        const { m1, web } = aSite(stack);
        web.addServer('odd', { on: m1, site });
      });
    } catch (error) {
      expect((error as SynthesisError).diagnostics).toMatchObject([{ id: 'long-output-path' }]);
      return;
    }
    expect(load(made.folder).names).toContain('m1');
  });

  it('makes keys once, for their owner alone', () => {
    const folder = paper();
    const first = load(folder);
    const pem = () => ['cluster', 'join'].map((name) => readFileSync(state(folder, `${name}.pem`), 'utf8'));
    const made = pem();
    const second = load(folder);
    expect(pem()).toEqual(made);
    for (const file of ['cluster.pem', 'join.pem', 'lock']) expect(mode(state(folder, file))).toBe('600');
    for (const path of [state(folder), state(folder, 'finished')]) expect(mode(path)).toBe('700');
    expect(readdirSync(state(folder)).filter((name) => !/^(cluster\.pem|join\.pem|lock|finished|vm\w+\.tar)$/.test(name))).toEqual([]);
    for (const variable of ['CLUSTER_CERTIFICATE', 'CLUSTER_KEY', 'JOIN_CERTIFICATE', 'JOIN_KEY'])
      expect(second.value('vmBalanceador', 'cluster', variable)).toBe(first.value('vmBalanceador', 'cluster', variable));
    expect(load(paper()).value('vmBalanceador', 'cluster', 'JOIN_KEY')).not.toBe(first.value('vmBalanceador', 'cluster', 'JOIN_KEY'));
  });

  it('gives the cluster its certificate, and the key of it to the founder only', () => {
    const { provisioner, value } = load(paper());
    const variables = (machine: string) => Object.keys(provisioner(machine, 'cluster')?.env ?? {});
    expect(variables('vmBalanceador')).toEqual(['CLUSTER_CERTIFICATE', 'CLUSTER_KEY', 'JOIN_CERTIFICATE', 'JOIN_KEY', 'PROVISIONED']);
    expect(variables('vmServidor2')).toEqual(['CLUSTER_CERTIFICATE', 'JOIN_CERTIFICATE', 'JOIN_KEY']);
    expect(value('vmServidor2', 'cluster', 'CLUSTER_CERTIFICATE')).toBe(value('vmBalanceador', 'cluster', 'CLUSTER_CERTIFICATE'));
    expect(provisioner('vmServidor2', 'cluster')).toMatchObject({ type: 'shell', run: 'always', sensitive: true });
  });

  it.each(['CLUSTER', 'JOIN'])('makes a certificate that OpenSSL verifies: %s', (name) => {
    const { value } = load(paper());
    const files = {
      certificate: value('vmBalanceador', 'cluster', `${name}_CERTIFICATE`),
      key: value('vmBalanceador', 'cluster', `${name}_KEY`),
    };
    const cwd = fill(temporary(), files);
    const openssl = (...words: string[]) => output('openssl', words, { cwd });
    const host = name.toLowerCase();
    expect(openssl('verify', '-x509_strict', '-check_ss_sig', '-CAfile', 'certificate', '-verify_hostname', host, 'certificate')).toContain(
      'certificate: OK',
    );
    const shown = openssl(
      'x509',
      '-in',
      'certificate',
      '-noout',
      '-ext',
      'basicConstraints,subjectAltName',
      '-subject',
      '-checkend',
      String(9 * 365 * 86_400),
    );
    expect(shown).toMatch(/critical\n\s+CA:TRUE/);
    expect(shown).toContain(`DNS:${host}`);
    expect(openssl('x509', '-in', 'certificate', '-noout', '-pubkey')).toBe(openssl('pkey', '-in', 'key', '-pubout'));
  });

  it('remembers who was provisioned, tells the founder, and forgets who was destroyed', () => {
    const ids = ['vmBalanceador', 'vmServidor1', 'vmServidor2'].map((name) => `.vagrant/machines/${name}/libvirt/id`);
    const folder = fill(paper(), Object.fromEntries(ids.map((path) => [path, 'id'])));
    const told = (events: readonly string[] = []) => {
      load(folder, events);
      return load(folder).value('vmBalanceador', 'cluster', 'PROVISIONED');
    };
    expect(told()).toBe('');
    expect(told(['up', 'vmServidor2', 'provision', 'vmBalanceador'])).toBe('vmBalanceador vmServidor2');
    expect(told(['destroy', 'vmBalanceador', 'reload', 'vmServidor1'])).toBe('vmServidor1 vmServidor2');
    // Made anew, a machine has to earn its mark again.
    fill(folder, { '.vagrant/machines/vmServidor1/libvirt/id': 'another' });
    expect(told()).toBe('vmServidor2');
  });

  it('throws the keys away with the last machine, and not before', () => {
    const folder = paper();
    fill(folder, { '.vagrant/machines/vmServidor1/libvirt/id': 'x' });
    load(folder, ['up', 'vmServidor1', 'destroy', 'vmServidor2']);
    expect(existsSync(state(folder, 'cluster.pem'))).toBe(true);
    expect(readdirSync(state(folder, 'finished'))).toEqual(['vmServidor1']);
    rmSync(join(folder, '.vagrant/machines'), { recursive: true });
    fill(folder, { '.vagrant/cdk-vagrant/finished/vmOfAnEarlierTree': 'x' });
    load(folder, ['destroy', 'vmServidor1']);
    expect(readdirSync(state(folder)).filter((name) => name.endsWith('.pem'))).toEqual([]);
    expect(readdirSync(state(folder, 'finished'))).toEqual([]);
    // Vagrant goes on to the other machines, and finds no configuration valid whose archive is not there.
    for (const name of ['vmBalanceador', 'vmServidor2']) expect(existsSync(state(folder, `${name}.tar`))).toBe(true);
  });

  it('keeps its state where VAGRANT_DOTFILE_PATH says', () => {
    const folder = paper();
    load(folder, [], { VAGRANT_DOTFILE_PATH: '.other' });
    expect(existsSync(join(folder, '.other/cdk-vagrant/cluster.pem'))).toBe(true);
    expect(existsSync(join(folder, '.vagrant'))).toBe(false);
  });

  it('hands a variable of the host over as it is, or nothing', () => {
    const { folder } = stackOf((stack) => {
      const { m1, web } = aSite(stack);
      new HaproxyFrontend(stack, 'http', {
        on: m1,
        port: 80,
        defaultBackend: web,
        statistics: { password: Password.fromEnvironment('PW') },
      });
    });
    const password = 'ünïcode \'"$HOME`id`\\ end';
    expect(load(folder, [], { PW: password }).value('m1', 'containers', 'STATISTICS_HTTP')).toBe(password);
    expect(load(folder).value('m1', 'containers', 'STATISTICS_HTTP')).toBe('');
    expect(load(folder).provisioner('m1', 'containers')).toMatchObject({ sensitive: true });
  });

  it('uploads an image until a run that had it ended well, and again when it changed', () => {
    const images = fill(temporary(), { meta: 'm', 'root fs': 'r' });
    const { folder } = stackOf((stack) => {
      const { m2 } = aCluster(stack, { image: Image.files({ alias: 'mine', metadata: `${images}/meta`, rootfs: `${images}/root fs` }) });
      new Container(stack, 'C', { on: m2 });
    });
    const uploads = (events: readonly string[] = []) =>
      load(folder, events)
        .calls('m1', 'provision')
        .map(([, name]) => name)
        .slice(1, -2);
    fill(folder, { '.vagrant/machines/m1/libvirt/id': 'id', '.vagrant/machines/m2/libvirt/id': 'id' });
    expect(load(folder).provisioner('m1', 'mine-rootfs')).toMatchObject({
      type: 'file',
      destination: '/var/tmp/mine-root fs',
      source: `${images}/root fs`,
    });
    expect(uploads(['up', 'm2'])).toEqual(['mine-metadata', 'mine-rootfs']);
    expect(uploads(['up', 'm1'])).toEqual(['mine-metadata', 'mine-rootfs']);
    expect(uploads()).toEqual([]);
    utimesSync(join(images, 'meta'), 1, 1);
    expect(uploads()).toEqual(['mine-metadata']);
  });

  it('asks for no keys where nobody needs them', () => {
    const { folder } = stackOf((stack) => new Machine(stack, 'vm', { address: '192.168.56.5' }));
    expect(load(folder).calls('vm', 'provision')).toEqual([]);
    expect(existsSync(state(folder))).toBe(false);
  });
});
