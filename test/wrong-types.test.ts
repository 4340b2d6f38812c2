import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { shown } from '../lib/core/index.js';
import {
  App,
  type AppProps,
  BackupPool,
  type BackupPoolProps,
  Balance,
  Box,
  type CloudInitPart,
  CloudInitTarget,
  type CloudInitTargetProps,
  type CloudNetwork,
  Cluster,
  type ClusterProps,
  Container,
  type ContainerProps,
  type Diagnostic,
  Duration,
  Engine,
  ErrorPages,
  type GroupProps,
  HaproxyBalancer,
  type HaproxyBalancerProps,
  HaproxyFrontend,
  type HaproxyFrontendProps,
  Image,
  Labels,
  Machine,
  type MachineProps,
  type MachineSizing,
  type MemberOptions,
  type MembersOptions,
  Network,
  type NetworkProps,
  type NetworkSettings,
  Password,
  type PortForwarding,
  type PortRangeForwarding,
  type ProvisionerOptions,
  type PublishedPort,
  Raw,
  type RawOptions,
  Rules,
  Site,
  Size,
  Software,
  Stack,
  type StackProps,
  type StatisticsOptions,
  type StepPlace,
  Storage,
  type SyncedFolderProps,
  SynthesisError,
  type TriggerActions,
  VagrantTarget,
  type VagrantTargetProps,
  WebBackend,
  type WebBackendProps,
  type WebServerOptions,
} from '../lib/index.js';
import {
  FailoverDrill,
  type FailoverDrillProps,
  LoadTest,
  type LoadThresholds,
  type RateLoadProps,
  type UsersLoadProps,
} from '../lib/trials/index.js';
import { aSite, itRefuses, PAGE, ROOT, removeTemporaries, temporary } from './support.js';

removeTemporaries();

const address = '192.168.56.77';
const configure = new URL('../lib/web/templates/apache.sh', import.meta.url);
const file = join(ROOT, 'package.json');

/** What JavaScript lets people give in place of one of our objects, of a text, and so on. */
const NO_OBJECT = ['text', 5, true, {}, [], () => 5, Symbol('s')];
const NO_TEXT = [5, true, {}, ['/x'], Box];
const NO_NUMBER = ['5', true, {}, [5], Size.mebibytes(5)];
const NO_BOOLEAN = ['yes', 1, {}, []];
const NO_OPTIONS = ['text', 5, true, [], () => 5, Size.mebibytes(5), Password.generated()];
const NO_TEXTS = ['text', 5, {}, [5]];

type Wrong<T> = { readonly [K in keyof T]-?: readonly unknown[] };

interface Row<T extends object> {
  /** What is right without the wrong value. */
  readonly right: () => Partial<T>;
  readonly build: (stack: Stack, props: T) => unknown;
  /** Wrong values of all props. */
  readonly wrong: Wrong<T>;
  /** What a message calls a prop, where it is not its name. */
  readonly called?: Partial<Record<keyof T & string, string>>;
  /** How a message shows a value, where not as others do. */
  readonly shows?: (value: unknown) => string;
  /** What is wrong as a whole. */
  readonly whole?: readonly unknown[];
}

const row = <T extends object>(row: Row<T>) => row as unknown as Row<Record<string, unknown>>;

const SIZING: Wrong<MachineSizing> = {
  box: [...NO_OBJECT, 'debian/bookworm64', 'debian/12', Box.debian12, { ...Box.debian12() }],
  memory: [...NO_OBJECT, 1024, '1GiB', Duration.seconds(5)],
  cpus: NO_NUMBER,
  network: [...NO_OPTIONS, Network.vxlan(), { mtu: '1400' }, { mac: 5 }, { promiscuous: 'yes' }, { options: { a: {} } }],
  providers: [...NO_OPTIONS.slice(0, 5), { virtualbox: 'gui' }, { libvirt: { memory: 5 } }],
};
const OF_MACHINE = { ...SIZING, address: [...NO_TEXT, ['192.168.56.7'], undefined], subnet: [...NO_TEXT, ['192.168.56.0/24']] };
const OF_CONTAINER = {
  image: [...NO_OBJECT, 'ubuntu:24.04'],
  memory: SIZING.memory,
  cpus: NO_NUMBER,
  config: ['text', 5, [], { 'limits.processes': 500 }],
  devices: ['text', 5, [], { data: 'disk' }, { data: { path: 5 } }],
  address: NO_TEXT,
};
const NO_PLACE = [...NO_OBJECT, 'vm2', undefined, Box.debian12()];
const SETTINGS: Wrong<NetworkSettings> = {
  mac: NO_TEXT,
  mtu: NO_NUMBER,
  promiscuous: NO_BOOLEAN,
  autoConfig: NO_BOOLEAN,
  internalName: NO_TEXT,
  libvirtName: NO_TEXT,
  options: ['text', 5, [], { nic_type: {} }],
};
const aMachine = (stack: Stack) => new Machine(stack, 'vm', { address });
const frontend = (stack: Stack, more: object = {}) => {
  const { m1: on, web: defaultBackend } = aSite(stack);
  return new HaproxyFrontend(stack, 'http', { on, port: 80, defaultBackend, ...more });
};
const aDrill = (stack: Stack) => new FailoverDrill(stack, 'drill', { target: frontend(stack) });
const aMember = (stack: Stack) => aSite(stack).m1;

