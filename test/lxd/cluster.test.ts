import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { App, Container, Image, Size, Software, Stack } from '../../lib/index.js';
import { Cluster, clusterScriptName } from '../../lib/lxd/index.js';
import { aCluster, fill, itRefuses, removeTemporaries, stackOf, synth, temporary } from '../support.js';

removeTemporaries();

const recipe = (name: string) => new URL(`file://${fill(temporary(), { 'configure.sh': `echo ${name}\n` })}/configure.sh`);

describe('Software', () => {
  it.each([[''], ['Upper'], ['a b'], ['../x'], ['1st'], ['x'.repeat(51)]])(
    'refuses the name %j, which its container could not have',
    (name) => {
      expect(() => new Software(name, { packages: [], configure: recipe('x') })).toThrow('is no name of a software; use lower-case');
    },
  );

  it.each([[''], ['a b'], ['-y'], ['*'], ['$(id)'], ['Upper']])('refuses the package %j', (name) => {
    expect(() => new Software('mine', { packages: ['curl', name], configure: recipe('x') })).toThrow('of software "mine" is no package');
  });

  it('takes packages of other architectures and versions', () => {
    const packages = ['g++', 'libc6:i386', 'lxd=5.0.2-5+b2', 'x=1:2.3~rc1-4'];
    expect(new Software('mine', { packages, configure: recipe('x') }).recipe).toContain(
      `set -- ${packages.slice(0, 3).join(' ')} 'x=1:2.3~rc1-4'`,
    );
  });
});

describe('Cluster', () => {
  itRefuses(import.meta.url, [
    {
      id: 'second-cluster',
      path: 's/Second',
      says: ['"s"', 's/Cluster', 'a stack of its own'],
      build: (stack) => {
        aCluster(stack);
        new Cluster(stack, 'Second').addMember('m9', { address: '192.168.56.19' });
      },
    },
    {
      id: 'overlapping-subnets',
      path: 's/C',
      says: ['10.77.5.0/24', '10.77.0.0/16', 'choose another'],
      build: (stack) => new Cluster(stack, 'C', { subnet: '10.77.5.0/24' }).addMember('m9', { address: '10.77.5.9' }),
    },
    {
      id: 'empty-cluster',
      path: 's/C',
      says: ['"C"', 'cluster.addMember('],
      also: ['no-machines'],
      build: (stack) => new Cluster(stack, 'C'),
    },
    {
      id: 'missing-image',
      path: 's/C',
      says: ['"no/such.tar.gz"', 'relative to /'],
      build: (stack) => {
        const image = Image.files({ alias: 'mine', metadata: 'no/such.tar.gz', rootfs: 'package.json' });
        const cluster = new Cluster(stack, 'C', { image });
        new Container(stack, 'A', { on: cluster.addMember('m9', { address: '192.168.56.19' }) });
      },
    },
    {
      id: 'missing-image',
      when: 'a folder in place of a file',
      path: 's/C',
      says: ['"lib"', 'or is a folder'],
      build: (stack) => {
        const image = Image.files({ alias: 'mine', metadata: 'package.json', rootfs: 'lib' });
        const cluster = new Cluster(stack, 'C', { image });
        new Container(stack, 'A', { on: cluster.addMember('m9', { address: '192.168.56.19' }) });
      },
    },
    {
      id: 'duplicate-image',
      path: 's/C',
      says: ['"mine"', 'another alias'],
      build: (stack) => {
        const cluster = new Cluster(stack, 'C');
        const on = cluster.addMember('m9', { address: '192.168.56.19' });
        const image = (rootfs: string) => Image.files({ alias: 'mine', metadata: 'package.json', rootfs });
        new Container(stack, 'A', { on, image: image('package.json') });
        new Container(stack, 'B', { on, image: image('cdk.json') });
      },
    },
    {
      id: 'duplicate-software',
      path: 's/B',
      says: ['"mine"', 'rename one'],
      build: (stack) => {
        const cluster = new Cluster(stack, 'C');
        const on = cluster.addMember('m9', { address: '192.168.56.19' });
        new Container(stack, 'A', { on, software: new Software('mine', { packages: ['curl'], configure: recipe('one') }) });
        new Container(stack, 'B', { on, software: new Software('mine', { packages: ['curl'], configure: recipe('two') }) });
      },
    },
  ]);

  it('is one a stack: two stacks may have one each', () => {
    const app = new App({ outdir: join(temporary(), 'out') });
    for (const name of ['one', 'two']) aCluster(new Stack(app, name));
    expect(synth(app).warnings).toEqual([]);
  });

  it('sizes its machines, each its own way if it likes', () => {
    stackOf((stack) => {
      const cluster = new Cluster(stack, 'C', { machineDefaults: { memory: Size.mebibytes(512), cpus: 2 } });
      const big = cluster.addMember('m9', { address: '192.168.56.19', memory: Size.gibibytes(4) });
      expect([big.machine.memory.toMebibytes(), big.machine.cpus]).toEqual([4096, 2]);
    });
  });

  it('founds with the first member and joins with the others', () => {
    const { files } = stackOf((stack) => aCluster(stack));
    expect(files['s/cluster-m1.sh']).toContain('found_cluster m1 "$bundle"/preseeds/m1-found.yaml');
    expect(files['s/cluster-m2.sh']).not.toContain('found_cluster');
    expect(files['s/cluster-m2.sh']).toContain('others=(192.168.56.11 192.168.56.13)');
    expect(files['s/cluster-m2.sh']).toContain('vagrant up m1 && vagrant provision m2');
  });

  it('keeps containers that are no longer in the app, unless told to prune', () => {
    const retire = (prune: boolean) => stackOf((stack) => aCluster(stack, { prune })).files['s/m1_cfg.sh'];
    expect(retire(false)).toContain('retire no containers/names.txt\n');
    expect(retire(true)).toContain('retire yes containers/names.txt\n');
  });
});

describe('clusterScriptName', () => {
  it.each([
    ['vmBalanceador', 'clusterBalanceador.sh'],
    ['vmServidor1', 'clusterServidor1.sh'],
    ['vm1', 'cluster1.sh'],
    ['node-1', 'cluster-node-1.sh'],
    ['vmbalanceador', 'cluster-vmbalanceador.sh'],
    ['vm', 'cluster-vm.sh'],
    ['vm-1', 'cluster-vm-1.sh'],
  ])('of %s is %s', (machine, script) => {
    expect(clusterScriptName(machine)).toBe(script);
  });

  it('is another for each name', () => {
    const names = ['vm1', '1', '-1', 'vmA', 'A', 'a', 'vma', 'vm-A', 'vm-1', 'vmvm1', 'VM1', 'vmVm1', 'Vm1'];
    expect(new Set(names.map(clusterScriptName)).size).toBe(names.length);
  });
});
