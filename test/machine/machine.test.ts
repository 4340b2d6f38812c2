import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { App, OutputFile, type ProvisionerOptions, Size, Stack } from '../../lib/index.js';
import { Container } from '../../lib/lxd/index.js';
import { Machine } from '../../lib/machine/index.js';
import { aCluster, errorsOf, fill, itRefuses, ROOT, removeTemporaries, run, stackOf, temporary } from '../support.js';

removeTemporaries();

const address = '192.168.56.5';

describe('Machine', () => {
  itRefuses(import.meta.url, [
    {
      id: 'bad-host-name',
      path: 's/vm_1',
      says: ['"vm_1"', 'use letters, digits and "-"'],
      build: (stack) => new Machine(stack, 'vm_1', { address }),
    },
    {
      id: 'other-stack',
      path: 's/vm',
      says: ['file t/Tools, which is not in its stack "s"', 'make it there'],
      build: (stack) => {
        const elsewhere = new Stack(stack.node.root as App, 't');
        const file = new OutputFile(elsewhere, 'Tools', { path: 'tools.txt', render: () => '' });
        new Machine(elsewhere, 'vm', { address: '192.168.57.5' });
        new Machine(stack, 'vm', { address }).addBundled(file);
      },
    },
    {
      id: 'bad-host-name',
      when: 'with a line break',
      path: 's/M',
      says: ['"a\\nb"', 'use letters'],
      build: (stack) => new Machine(stack, 'M', { name: 'a\nb', address }),
    },
    {
      id: 'bad-host-name',
      when: 'of 64 characters',
      path: 's/M',
      says: ['a'.repeat(64), 'at most 63'],
      build: (stack) => new Machine(stack, 'M', { name: 'a'.repeat(64), address }),
    },
    {
      id: 'bad-cpus',
      path: 's/M',
      says: ['0 cpus', 'at least 1'],
      build: (stack) => new Machine(stack, 'M', { address, cpus: 0 }),
    },
    {
      id: 'duplicate-machine',
      path: 's/B',
      says: ['"VM"', 's/A', 'rename one'],
      build: (stack) => {
        new Machine(stack, 'A', { name: 'vm', address: '192.168.56.4' });
        new Machine(stack, 'B', { name: 'VM', address });
      },
    },
    {
      id: 'bad-address',
      path: 's/M',
      says: ['"192.168.56.256"', 'write it like'],
      build: (stack) => new Machine(stack, 'M', { address: '192.168.56.256' }),
    },
    {
      id: 'bad-address',
      when: 'with a leading zero',
      path: 's/M',
      says: ['"192.168.056.5"', 'write it like'],
      build: (stack) => new Machine(stack, 'M', { address: '192.168.056.5' }),
    },
    {
      id: 'duplicate-address',
      path: 's/B',
      says: [address, 's/A', 'its own'],
      build: (stack) => {
        new Machine(stack, 'A', { address });
        new Machine(stack, 'B', { address });
      },
    },
    {
      id: 'bad-subnet',
      path: 's/M',
      says: ['"192.168.56.7/24"', 'write it like'],
      build: (stack) => new Machine(stack, 'M', { address, subnet: '192.168.56.7/24' }),
    },
    {
      id: 'address-outside-subnet',
      path: 's/M',
      says: [address, '192.168.57.0/24', 'choose one inside'],
      build: (stack) => new Machine(stack, 'M', { address, subnet: '192.168.57.0/24' }),
    },
    {
      id: 'reserved-address',
      when: 'the network',
      path: 's/M',
      says: ['192.168.56.0', 'the network itself', 'choose another'],
      build: (stack) => new Machine(stack, 'M', { address: '192.168.56.0' }),
    },
    {
      id: 'reserved-address',
      when: 'the host',
      path: 's/M',
      says: ['192.168.56.1 ', "the host's own", 'from 192.168.56.2 on'],
      build: (stack) => new Machine(stack, 'M', { address: '192.168.56.1' }),
    },
    {
      id: 'reserved-address',
      when: 'broadcast of a /25',
      path: 's/M',
      says: ['192.168.56.127', 'broadcast', 'choose another'],
      build: (stack) => new Machine(stack, 'M', { address: '192.168.56.127', subnet: '192.168.56.0/25' }),
    },
    {
      id: 'bad-port',
      path: 's/C',
      says: ['70000', 'from 1 to 65535'],
      build: (stack) => new Container(stack, 'C', { on: aCluster(stack).m1 }).publish({ listen: 70_000, connect: 80 }),
    },
    {
      id: 'bad-port',
      when: 'of the host',
      path: 's/B',
      says: ['host port 0', 'from 1 to 65535'],
      build: (stack) => {
        const machine = new Machine(stack, 'A', { address });
        machine.forwardPort({ hostPort: 0, machinePort: 80 }, new Machine(stack, 'B', { address: '192.168.56.6' }));
      },
    },
    {
      id: 'reserved-port',
      when: 'SSH',
      path: 's/C',
      says: ['port 22', 'SSH', 'choose another'],
      build: (stack) => new Container(stack, 'C', { on: aCluster(stack).m1 }).publish({ listen: 22, connect: 80 }),
    },
    {
      id: 'reserved-port',
      when: "the cluster's",
      path: 's/C',
      says: ['port 8443', 'the API of LXD and Incus', 'choose another'],
      build: (stack) => new Container(stack, 'C', { on: aCluster(stack).m1 }).publish({ listen: 8443, connect: 80 }),
    },
    {
      id: 'duplicate-port',
      path: 's/D',
      says: ['port 1080', 's/C', 'choose another'],
      build: (stack) => {
        const on = aCluster(stack).m1;
        new Container(stack, 'C', { on }).publish({ listen: 1080, connect: 80 });
        new Container(stack, 'D', { on }).publish({ listen: 1080, connect: 81 });
      },
    },
    {
      id: 'duplicate-host-port',
      path: 's/B',
      says: ['host port 8080', 's/A', 'choose another'],
      build: (stack) => {
        const a = new Machine(stack, 'A', { address });
        const b = new Machine(stack, 'B', { address: '192.168.56.6' });
        a.forwardPort({ hostPort: 8080, machinePort: 80 }, a);
        b.forwardPort({ hostPort: 8080, machinePort: 80 }, b);
      },
    },
  ]);

  it('has defaults, and the /24 of its address', () => {
    stackOf((stack) => {
      const machine = new Machine(stack, 'vm', { address });
      expect(machine).toMatchObject({ machineName: 'vm', address, cpus: 1 });
      expect(machine.memory.toMebibytes()).toBe(1024);
      expect(String(machine.subnet)).toBe('192.168.56.0/24');
      expect(machine.box.name).toBe('bento/debian-12');
    });
  });

  it('comes into the Vagrantfile without a cluster', () => {
    const { files } = stackOf((stack) => new Machine(stack, 'vm', { address, memory: Size.gibibytes(2), cpus: 3 }));
    expect(files['s/Vagrantfile']).toContain('config.vm.define "vm" do |node|');
    expect(files['s/Vagrantfile']).toContain('sized.call(node, "vm", 2048, 3)');
    expect(Object.keys(files)).toEqual(['s/.gitignore', 's/Vagrantfile', 's/manifest.json', 's/topology.svg', 's/tree.json']);
  });
});