const ROWS = {
  Machine: row<MachineProps & { name?: string }>({
    right: () => ({ address }),
    build: (stack, props) => new Machine(stack, 'vm', props),
    wrong: { ...OF_MACHINE, name: NO_TEXT },
    whole: ['192.168.56.5', undefined, null],
  }),
  'Machine.group': row<GroupProps>({
    right: () => ({ count: 2, firstAddress: address }),
    build: (stack, props) => Machine.group(stack, 'vm', props),
    wrong: { ...SIZING, subnet: NO_TEXT, count: [...NO_NUMBER, undefined], firstAddress: [...NO_TEXT, undefined] },
    called: { count: 'machines', firstAddress: 'address' },
    whole: [undefined],
  }),
  'Machine.addNetwork': row<NetworkProps>({
    right: () => ({ address: '192.168.57.5' }),
    build: (stack, props) => aMachine(stack).addNetwork(props),
    wrong: { ...SETTINGS, kind: [...NO_TEXT, 'bridged'], address: NO_TEXT, subnet: NO_TEXT, bridge: [5, {}, [5]], device: NO_TEXT },
    whole: ['dhcp'],
  }),
  'Machine.forwardPort': row<PortForwarding>({
    right: () => ({ hostPort: 8080, machinePort: 80 }),
    build: (stack, props) => aMachine(stack).forwardPort(props),
    wrong: { hostPort: NO_NUMBER, machinePort: NO_NUMBER, protocol: [...NO_TEXT, 'TCP'], hostAddress: NO_TEXT, autoCorrect: NO_BOOLEAN },
    called: { hostPort: 'host port', machinePort: 'machine port', hostAddress: 'host address' },
    whole: [8080, undefined],
  }),
  'Machine.forwardPorts': row<PortRangeForwarding>({
    right: () => ({ hostPorts: [8080, 8081], machinePorts: [80, 81] }),
    build: (stack, props) => aMachine(stack).forwardPorts(props),
    wrong: {
      hostPorts: [8080, '8080-8081', ['8080', '8081'], {}, undefined],
      machinePorts: [80, '80-81', [80], {}, undefined],
      protocol: ['TCP'],
      hostAddress: NO_TEXT,
      autoCorrect: NO_BOOLEAN,
    },
    called: { hostPorts: 'of the host', machinePorts: 'ports', hostAddress: 'host address' },
    whole: [8080, undefined],
  }),
  'Machine.addSyncedFolder': row<SyncedFolderProps>({
    right: () => ({ host: ROOT, guest: '/srv/x', type: 'rsync' }),
    build: (stack, props) => aMachine(stack).addSyncedFolder(props),
    wrong: {
      host: [...NO_TEXT, undefined],
      guest: [...NO_TEXT, undefined],
      type: [...NO_TEXT, 'RSYNC'],
      create: NO_BOOLEAN,
      owner: NO_TEXT,
      group: NO_TEXT,
      mountOptions: NO_TEXTS,
      exclude: NO_TEXTS,
      options: ['text', 5, [], { nfs_udp: {} }],
    },
    whole: ['/srv', undefined],
  }),
  'Machine.addCloudInit': row<CloudInitPart>({
    right: () => ({ contentType: 'text/x-shellscript', inline: 'true' }),
    build: (stack, props) => aMachine(stack).addCloudInit(props),
    wrong: { contentType: [...NO_TEXT, 'shell', undefined], inline: NO_TEXT, file: NO_TEXT },
    called: { contentType: 'type' },
    whole: ['true'],
  }),
  'Machine.addProvisioner': row<ProvisionerOptions>({
    right: () => ({ file }),
    build: (stack, props) => aMachine(stack).addProvisioner('own', props),
    wrong: { inline: NO_TEXT, file: [...NO_TEXT], before: NO_TEXT },
    whole: ['own.sh'],
  }),
  'Machine.addTrigger': row<TriggerActions & { when: string; commands: readonly string[] }>({
    right: () => ({ when: 'after', commands: ['up'], info: 'up' }),
    build: (stack, { when, commands, ...actions }) => aMachine(stack).addTrigger(when as 'after', commands as ['up'], actions),
    wrong: {
      when: [...NO_TEXT, 'later', undefined],
      commands: ['up', 5, {}, [5], undefined],
      name: NO_TEXT,
      info: NO_TEXT,
      warn: NO_TEXT,
      run: NO_TEXT,
      runRemote: NO_TEXT,
      onError: [...NO_TEXT, 'stop'],
    },
    called: { when: 'trigger', commands: 'trigger' },
    shows: (value) => (Array.isArray(value) || typeof value === 'string' ? String(value) : shown(value)),
  }),
  'Machine.addDisk': row<{ name: string; size: Size }>({
    right: () => ({ name: 'data', size: Size.gibibytes(5) }),
    build: (stack, { name, size }) => aMachine(stack).addDisk(name, size),
    wrong: { name: [...NO_TEXT, undefined], size: [...NO_OBJECT, undefined] },
  }),
  Cluster: row<ClusterProps>({
    right: () => ({}),
    build: (stack, props) => new Cluster(stack, 'Cluster', props).addMember('vm', { address }),
    wrong: {
      subnet: NO_TEXT,
      network: [...NO_OBJECT, 'vxlan', {}],
      machineDefaults: [...NO_OPTIONS, { memory: 1024 }, { box: 'debian/12' }],
      engine: [...NO_OBJECT, 'lxd', Engine.incus],
      image: OF_CONTAINER.image,
      storage: [...NO_OBJECT, 'dir'],
      joinDeadline: [...NO_OBJECT, '5m'],
      prune: NO_BOOLEAN,
      preseed: ['text', 5, [], true],
    },
    whole: ['192.168.56.0/24', [], Network.vxlan()],
  }),
  'Cluster.addMember': row<MemberOptions>({
    right: () => ({ address }),
    build: (stack, props) => new Cluster(stack, 'Cluster').addMember('vm', props),
    wrong: { ...SIZING, address: OF_MACHINE.address },
    whole: ['192.168.56.5', undefined],
  }),
  'Cluster.addMembers': row<MembersOptions>({
    right: () => ({ count: 2, firstAddress: address }),
    build: (stack, props) => new Cluster(stack, 'Cluster').addMembers('vm', props),
    wrong: { ...SIZING, count: NO_NUMBER, firstAddress: NO_TEXT },
    called: { count: 'machines', firstAddress: 'address' },
    whole: [undefined],
  }),
  'Member.addStep': row<StepPlace & { title: string; shell: string }>({
    right: () => ({ title: 'own', shell: 'true' }),
    build: (stack, { title, shell, ...place }) => aMember(stack).addStep(title, shell, place),
    wrong: { title: [...NO_TEXT, undefined], shell: [...NO_TEXT, undefined], before: NO_TEXT, after: NO_TEXT },
  }),
  Container: row<ContainerProps>({
    right: () => ({}),
    build: (stack, props) => new Container(stack, 'box', { on: aMember(stack), ...(props as object) }),
    wrong: { ...OF_CONTAINER, on: NO_PLACE, name: NO_TEXT, isolated: NO_BOOLEAN, software: [...NO_OBJECT, 'apache'] },
  }),
  'Container.publish': row<PublishedPort>({
    right: () => ({ listen: 8080, connect: 80 }),
    build: (stack, port) => new Container(stack, 'box', { on: aMember(stack) }).publish(port),
    wrong: { listen: [...NO_NUMBER, undefined], connect: [...NO_NUMBER, undefined], allow: ['box', 5, []], of: [] },
    called: { listen: 'port' },
    whole: [8080],
  }),
  'Container.publishOnHost': row<{ hostPort: number; connect: number }>({
    right: () => ({ hostPort: 8080, connect: 80 }),
    build: (stack, { hostPort, connect }) => new Container(stack, 'box', { on: aMember(stack) }).publishOnHost(hostPort, connect),
    wrong: { hostPort: [...NO_NUMBER, undefined], connect: [...NO_NUMBER, undefined] },
    called: { hostPort: 'host port' },
  }),
  WebBackend: row<WebBackendProps>({
    right: () => ({ site: PAGE }),
    build: (stack, props) => new WebBackend(stack, 'api', props).addServer('api1', { on: aMember(stack), site: PAGE }),
    wrong: {
      balance: [...NO_OBJECT, 'roundrobin'],
      site: [...NO_OBJECT, 'sites/web1', ErrorPages.directory('pages')],
      checkPath: NO_TEXT,
      checkInterval: NO_OBJECT,
      serverTimeout: [...NO_OBJECT, '5s', 5000],
      queueTimeout: NO_OBJECT,
      maxConnectionsPerServer: NO_NUMBER,
    },
    called: { maxConnectionsPerServer: 'connections' },
    whole: ['sites/web', []],
  }),
  'WebBackend.addServer': row<WebServerOptions>({
    right: () => ({ site: PAGE }),
    build: (stack, props) => {
      const { web, m1 } = aSite(stack);
      web.addServer('w', { on: m1, ...(props as object) });
    },
    wrong: {
      ...OF_CONTAINER,
      on: NO_PLACE,
      site: [...NO_OBJECT, 'sites/web1'],
      port: NO_NUMBER,
      weight: NO_NUMBER,
      maxConnections: NO_NUMBER,
    },
    called: { maxConnections: 'connections' },
  }),
  BackupPool: row<BackupPoolProps>({
    right: () => ({}),
    build: (stack, props) => {
      const { web, m1 } = aSite(stack);
      new BackupPool(stack, 'Backups', { backend: web, ...(props as object) }).addServer('spare', { on: m1, site: PAGE });
    },
    wrong: { backend: [...NO_OBJECT, 'web', undefined], site: NO_OBJECT, activateWhen: [...NO_TEXT, 'sometimes', 'DOWN'] },
  }),
  HaproxyBalancer: row<HaproxyBalancerProps>({
    right: () => ({}),
    build: (stack, props) => {
      const { m1, web } = aSite(stack);
      const balancer = new HaproxyBalancer(stack, 'Edge', { on: m1, ...(props as object) });
      new HaproxyFrontend(stack, 'http', { balancer, port: 80, defaultBackend: web });
    },
    wrong: {
      ...OF_CONTAINER,
      on: NO_PLACE,
      name: NO_TEXT,
      maxConnections: NO_NUMBER,
      clientTimeout: NO_OBJECT,
      requestTimeout: NO_OBJECT,
      connectTimeout: NO_OBJECT,
    },
    called: { maxConnections: 'connections' },
  }),
  HaproxyFrontend: row<HaproxyFrontendProps>({
    right: () => ({}),
    build: frontend,
    wrong: {
      on: NO_PLACE,
      balancer: [...NO_OBJECT, 'haproxy'],
      port: [...NO_NUMBER, undefined],
      publishPort: NO_NUMBER,
      hostPort: NO_NUMBER,
      defaultBackend: [...NO_OBJECT, 'web', undefined, null],
      statistics: [...NO_OPTIONS, '/stats', { refresh: 10 }],
      errorPages: [...NO_OBJECT, 'pages', PAGE],
    },
    called: { publishPort: 'port', hostPort: 'host port' },
  }),
  statistics: row<StatisticsOptions>({
    right: () => ({}),
    build: (stack, statistics) => frontend(stack, { statistics }),
    wrong: { uri: NO_TEXT, refresh: [...NO_OBJECT, 10, '10s'], user: NO_TEXT, password: [] },
  }),
  'LoadTest of users': row<Omit<UsersLoadProps, 'rate' | 'duration'>>({
    right: () => ({ users: 5 }),
    build: (stack, props) => new LoadTest(stack, 'load', { target: frontend(stack), ...(props as Omit<UsersLoadProps, 'target'>) }),
    wrong: {
      target: [...NO_OBJECT, 'http', undefined],
      users: NO_NUMBER,
      rampUp: [...NO_OBJECT, 1],
      loops: NO_NUMBER,
      paths: NO_TEXTS,
      timeout: NO_OBJECT,
      thresholds: [...NO_OPTIONS, { p95: 5 }],
    },
  }),
  'LoadTest of a rate': row<Pick<RateLoadProps, 'rate' | 'duration'>>({
    right: () => ({ rate: 5, duration: Duration.seconds(5) }),
    build: (stack, props) =>
      new LoadTest(stack, 'load', { target: frontend(stack), ...(props as Pick<RateLoadProps, 'rate' | 'duration'>) }),
    wrong: { rate: NO_NUMBER, duration: [...NO_OBJECT, 10] },
  }),
  thresholds: row<LoadThresholds>({
    right: () => ({}),
    build: (stack, thresholds) => new LoadTest(stack, 'load', { target: frontend(stack), users: 5, thresholds }),
    wrong: { failed: ['0.5', {}, true], p95: NO_OBJECT, p99: NO_OBJECT, spread: ['0.5', {}] },
  }),
  FailoverDrill: row<FailoverDrillProps>({
    right: () => ({}),
    build: (stack, props) => new FailoverDrill(stack, 'drill', { target: frontend(stack), ...(props as object) }),
    wrong: { target: [...NO_OBJECT, 'http', undefined], rate: NO_NUMBER, path: NO_TEXT },
  }),
  'FailoverDrill, its steps': row<{ stop: unknown; wait: unknown; expect: unknown; within: unknown; failed: unknown }>({
    right: () => ({}),
    build: (stack, { stop, wait, expect: servers, ...options }) => {
      const drill = aDrill(stack);
      if (stop !== undefined) drill.stop(stop as never);
      if (wait !== undefined) drill.wait(wait as never);
      drill.expect((servers ?? []) as never, options as never);
    },
    wrong: {
      stop: [...NO_OBJECT, 'web1', null],
      wait: [...NO_OBJECT, 2, '2s', null],
      expect: ['web1', 5, {}, ['web1']],
      within: NO_OBJECT,
      failed: NO_NUMBER,
    },
    called: { failed: 'fail' },
  }),
  Labels: row<{ key: string; value: string }>({
    right: () => ({ key: 'k', value: 'v' }),
    build: (stack, { key, value }) => Labels.of(aMachine(stack)).add(key, value),
    wrong: { key: [...NO_TEXT, undefined], value: [...NO_TEXT, undefined] },
    called: { key: 'label', value: 'label' },
  }),
  Raw: row<RawOptions & { lines: string; start: string }>({
    right: () => ({ lines: '# own', start: 'node.vm.box' }),
    build: (stack, { lines, start, ...options }) => Raw.of(aMachine(stack)).override(start, lines, options),
    wrong: { lines: NO_TEXT, start: [...NO_TEXT, undefined], block: NO_TEXT },
  }),
  Stack: row<StackProps>({
    right: () => ({}),
    build: (stack, props) => aMachine(new Stack(stack.node.root as App, 't', props)),
    wrong: { targets: ['vagrant', 5, {}, ['vagrant']] },
    whole: ['vagrant'],
  }),
  'an id': row<{ id: string }>({
    right: () => ({ id: 'vm' }),
    build: (stack, { id }) => new Machine(stack, id, { address }),
    wrong: { id: [...NO_TEXT, undefined, null] },
  }),
  CloudInitTarget: row<CloudInitTargetProps>({
    right: () => ({ network: { private: { name: 'eth1' } } }),
    build: (stack, props) => aMachine(new Stack(stack.node.root as App, 't', { targets: [new CloudInitTarget(props)] })),
    wrong: {
      network: [undefined, 'eth1', 5, []],
      sshAuthorizedKeys: ['ssh-ed25519 AAAA me', 5, {}, [5]],
      userData: ['text', 5, []],
      networkConfig: ['text', 5, []],
    },
    whole: [undefined, 'eth1'],
  }),
  'CloudInitTarget, network': row<CloudNetwork>({
    right: () => ({ private: { name: 'eth1' } }),
    build: (stack, network) =>
      aMachine(new Stack(stack.node.root as App, 't', { targets: [new CloudInitTarget({ network: () => network })] })),
    wrong: {
      private: ['eth1', 5, [], { name: 5 }, {}],
      gateway: NO_TEXT,
      nameservers: NO_TEXTS,
      dhcp: ['eth0', 5, {}, ['eth0']],
      networks: ['eth2', 5, {}, ['eth2']],
    },
    called: { private: 'interface', gateway: 'address' },
  }),
  VagrantTarget: row<VagrantTargetProps>({
    right: () => ({}),
    build: (_, props) => new VagrantTarget(props),
    wrong: {
      vagrantVersion: NO_TEXT,
      plugins: ['vagrant-libvirt', 5, [], { x: 5 }],
      providers: ['libvirt', 5, {}, [5]],
      triggers: ['up', 5, {}, ['up'], [{ when: 'after', commands: ['up'], info: 5 }]],
    },
    whole: ['libvirt', []],
  }),
  App: row<AppProps>({
    right: () => ({}),
    build: (_, props) => new App(props),
    wrong: {
      outdir: NO_TEXT,
      context: ['text', 5, []],
      targets: [...NO_OBJECT.filter((one) => !Array.isArray(one)), ['vagrant'], [VagrantTarget]],
      rules: [...NO_OBJECT, 'none'],
      topology: NO_BOOLEAN,
    },
    whole: ['out', []],
  }),
};

