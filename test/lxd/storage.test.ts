import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { App, Box, CloudInitTarget, Engine, Size, Stack, Storage, type System, type Target, VagrantTarget } from '../../lib/index.js';
import { Guest } from '../guest.js';
import { aCluster, errorsOf, fill, removeTemporaries, stackOf, synth, temporary } from '../support.js';

removeTemporaries();

/** What a cluster's storage comes to. */
const made = (storage: Storage, system: System = 'debian/12', engine?: Engine) => {
  const { files } = stackOf((stack) => aCluster(stack, { storage, machineDefaults: { box: Box.of(system) }, ...(engine && { engine }) }));
  const script = files['s/cluster-m2.sh'] ?? '';
  return {
    pool: parse(files['s/preseeds/m1-found.yaml'] ?? '').storage_pools[0],
    joins: parse(files['s/preseeds/m2-join.yaml'] ?? '').cluster.member_config.map(({ key, value }: Record<string, string>) => [
      key,
      value,
    ]),
    packages: /^storage_packages (.*)/m.exec(script)?.[1],
    disk: /^ *is_clustered \|\| storage_disk (.*)/m.exec(script)?.[1],
    vagrant: [...(files['s/Vagrantfile'] ?? '').matchAll(/^ +disk\.call\(node, (.*)\)$/gm)].map(([, words]) => words),
    vagrantfile: files['s/Vagrantfile'] ?? '',
  };
};

const [size, disk] = [Size.gibibytes(10), Size.mebibytes(4096)];

describe('storage', () => {
  it.each<[string, object]>([
    ['neither', {}],
    ['both', { size, disk }],
    ['what is undefined', { size: undefined }],
  ])('is refused with %s of size and disk', (_, place) => {
    const refusal = new RangeError('storage lvm needs either "size", of a file, or "disk", of a disk of its own; give it one');
    expect(() => Storage.lvm(place as { size: Size })).toThrow(refusal);
  });

  it('refuses another disk of its size, but where disks have serial numbers', () => {
    const app = (...targets: Target[]) => {
      const one = new App({ outdir: join(temporary(), 'out'), ...(targets.length > 0 && { targets }) });
      const { cluster } = aCluster(new Stack(one, 's'), { storage: Storage.lvm({ disk }) });
      cluster.members[1]?.machine.addDisk('data', disk).addDisk('more', size);
      return one;
    };
    const says =
      'disk "data" of "m2" is as large as that of its storage pool, 4096 MiB, by which the machine finds that; give it another size';
    expect(errorsOf(app())).toMatchObject([{ id: 'bad-disk', path: 's/Cluster/m2/Machine', message: says }]);
    expect(errorsOf(app(new CloudInitTarget({ network: { private: { name: 'eth1' } } })))).toHaveLength(1);
    synth(app(new VagrantTarget({ providers: ['libvirt'] })));
  });

  it('takes a size beside a disk that is undefined', () => {
    expect(made(Storage.lvm({ size, disk: undefined } as { size: Size })).pool.config).toEqual({ size: '10240MiB' });
  });

  it.each<[Storage, string, object, unknown[]]>([
    [Storage.dir(), 'undefined', { driver: 'dir' }, [['source', '']]],
    [
      Storage.btrfs({ size }),
      'main btrfs-progs',
      { driver: 'btrfs', config: { size: '10240MiB' } },
      [
        ['source', ''],
        ['size', '10240MiB'],
      ],
    ],
    [
      Storage.lvm({ size }),
      'main lvm2 thin-provisioning-tools e2fsprogs',
      { driver: 'lvm', config: { size: '10240MiB' } },
      [
        ['source', ''],
        ['size', '10240MiB'],
      ],
    ],
    [
      Storage.zfs({ size }),
      'contrib zfs-dkms zfsutils-linux',
      { driver: 'zfs', config: { size: '10240MiB' } },
      [
        ['source', ''],
        ['size', '10240MiB'],
      ],
    ],
  ])('%s needs no disk', (storage, packages, pool, joins) => {
    const { vagrantfile, ...told } = made(storage);
    expect(told).toEqual({
      pool: { name: 'local', ...pool },
      joins,
      packages: packages === 'undefined' ? undefined : packages,
      disk: undefined,
      vagrant: [],
    });
    expect(vagrantfile).not.toContain('disk');
  });

  it.each([Storage.btrfs({ disk }), Storage.lvm({ disk }), Storage.zfs({ disk })])('%s gets one from the Vagrantfile', (storage) => {
    const { vagrantfile, ...told } = made(storage);
    expect(told).toMatchObject({
      pool: { name: 'local', driver: storage.driver, config: { source: '@storage-disk@' } },
      joins: [['source', '@storage-disk@']],
      disk: 'cdkv-storage 4096',
      vagrant: Array.from({ length: 3 }, () => '"cdkv-storage", 4096'),
    });
    expect(vagrantfile).toContain('libvirt.storage :file, size: "#{mebibytes}M", serial: name, bus: "virtio"');
    expect(vagrantfile).toContain('override.vm.disk :disk, name: name, size: "#{mebibytes}MB"');
  });

  it('takes the packages of its system, and none beside the snap, which brings its own', () => {
    expect(made(Storage.zfs({ size }), 'ubuntu/24.04', Engine.incus()).packages).toBe('main zfsutils-linux');
    expect(made(Storage.zfs({ size }), 'ubuntu/24.04').packages).toBeUndefined();
  });
});

