import { join } from 'node:path';
import fc from 'fast-check';
import {
  BackupPool,
  Balance,
  Box,
  Cluster,
  Container,
  ErrorPages,
  HaproxyBalancer,
  HaproxyFrontend,
  type HaproxyFrontendProps,
  Image,
  Labels,
  Machine,
  type MachineProps,
  type Member,
  Network,
  type NetworkProps,
  OutputFile,
  Password,
  Site,
  Size,
  Software,
  type Stack,
  type SyncedFolderProps,
  WebBackend,
  type WebBackendProps,
} from '../../lib/index.js';
import { fill, PAGE, temporary } from '../support.js';
import { by, type Call, type Hearing, type Lines } from './readers.js';

/** A property that takes a text of the user's, or an id or a name. */
export interface Row {
  /** Strings it is meant for. */
  readonly like: fc.Arbitrary<string>;
  /** Ids of the errors that it may be refused with. */
  readonly refused?: readonly string[];
  /** What is thrown where no construct is that could bear an error. */
  readonly thrown?: RegExp;
  /** @param n another number for each text, for names that must be unique */
  readonly build: (stack: Stack, text: string, n: number) => unknown;
  /** The programs that must read it. */
  readonly heard: readonly Hearing[];
}

// --- trees ---------------------------------------------------------------------------------------------------------------

const address = '192.168.56.5';

function aMember(stack: Stack, name = 'vm'): Member {
  return new Cluster(stack, 'Cluster').addMember(name, { address });
}

/** What `traffic` is to make otherwise than usual. */
interface Traffic {
  readonly names?: { readonly backend?: string; readonly server?: string; readonly frontend?: string };
  readonly backend?: WebBackendProps;
  readonly frontend?: Pick<HaproxyFrontendProps, 'statistics' | 'errorPages'>;
  readonly balancer?: (on: Member) => HaproxyBalancer;
}

/** A backend of one server, and a frontend that leads to it, with names of their own. @returns the backend */
function traffic(stack: Stack, n: number, { names = {}, backend, frontend, balancer }: Traffic = {}): WebBackend {
  const on = aMember(stack);
  const defaultBackend = new WebBackend(stack, names.backend ?? `b${n}`, backend);
  defaultBackend.addServer(names.server ?? 'web', { on, site: PAGE });
  const place = balancer === undefined ? { on } : { balancer: balancer(on) };
  new HaproxyFrontend(stack, names.frontend ?? `f${n}`, { ...place, port: 80, defaultBackend, ...frontend });
  return defaultBackend;
}

const configure = new URL('../../lib/web/templates/apache.sh', import.meta.url);

const folder = temporary();
const canBeNamed = (name: string) => !/[/\0\p{Cs}]/u.test(name) && !['', '.', '..'].includes(name) && Buffer.byteLength(name) < 256;

/** However many `..` it has, nothing is there. */
const nowhere = (name: string) => `${folder}/none${'/none'.repeat(9)}/${name}`;

/** A file of this name, or, when there can be none, a path with it in it. */
function fileOf(name: string): string {
  if (!canBeNamed(name)) return nowhere(name);
  fill(join(folder, 'files'), { [name]: 'x' });
  return join(folder, 'files', name);
}

/** A folder of this name with a file in it; the same for what cannot be a name. */
function folderOf(name: string, file: string): string {
  if (!canBeNamed(name)) return nowhere(name);
  fill(join(folder, file, name), { [file]: 'x' });
  return join(folder, file, name);
}

/** A folder with a file of this name beside another one. */
function folderWith(name: string, other: string): string {
  if (!canBeNamed(name)) throw new Error('no file can have this name');
  return fill(temporary(), { [other]: 'y', [name]: 'x' });
}

// --- what is heard -------------------------------------------------------------------------------------------------------

/** The calls of this name within the definition of the only machine. */
const asked = (calls: Call[], name: string, part = 'vm'): readonly unknown[][] => {
  const within = (all: Call[], part: string) => all.filter(([is]) => is === part).flatMap((call) => call.at(-1) as Call[]);
  return within(within(within(calls, 'vm'), 'define'), part)
    .filter(([is]) => is === name)
    .map(([, ...words]) => words);
};
/** An option of the nth such call. */
const option = (calls: Call[], name: string, key: string, nth = 0) =>
  (asked(calls, name)[nth]?.at(-1) as Readonly<Record<string, unknown>> | undefined)?.[key];
const vagrant = (hears: (calls: Call[], text: string) => unknown, means?: Hearing['means']) => by('ruby', 'Vagrantfile', hears, means);

/** The description that libvirt shows. */
const description = (calls: Call[]) =>
  asked(calls, 'provider')
    .flatMap((call) => (call[1] as Call[]).filter(([is]) => is === 'description='))
    .map(([, text]) => text);

/** The words of the command `name` of the script. */
const commands = (lines: Lines, name: string): readonly (readonly string[])[] =>
  lines.filter(([is]) => is === name).map(([, ...words]) => words);
const script = (path: string | ((text: string) => string), hears: (lines: Lines) => unknown, means?: Hearing['means']) =>
  by('bash', path, hears, means);
const containers = (hears: (lines: Lines) => unknown, means?: Hearing['means']) => script('vm_cfg.sh', hears, means);

/** The words behind the first ones of a line of haproxy.cfg. */
const directive = (lines: Lines, ...first: readonly string[]): readonly (readonly string[])[] =>
  lines.filter((line) => first.every((word, n) => line[n] === word)).map((line) => line.slice(first.length));
const haproxy = (hears: (lines: Lines) => unknown, means?: Hearing['means']) => by('haproxy', 'haproxy.cfg', hears, means);

/** An id as it stands in paths of constructs. */
export const safe = (id: string) => (id in {} ? `${id}_` : id.replaceAll(/[/\n]/g, '--'));
/** The construct that manifest.json has for a file, as a path below the stack. */
const owner = (path: (text: string) => string, means: (text: string) => string) =>
  by(
    'json',
    'manifest.json',
    (read, text) => (read as { files: Record<string, { construct: string }> }).files[path(text)]?.construct,
    (text, stack) => `${safe(stack)}/${means(text)}`,
  );