/** What the synthesis complained of. */
function diagnosticsOf(build: (stack: Stack) => unknown): readonly Diagnostic[] {
  const app = new App({ outdir: join(temporary(), 'out') });
  const spy = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  try {
    build(new Stack(app, 's'));
    app.synth();
  } catch (error) {
    if (!(error instanceof SynthesisError)) throw error;
    expect(existsSync(app.outdir)).toBe(false);
    return error.diagnostics;
  } finally {
    spy.mockRestore();
  }
  return [];
}

/** Of an object that holds what is wrong. */
const keysOf = (value: unknown) =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype ? Object.keys(value) : [];

describe.each(Object.entries(ROWS))('%s', (_, { right, build, wrong, called = {}, shows = shown, whole = [] }) => {
  const says = (props: unknown, ...parts: readonly string[]) => {
    const diagnostics = diagnosticsOf((stack) => build(stack, props as Record<string, unknown>));
    const told = diagnostics.find(({ message }) => parts.every((part) => message.includes(part)));
    expect(told, `one that has ${parts.join(' and ')}, among ${JSON.stringify(diagnostics, undefined, 2)}`).toBeDefined();
    expect(told?.userLine).toMatch(/(wrong-types\.test|support)\.ts:\d+:\d+$/);
    expect(told?.message).toContain('; ');
  };

  it('is made of what is right', () => {
    const told = diagnosticsOf((stack) => build(stack, right()));
    expect(told.filter(({ id }) => id !== 'no-machines' && id !== 'bad-drill')).toEqual([]);
  });

  for (const [prop, values] of Object.entries(wrong)) {
    it.each(values.map((value) => [shown(value), value]))(`refuses ${prop}: %s`, (_, value) => {
      const [inner] = keysOf(value);
      says({ ...right(), [prop]: value }, ...(inner === undefined ? [called[prop] ?? prop, shows(value)] : [inner]));
    });
  }

  for (const value of whole)
    it(`refuses ${shown(value)} as a whole`, () => {
      says(value, value === undefined || value === null ? '' : shown(value));
    });
});

