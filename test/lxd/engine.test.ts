import { describe, expect, it } from 'vitest';
import { Box, Cluster, type ClusterProps, Container, Engine, Image, Size, type Stack, Storage, type System } from '../../lib/index.js';
import { itRefuses, removeTemporaries, stackOf } from '../support.js';

removeTemporaries();

const box = (system: System) => Box.named('own/box', { system });

/** What a cluster of one is made of. */
const made = (system: System, engine?: Engine) => {
  let properties: Readonly<Record<string, unknown>> = {};
  const { files } = stackOf((stack) => {
    const cluster = new Cluster(stack, 'C', { machineDefaults: { box: box('ubuntu/22.04') }, ...(engine && { engine }) });
    new Container(stack, 'c1', { on: cluster.addMember('m1', { address: '192.168.56.11', box: box(system) }) });
    ({ properties } = cluster.toResource());
  });
  const script = files['s/cluster-m1.sh'] ?? '';
  const line = (pattern: RegExp) => pattern.exec(script)?.[0];
  return {
    title: line(/^step .*, from .*/m),
    engine: line(/^engine .*/m),
    install: line(/^install_engine .*/m),
    image: /^container c1 (.*)/m.exec(files['s/m1_cfg.sh'] ?? '')?.[1],
    bridge: /"network":"?(\w+)|network: (\w+)/
      .exec(files['s/preseeds/m1-found.yaml'] ?? '')
      ?.slice(1)
      .find(Boolean),
    cluster: properties,
    files,
  };
};

/** A member of a cluster of its own. */
const one = (stack: Stack, props: ClusterProps) => {
  const cluster = new Cluster(stack, 'C', props);
  return cluster.addMember('m1', { address: '192.168.56.11' });
};
const healing = { config: { 'cluster.healing_threshold': '10', 'user.own': 'x' } };