/** Something of what LXD is told of container `web`, as the script's jq reads it, and LXD what that prints. */
const settings = (hears: (web: Settings) => unknown, means?: Hearing['means']): Hearing[] =>
  (['json', 'yaml'] as const).map((reader) =>
    by(reader, 'containers/vm.json', (read) => hears((read as Record<string, Settings>).web as Settings), means),
  );
interface Settings {
  readonly config: Readonly<Record<string, string>>;
  readonly devices: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

// --- the table -----------------------------------------------------------------------------------------------------------

const dotted = (bits: number) => [24, 16, 8, 0].map((shift) => (bits >>> shift) & 255).join('.');
const matching = (pattern: RegExp) => fc.stringMatching(pattern);
const HOST_NAME = matching(/^[A-Za-z0-9]([A-Za-z0-9-]{0,12}[A-Za-z0-9])?$/);
const CONTAINER_NAME = matching(/^[A-Za-z]([A-Za-z0-9-]{0,12}[A-Za-z0-9])?$/);
const PROXY_NAME = matching(/^[A-Za-z0-9_.:-]{1,20}$/);
const LOWER_CASE = matching(/^[a-z][a-z0-9-]{0,12}$/);
const URL_PATH = matching(/^\/[!-~]{0,20}$/);
const ADDRESS = fc.nat(251).map((n) => `192.168.56.${n + 2}`);
const SUBNET = fc.integer({ min: 9, max: 29 }).map((bits) => `${dotted(0xc0a83805 - (0xc0a83805 % 2 ** (32 - bits)))}/${bits}`);
const VARIABLE = matching(/^[A-Z_][A-Z0-9_]{0,10}$/);
const ANY = fc.string({ unit: 'grapheme' });

const NAMED_NOTHING = /Only root constructs may have an empty ID/;
const netmask = (subnet: string) => dotted(2 ** 32 - 2 ** (32 - Number(subnet.split('/')[1])));

const machine = (props: (text: string) => Partial<MachineProps>) => (stack: Stack, text: string) =>
  new Machine(stack, 'vm', { address, ...props(text) });

/** With a second interface. */
const withNetwork = (props: (text: string) => NetworkProps) => (stack: Stack, text: string) =>
  new Machine(stack, 'vm', { address }).addNetwork(props(text));

/** With a folder of the host. */
const withFolder = (props: (text: string) => Partial<SyncedFolderProps>) => (stack: Stack, text: string) =>
  new Machine(stack, 'vm', { address }).addSyncedFolder({ host: folder, guest: '/synced', ...props(text) });

/** By name of the interface or class, and of the property or parameter. */
export const TABLE: Readonly<Record<string, Row>> = {
  'new Stack(id)': {
    like: matching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,20}$/),
    refused: ['bad-stack-name', 'duplicate-stack'],
    thrown: NAMED_NOTHING,
    build: (stack) => new Container(stack, 'web', { on: aMember(stack) }),
    heard: [
      containers((lines) => commands(lines, 'read_cluster')[0]?.[0]),
      ...settings(({ config }) => config['user.cdk-vagrant.stack']),
      vagrant(
        (calls) =>
          asked(calls, 'provider').flatMap(([, within]) => (within as Call[]).filter(([is]) => is === 'name=').map((call) => call[1])),
        (text) => [`${text}-vm`, `${text}-vm`],
      ),
    ],
  },

  // --- machines
  'new Machine(id)': {
    like: HOST_NAME,
    refused: ['bad-host-name'],
    thrown: NAMED_NOTHING,
    build: (stack, text) => new Machine(stack, text, { address }),
    heard: [vagrant((calls) => asked(calls, 'hostname=').flat())],
  },
  'new Machine(name)': {
    like: HOST_NAME,
    refused: ['bad-host-name'],
    build: (stack, name) => new Machine(stack, 'M', { name, address }),
    heard: [vagrant((calls) => asked(calls, 'hostname=').flat())],
  },
  'MachineProps.address': {
    like: ADDRESS,
    refused: ['bad-address', 'bad-subnet', 'reserved-address'],
    build: machine((text) => ({ address: text })),
    heard: [vagrant((calls) => option(calls, 'network', 'ip'))],
  },
  'MachineProps.subnet': {
    like: SUBNET,
    refused: ['bad-subnet', 'address-outside-subnet'],
    build: machine((subnet) => ({ subnet })),
    heard: [vagrant((calls) => option(calls, 'network', 'netmask'), netmask)],
  },
  'SyncedFolderProps.host': {
    like: ANY,
    refused: ['bad-synced-folder', 'unquotable-text'],
    build: (stack, name) => new Machine(stack, 'vm', { address }).addSyncedFolder({ host: folderOf(name, 'synced'), guest: '/synced' }),
    heard: [
      by(
        'ruby',
        'Vagrantfile',
        (calls) => (asked(calls, 'synced_folder')[0]?.[0] as string | undefined)?.split('/').at(-1),
        (text) => text,
      ),
    ],
  },
  'SyncedFolderProps.guest': {
    like: matching(/^\/[ -.0-~]{1,12}$/),
    refused: ['bad-synced-folder'],
    build: withFolder((guest) => ({ guest })),
    heard: [vagrant((calls) => asked(calls, 'synced_folder')[0]?.[1])],
  },
  'SyncedFolderProps.owner': folderOption('owner', (owner) => ({ owner })),
  'SyncedFolderProps.group': folderOption('group', (group) => ({ group })),
  'SyncedFolderProps.mountOptions': folderOption(
    'mount_options',
    (text) => ({ mountOptions: ['first', text] }),
    (text) => ['first', text],
  ),
  'SyncedFolderProps.exclude': folderOption(
    'rsync__exclude',
    (text) => ({ type: 'rsync', exclude: [text] }),
    (text) => [text],
  ),
  'SyncedFolderProps.options': folderOption('own', (own) => ({ options: { own } })),
  'SyncedFolderProps.options (key)': {
    like: matching(/^own_[a-z0-9_]{1,10}$/),
    refused: ['bad-synced-folder'],
    build: withFolder((key) => ({ options: { [key]: 'x' } })),
    heard: [
      vagrant(
        (calls, key) => option(calls, 'synced_folder', key),
        () => 'x',
      ),
    ],
  },
  'CloudInitPart.inline': {
    like: ANY,
    build: (stack, inline) => new Machine(stack, 'vm', { address }).addCloudInit({ contentType: 'text/cloud-config', inline }),
    heard: [
      by('text', 'user-data/vm/1', (read) => read),
      vagrant(
        (calls) => (option(calls, 'cloud_init', 'path') as string | undefined)?.endsWith('/user-data/vm/1'),
        () => true,
      ),
    ],
  },
  'CloudInitPart.file': {
    like: ANY,
    refused: ['bad-cloud-init'],
    build: (stack, name) => new Machine(stack, 'vm', { address }).addCloudInit({ contentType: 'text/x-shellscript', file: fileOf(name) }),
    heard: [
      by(
        'text',
        'user-data/vm/1',
        (read) => read,
        () => 'x',
      ),
    ],
  },
  'TriggerActions.name': aTrigger('name', (text) => text),
  'TriggerActions.info': aTrigger('info', (text) => text),
  'TriggerActions.warn': aTrigger('warn', (text) => text),
  'TriggerActions.run': aTrigger('run', (inline) => ({ inline })),
  'TriggerActions.runRemote': aTrigger('run_remote', (inline) => ({ inline })),
  'ForwardingOptions.hostAddress': {
    like: fc.nat(251).map((n) => `127.0.0.${n + 2}`),
    refused: ['bad-address'],
    build: (stack, hostAddress) => new Machine(stack, 'vm', { address }).forwardPort({ hostPort: 8080, machinePort: 80, hostAddress }),
    heard: [vagrant((calls) => option(calls, 'network', 'host_ip', 1))],
  },
  'Machine.group(name)': {
    like: HOST_NAME,
    refused: ['bad-host-name'],
    build: (stack, name) => Machine.group(stack, name, { count: 1, firstAddress: address }),
    heard: [
      vagrant(
        (calls) => asked(calls, 'hostname=').flat(),
        (name) => `${name}1`,
      ),
    ],
  },
  'Cluster.addMembers(name)': {
    like: HOST_NAME,
    refused: ['bad-host-name'],
    build: (stack, name) => new Cluster(stack, 'Cluster').addMembers(name, { count: 1, firstAddress: address }),
    heard: [
      vagrant(
        (calls) => asked(calls, 'hostname=').flat(),
        (name) => `${name}1`,
      ),
    ],
  },
  'GroupCount.firstAddress': {
    like: ADDRESS,
    refused: ['bad-address', 'bad-subnet', 'reserved-address'],
    build: (stack, firstAddress) => Machine.group(stack, 'vm', { count: 1, firstAddress }),
    heard: [vagrant((calls) => option(calls, 'network', 'ip'))],
  },
  'GroupProps.subnet': {
    like: SUBNET,
    refused: ['bad-subnet', 'address-outside-subnet'],
    build: (stack, subnet) => Machine.group(stack, 'vm', { count: 1, firstAddress: address, subnet }),
    heard: [vagrant((calls) => option(calls, 'network', 'netmask'), netmask)],
  },
  'VirtualBoxSettings.default_nic_type': aSetting('virtualbox', 'default_nic_type'),
  'LibvirtSettings.cpu_mode': aSetting('libvirt', 'cpu_mode'),
  'LibvirtSettings.machine_type': aSetting('libvirt', 'machine_type'),
  'LibvirtSettings.storage_pool_name': aSetting('libvirt', 'storage_pool_name'),
  'LibvirtSettings.driver': aSetting('libvirt', 'driver'),
  'VmwareSettings.vmx': {
    like: ANY,
    refused: ['unquotable-text'],
    build: machine((text) => ({ providers: { vmware_desktop: { vmx: { [text]: text } } } })),
    heard: [
      vagrant(
        (calls) => asked(calls, 'provider').at(-1),
        (text) => [['vmware_desktop'], [['vmx', [[text, text]]]]],
      ),
    ],
  },
  'VirtualBoxSettings.customize, names in it': {
    like: ANY,
    refused: ['unquotable-text'],
    build: machine((text) => ({ providers: { virtualbox: { customize: [['setextradata', `=${text}`]] } } })),
    heard: [
      vagrant(
        (calls) => asked(calls, 'provider').at(-1),
        (text) => [['virtualbox'], [['customize', ['setextradata', `=${text}`]]]],
      ),
    ],
  },
  'ProviderSettings.own (key)': {
    like: matching(/^[a-z][a-z0-9_]{0,10}$/),
    refused: ['bad-provider-setting'],
    build: machine((key) => ({ providers: { libvirt: { [key]: 'x' } } })),
    heard: [
      vagrant(
        (calls) => asked(calls, 'provider').at(-1),
        (key) => [['libvirt'], [[`${key}=`, 'x']]],
      ),
    ],
  },
  'NetworkProps.address': {
    like: fc.nat(251).map((n) => `192.168.57.${n + 2}`),
    refused: ['bad-address', 'bad-subnet', 'bad-network', 'reserved-address', 'duplicate-address'],
    build: withNetwork((text) => ({ address: text })),
    heard: [vagrant((calls) => option(calls, 'network', 'ip', 1))],
  },
  'NetworkProps.subnet': {
    like: fc.integer({ min: 9, max: 29 }).map((bits) => `${dotted(0xac100000)}/${Math.max(bits, 12)}`),
    refused: ['bad-subnet', 'bad-network'],
    build: withNetwork((subnet) => ({ address: 'dhcp', subnet })),
    heard: [vagrant((calls) => option(calls, 'network', 'netmask', 1), netmask)],
  },
  'NetworkProps.bridge': {
    like: ANY,
    refused: ['unquotable-text'],
    build: withNetwork((text) => ({ kind: 'public', bridge: ['first', text] })),
    heard: [
      vagrant(
        (calls) => option(calls, 'network', 'bridge', 1),
        (text) => ['first', text],
      ),
    ],
  },
  'NetworkProps.device': {
    like: ANY,
    refused: ['unquotable-text'],
    build: withNetwork((device) => ({ kind: 'public', device })),
    heard: [vagrant((calls) => option(calls, 'network', 'dev', 1))],
  },
  'NetworkSettings.mac': {
    like: matching(/^02(:[0-9a-f]{2}){5}$/),
    refused: ['bad-network'],
    build: withNetwork((mac) => ({ mac })),
    heard: [
      vagrant(
        (calls) => option(calls, 'network', 'mac', 1),
        (mac) => mac.replaceAll(':', '').toUpperCase(),
      ),
    ],
  },
  'NetworkSettings.internalName': {
    like: ANY,
    refused: ['unquotable-text'],
    build: machine((internalName) => ({ network: { internalName } })),
    heard: [vagrant((calls) => option(calls, 'network', 'virtualbox__intnet'))],
  },
  'NetworkSettings.libvirtName': {
    like: ANY,
    refused: ['unquotable-text'],
    build: machine((libvirtName) => ({ network: { libvirtName } })),
    heard: [vagrant((calls) => option(calls, 'network', 'libvirt__network_name'))],
  },
  'NetworkSettings.options': {
    like: ANY,
    refused: ['unquotable-text'],
    build: machine((text) => ({ network: { options: { nic_type: text } } })),
    heard: [vagrant((calls) => option(calls, 'network', 'nic_type'))],
  },
  'NetworkSettings.options (key)': {
    like: matching(/^own_[a-z0-9_]{1,10}$/),
    refused: ['bad-network'],
    build: machine((key) => ({ network: { options: { [key]: 'x' } } })),
    heard: [
      vagrant(
        (calls, key) => option(calls, 'network', key),
        () => 'x',
      ),
    ],
  },
  'Machine.postUpLines': {
    like: ANY,
    refused: ['unquotable-text'],
    build: (stack, text) => {
      const vm = new Machine(stack, 'vm', { address });
      vm.postUpLines.push({ text: 'first', of: vm }, { text, of: vm });
    },
    heard: [
      vagrant(
        (calls) => asked(calls, 'post_up_message=').flat(),
        (text) => `first\n${text}`,
      ),
    ],
  },
  'Box.named(name)': {
    like: ANY,
    refused: ['unquotable-text'],
    build: machine((name) => ({ box: Box.named(name, { system: 'debian/12' }) })),
    heard: [vagrant((calls) => asked(calls, 'box=').flat())],
  },
  'BoxProps.byProvider': {
    like: ANY,
    refused: ['unquotable-text'],
    build: machine((text) => ({ box: Box.named('x', { system: 'debian/12', byProvider: Object.fromEntries([[text, text]]) }) })),
    heard: [
      vagrant(
        (calls) => asked(calls, 'provider')[0],
        (text) => [[text], [['vm', [['box=', text]]]]],
      ),
    ],
  },

  'BoxSource.name': {
    like: ANY,
    refused: ['unquotable-text'],
    build: machine((name) => ({ box: Box.named('x', { system: 'debian/12', byProvider: { libvirt: { name } } }) })),
    heard: [
      vagrant(
        (calls) => asked(calls, 'provider')[0]?.[1],
        (name) => [['vm', [['box=', name]]]],
      ),
    ],
  },
  'BoxBuild.version': {
    like: fc.constantFrom('1', '>= 12.20250101, < 13', '~> 202510.26.0', '!=2-rc1'),
    thrown: /which is no constraint; write it like/,
    build: machine((version) => ({ box: Box.named('x', { system: 'debian/12', version }) })),
    heard: [vagrant((calls) => asked(calls, 'box_version=').flat())],
  },
  'BoxBuild.urls': {
    like: ANY,
    refused: ['unquotable-text'],
    build: machine((text) => ({ box: Box.named('x', { system: 'debian/12', urls: ['first', text] }) })),
    heard: [
      vagrant(
        (calls) => asked(calls, 'box_url=').flat(2),
        (text) => ['first', text],
      ),
    ],
  },
  'BoxBuild.architecture': {
    like: fc.constantFrom('arm64', 'amd64', 'i386', 'x86_64'),
    thrown: /which is none; write it like "arm64"/,
    build: machine((architecture) => ({ box: Box.named('x', { system: 'debian/12', architecture }) })),
    heard: [vagrant((calls) => asked(calls, 'box_architecture=').flat())],
  },

  'Machine.addDisk(name)': {
    like: matching(/^[A-Za-z0-9][A-Za-z0-9-]{0,12}$/),
    refused: ['bad-disk'],
    build: (stack, name) => new Machine(stack, 'vm', { address }).addDisk(name, Size.gibibytes(1)),
    heard: [
      vagrant((calls) =>
        asked(calls, 'provider')
          .flatMap((call) => (call[1] as Call[]).filter(([is]) => is === 'storage'))
          .map((call) => (call.at(-1) as unknown as { serial: string }).serial),
      ),
    ],
  },

  'Machine.addProvisioner(name)': {
    like: matching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,12}$/),
    refused: ['bad-provisioner'],
    build: (stack, name) => new Machine(stack, 'vm', { address }).addProvisioner(name, { inline: 'true' }),
    heard: [
      vagrant((calls) => asked(calls, 'provision')[0]?.[0]),
      by(
        'text',
        (name) => `provisioners/vm/${name}`,
        (read) => read,
        () => 'true',
      ),
    ],
  },
  'ProvisionerOptions.inline': {
    like: ANY,
    refused: ['unquotable-text'],
    build: (stack, inline) => new Machine(stack, 'vm', { address }).addProvisioner('own', { inline }),
    heard: [by('text', 'provisioners/vm/own', (read) => read)],
  },
  'ProvisionerOptions.file': {
    like: ANY,
    refused: ['bad-provisioner'],
    build: (stack, name) => new Machine(stack, 'vm', { address }).addProvisioner('own', { file: fileOf(name) }),
    heard: [
      by(
        'text',
        'provisioners/vm/own',
        (read) => read,
        () => 'x',
      ),
    ],
  },
  'ProvisionerOptions.before': {
    like: fc.constantFrom('cluster', 'containers', 'a', 'B'),
    refused: ['bad-provisioner'],
    build: (stack, before) => {
      const { machine } = aMember(stack);
      for (const name of ['a', 'B']) machine.addProvisioner(name, { inline: 'true' });
      machine.addProvisioner('own', { inline: 'true', before });
    },
    heard: [
      vagrant((calls) => {
        const names = asked(calls, 'provision').map(([name]) => name);
        return names[names.indexOf('own') + 1];
      }),
    ],
  },
  'Labels.add(key)': {
    like: matching(/^[a-z0-9]([a-z0-9._-]{0,12}[a-z0-9])?$/),
    refused: ['bad-label'],
    build: (stack, key) => Labels.of(new Container(stack, 'web', { on: aMember(stack) }).member).add(key, 'x'),
    heard: [vagrant(description, (text) => `${text}=x`)],
  },
  'Labels.add(value)': {
    like: ANY,
    refused: ['bad-label', 'unquotable-text'],
    build: (stack, value) => {
      new Container(stack, 'web', { on: aMember(stack) });
      Labels.of(stack).add('key', value);
    },
    heard: [vagrant(description, (text) => `key=${text}`), ...settings(({ config }) => config['user.label.key'])],
  },

  // --- the cluster
  'new Cluster(id)': {
    like: ANY,
    refused: ['unquotable-text'],
    thrown: NAMED_NOTHING,
    build: (stack, id) => new Cluster(stack, id).addMember('vm', { address }),
    heard: [
      owner(() => 'containers/names.txt', safe),
      by(
        'yaml',
        'preseeds/vm-found.yaml',
        (read) => read.cluster?.server_name,
        () => 'vm',
      ),
      by(
        'yaml',
        'preseeds/vm-join.yaml',
        (read) => Object.keys(read),
        () => ['cluster'],
      ),
      script(
        'cluster-vm.sh',
        (lines) => commands(lines, 'begin')[0],
        () => ['vm, cluster', '3'],
      ),
    ],
  },
  'ClusterProps.subnet': {
    like: SUBNET,
    refused: ['bad-subnet', 'address-outside-subnet', 'overlapping-subnets'],
    build: (stack, subnet) => {
      const on = new Cluster(stack, 'Cluster', { subnet }).addMember('vm', { address });
      new Container(stack, 'web', { on }).publishOnHost(8080, 80);
    },
    heard: [
      by('nft', 'firewall/vm.nft', (read) => /ip saddr (.*) tcp dport \d+ reject/.exec(read)?.[1]),
      vagrant((calls) => option(calls, 'network', 'netmask'), netmask),
    ],
  },
  'Cluster.addMember(name)': {
    like: HOST_NAME,
    refused: ['bad-host-name'],
    thrown: NAMED_NOTHING,
    build: (stack, name) => new Container(stack, 'web', { on: aMember(stack, name) }),
    heard: [
      vagrant((calls) => asked(calls, 'hostname=').flat()),
      script(
        (name) => `${name}_cfg.sh`,
        (lines) => commands(lines, 'read_cluster')[0]?.[1],
      ),
      by(
        'yaml',
        (name) => `preseeds/${name}-found.yaml`,
        (read) => read.cluster?.server_name,
      ),
    ],
  },
  'VxlanOptions.subnet': {
    like: fc.integer({ min: 12, max: 28 }).map((bits) => `172.16.0.0/${bits}`),
    refused: ['bad-cluster-network', 'overlapping-subnets', 'bad-container-address'],
    build: (stack, subnet) => {
      const on = new Cluster(stack, 'Cluster', { network: Network.vxlan({ subnet }) }).addMember('vm', { address });
      new Container(stack, 'web', { on });
    },
    heard: [containers((lines) => commands(lines, 'network_address')[0]?.[2])],
  },
  'PrivateNetworkOptions.pool': {
    like: fc.integer({ min: 25, max: 28 }).map((bits) => `192.168.56.${256 - 2 ** (32 - bits)}/${bits}`),
    refused: ['bad-cluster-network', 'duplicate-address', 'bad-container-address'],
    build: (stack, pool) => {
      const on = new Cluster(stack, 'Cluster', { network: Network.bridged({ pool }) }).addMember('vm', { address });
      new Container(stack, 'web', { on });
    },
    heard: [
      containers(
        (lines) => Number(commands(lines, 'network_address')[0]?.[1]?.split('.')[3]) > 128,
        () => true,
      ),
    ],
  },
  'ContainerOptions.address': {
    like: fc.integer({ min: 130, max: 254 }).map((last) => `192.168.56.${last}`),
    refused: ['bad-container-address'],
    build: (stack, text) => {
      const on = new Cluster(stack, 'Cluster', { network: Network.macvlan() }).addMember('vm', { address });
      new Container(stack, 'web', { on, address: text });
    },
    heard: [containers((lines) => commands(lines, 'network_address')[0]?.[1])],
  },
  'MemberOptions.address': {
    like: ADDRESS,
    refused: ['bad-address', 'address-outside-subnet', 'reserved-address'],
    build: (stack, text) => {
      const cluster = new Cluster(stack, 'Cluster');
      cluster.addMember('vm', { address: text });
      cluster.addMember('x', { address: text === '192.168.56.250' ? '192.168.56.251' : '192.168.56.250' });
    },
    heard: [
      vagrant((calls) => option(calls, 'network', 'ip')),
      by(
        'yaml',
        'preseeds/vm-found.yaml',
        (read) => read.config?.['core.https_address'],
        (text) => `${text}:8443`,
      ),
      script('cluster-x.sh', (lines) => commands(lines, 'join_cluster')[0]?.[2]),
    ],
  },

  'ClusterProps.preseed': {
    like: ANY,
    refused: ['unquotable-text'],
    build: (stack, text) => {
      const devices = Object.fromEntries([[text, { [text]: text }]]);
      const preseed = { config: { 'user.own': text }, profiles: [{ name: 'own', devices }] };
      new Cluster(stack, 'Cluster', { preseed }).addMember('vm', { address });
    },
    heard: [
      by(
        'yaml',
        'preseeds/vm-found.yaml',
        (read) => [read.config?.['user.own'], (read.profiles as unknown as { devices: object }[])?.[1]?.devices],
        (text) => [text, { [text]: { [text]: text } }],
      ),
    ],
  },
  'ClusterProps.preseed (key)': {
    like: fc.constantFrom('cluster.offline_threshold', 'core.shutdown_timeout', 'user.it'),
    refused: ['unknown-preseed-key'],
    build: (stack, key) => new Cluster(stack, 'Cluster', { preseed: { config: { [key]: '60' } } }).addMember('vm', { address }),
    heard: [
      by(
        'yaml',
        'preseeds/vm-found.yaml',
        (read) => Object.keys(read.config ?? {}).at(-1),
        (key) => key,
      ),
    ],
  },
  'Member.addStep(title)': {
    like: ANY,
    refused: ['unquotable-text'],
    build: (stack, title) => aMember(stack).addStep(title, 'told theirs', { after: 'cluster' }),
    heard: [
      containers((lines) => commands(lines, 'step')[2]?.[0]),
      containers(
        (lines) => commands(lines, 'theirs').length,
        () => 1,
      ),
    ],
  },

  // --- containers
  'new Container(id)': {
    like: ANY,
    refused: ['unquotable-text'],
    thrown: NAMED_NOTHING,
    build: (stack, id) => new Container(stack, id, { name: 'web', on: aMember(stack) }),
    heard: [
      ...settings(
        ({ config }) => config['user.cdk-vagrant.path'],
        (text, stack) => `${stack}/${safe(text)}`,
      ),
      containers(
        (lines) => commands(lines, 'container')[0]?.[0],
        () => 'web',
      ),
    ],
  },
  'ContainerProps.name': {
    like: CONTAINER_NAME,
    refused: ['bad-container-name'],
    build: (stack, name) => new Container(stack, 'C', { name, on: aMember(stack) }),
    heard: [
      containers((lines) => commands(lines, 'container')[0]?.[0]),
      by('json', 'containers/vm.json', (read) => Object.keys(read as object)[0]),
    ],
  },
  'Container.addCommands': {
    like: ANY,
    refused: ['unquotable-text'],
    build: (stack, text) => {
      const container = new Container(stack, 'C', { on: aMember(stack) });
      container.addCommands(() => [{ words: ['told', 'theirs', text], of: container }]);
    },
    heard: [containers((lines) => commands(lines, 'theirs')[0]?.[0])],
  },
  'ContainerOptions.config': {
    like: ANY,
    refused: ['unquotable-text'],
    build: (stack, text) => new Container(stack, 'web', { on: aMember(stack), config: { 'user.own': text } }),
    heard: settings(({ config }) => config['user.own']),
  },
  'ContainerOptions.config (key)': {
    like: matching(/^[a-z][A-Za-z0-9._-]{0,12}$/),
    refused: ['bad-instance-option'],
    build: (stack, text) => new Container(stack, 'web', { on: aMember(stack), config: Object.fromEntries([[text, 'own']]) }),
    heard: settings(({ config }) => Object.keys(config).find((key) => config[key] === 'own')),
  },
  'ContainerOptions.devices': {
    like: ANY,
    refused: ['unquotable-text'],
    build: (stack, text) => new Container(stack, 'web', { on: aMember(stack), devices: { own: { type: text } } }),
    heard: settings(({ devices }) => devices.own?.type),
  },
  'ContainerOptions.devices, an option (key)': {
    like: matching(/^[a-z][A-Za-z0-9._-]{0,12}$/),
    refused: ['bad-instance-option'],
    build: (stack, text) => new Container(stack, 'web', { on: aMember(stack), devices: { own: Object.fromEntries([[text, 'x']]) } }),
    heard: settings(({ devices }) => Object.keys(devices.own ?? {})),
  },
  'ContainerOptions.devices (key)': {
    like: matching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,12}$/),
    refused: ['bad-instance-option'],
    build: (stack, text) => new Container(stack, 'web', { on: aMember(stack), devices: Object.fromEntries([[text, { type: 'own' }]]) }),
    heard: settings(({ devices }) => Object.keys(devices).find((key) => devices[key]?.type === 'own')),
  },
  'Image.remote(name)': {
    like: matching(/^(ubuntu|local):[a-z0-9./-]{1,12}$/),
    thrown: /is no image; write it like ubuntu:24.04$/,
    refused: ['unknown-remote'],
    build: (stack, text) => new Container(stack, 'C', { on: aMember(stack), image: Image.remote(text) }),
    heard: [containers((lines) => commands(lines, 'container')[0]?.[1])],
  },
  'ImageFiles.alias': {
    like: LOWER_CASE,
    thrown: /is no alias of an image; use lower-case letters, digits and "-"$/,
    build: (stack, alias) =>
      new Container(stack, 'C', { on: aMember(stack), image: Image.files({ alias, metadata: 'package.json', rootfs: 'cdk.json' }) }),
    heard: [
      containers((lines) => commands(lines, 'container')[0]?.[1]),
      containers((lines) => commands(lines, 'import_image')[0]?.[0]),
      vagrant(
        (calls) => asked(calls, 'provision')[1]?.[0],
        (text) => `${text}-metadata`,
      ),
    ],
  },
  'ImageFiles.metadata': imageFile('metadata', 1),
  'ImageFiles.rootfs': imageFile('rootfs', 2),
  'new Software(name)': {
    like: LOWER_CASE,
    thrown: /is no name of a software; use/,
    build: (stack, name) => {
      const on = aMember(stack);
      const software = new Software(name, { packages: ['curl'], configure });
      for (const id of ['a', 'b']) new Container(stack, id, { on, software });
    },
    heard: [
      containers((lines) => commands(lines, 'prepare')[0]?.[0]?.replace(/-[0-9a-f]{12}$/, '')),
      containers(
        (lines) => commands(lines, 'install_software').flat(),
        (text) => ['a', `software/${text}.sh`, 'b', `software/${text}.sh`],
      ),
    ],
  },
  'SoftwareProps.packages': {
    like: matching(/^[a-z0-9][a-z0-9+.-]{0,9}[a-z0-9](:amd64)?$/),
    thrown: /is no package; use/,
    build: (stack, text) => {
      const software = new Software('own', { packages: ['curl', text], configure });
      new Container(stack, 'C', { on: aMember(stack), software });
    },
    heard: [
      script(
        'software/own.sh',
        (lines) => commands(lines, 'dpkg-query').map((words) => words.at(-1)),
        (text) => ['curl', text],
      ),
      script(
        'software/own.sh',
        (lines) =>
          commands(lines, 'apt-get')
            .find((words) => words.includes('install'))
            ?.slice(-2),
        (text) => ['curl', text],
      ),
    ],
  },

  // --- web servers and balancers
  'new WebBackend(id)': {
    like: PROXY_NAME,
    refused: ['bad-backend-name'],
    thrown: NAMED_NOTHING,
    build: (stack, id, n) => traffic(stack, n, { names: { backend: id } }),
    heard: [haproxy((lines) => directive(lines, 'backend').flat()), haproxy((lines) => directive(lines, 'default_backend').flat())],
  },
  'WebBackendProps.checkPath': {
    like: URL_PATH,
    refused: ['bad-check-path'],
    build: (stack, checkPath, n) => traffic(stack, n, { backend: { checkPath } }),
    heard: [haproxy((lines) => directive(lines, 'http-check', 'send', 'meth', 'GET', 'uri')[0]?.[0])],
  },
  'Balance.urlParameter(name)': {
    like: ANY,
    refused: ['unquotable-text'],
    thrown: /is no name of a parameter/,
    build: (stack, name, n) => traffic(stack, n, { backend: { balance: Balance.urlParameter(name) } }),
    heard: [haproxy((lines) => directive(lines, 'balance', 'url_param').flat())],
  },
  'Balance.header(name)': {
    like: matching(/^[A-Za-z0-9-]{1,20}$/),
    thrown: /is no name of a header; use/,
    build: (stack, name, n) => traffic(stack, n, { backend: { balance: Balance.header(name) } }),
    heard: [
      haproxy(
        (lines) => directive(lines, 'balance').flat(),
        (text) => [`hdr(${text})`],
      ),
    ],
  },
  'WebBackend.addServer(name)': {
    like: CONTAINER_NAME,
    refused: ['bad-server-name', 'bad-container-name'],
    thrown: NAMED_NOTHING,
    build: (stack, name, n) => traffic(stack, n, { names: { server: name } }),
    heard: [
      haproxy((lines) => directive(lines, 'server')[0]?.[0]),
      containers(
        (lines) => commands(lines, 'web_server')[0]?.slice(0, 4),
        (text) => [text, text, '80', `sites/${text}`],
      ),
    ],
  },
  'BackupPool.addServer(name)': {
    like: CONTAINER_NAME,
    refused: ['bad-server-name', 'bad-container-name', 'duplicate-container'],
    thrown: NAMED_NOTHING,
    build: (stack, name, n) => aPool(stack, n).addServer(name, { on: memberOf(stack), site: PAGE }),
    heard: [
      haproxy((lines) => directive(lines, 'server')[1]?.[0]),
      by('json', 'containers/vm.json', (read) => Object.keys(read as object)[2]),
    ],
  },
  'new BackupPool(id)': {
    like: matching(/^[ -.0-~]{1,20}$/),
    refused: ['bad-output-path', 'long-output-path', 'unquotable-text'],
    thrown: NAMED_NOTHING,
    build: (stack, id, n) => aPool(stack, n, id).addServer('spare', { on: memberOf(stack) }),
    heard: [
      containers(
        (lines) => commands(lines, 'web_server')[1]?.[3],
        (text) => `sites/${safe(text)}`,
      ),
    ],
  },
  'new HaproxyBalancer(id)': {
    like: ANY,
    refused: ['unquotable-text'],
    thrown: NAMED_NOTHING,
    build: (stack, id, n) => traffic(stack, n, { balancer: (on) => new HaproxyBalancer(stack, id, { on }) }),
    heard: [
      owner(() => 'haproxy.cfg', safe),
      haproxy(
        (lines) => directive(lines, 'default_backend')[0]?.length,
        () => 1,
      ),
    ],
  },
  'HaproxyBalancerProps.name': {
    like: CONTAINER_NAME,
    refused: ['bad-container-name', 'bad-output-path', 'long-output-path', 'unquotable-text'],
    build: (stack, name, n) => traffic(stack, n, { balancer: (on) => new HaproxyBalancer(stack, 'B', { on, name }) }),
    heard: [
      containers(
        (lines) => commands(lines, 'balancer')[0]?.slice(0, 3),
        (text) => [text, text, `haproxy-${text}.cfg`],
      ),
    ],
  },
  'new HaproxyFrontend(id)': {
    like: PROXY_NAME,
    refused: ['bad-frontend-name'],
    thrown: NAMED_NOTHING,
    build: (stack, id, n) => traffic(stack, n, { names: { frontend: id }, frontend: { statistics: {} } }),
    heard: [
      haproxy((lines) => directive(lines, 'frontend').flat()),
      containers(
        (lines) => commands(lines, 'statistics_password')[0]?.[0],
        (text) => `statistics-${text}`,
      ),
      vagrant((calls) => asked(calls, 'post_up_message=').flat().join('').split(': http:')[0]),
    ],
  },
  'StatisticsOptions.uri': {
    like: URL_PATH,
    refused: ['bad-statistics-uri'],
    build: (stack, uri, n) => traffic(stack, n, { frontend: { statistics: { uri } } }),
    heard: [
      haproxy((lines) => directive(lines, 'stats', 'uri').flat()),
      vagrant((calls) => /Statistics: http:\/\/[^/]*(\/.*), user admin, password/.exec(asked(calls, 'post_up_message=').join())?.[1]),
    ],
  },
  'StatisticsOptions.user': {
    like: matching(/^[A-Za-z0-9._-]{1,20}$/),
    refused: ['bad-statistics-user'],
    build: (stack, user, n) => traffic(stack, n, { frontend: { statistics: { user } } }),
    heard: [
      haproxy((lines) => directive(lines, 'user').at(-1)?.[0]),
      vagrant((calls) => /, user (.*), password: vagrant ssh/.exec(asked(calls, 'post_up_message=').join())?.[1]),
    ],
  },
  'Password.fromEnvironment(variable)': {
    like: VARIABLE,
    thrown: /is no name of an environment variable; use capitals, digits and "_"$/,
    build: (stack, text, n) => traffic(stack, n, { frontend: { statistics: { password: Password.fromEnvironment(text) } } }),
    heard: [
      containers((lines) => commands(lines, 'statistics_password')[0]?.[2]),
      vagrant((calls) =>
        asked(calls, 'post_up_message=')
          .join()
          .split('password: the one that ')[1]
          ?.replace(/ held$/, ''),
      ),
    ],
  },
  'Site.html(page)': {
    like: ANY,
    refused: ['missing-site', 'unquotable-text'],
    build: (stack, page, n) => aSite(stack, n, Site.html(page)),
    heard: [by('tar', 'sites/web/index.html', (read) => read)],
  },
  'Site.file(path)': {
    like: ANY,
    refused: ['missing-site'],
    build: (stack, path, n) => aSite(stack, n, Site.file(fileOf(path))),
    heard: [
      by(
        'text',
        'sites/web/index.html',
        (read) => read,
        () => 'x',
      ),
    ],
  },
  'Site.directory(path)': {
    like: ANY,
    refused: ['missing-site'],
    build: (stack, path, n) => aSite(stack, n, Site.directory(folderOf(path, 'index.html'))),
    heard: [
      by(
        'text',
        'sites/web/index.html',
        (read) => read,
        () => 'x',
      ),
    ],
  },
  'Site.directory(path), names in it': {
    like: ANY,
    refused: ['bad-output-path', 'long-output-path', 'duplicate-output-file'],
    thrown: /no file can have this name/,
    build: (stack, name, n) => aSite(stack, n, Site.directory(folderWith(name, 'index.html'))),
    heard: [
      by(
        'tar',
        (name) => `sites/web/${name}`,
        (read) => read,
        () => 'x',
      ),
    ],
  },
  'ErrorPages.directory(path)': {
    like: ANY,
    refused: ['missing-error-pages'],
    build: (stack, path, n) => errorPages(stack, n, folderOf(path, '503.html')),
    heard: [
      by(
        'text',
        'pages/http/503.http',
        (read) => read.slice(-1),
        () => 'x',
      ),
    ],
  },
  'ErrorPages.directory(path), names in it': {
    like: matching(/^(40[0134578]|50[01234])\.(html|http)$/),
    refused: ['bad-error-page'],
    thrown: /no file can have this name/,
    build: (stack, name, n) => errorPages(stack, n, folderWith(name, '425.html')),
    heard: [
      by(
        'text',
        (name) => `pages/http/${name.slice(0, 3)}.http`,
        (read) => read.slice(-1),
        () => 'x',
      ),
    ],
  },
  'OutputFileProps.path': {
    like: matching(/^[ -.0-~]{1,8}(\/[ -.0-~]{1,8})?$/),
    refused: ['bad-output-path', 'reserved-output-path', 'long-output-path', 'duplicate-output-file', 'unquotable-text'],
    build: (stack, path) => {
      const member = aMember(stack);
      member.services.addLibrary(new OutputFile(member, 'Own', { path, render: () => 'x' }));
    },
    heard: [
      by(
        'tar',
        (path) => path,
        (read) => read,
        () => 'x',
      ),
      containers(
        (lines) => commands(lines, 'source').at(-1)?.[0],
        (text) => `/var/lib/cdk-vagrant/bundle/${text}`,
      ),
    ],
  },
  'OutputFileProps.render': {
    like: ANY,
    refused: ['unquotable-text'],
    build: (stack, text) => new OutputFile(new Machine(stack, 'vm', { address }), 'Own', { path: 'own', render: () => text }),
    heard: [by('text', 'own', (read) => read)],
  },
  'new OutputFile(id)': {
    like: ANY,
    refused: ['unquotable-text'],
    thrown: NAMED_NOTHING,
    build: (stack, id) => {
      new Machine(stack, 'vm', { address });
      const file = new OutputFile(stack, id, { path: 'file', render: () => '' });
      new OutputFile(file, 'Below', { path: 'below', render: () => '' });
    },
    heard: [owner(() => 'below', safe)],
  },
};

