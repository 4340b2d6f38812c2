import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  App,
  Box,
  type BoxProps,
  Cluster,
  Labels,
  Machine,
  type MachineProps,
  type Provider,
  type SettingsByProvider,
  Size,
  Stack,
  VagrantTarget,
} from '../../lib/index.js';
import { errorsOf, output, removeTemporaries, synth, temporary } from '../support.js';
import { type Call, loadedNode } from './loaded.js';

removeTemporaries();

const address = '192.168.56.5';

/** An app of the machine `vm`. */
function anApp(props: Partial<MachineProps> = {}, providers?: readonly Provider[]) {
  const app = new App({ outdir: join(temporary(), 'out') });
  const stack = new Stack(app, 's', { targets: [new VagrantTarget(providers && { providers })] });
  const machine = new Machine(stack, 'vm', { address, ...props });
  return { app, stack, machine, folder: join(app.outdir, 's') };
}

/** The blocks that each provider is given, in their order. */
function blocks(folder: string): Record<string, Call[][]> {
  const found: Record<string, Call[][]> = {};
  for (const [, [name], calls] of loadedNode(folder, 'vm').filter(([is]) => is === 'provider') as [string, [string], Call[]][])
    found[name] = [...(found[name] ?? []), calls];
  return found;
}

describe('settings of a provider', () => {
  it("stand behind ours, in the provider's own words", () => {
    const { app, folder } = anApp({
      providers: {
        virtualbox: {
          memory: Size.gibibytes(3),
          gui: true,
          linked_clone: false,
          customize: [
            ['modifyvm', ':id', '--audio', 'none'],
            ['setextradata', ':id', 'a"b', '#{1}'],
          ],
        },
        libvirt: { cpus: 4, cpu_mode: 'host-passthrough', nested: true, boot_order: ['hd', 'network'], video_vram: 16_384 },
        vmware_desktop: { memory: Size.gibibytes(2), cpus: 2, gui: true, vmx: { 'ethernet1.noPromisc': 'FALSE' } },
        parallels: { update_guest_tools: true, customize: [['set', ':id', '--videosize', '16']] },
      },
    });
    synth(app);
    const second = Object.fromEntries(Object.entries(blocks(folder)).map(([name, [, ...rest]]) => [name, rest.flat()]));
    expect(second).toEqual({
      virtualbox: [
        ['memory=', 3072],
        ['gui=', true],
        ['linked_clone=', false],
        ['customize', ['modifyvm', 'id', '--audio', 'none']],
        ['customize', ['setextradata', 'id', 'a"b', '#{1}']],
      ],
      // The block before is that of its box.
      libvirt: [
        ['memory=', 1024],
        ['cpus=', 1],
        ['cpus=', 4],
        ['cpu_mode=', 'host-passthrough'],
        ['nested=', true],
        ['boot_order=', ['hd', 'network']],
        ['video_vram=', 16_384],
      ],
      vmware_desktop: [
        [
          'vmx',
          [
            ['memsize', '2048'],
            ['numvcpus', '2'],
            ['ethernet1.noPromisc', 'FALSE'],
          ],
        ],
        ['gui=', true],
      ],
      parallels: [
        ['update_guest_tools=', true],
        ['customize', ['set', 'id', '--videosize', '16']],
      ],
    });
    expect(
      output('vagrant', ['validate'], { cwd: folder, env: { VAGRANT_DEFAULT_PROVIDER: 'libvirt', VAGRANT_HOME: temporary() } }),
    ).toContain('Vagrantfile validated successfully.');
  });

  it('may be undefined, as a box for a provider may', () => {
    const byProvider = { libvirt: undefined, virtualbox: 'a/b' } as unknown as Record<string, string>;
    const providers = { libvirt: undefined, virtualbox: { gui: true } } as unknown as SettingsByProvider;
    const { app, folder } = anApp({ providers, box: Box.named('own/box', { system: 'debian/12', byProvider }) });
    synth(app);
    expect(blocks(folder).libvirt).toHaveLength(1);
    expect(blocks(folder).virtualbox?.map((calls) => calls.slice(0, 1))).toEqual([
      [['vm', [['box=', 'a/b']]]],
      [['name=', 's-vm']],
      [['gui=', true]],
    ]);
  });

  it('may be given to all machines of a cluster', () => {
    const app = new App({ outdir: join(temporary(), 'out') });
    const stack = new Stack(app, 's');
    const machineDefaults = { providers: { libvirt: { driver: 'qemu' } } };
    const member = new Cluster(stack, 'Cluster', { machineDefaults }).addMember('vm', { address });
    expect(member.machine.toResource().properties.providers).toEqual({ libvirt: { driver: 'qemu' } });
    synth(app);
    expect(blocks(join(app.outdir, 's')).libvirt?.at(-1)).toEqual([['driver=', 'qemu']]);
  });

  it.each<[SettingsByProvider, string]>([
    [{ vmware: {} } as SettingsByProvider, 'has the provider "vmware", which is none; choose among virtualbox, libvirt'],
    [{ libvirt: { 'cpu-mode': 'x' } }, 'has the setting "cpu-mode" of libvirt, which no provider has; write it like "cpu_mode"'],
    [{ libvirt: { 'x = 1; y': 'x' } }, 'which no provider has'],
    [{ libvirt: { cpus: 0 } }, '"cpus" of libvirt with a value that it cannot have, 0; give a whole number, at least 1'],
    [{ libvirt: { memory: 512 as never } }, '512; give a Size'],
    [{ libvirt: { x: Number.NaN } }, 'give text, a number, true or false'],
    [{ virtualbox: { customize: ['modifyvm'] as never } }, "give commands, each a list of words, e.g. [['modifyvm'"],
    [{ vmware_desktop: { vmx: { a: 1 } as never } }, 'give text by key'],
  ])('are refused: %j', (providers, says) => {
    expect(errorsOf(anApp({ providers }).app)).toMatchObject([
      { id: 'bad-provider-setting', path: 's/vm', message: expect.stringContaining(says) },
    ]);
  });
});