describe('a cluster', () => {
  const APT = 'engine LXD lxc lxd /var/lib/lxd lxd.socket lxd.service';
  const SNAP = 'engine LXD lxc lxd /var/snap/lxd/common/lxd snap.lxd.daemon.unix.socket snap.lxd.daemon.service';
  const INCUS = "engine Incus incus 'incus admin' /var/lib/incus incus.socket incus.service";
  const PACKAGES = 'install_engine apt lxd lxd-client squashfs-tools xz-utils attr';

  it.each<[string, System, Engine | undefined, string, string]>([
    ['of Debian 12 has its packaged LXD', 'debian/12', undefined, APT, PACKAGES],
    ['of Debian 13 has Incus', 'debian/13', undefined, INCUS, 'install_engine apt incus-base incus-client'],
    ['of Ubuntu 22.04 has the snap', 'ubuntu/22.04', undefined, SNAP, 'install_engine snap 5.21/stable'],
    ['of Ubuntu 24.04 has the snap', 'ubuntu/24.04', undefined, SNAP, 'install_engine snap 5.21/stable'],
    ['of Debian 12 may have Incus', 'debian/12', Engine.incus(), INCUS, 'install_engine backports incus-base incus-client'],
    ['of Ubuntu 24.04 may have Incus', 'ubuntu/24.04', Engine.incus(), INCUS, 'install_engine apt incus incus-client'],
    ['of Debian 13 may have its packaged LXD', 'debian/13', Engine.lxdApt(), APT, PACKAGES],
    ['may have LXD 5.0', 'debian/12', Engine.lxdSnap('5.0'), SNAP, 'install_engine snap 5.0/stable'],
    ['may have LXD 6', 'ubuntu/22.04', Engine.lxdSnap('6'), SNAP, 'install_engine snap 6/stable'],
  ])('%s', (_, system, engine, words, install) => {
    const { files, cluster, ...told } = made(system, engine);
    const incus = words === INCUS;
    expect(told).toEqual({
      title: expect.stringContaining(incus ? 'Incus, from packages of' : 'LXD, from '),
      engine: words,
      install,
      image: incus ? 'images:ubuntu/24.04/cloud' : 'ubuntu:24.04',
      bridge: incus ? 'incusbr0' : 'lxdbr0',
    });
    expect(cluster).toMatchObject(
      incus ? { engine: 'Incus', client: 'incus', bridgeName: 'incusbr0' } : { engine: 'LXD', client: 'lxc', bridgeName: 'lxdbr0' },
    );
    expect(files['s/m1_cfg.sh']).toContain(`${words}\n`);
    expect(files['s/topology.svg']).toContain(incus ? ', Incus cluster on' : ', LXD cluster on');
    expect(files['s/cluster-m1.sh']?.includes('LXD')).toBe(!incus);
  });

  itRefuses(import.meta.url, [
    {
      id: 'missing-engine',
      path: 's/C/m2',
      says: ['"m2"', 'LXD, from packages of', 'ubuntu/24.04', 'Engine.lxdSnap() or Engine.incus()', 'debian/12 or debian/13'],
      build: (stack) => {
        const cluster = new Cluster(stack, 'C');
        cluster.addMember('m1', { address: '192.168.56.11' });
        cluster.addMember('m2', { address: '192.168.56.12', box: Box.ubuntu2404() });
        cluster.addMember('m3', { address: '192.168.56.13', box: Box.debian13() });
      },
    },
    {
      id: 'missing-engine',
      when: 'Incus on Ubuntu 22.04, also of the founder',
      path: 's/C/m1',
      says: ['"m1"', 'Incus', 'choose Engine.lxdSnap(), or a box with debian/12 or debian/13 or ubuntu/24.04'],
      build: (stack) => {
        new Cluster(stack, 'C', { engine: Engine.incus() }).addMember('m1', { address: '192.168.56.11', box: box('ubuntu/22.04') });
      },
    },
    {
      id: 'mixed-engines',
      path: 's/C/m2',
      says: ['"m2" would have Incus 6.0.0 (ubuntu/24.04)', '"m1"', '6.0.4 (debian/13)', 'debian/12 or debian/13'],
      build: (stack) => {
        const cluster = new Cluster(stack, 'C', { engine: Engine.incus() });
        for (const [index, system] of (['debian/13', 'ubuntu/24.04', 'debian/12'] as const).entries())
          cluster.addMember(`m${index + 1}`, { address: `192.168.56.1${index + 1}`, box: box(system) });
      },
    },
  ]);

  itRefuses(import.meta.url, [
    {
      id: 'unknown-preseed-key',
      path: 's/C',
      says: ['option "cluster.healing_threshold"', 'none of LXD 5.0.2', 'LXD from 5.14 on, Incus from 6.0.0 on', 'choose another engine'],
      build: (stack) => one(stack, { preseed: healing }),
    },
    {
      id: 'unknown-preseed-key',
      when: 'the password of old',
      path: 's/C',
      says: ['option "core.trust_password"', 'none of LXD 6:', 'it is in LXD from 5.0.2 to 5.21;'],
      build: (stack) => one(stack, { engine: Engine.lxdSnap('6'), preseed: { config: { 'core.trust_password': 'x' } } }),
    },
    {
      id: 'unknown-preseed-key',
      when: 'one that joiners had',
      path: 's/C',
      says: ['key "cluster_password" of "cluster"', 'none of Incus 6.0.4', 'it is in LXD from 5.0.2 to 6.2'],
      build: (stack) => one(stack, { engine: Engine.incus(), preseed: { cluster: { cluster_password: 'x' } } }),
    },
    {
      id: 'unknown-preseed-key',
      when: 'of the paper',
      path: 's/C',
      says: ['key "storage pools" in the preseed is none of LXD 5.0.2: no engine has it'],
      build: (stack) => one(stack, { preseed: { 'storage pools': [] } }),
    },
    {
      id: 'unknown-preseed-key',
      when: 'in a list',
      path: 's/C',
      says: ['key "source" of "storage_pools"'],
      build: (stack) => one(stack, { preseed: { storage_pools: [{ name: 'local', source: '/dev/sdb' }] } }),
    },
    {
      id: 'unknown-preseed-key',
      when: 'of a later Incus',
      path: 's/C',
      says: ['key "cluster_groups"', 'Incus 6.0.4', 'it is in Incus from 6.0.6 on'],
      build: (stack) => one(stack, { engine: Engine.incus(), preseed: { cluster_groups: [{ name: 'x' }] } }),
    },
    {
      id: 'bad-preseed',
      path: 's/C',
      says: ['key "config" in the preseed is null; give it a map'],
      build: (stack) => one(stack, { preseed: { config: null } }),
    },
    {
      id: 'bad-preseed',
      when: 'no list',
      path: 's/C',
      says: ['key "networks" in the preseed is {"name":"lxdbr0"}; give it a list'],
      build: (stack) => one(stack, { preseed: { networks: { name: 'lxdbr0' } } }),
    },
    {
      id: 'bad-preseed',
      when: 'without a name',
      path: 's/C',
      says: ['key "profiles" in the preseed has {"description":"x"}; give each a name'],
      build: (stack) => one(stack, { preseed: { profiles: [{ name: 'default' }, { description: 'x' }] } }),
    },
    {
      id: 'small-storage',
      path: 's/C',
      says: ['storage of cluster "C" is 1 MiB for btrfs, where no container fits; give it at least 1 GiB'],
      build: (stack) => one(stack, { storage: Storage.btrfs({ size: Size.mebibytes(1) }) }),
    },
    {
      id: 'small-storage',
      when: 'a disk',
      path: 's/C',
      says: ['is 1023 MiB for lvm'],
      build: (stack) => one(stack, { storage: Storage.lvm({ disk: Size.mebibytes(1023) }) }),
    },
    {
      id: 'unknown-remote',
      path: 's/C',
      says: ['"ubuntu:24.04"', 'Incus 6.0.4', 'it is in LXD from 5.0.2 on', 'choose one of local:, images:, or Image.files'],
      build: (stack) => new Container(stack, 'c', { on: one(stack, { engine: Engine.incus(), image: Image.remote('ubuntu:24.04') }) }),
    },
    {
      id: 'unknown-remote',
      when: 'one that has gone',
      path: 's/C',
      says: ['"images:debian/12"', 'LXD 5.0.2', 'LXD from 5.0.4 on, Incus', 'choose one of local:, ubuntu:, ubuntu-daily:, or'],
      build: (stack) => new Container(stack, 'c', { on: one(stack, {}), image: Image.remote('images:debian/12') }),
    },
    {
      id: 'unknown-remote',
      when: 'one of nobody',
      path: 's/C',
      says: ['"mine:x"', 'no engine has it'],
      build: (stack) => new Container(stack, 'c', { on: one(stack, {}), image: Image.remote('mine:x') }),
    },
  ]);

  it.each<[string, ClusterProps]>([
    ['options of a later LXD', { engine: Engine.lxdSnap(), preseed: healing }],
    ['options of Incus', { engine: Engine.incus(), preseed: healing }],
    ['the password of old', { engine: Engine.lxdSnap(), preseed: { config: { 'core.trust_password': 'x' } } }],
    ['images of LXD', { image: Image.remote('ubuntu:24.04') }],
    ['images of Incus', { engine: Engine.incus(), image: Image.remote('images:debian/13') }],
  ])('takes %s', (_, props) => {
    stackOf((stack) => new Container(stack, 'c', { on: one(stack, props) }));
  });

  it('takes images of its own', () => {
    stackOf((stack) => new Container(stack, 'c', { on: one(stack, {}), image: Image.remote('published') }));
  });

  it('has one of the tracks that there are', () => {
    expect(() => Engine.lxdSnap('4.0' as '5.0')).toThrow('LXD has no track "4.0"; choose one of "5.0", "5.21", "6"');
  });

  it('is of a system that is known', () => {
    expect(() => box('debian/11' as System)).toThrow('box "own/box" has the system "debian/11"; choose one of debian/12,');
  });
});

describe('Engine.lacks', () => {
  it.each([
    [Engine.lxdApt(), 'debian/12', { LXD: '5.14', Incus: '6.0.0' }, 'it is in LXD from 5.14 on, Incus from 6.0.0 on'],
    [Engine.lxdSnap(), 'debian/12', { LXD: '5.14' }, undefined],
    [Engine.lxdSnap('6'), 'debian/12', { LXD: '5.0.2-5.21.7' }, 'it is in LXD from 5.0.2 to 5.21.7'],
    [Engine.lxdSnap(), 'debian/12', { LXD: '5.0.2-5.21.7' }, undefined],
    [Engine.incus(), 'ubuntu/24.04', { Incus: '6.0.4' }, 'it is in Incus from 6.0.4 on'],
    [Engine.incus(), 'debian/13', { Incus: '6.0.4' }, undefined],
    [Engine.incus(), 'debian/13', {}, 'no engine has it'],
  ] as const)('%s on %s: %j', (engine, system, span, answer) => {
    expect(engine.lacks(span, system)).toBe(answer);
  });
});