/** A backend of one server, the pool of its backups, and a frontend that leads there. */
function folderOption(name: string, props: (text: string) => Partial<SyncedFolderProps>, means?: Hearing['means']): Row {
  return {
    like: ANY,
    refused: ['unquotable-text'],
    build: withFolder(props),
    heard: [vagrant((calls) => option(calls, 'synced_folder', name), means)],
  };
}

function aTrigger(name: string, means: (text: string) => unknown): Row {
  const property = name === 'run_remote' ? 'runRemote' : name;
  return {
    like: ANY,
    refused: ['unquotable-text', 'bad-trigger'],
    build: (stack, text) => new Machine(stack, 'vm', { address }).addTrigger('after', ['up'], { warn: '.', [property]: text }),
    heard: [
      vagrant((calls) => (asked(calls, 'after', 'trigger')[0]?.[1] as Call[] | undefined)?.find(([is]) => is === `${name}=`)?.[1], means),
    ],
  };
}

function aSetting(provider: 'virtualbox' | 'libvirt', name: string): Row {
  return {
    like: ANY,
    refused: ['unquotable-text'],
    build: machine((text) => ({ providers: { [provider]: { [name]: text } } })),
    heard: [
      vagrant(
        (calls) => asked(calls, 'provider').at(-1),
        (text) => [[provider], [[`${name}=`, text]]],
      ),
    ],
  };
}