describe('what is no construct', () => {
  const files = { alias: 'mine', metadata: 'meta', rootfs: 'root' };
  const software = { packages: ['curl'], configure };
  const box = { system: 'debian/12' } as const;
  const NO_AMOUNT = ['x', '5', true, {}, undefined, null];
  const NO_NAME = [5, true, {}, ['a'], undefined];
  const NO_STORAGE = ['10GiB', 10, [], { size: 10 }, { disk: '10GiB' }, Size.gibibytes(5)];

  const all: Readonly<Record<string, readonly [make: (value: never) => unknown, wrong: readonly unknown[]]>> = {
    'Size.mebibytes': [Size.mebibytes, NO_AMOUNT],
    'Size.gibibytes': [Size.gibibytes, NO_AMOUNT],
    'Duration.millis': [Duration.millis, NO_AMOUNT],
    'Duration.seconds': [Duration.seconds, NO_AMOUNT],
    'Duration.minutes': [Duration.minutes, NO_AMOUNT],
    'Box.of': [Box.of, NO_NAME],
    'Box.named': [(name) => Box.named(name, box), NO_NAME],
    'Box.named, its props': [
      (props) => Box.named('x/y', props),
      [
        'debian/12',
        { ...box, version: 12 },
        { ...box, urls: 'http://x' },
        { ...box, checksum: 'abc' },
        { ...box, checksum: { type: 'md5', value: 'x' } },
        { ...box, checksum: { type: 'sha256', value: 5 } },
        { ...box, architecture: 64 },
        { ...box, byProvider: 'x' },
        { ...box, byProvider: { libvirt: 5 } },
      ],
    ],
    'Image.remote': [Image.remote, NO_NAME],
    'Image.files': [
      Image.files,
      ['mine', 5, undefined, { ...files, alias: 5 }, { ...files, metadata: 5 }, { ...files, rootfs: undefined }],
    ],
    'Engine.lxdSnap': [Engine.lxdSnap, [6, '4', {}]],
    'Storage.btrfs': [Storage.btrfs, NO_STORAGE],
    'Storage.lvm': [Storage.lvm, NO_STORAGE],
    'Storage.zfs': [Storage.zfs, NO_STORAGE],
    'Network.bridged': [Network.bridged, ['192.168.56.128/25', 5, { pool: 5 }]],
    'Network.macvlan': [Network.macvlan, ['192.168.56.128/25', 5, { pool: 5 }]],
    'Network.vxlan': [Network.vxlan, ['10.78.0.0/16', 5, { subnet: 5 }]],
    Software: [(name) => new Software(name, software), NO_NAME],
    'Software, its props': [
      (props) => new Software('mine', props),
      ['curl', { packages: 'curl', configure }, { packages: [5], configure }, { packages: [] }, { ...software, configure: 'x.sh' }],
    ],
    'Balance.uri': [Balance.uri, ['2', 2, [], { depth: '2' }, { length: '2' }, { depth: 0 }, { whole: 'yes' }]],
    'Balance.random': [Balance.random, ['2', 2, [], { draws: '2' }]],
    'Balance.header': [Balance.header, NO_NAME],
    'Balance.urlParameter': [Balance.urlParameter, NO_NAME],
    'Password.fromEnvironment': [Password.fromEnvironment, NO_NAME],
    'Site.html': [Site.html, NO_NAME],
    'Site.file': [Site.file, NO_NAME],
    'Site.directory': [Site.directory, NO_NAME],
    'ErrorPages.directory': [ErrorPages.directory, NO_NAME],
    'HaproxyBalancer.on': [HaproxyBalancer.on, ['vm', 5, {}]],
    'Rules.with': [(rule) => Rules.none().with(rule), ['x', 5]],
    'Rules.without': [(name) => Rules.all().without(name), [5, {}, undefined]],
  };

  describe.each(Object.entries(all))('%s', (_, [make, wrong]) => {
    it.each(wrong.map((value) => [shown(value), value]))('refuses %s', (text, value) => {
      let error: unknown;
      try {
        make(value as never);
      } catch (thrown) {
        error = thrown;
      }
      expect(error).toSatisfy((one) => one instanceof RangeError || one instanceof SynthesisError);
      const { message } = error as Error;
      if (keysOf(value).length === 0) expect(message).toContain(text);
      expect(message).not.toMatch(/undefined|\[object/);
      expect(message).toMatch(/[;,] /);
    });
  });
});

describe('the message', () => {
  const any = (value: unknown) => value as never;

  it.each<[says: string, build: (stack: Stack) => unknown]>([
    ['memory of machine "vm1" is 1024; give it a Size: Size.mebibytes(1024)', (s) => new Machine(s, 'vm1', { address, memory: any(1024) })],
    [
      'memory of machine "vm1" is "1GiB"; give it a Size: Size.gibibytes(1)',
      (s) => new Machine(s, 'vm1', { address, memory: any('1GiB') }),
    ],
    [
      'box of machine "vm1" is "debian/12"; give it a Box: Box.of(\'debian/12\')',
      (s) => new Machine(s, 'vm1', { address, box: any('debian/12') }),
    ],
    [
      'box of machine "vm1" is "debian/bookworm64"; give it a Box: Box.named("debian/bookworm64", { system: \'debian/12\' })',
      (s) => new Machine(s, 'vm1', { address, box: any('debian/bookworm64') }),
    ],
    [
      'memory of member "vm1" is 5; give it a Size: Size.mebibytes(5)',
      (s) => new Cluster(s, 'C').addMember('vm1', { address, memory: any(5) }),
    ],
    [
      'memory of machineDefaults of cluster "C" is 5; give it a Size: Size.mebibytes(5)',
      (s) => new Cluster(s, 'C', { machineDefaults: { memory: any(5) } }),
    ],
    [
      'storage of cluster "C" is "zfs"; give it a Storage: Storage.zfs({ size: Size.gibibytes(10) })',
      (s) => new Cluster(s, 'C', { storage: any('zfs') }),
    ],
    ['engine of cluster "C" is "incus"; give it an Engine: Engine.incus()', (s) => new Cluster(s, 'C', { engine: any('incus') })],
    [
      'image of cluster "C" is "ubuntu:24.04"; give it an Image: Image.remote("ubuntu:24.04")',
      (s) => new Cluster(s, 'C', { image: any('ubuntu:24.04') }),
    ],
    ['network of cluster "C" is "vxlan"; give it a Network: Network.vxlan()', (s) => new Cluster(s, 'C', { network: any('vxlan') })],
    [
      'network of machine "vm1" is of the class Network; give it an object: { mtu: 1400 }',
      (s) => new Machine(s, 'vm1', { address, network: any(Network.vxlan()) }),
    ],
    [
      'balance of backend "w" is "leastconn"; give it a Balance: Balance.leastConnections()',
      (s) => new WebBackend(s, 'w', { balance: any('leastconn') }),
    ],
    [
      'site of backend "w" is "sites/web1"; give it a Site: Site.directory("sites/web1")',
      (s) => new WebBackend(s, 'w', { site: any('sites/web1') }),
    ],
    [
      'serverTimeout of backend "w" is "5s"; give it a Duration: Duration.seconds(5)',
      (s) => new WebBackend(s, 'w', { serverTimeout: any('5s') }),
    ],
    [
      'queueTimeout of backend "w" is 1500; give it a Duration: Duration.millis(1500)',
      (s) => new WebBackend(s, 'w', { queueTimeout: any(1500) }),
    ],
    [
      'errorPages of frontend "http" is "pages"; give it an ErrorPages: ErrorPages.directory("pages")',
      (s) => frontend(s, { errorPages: 'pages' }),
    ],
    [
      'statistics of frontend "http" is "/stats"; give it an object: { uri: \'/haproxy?stats\' }',
      (s) => frontend(s, { statistics: '/stats' }),
    ],
    [
      'refresh of statistics of frontend "http" is 10; give it a Duration: Duration.seconds(10)',
      (s) => frontend(s, { statistics: { refresh: 10 } }),
    ],
    ['port "80" of frontend "http" is no TCP port; choose one from 1 to 65535', (s) => frontend(s, { port: '80' })],
    [
      'rampUp of load test "l" is 1; give it a Duration: Duration.seconds(1)',
      (s) => new LoadTest(s, 'l', { target: frontend(s), users: 1, rampUp: any(1) }),
    ],
    [
      'paths of load test "l" is "/"; give it a list, each a text: ["/"]',
      (s) => new LoadTest(s, 'l', { target: frontend(s), users: 1, paths: any('/') }),
    ],
    [
      'isolated of container "c" is "yes"; give it true or false: true',
      (s) => new Container(s, 'c', { on: aMember(s), isolated: any('yes') }),
    ],
    [
      'path of data of devices of container "c" is 5; give it a text: "5"',
      (s) => new Container(s, 'c', { on: aMember(s), devices: { data: { path: any(5) } } }),
    ],
    [
      'stop of drill "drill" is ["web2"]; give it a list, each a WebServer: [what web.addServer("web2", ...) returned]',
      (s) => aDrill(s).stop(any('web2')),
    ],
    [
      'image of container "c" is the Machine "s/Cluster/m1/Machine"; give it an Image: Image.remote(\'ubuntu:24.04\')',
      (s) => {
        const on = aMember(s);
        new Container(s, 'c', { on, image: any(on.machine) });
      },
    ],
  ])('%s', (message, build) => {
    expect(diagnosticsOf(build)).toContainEqual(expect.objectContaining({ severity: 'error', message }));
  });
});

describe('what is needed and not given, or of another type', () => {
  const any = (value: unknown) => value as never;

  it.each<[says: string, build: (stack: Stack) => unknown]>([
    [
      'on of server "w1" is "vm2"; give it a Member or a Machine: what cluster.addMember("vm2", ...) returned',
      (s) => new WebBackend(s, 'w').addServer('w1', { on: any('vm2') }),
    ],
    [
      "on of server \"w1\" is not given; give it a Member or a Machine: cluster.addMember('vm1', { address: '192.168.56.5' })",
      (s) => new WebBackend(s, 'w').addServer('w1', any(undefined)),
    ],
    [
      'on of container "c" is the Machine "s/vm"; give it a Member: cluster.addMember(\'vm1\', { address: \'192.168.56.5\' })',
      (s) => new Container(s, 'c', { on: any(aMachine(s)) }),
    ],
    [
      'backend of backup pool "b" is "web"; give it a WebBackend: new WebBackend(stack, "web")',
      (s) => new BackupPool(s, 'b', { backend: any('web') }),
    ],
    [
      'defaultBackend of frontend "f" is not given; give it a WebBackend: new WebBackend(stack, \'web\')',
      (s) => new HaproxyFrontend(s, 'f', any({ on: aMachine(s), port: 80 })),
    ],
    [
      'target of load test "l" is "http"; give it a HaproxyFrontend: new HaproxyFrontend(stack, "http", { on: member, port: 80, defaultBackend })',
      (s) => new LoadTest(s, 'l', { target: any('http'), users: 1 }),
    ],
    ['name of a member of cluster "C" is 5; give it a text: "5"', (s) => new Cluster(s, 'C').addMember(any(5), { address })],
  ])('%s', (message, build) => {
    const app = new App({ outdir: join(temporary(), 'out') });
    const stack = new Stack(app, 's');
    let error: unknown;
    try {
      build(stack);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(SynthesisError);
    const path = message.includes('server') ? 's/w' : message.includes('cluster "C"') ? 's/C' : 's';
    const userLine = expect.stringMatching(/wrong-types\.test\.ts:\d+:\d+$/);
    expect((error as SynthesisError).diagnostics).toEqual([{ severity: 'error', id: 'wrong-type', message, path, userLine }]);
    // Nothing half made stays in the tree.
    expect(stack.node.findAll().map(({ node }) => node.id)).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/^(w1|c|b|f|l|5)$/)]),
    );
  });
});