describe('the providers of a target', () => {
  const aBox = (props: Partial<BoxProps> = {}) => Box.named('own/box', { system: 'debian/12', ...props });

  it('are the only ones written for', () => {
    const box = aBox({ byProvider: { libvirt: 'a/b', parallels: 'c/d', other: 'e/f' } });
    const { app, stack, folder } = anApp({ box, providers: { libvirt: { nested: true }, virtualbox: { gui: true } } }, ['libvirt']);
    Labels.of(stack).add('team', 'web');
    const text = synth(app).files['s/Vagrantfile'] ?? '';
    expect(text).toContain('# The machines of stack "s", for libvirt.\n');
    expect(Object.keys(blocks(folder))).toEqual(['libvirt']);
    expect(text).not.toMatch(/virtualbox|parallels|vmware|hyperv|other/);
    expect(output('ruby', ['-wc', join(folder, 'Vagrantfile')])).toBe('Syntax OK\n');
  });

  it('are four when nobody says, and any that a box names', () => {
    const { app, folder } = anApp({ box: aBox({ byProvider: { other: 'e/f' } }) });
    expect(synth(app).files['s/Vagrantfile']).toContain('for VirtualBox, libvirt, VMware and Parallels.\n');
    expect(Object.keys(blocks(folder)).sort()).toEqual(['libvirt', 'other', 'parallels', 'virtualbox', 'vmware_desktop']);
  });

  it('may be Hyper-V, for a machine that gets its address otherwise', () => {
    const { app, stack, folder } = anApp(
      {
        box: aBox(),
        memory: Size.gibibytes(2),
        network: { autoConfig: false, options: { bridge: 'Internal' } },
        providers: { hyperv: { maxmemory: Size.gibibytes(4) } },
      },
      ['hyperv'],
    );
    Labels.of(stack).add('team', 'web');
    synth(app);
    expect(output('ruby', ['-wc', join(folder, 'Vagrantfile')])).toBe('Syntax OK\n');
    expect(blocks(folder)).toEqual({
      hyperv: [
        [
          ['vmname=', 's-vm'],
          ['memory=', 2048],
          ['cpus=', 1],
          ['linked_clone=', true],
        ],
        [['maxmemory=', 4096]],
      ],
    });
    expect(loadedNode(folder, 'vm').find(([is]) => is === 'network')?.[2]).toMatchObject({ auto_config: false, bridge: 'Internal' });
  });

  it.each<[string, string[], string]>([
    ['one that is none', ['vmware'], 'is to be for "vmware", which is none that we know; choose among virtualbox, libvirt, vmware_desktop'],
    ['qemu', ['libvirt', 'qemu'], 'is to be for "qemu", which has no networks between machines; choose among'],
    ['none at all', [], 'is for no provider; choose among'],
  ])('are refused: %s', (_, providers, says) => {
    expect(errorsOf(anApp({}, providers as Provider[]).app)).toMatchObject([
      { id: 'bad-provider', path: 's', message: expect.stringContaining(says) },
    ]);
  });

  it.each<[string, (made: ReturnType<typeof anApp>) => unknown, Partial<MachineProps>, Provider, string]>([
    [
      'a static address on Hyper-V',
      () => undefined,
      { box: aBox() },
      'hyperv',
      `"vm" has the static address ${address}, and Vagrant sets none on Hyper-V; let something of yours do it and say network: { autoConfig: false }`,
    ],
    [
      'a second network on Hyper-V',
      ({ machine }) => machine.addNetwork({}),
      { box: aBox(), network: { autoConfig: false } },
      'hyperv',
      '"vm" has 2 networks, and Vagrant gives one interface on Hyper-V; leave hyperv out',
    ],
    [
      "the user's session of libvirt",
      () => undefined,
      { providers: { libvirt: { qemu_use_session: true } } },
      'libvirt',
      'has no private networks; leave out qemu_use_session',
    ],
    [
      'a public network for libvirt without a device',
      ({ machine }) => machine.addNetwork({ kind: 'public', address: 'dhcp' }),
      {},
      'libvirt',
      'give it "device", e.g. "eno1", or leave libvirt out',
    ],
  ])('are refused: %s', (_, change, props, provider, says) => {
    const made = anApp(props, [provider]);
    change(made);
    expect(errorsOf(made.app)).toMatchObject([{ id: 'unsupported-network', path: 's/vm', message: expect.stringContaining(says) }]);
    // Another provider gives it.
    const other = anApp(props, ['virtualbox']);
    change(other);
    synth(other.app);
  });

  it.each<[string, Provider, 'tcp' | 'udp', string]>([
    ['of UDP, with libvirt', 'libvirt', 'udp', 'host port 5353 (UDP), 5354 (UDP) for "vm" is forwarded by none of libvirt'],
    ['with Hyper-V', 'hyperv', 'tcp', 'host port 5353, 5354 for "vm" is forwarded by none of hyperv'],
  ])('are refused: ports of the host %s', (_, provider, protocol, says) => {
    const made = (providers: readonly Provider[]) => {
      const one = anApp({ box: aBox(), network: { autoConfig: false } }, providers);
      one.machine.forwardPorts({ hostPorts: [5353, 5354], machinePorts: [53, 54], protocol });
      return one.app;
    };
    expect(errorsOf(made([provider]))).toMatchObject([{ id: 'unsupported-port', path: 's/vm', message: expect.stringContaining(says) }]);
    synth(made([provider, 'virtualbox']));
  });

  it('are refused: disks with Parallels', () => {
    const made = (providers: readonly Provider[]) => {
      const one = anApp({}, providers);
      one.machine.addDisk('data', Size.gibibytes(1));
      return one.app;
    };
    const says = 'disk "data" of "vm" is given by no provider that the stack is written for; choose another than parallels';
    expect(errorsOf(made(['parallels']))).toMatchObject([{ id: 'unsupported-disk', path: 's/vm', message: expect.stringContaining(says) }]);
    synth(made(['parallels', 'libvirt']));
  });

  it.each<[string, Box, Provider, string]>([
    [
      "bento's on Hyper-V",
      Box.debian12(),
      'hyperv',
      'box "bento/debian-12" of "vm" is not built for Hyper-V; give another (byProvider: { hyperv',
    ],
    [
      "Debian's for arm64 on libvirt",
      aBox({ byProvider: { libvirt: { name: 'debian/bookworm64', architecture: 'arm64' } } }),
      'libvirt',
      'box "debian/bookworm64" of "vm" is not built for libvirt on arm64; give another',
    ],
  ])('are refused: the box %s', (_, box, provider, says) => {
    expect(errorsOf(anApp({ box, network: { autoConfig: false } }, [provider]).app)).toMatchObject([
      { id: 'unsupported-box', path: 's/vm', message: expect.stringContaining(says) },
    ]);
    synth(anApp({ box }, ['virtualbox', 'parallels', 'vmware_desktop']).app);
    const fromFile = Box.named(box.name, { system: 'debian/12', urls: ['own.box'], architecture: 'arm64' });
    synth(anApp({ box: fromFile, network: { autoConfig: false } }, [provider]).app);
  });
});
