import { Construct } from 'constructs';
import { expect, it } from 'vitest';
import { Template } from '../../lib/assertions/index.js';
import {
  App,
  BackupPool,
  Balance,
  Box,
  Cluster,
  Container,
  Duration,
  ErrorPages,
  HaproxyBalancer,
  HaproxyFrontend,
  Image,
  Machine,
  Password,
  Size,
  Stack,
  WebBackend,
} from '../../lib/index.js';
import { fill, PAGE, removeTemporaries, temporary } from '../support.js';

removeTemporaries();

it('tells everything that was decided', () => {
  const stack = new Stack(new App(), 's');
  const folder = fill(temporary(), { meta: 'x', rootfs: 'x', 'pages/503.html': 'x' });
  const image = Image.files({ alias: 'mine', metadata: `${folder}/meta`, rootfs: `${folder}/rootfs` });
  const cluster = new Cluster(stack, 'C', {
    image,
    machineDefaults: { box: Box.ubuntu2404(), memory: Size.gibibytes(2), cpus: 2 },
    joinDeadline: Duration.minutes(1),
    prune: true,
  });
  const on = cluster.addMember('m1', { address: '192.168.56.11' });
  const balancer = new HaproxyBalancer(stack, 'Edge', {
    on,
    name: 'edge',
    maxConnections: 100,
    clientTimeout: Duration.seconds(1),
    requestTimeout: Duration.seconds(2),
    connectTimeout: Duration.seconds(3),
  });
  const web = new WebBackend(stack, 'web', {
    balance: Balance.uri({ depth: 2 }),
    checkPath: '/up',
    checkInterval: Duration.millis(500),
    serverTimeout: Duration.seconds(2),
    queueTimeout: Duration.seconds(3),
    maxConnectionsPerServer: 9,
    site: PAGE,
  });
  web.addServer('web1', { on, weight: 3, port: 12_345 });
  const pool = new BackupPool(stack, 'Pool', { backend: web, activateWhen: 'downOrSaturated' });
  pool.addServer('spare', { on, maxConnections: 4, memory: Size.mebibytes(256), cpus: 1 });
  new HaproxyFrontend(stack, 'http', {
    balancer,
    port: 80,
    publishPort: 1080,
    hostPort: 8080,
    defaultBackend: web,
    statistics: { uri: '/s', refresh: Duration.seconds(5), user: 'ops', password: Password.fromEnvironment('STATS') },
    errorPages: ErrorPages.directory(`${folder}/pages`),
  });
  new Container(stack, 'Plain', { name: 'plain', on, image: Image.remote('images:debian/12') });

  const address = '192.168.56.11';
  const { resources } = Template.fromStack(stack).toJSON();
  const bridged = Object.fromEntries(Object.entries(resources.Container ?? {}).map(([name, { address: on }]) => [name, on]));
  for (const on of Object.values(bridged)) expect(on).toMatch(/^10\.77\.\d+\.\d+$/);
  const container = {
    member: 'm1',
    image: 'mine',
    isolated: false,
    config: {},
    devices: {},
    labels: {},
    publishedPorts: [],
    hostPorts: [],
  };
  const port = resources.Machine?.m1?.forwardedPorts as { machinePort: number }[];
  expect(port).toEqual([
    { hostPort: 8080, machinePort: expect.any(Number), protocol: 'tcp', hostAddress: '127.0.0.1', autoCorrect: false },
  ]);
  expect(resources).toStrictEqual({
    Machine: {
      m1: {
        address,
        subnet: '192.168.56.0/24',
        box: 'bento/ubuntu-24.04',
        boxByProvider: {},
        cpus: 2,
        disks: [],
        memoryMiB: 2048,
        forwardedPorts: port,
        networks: [],
        syncedFolders: [],
        triggers: [],
        cloudInit: [],
        providers: {},
        provisioners: ['cluster', 'containers'],
        uploads: ['mine-metadata', 'mine-rootfs'],
        labels: {},
        postUpLines: [
          'http: http://192.168.56.11:1080/ (on this host also http://127.0.0.1:8080/)',
          'Statistics: http://192.168.56.11:1080/s, user ops, password: the one that STATS held',
        ],
      },
    },
    Cluster: {
      C: {
        subnet: '192.168.56.0/24',
        image: 'mine',
        joinDeadlineMs: 60_000,
        network: 'published',
        prune: true,
        storage: 'dir',
        bridgeName: 'lxdbr0',
        bridgePrefix: '10.77',
        client: 'lxc',
        engine: 'LXD',
        members: ['m1'],
      },
    },
    Member: { m1: { cluster: 'C', address, isFounder: true, containers: ['edge', 'web1', 'spare', 'plain'] } },
    Container: {
      edge: {
        ...container,
        software: 'haproxy',
        address: bridged.edge,
        publishedPorts: [{ listen: 1080, connect: 80 }],
        hostPorts: [{ hostPort: 8080, connect: 80 }],
      },
      web1: {
        ...container,
        software: 'apache',
        address: bridged.web1,
        isolated: true,
        publishedPorts: [{ listen: 12_345, connect: 80, allow: ['edge'] }],
      },
      spare: {
        ...container,
        software: 'apache',
        address: bridged.spare,
        memoryMiB: 256,
        cpus: 1,
        isolated: true,
        publishedPorts: [{ listen: resources.WebServer?.spare?.port, connect: 80, allow: ['edge'] }],
      },
      plain: { ...container, image: 'images:debian/12', address: bridged.plain },
    },
    HaproxyBalancer: {
      edge: {
        machine: 'm1',
        container: 'edge',
        maxConnections: 100,
        clientTimeoutMs: 1000,
        requestTimeoutMs: 2000,
        connectTimeoutMs: 3000,
        configuration: 'haproxy-edge.cfg',
        frontends: ['http'],
      },
    },
    HaproxyFrontend: {
      http: {
        machine: 'm1',
        balancer: 'edge',
        address,
        port: 80,
        publishPort: 1080,
        hostPort: 8080,
        defaultBackend: 'web',
        statistics: { uri: '/s', refreshMs: 5000, user: 'ops', passwordVariable: 'STATS' },
        errorPages: [503],
      },
    },
    WebBackend: {
      web: {
        balance: 'uri depth 2',
        checkPath: '/up',
        checkIntervalMs: 500,
        serverTimeoutMs: 2000,
        queueTimeoutMs: 3000,
        maxConnectionsPerServer: 9,
        activateWhen: 'downOrSaturated',
        primaries: ['web1'],
        backups: ['spare'],
        balancers: ['edge'],
      },
    },
    BackupPool: { Pool: { backend: 'web', activateWhen: 'downOrSaturated', servers: ['spare'] } },
    WebServer: {
      web1: {
        backend: 'web',
        role: 'primary',
        container: 'web1',
        machine: 'm1',
        address,
        port: 12_345,
        weight: 3,
        maxConnections: 9,
        checkPath: '/up',
        checkIntervalMs: 500,
        site: 'sites/web',
      },
      spare: {
        backend: 'web',
        role: 'backup',
        container: 'spare',
        machine: 'm1',
        address,
        port: resources.WebServer?.spare?.port,
        maxConnections: 4,
        checkPath: '/up',
        checkIntervalMs: 500,
        site: 'sites/web',
      },
    },
  });
});