describe('storage_disk', () => {
  const BOX = {
    name: 'vda',
    path: '/dev/vda',
    type: 'disk',
    size: 1,
    serial: null,
    fstype: null,
    pttype: 'gpt',
    mountpoint: null,
    children: [{}],
  };
  const empty = (name: string, more: object = {}) => ({
    name,
    path: `/dev/${name}`,
    type: 'disk',
    size: 4096 * 1048576,
    serial: null,
    fstype: null,
    pttype: null,
    mountpoint: null,
    ...more,
  });
  const machine = () => new Guest(['provision', 'engine'], { lsblk: 'cat "$state/disks"', udevadm: '' });
  const runOn = (guest: Guest, ...disks: object[]) => {
    fill(guest.folder, { 'state/disks': JSON.stringify({ blockdevices: [BOX, ...disks] }), 'x.yaml': 'source: "@storage-disk@"\n' });
    return guest.run('storage_disk cdkv-storage 4096; preseed x.yaml');
  };
  const run = (...disks: object[]) => runOn(machine(), ...disks);

  it.each([
    ['by its serial number', [empty('vdb'), empty('vdc', { serial: 'cdkv-storage' })], 'vdc'],
    ['by its size', [empty('sdb', { size: 7 }), empty('sdc')], 'sdc'],
    ['by its size, among those that are in use', [empty('sdb', { fstype: 'ext4' }), empty('sdd', { children: [{}] }), empty('sdc')], 'sdc'],
    ['with a size as text, as old versions of lsblk tell it', [empty('sdb', { size: String(4096 * 1048576) })], 'sdb'],
  ])('finds the disk %s', (_, disks, name) => {
    expect(run(...disks)).toEqual({ code: 0, out: `source: "/dev/${name}"\n`, err: '' });
  });

  it.each([
    ['by its path', {}, 'sdb'],
    ['by the serial number that the provider gave it', { serial: 'VB1' }, 'sdc'],
  ])('knows the disk again, %s, when a run was cut off after something was put on it', (_, more, name) => {
    const guest = machine();
    runOn(guest, empty('sdb', more));
    const disks = [empty(name, { ...more, fstype: 'LVM2_member', children: [{}] }), empty('sdd')];
    expect(runOn(guest, ...disks).out).toBe(`source: "/dev/${name}"\n`);
  });

  it.each([
    ['none', [], 'none'],
    ['two', [empty('sdb'), empty('sdc')], '/dev/sdb\n/dev/sdc'],
  ])('takes no other: %s', (_, disks, found) => {
    const { code, err } = run(...disks);
    expect([code, err]).toEqual([1, expect.stringContaining(`not one empty disk of 4096 MiB, for the storage pool (found: ${found});`)]);
  });
});

describe('storage_packages', () => {
  it('adds the component that ZFS is in on Debian, and the headers for its module', () => {
    const apt = `case $1 in indextargets) echo 'bookworm main http://own.mirror/debian/' ;; esac`;
    const guest = new Guest(['provision', 'engine'], { 'dpkg-query': 'printf installed', 'apt-get': apt, uname: 'echo 6.1.0-1-amd64' });
    fill(guest.folder, { 'etc/os-release': 'VERSION_CODENAME=bookworm\n', 'etc/apt/sources.list.d/x': '' });
    expect(guest.told('storage_packages contrib zfs-dkms')).toBe("      added bookworm contrib to apt's sources\n");
    expect(
      guest
        .calls()
        .filter((call) => call.startsWith('dpkg-query'))
        .map((call) => call.split(' ').at(-1)),
    ).toEqual(['linux-headers-6.1.0-1-amd64', 'zfs-dkms']);
  });
});
