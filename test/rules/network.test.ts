import { join } from 'node:path';
import type { Construct } from 'constructs';
import { describe, expect, it } from 'vitest';
import {
  Annotations,
  App,
  CloudInitTarget,
  Cluster,
  Container,
  HaproxyFrontend,
  Machine,
  Stack,
  type Target,
  VagrantTarget,
  WebBackend,
} from '../../lib/index.js';
import { aCluster, aSite, itWarns, PAGE, removeTemporaries, temporary } from '../support.js';

removeTemporaries();

const forward = (machine: Machine, hostPort: number, owner: Construct = machine) =>
  machine.forwardPort({ hostPort, machinePort: 80 }, owner);
const address = '192.168.56.5';

/** A server and its balancer on machines at these addresses. */
const pair = (stack: Stack, ...addresses: readonly [string, string]) => {
  const [far, front] = addresses.map((own, n) => new Machine(stack, `h${n}`, { address: own })) as [Machine, Machine];
  const web = new WebBackend(stack, 'web', { site: PAGE });
  web.addServer('web1', { on: far });
  new HaproxyFrontend(stack, 'http', { on: front, port: 80, defaultBackend: web });
};

describe('the rules of the network', () => {
  itWarns(import.meta.url, [
    {
      id: 'other-subnet',
      path: 's/web/web1',
      also: ['single-server'],
      says: ['server "web1"', '"h0" in 192.168.57.0/24', 'balancer on "h1" in 192.168.56.0/24', 'of one subnet'],
      build: (stack) => pair(stack, '192.168.57.5', address),
      spares: { 'the same subnet': (stack) => pair(stack, '192.168.56.6', address) },
    },
    {
      id: 'privileged-host-port',
      path: 's/M',
      says: ['host port 1023 ', '"M"', 'from 1024 on'],
      build: (stack) => forward(new Machine(stack, 'M', { address }), 1023),
      spares: { 'the next port': (stack) => forward(new Machine(stack, 'M', { address }), 1024) },
    },
    {
      id: 'privileged-host-port',
      when: 'that a container asked for',
      path: 's/C',
      says: ['host port 443 ', '"m1"', 'from 1024 on'],
      build: (stack) => new Container(stack, 'C', { on: aCluster(stack).m1 }).publishOnHost(443, 80),
    },
    {
      id: 'privileged-host-port',
      when: 'that a frontend asked for',
      path: 's/http',
      says: ['host port 443 ', '"m1"', 'from 1024 on'],
      build: (stack) => {
        const { m1, web } = aSite(stack);
        new HaproxyFrontend(stack, 'http', { on: m1, port: 80, hostPort: 443, defaultBackend: web });
      },
      spares: {
        'a low port of the machine': (stack) => {
          const { m1, web } = aSite(stack);
          new HaproxyFrontend(stack, 'http', { on: m1, port: 80, hostPort: 8080, defaultBackend: web });
        },
      },
    },
    {
      id: 'subnet-refused-by-virtualbox',
      path: 's/M',
      says: ['192.168.100.0/24', '/etc/vbox/networks.conf', '"* 192.168.100.0/24"', 'use one inside 192.168.56.0/21'],
      build: (stack) => new Machine(stack, 'M', { address: '192.168.100.5' }),
      spares: { 'the last /24 inside': (stack) => new Machine(stack, 'M', { address: '192.168.63.5' }) },
    },
    {
      id: 'subnet-refused-by-virtualbox',
      when: 'that is but in part inside',
      path: 's/C/m9/Machine',
      says: ['192.168.48.0/20'],
      build: (stack) => new Cluster(stack, 'C', { subnet: '192.168.48.0/20' }).addMember('m9', { address }),
      spares: { 'the whole range': (stack) => new Cluster(stack, 'C', { subnet: '192.168.56.0/21' }).addMember('m9', { address }) },
    },
    {
      id: 'subnet-refused-by-virtualbox',
      when: 'of a further network',
      path: 's/M',
      says: ['10.1.2.0/24'],
      build: (stack) => new Machine(stack, 'M', { address }).addNetwork({ address: '10.1.2.3' }),
      spares: {
        'an internal one': (stack) => new Machine(stack, 'M', { address }).addNetwork({ address: '10.1.2.3', internalName: 'inner' }),
        'a public one': (stack) => new Machine(stack, 'M', { address }).addNetwork({ kind: 'public', address: '10.1.2.3', device: 'eno1' }),
      },
    },
  ]);

  /** What is found in a stack for these targets. */
  function found(targets: readonly Target[], build: (stack: Stack) => unknown) {
    const app = new App({ outdir: join(temporary(), 'out') });
    build(new Stack(app, 's', { targets }));
    return app.assemble().diagnostics.map(({ id, path, message }) => ({ id, path, message }));
  }
  const cloud = () => new CloudInitTarget({ network: { private: { name: 'eth1' } } });

  it('warns: without-host, by what asked for it', () => {
    const build = (stack: Stack) => {
      const { m1, web } = aSite(stack);
      new HaproxyFrontend(stack, 'http', { on: m1, port: 80, hostPort: 8080, defaultBackend: web });
      const own = new Machine(stack, 'own', { address: '192.168.56.50' });
      own.forwardPorts({ hostPorts: [8081, 8082], machinePorts: [81, 82] });
      own.addSyncedFolder({ host: 'lib', guest: '/srv' }).addTrigger('after', ['up'], { info: 'up' });
      own.addCloudInit({ contentType: 'text/cloud-config', inline: '' });
    };
    const why = 'stack "s" is written for servers and clouds only, where there is no host; leave';
    expect(found([cloud()], build)).toEqual([
      { id: 'without-host', path: 's/http', message: expect.stringContaining(`host port 8080 leads to "m1", but ${why} it out`) },
      { id: 'without-host', path: 's/own', message: expect.stringContaining(`host port 8081, 8082 leads to "own", but ${why} it out`) },
      {
        id: 'without-host',
        path: 's/own',
        message: expect.stringContaining(`has synced folders and triggers and user data of Vagrant, but ${why} them out`),
      },
    ]);
    expect(found([cloud(), new VagrantTarget()], build)).toEqual([]);
    expect(found([{ prepare: () => undefined }], build)).toEqual([]);
    expect(found([cloud()], (stack) => new Machine(stack, 'M', { address }))).toEqual([]);
    const accepted = (stack: Stack) => Annotations.of(stack).acknowledge('without-host', 'for later');
    expect(found([cloud()], (stack) => [build(stack), accepted(stack)])).toEqual([]);
  });

  it('speaks of VirtualBox only where the stack is written for it', () => {
    const build = (stack: Stack) => new Machine(stack, 'M', { address: '10.1.2.3' });
    expect(found([new VagrantTarget()], build)).toHaveLength(1);
    expect(found([{ prepare: () => undefined }], build)).toHaveLength(1);
    expect(found([new VagrantTarget({ providers: ['libvirt'] })], build)).toEqual([]);
    expect(found([cloud()], build)).toEqual([]);
  });
});