it('takes in constructs of one’s own, also two of one name', () => {
  class Monitored extends Machine {
    public override toResource() {
      const { properties } = super.toResource();
      return { type: 'Monitored', name: 'same', properties: { ...properties, team: 'ops' } };
    }
  }
  const stack = new Stack(new App(), 's');
  new Monitored(new Construct(stack, 'A'), 'm1', { address: '192.168.56.11' });
  new Monitored(new Construct(stack, 'B'), 'm2', { address: '192.168.56.12' });
  const template = Template.fromStack(stack);
  template.hasResource('Monitored', 'same', { team: 'ops', address: '192.168.56.12' });
  template.resourceCountIs('Monitored', 2);
  expect(Object.keys(template.findResources('Monitored'))).toEqual(['same', 's/B/m2']);
});

it('lets the compiler refuse properties that are none', () => {
  const stack = new Stack(new App(), 's');
  new Machine(stack, 'm1', { address: '192.168.56.11' });
  const template = Template.fromStack(stack);
  // @ts-expect-error memoryMiB is meant
  expect(() => template.hasMachine('m1', { memory: 1024 })).toThrow('got nothing, but there is "memoryMiB"');
  // @ts-expect-error it is a number
  expect(() => template.hasMachine('m1', { cpus: '1' })).toThrow('cpus: expected "1", got 1');
});
