import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { App, Box, type BoxProps, Machine, Stack, VagrantTarget, type VagrantTargetProps } from '../../lib/index.js';
import { AWKWARD } from '../strings.js';
import { aCluster, errorsOf, output, removeTemporaries, stackOf, synth, temporary } from '../support.js';

removeTemporaries();

const SHA = 'a1'.repeat(32);

/** Lines of the only machine that are about its box. */
function boxLines(props: Omit<BoxProps, 'system'>): string[] {
  const { files } = stackOf(
    (stack) => new Machine(stack, 'm1', { address: '192.168.56.5', box: Box.named('own/box', { system: 'debian/12', ...props }) }),
  );
  return (files['s/Vagrantfile'] ?? '')
    .split('\n')
    .filter((line) => /vm\.box|vm\.provider|require_version/.test(line) && !/sized|vb|libvirt"? do \|libvirt|vmware_desktop|prl/.test(line))
    .map((line) => line.trim());
}

const validated = (folder: string) =>
  output('vagrant', ['validate'], { cwd: folder, env: { VAGRANT_DEFAULT_PROVIDER: 'libvirt', VAGRANT_HOME: temporary() } });

describe('a box', () => {
  it('is of a version, from a place, with a checksum, for an architecture', () => {
    const checksum = { type: 'sha256', value: SHA } as const;
    expect(boxLines({ version: '>= 1.2, < 2', urls: ['a.box', 'http://127.0.0.1/b.box'], checksum, architecture: 'arm64' })).toEqual([
      'Vagrant.require_version ">= 2.4.0"',
      'node.vm.box = "own/box"',
      'node.vm.box_version = ">= 1.2, < 2"',
      'node.vm.box_url = ["a.box", "http://127.0.0.1/b.box"]',
      'node.vm.box_download_checksum_type = "sha256"',
      `node.vm.box_download_checksum = "${SHA}"`,
      'node.vm.box_architecture = "arm64"',
    ]);
  });

  it('is another one for a provider, with nothing of the first', () => {
    expect(
      boxLines({
        version: '1',
        byProvider: { libvirt: 'other/box', virtualbox: { name: 'third/box', version: '3', architecture: 'amd64' } },
      }),
    ).toEqual([
      'Vagrant.require_version ">= 2.4.0"',
      'node.vm.box = "own/box"',
      'node.vm.box_version = "1"',
      'node.vm.provider "libvirt" do |_provider, override|',
      'override.vm.box = "other/box"',
      'override.vm.box_version = nil',
      'node.vm.provider "virtualbox" do |_provider, override|',
      'override.vm.box = "third/box"',
      'override.vm.box_version = "3"',
      'override.vm.box_architecture = "amd64"',
    ]);
  });

  it.each<[string, Omit<BoxProps, 'system'>]>([
    ['the version "newest", which is no constraint; write it like ">= 12.1, < 13"', { version: 'newest' }],
    ['the version "1,", which is no constraint', { version: '1,' }],
    ['the version "1.", which is no constraint', { version: '1.' }],
    ['the sha256 "abc"; give its 64 hexadecimal digits', { checksum: { type: 'sha256', value: 'abc' } }],
    ['the architecture "ARM 64", which is none; write it like "arm64"', { architecture: 'ARM 64' }],
  ])('is none with %s', (says, props) => {
    expect(() => Box.named('own/box', { system: 'debian/12', ...props })).toThrow(`box "own/box" has ${says}`);
    const { checksum, ...rest } = props;
    const other = { name: 'own/box', ...rest, ...(checksum && { checksum }) };
    expect(() => Box.named('x', { system: 'debian/12', byProvider: { libvirt: other } })).toThrow(`box "own/box" has ${says}`);
  });
});

describe('the boxes of all apps', () => {
  it('are what only Box makes, and nobody changes', () => {
    const made = Box.named('x/y', { system: 'debian/12', version: '1', byProvider: { libvirt: { name: 'other/box' } } });
    // @ts-expect-error a plain object would pass by the checks
    const plain: Box = { name: 'x/y', system: 'debian/12', source: { name: 'x/y', version: 'no version' }, byProvider: {} };
    expect(plain).not.toBeInstanceOf(Box);
    for (const box of [made, Box.debian12()]) {
      for (const part of [box, box.source, box.byProvider, ...Object.values(box.byProvider)]) expect(Object.isFrozen(part)).toBe(true);
    }
  });

  it('leave what a user gave as it was', () => {
    const props = { system: 'debian/12' as const, byProvider: { libvirt: { name: 'other/box', version: '1' } } };
    const box = Box.named('x/y', props);
    props.byProvider.libvirt.version = 'no version';
    expect(box.byProvider.libvirt?.version).toBe('1');
  });

  it('need no others for single providers, be it from JavaScript', () => {
    expect(Box.named('x/y', { system: 'debian/12', byProvider: null as never }).byProvider).toEqual({});
  });
});

describe('a Vagrantfile', () => {
  function vagrantfile(props: VagrantTargetProps) {
    const app = new App({ outdir: join(temporary(), 'out') });
    const stack = new Stack(app, 's', { targets: [new VagrantTarget(props)] });
    const box = Box.named('own/box', {
      system: 'debian/12',
      version: '>= 1.2, < 2',
      urls: ['x.box'],
      checksum: { type: 'sha512', value: 'b'.repeat(128) },
      byProvider: { libvirt: 'other/box' },
    });
    aCluster(stack, { machineDefaults: { box } });
    return app;
  }

  it('asks for a version of Vagrant and for plugins, and Vagrant takes it', () => {
    const app = vagrantfile({ vagrantVersion: '>= 2.2.19, < 4', plugins: { 'vagrant-libvirt': '>= 0.7', 'vagrant-vbguest': '' } });
    const text = synth(app).files['s/Vagrantfile'] ?? '';
    expect(text).toContain('\nVagrant.require_version ">= 2.3.0", ">= 2.2.19", "< 4"\n');
    expect(text).toContain(
      '  config.vagrant.plugins = {\n    "vagrant-libvirt" => { "version" => ">= 0.7" },\n    "vagrant-vbguest" => {  },\n  }\n',
    );
    const installed = vagrantfile({ vagrantVersion: '>= 2.2.19', plugins: { 'vagrant-libvirt': '>= 0.7' } });
    synth(installed);
    expect(validated(join(installed.outdir, 's'))).toContain('Vagrantfile validated successfully.');
  });

  it('takes any name of a plugin as it is, or refuses it', () => {
    const names = AWKWARD.filter((name) => !name.includes('\0') && name.isWellFormed());
    const text = synth(vagrantfile({ plugins: Object.fromEntries(names.map((name) => [name, '1'])) })).files['s/Vagrantfile'] ?? '';
    const program =
      'require "json"; found = eval("{" + STDIN.read.force_encoding("UTF-8")[/config.vagrant.plugins = \\{(.*?)\\n  \\}/m, 1] + "}"); puts JSON.generate(found.keys)';
    const found = JSON.parse(output('ruby', ['-e', program], { input: Buffer.from(text, 'latin1').toString() })) as string[];
    expect(found.sort()).toEqual([...new Set(names)].sort());
  });

  it.each<[VagrantTargetProps, string]>([
    [{ vagrantVersion: 'new' }, 'Vagrant is to be of version "new", which is no constraint; write it like ">= 2.4.1, < 3"'],
    [
      { plugins: { x: '>= 1, < 2' } },
      'plugin "x" is to be of version ">= 1, < 2", which is not one constraint, as Vagrant takes it of a plugin; write it like "~> 0.12"',
    ],
  ])('refuses %j', (props, message) => {
    expect(errorsOf(vagrantfile(props))).toMatchObject([{ id: 'bad-version', path: 's', message }]);
  });
});