describe('values of another type', () => {
  const wrong = <T>(value: unknown) => value as T;

  it('are told all at once, with what is wrong otherwise', () => {
    const told = diagnosticsOf((stack) => {
      new Machine(stack, 'vm', { address, memory: wrong(1024), box: wrong('debian/12'), cpus: wrong('2') });
      new WebBackend(stack, 'web', { balance: wrong('roundrobin'), serverTimeout: wrong('5s') });
    });
    expect(told.map(({ id, path }) => [id, path])).toEqual([
      ['wrong-type', 's/vm'],
      ['wrong-type', 's/vm'],
      ['bad-cpus', 's/vm'],
      ['wrong-type', 's/web'],
      ['wrong-type', 's/web'],
      ['empty-backend', 's/web'],
    ]);
  });

  it('are not shown where they are secrets', () => {
    const [told, ...more] = diagnosticsOf((stack) => frontend(stack, { statistics: { password: 'pa55word' } }));
    expect(more).toEqual([]);
    expect(told?.message).toBe(
      'password of statistics of frontend "http" is a string; give it a Password: Password.fromEnvironment(\'STATISTICS_PASSWORD\')',
    );
  });

  it('are taken where they are of a class of the user, or null, which is none', () => {
    class Props {
      public readonly memory = Size.mebibytes(2048);
      public readonly box = null;
      public readonly own = 5;
      public constructor(public readonly address: string) {}
    }
    const memory: number[] = [];
    expect(
      diagnosticsOf((stack) => memory.push(new Machine(stack, 'vm', wrong<MachineProps>(new Props(address))).memory.toMebibytes())),
    ).toEqual([]);
    expect(memory).toEqual([2048]);
  });

  itRefuses(import.meta.url, [
    {
      id: 'wrong-type',
      path: 's/vm',
      says: ['memory of machine "vm" is 1024', 'Size.mebibytes(1024)'],
      build: (stack) => new Machine(stack, 'vm', { address, memory: wrong(1024) }),
    },
  ]);
});

describe('props of a class', () => {
  class Sized {
    public readonly own = 'mine';
    private readonly size = Size.gibibytes(2);
    public get memory() {
      return this.size;
    }
    public get address() {
      return '192.168.56.5';
    }
  }
  class Wider {
    public readonly mtu = 1400;
    public readonly label = 'x';
  }

  it.each<[what: string, build: (stack: Stack) => Machine]>([
    ['getters', (stack) => new Machine(stack, 'vm', new Sized())],
    ['more than is looked for', (stack) => new Machine(stack, 'vm', { address: '192.168.56.5', network: new Wider() })],
    ['what they inherit', (stack) => new Machine(stack, 'vm', Object.assign(Object.create({ address: '192.168.56.5' }), { x: 1 }))],
  ])('are taken with %s', (_what, build) => {
    const app = new App({ outdir: join(temporary(), 'out') });
    const { address } = build(new Stack(app, 's'));
    expect(address).toBe('192.168.56.5');
    expect(app.assemble().diagnostics).toEqual([]);
  });
});