describe('Machine.addProvisioner', () => {
  const script = fill(temporary(), { 'mine.py': '#!/usr/bin/env python3\nprint("hello")\n' });

  it('runs a script of the user, after the others or before one of them', () => {
    const { files, folder } = stackOf((stack) => {
      const plain = new Machine(stack, 'plain', { address: '192.168.56.40' });
      plain.addProvisioner('hello', { file: `${script}/mine.py` });
      const { m1 } = aCluster(stack);
      m1.machine.addProvisioner('last', { inline: '#!/bin/sh\necho last\n' });
      m1.machine.addProvisioner('middle', { inline: '#!/bin/sh\n', before: 'containers' });
    });
    expect(files['s/provisioners/plain/hello']).toBe('#!/usr/bin/env python3\nprint("hello")\n');
    expect(files['s/provisioners/m1/last']).toBe('#!/bin/sh\necho last\n');
    expect(files['s/Vagrantfile']).toContain(
      '\n    # raw, from s/plain\n    node.vm.provision "hello", type: "shell", run: "always", path: File.join(__dir__, "provisioners/plain/hello")\n',
    );
    const { out, err } = run('ruby', [join(ROOT, 'test/vagrant/stub.rb'), join(folder, 'Vagrantfile')]);
    expect(err).toBe('');
    const names = [...out.matchAll(/\["provision","([^"]+)",\{"type":"(?:shell|file)"/g)].map(([, name]) => name);
    expect(names).toEqual([
      'hello',
      'bundle',
      'cluster',
      'middle',
      'containers',
      'last',
      'bundle',
      'cluster',
      'containers',
      'bundle',
      'cluster',
      'containers',
    ]);
  });

  it.each<[string, string, ProvisionerOptions, string]>([
    ['a name that is none', 'a b', { inline: '' }, '"a b"'],
    ['a name that is taken', 'bundle', { inline: '' }, 'taken'],
    ['a place that is none', 'x', { inline: '', before: 'y' }, 'before "y", which is none; choose one of none'],
    ['no script', 'x', {}, 'needs either "inline" or "file"'],
    ['two scripts', 'x', { inline: '', file: 'x' }, 'needs either "inline" or "file"'],
    ['a file that is not there', 'x', { file: 'nowhere' }, 'has no file "nowhere"'],
    ['a folder in place of a file', 'x', { file: '.' }, 'has no file "."'],
  ])('refuses: bad-provisioner, %s', (_, name, options, says) => {
    const app = new App({ outdir: join(temporary(), 'out') });
    new Machine(new Stack(app, 's'), 'plain', { address }).addProvisioner(name, options);
    expect(errorsOf(app)).toMatchObject([{ id: 'bad-provisioner', path: 's/plain', message: expect.stringContaining(says) }]);
  });
});

describe('Machine.addDisk', () => {
  it.each([
    ['a name that is none', 'a b'],
    ['a name that is too long for a serial number', 'x'.repeat(21)],
    ['a name that is taken', 'data'],
  ])('refuses: bad-disk, %s', (_, name) => {
    const app = new App({ outdir: join(temporary(), 'out') });
    new Machine(new Stack(app, 's'), 'plain', { address }).addDisk('data', Size.gibibytes(1)).addDisk(name, Size.gibibytes(1));
    expect(errorsOf(app)).toMatchObject([{ id: 'bad-disk', path: 's/plain', message: expect.stringContaining(`"${name}"`) }]);
  });
});