function aPool(stack: Stack, n: number, id = 'Backups'): BackupPool {
  return new BackupPool(stack, id, { backend: traffic(stack, n), site: PAGE });
}

/** A server with this site. */
function aSite(stack: Stack, n: number, site: Site): void {
  new WebBackend(stack, `b${n}`).addServer('web', { on: aMember(stack), site });
}

function errorPages(stack: Stack, n: number, path: string): void {
  traffic(stack, n, { names: { frontend: 'http' }, frontend: { errorPages: ErrorPages.directory(path) } });
}

function memberOf(stack: Stack): Member {
  return (stack.node.findChild('Cluster') as Cluster).members[0] as Member;
}

function imageFile(which: 'metadata' | 'rootfs', nth: number): Row {
  return {
    like: ANY.filter((name) => name !== ''),
    refused: ['missing-image', 'unquotable-text'],
    build: (stack, name) =>
      new Container(stack, 'C', {
        on: aMember(stack),
        image: Image.files({ alias: 'x', metadata: 'package.json', rootfs: 'package.json', [which]: fileOf(name) }),
      }),
    heard: [
      containers(
        (lines) => commands(lines, 'import_image')[0]?.[nth],
        (text) => `/var/tmp/x-${text}`,
      ),
      vagrant(
        (calls) => option(calls, 'provision', 'source', nth),
        (text) => join(folder, 'files', text),
      ),
      vagrant(
        (calls) => option(calls, 'provision', 'destination', nth),
        (text) => `/var/tmp/x-${text}`,
      ),
    ],
  };
}
