import { readFileSync } from 'node:fs';
import { Document, Scalar, visit } from 'yaml';
import {
  Annotations,
  Aspects,
  either,
  isPlain,
  kind,
  listOf,
  merge,
  OutputFile,
  options,
  Stack,
  type Target,
  TEXT,
  text,
  UNTOLD,
} from '../core/index.js';
import { type HostValue, Machine, sourceFrom } from '../machine/index.js';
import { CLOUD_NETWORK, type CloudNetwork, macsOf, networkConfig, networkFaults } from './network.js';

/** Most bytes of user-data that EC2 takes, the least of the clouds. */
const MOST_USER_DATA = 16 * 1024;

const TEMPLATES = new URL('./templates/', import.meta.url);

export interface CloudInitTargetProps {
  /** The network interfaces: the same for all machines, or each its own. */
  readonly network: CloudNetwork | ((machine: Machine) => CloudNetwork);
  /**
   * Public keys that may log in as the image's own user, each a line of `authorized_keys`.
   *
   * @default - none
   */
  readonly sshAuthorizedKeys?: readonly string[];
  /**
   * More of cloud-config, in cloud-init's words, for all machines or for each its own. It is laid over what the library writes; lists that
   * both have are joined. Taken as it is: `cdkv check` gives it to YAML's parser, `cloud-init schema` knows more.
   *
   * @default - none
   */
  readonly userData?: Words | ((machine: Machine) => Words);
  /**
   * More of the network-config, version 2, laid over what the library writes.
   *
   * @default - none
   */
  readonly networkConfig?: Words | ((machine: Machine) => Words);
}

/** A part of a document in cloud-init's own words. */
type Words = Readonly<Record<string, unknown>>;

const CHOICE = kind<(machine: Machine) => CloudNetwork>('a function', (value) => typeof value === 'function', CLOUD_NETWORK.example);

const PROPS = options<CloudInitTargetProps>("{ network: { private: { name: 'eth1' } } }", () => ({
  network: either(CLOUD_NETWORK, CHOICE),
  sshAuthorizedKeys: listOf(TEXT),
  userData: UNTOLD,
  networkConfig: UNTOLD,
}));

/**
 * Writes a stack's machines for cloud-init, on servers and clouds that no Vagrant reaches: `cloud-init/MACHINE/` with `user-data`,
 * `meta-data`, `network-config` and `seed.json`. `cdkv seed` makes of these what a machine is handed over: the scripts and files that it
 * gets under Vagrant as well, and the keys that no synthesised file holds. Ports of the host lead nowhere here: there is no host.
 */
export class CloudInitTarget implements Target {
  /** None: there is no host. */
  public readonly providers = [];

  private readonly props: CloudInitTargetProps;

  /** @throws SynthesisError when something of it is of another type */
  public constructor(props: CloudInitTargetProps) {
    this.props = PROPS.ofNone('CloudInitTarget', props, 'network');
  }

  public prepare(stack: Stack): void {
    stack.ignoreSecrets();
    if (stack.claim('target', 'cloud-init', stack) !== undefined) {
      Annotations.of(stack).addError('duplicate-target', `stack "${stack.stackName}" has two targets that write user-data; give it one`);
      return;
    }
    // Machines that come later have theirs, too.
    Aspects.of(stack).add({ visit: (construct) => Machine.isMachine(construct) && this.addFiles(stack, construct) });
  }

  private addFiles(stack: Stack, machine: Machine): void {
    const files: Readonly<Record<string, () => string>> = {
      'user-data': () => this.userData(machine),
      'meta-data': () => asYaml({ 'instance-id': `${stack.stackName}-${machine.machineName}`, 'local-hostname': machine.machineName }),
      'network-config': () => this.networkConfig(machine),
      'seed.json': () => `${JSON.stringify(seedOf(machine, stack.folder), undefined, 2)}\n`,
    };
    for (const [name, render] of Object.entries(files))
      new OutputFile(machine, name, { path: `cloud-init/${machine.machineName}/${name}`, render });
  }

  public check(stack: Stack): void {
    Machine.checkSome(stack);
    for (const key of this.props.sshAuthorizedKeys ?? []) {
      if (/^[a-z][\w@.-]* [A-Za-z0-9+/=]+( [^\p{Cc}\p{Cs}\u2028\u2029\ufffe\uffff]*)?$/u.test(key)) continue;
      Annotations.of(stack).addError('bad-ssh-key', `${JSON.stringify(key)} is no public key; give a line like "ssh-ed25519 AAAA... name"`);
    }
    const holders = new Map<string, string>();
    for (const machine of Machine.inStack(stack)) {
      const annotations = Annotations.of(machine);
      // A network of a cluster finds its interface by the hardware address that Vagrant gives it.
      const clusters = machine.networks.find(({ of }, index) => index > 0 && of !== machine);
      if (clusters !== undefined) {
        annotations.addError(
          'network-not-given',
          `"${machine.machineName}" is to have an interface for ${clusters.of.node.path}, which only Vagrant's target gives it; for containers use Network.vxlan()`,
        );
        continue;
      }
      for (const fault of networkFaults(machine, this.networkOf(machine)))
        annotations.addError('bad-cloud-network', `the network of "${machine.machineName}" has ${fault}`);
      for (const prop of ['userData', 'networkConfig'] as const) {
        const fault = faultIn(this.moreOf(prop, machine));
        if (fault !== undefined) annotations.addError('bad-user-data', `${prop} for "${machine.machineName}" ${fault}`);
      }
      if (annotations.hasErrors) continue;
      for (const mac of macsOf(this.networkOf(machine))) {
        const holder = holders.get(mac);
        if (holder !== undefined)
          annotations.addError(
            'bad-cloud-network',
            `the network of "${machine.machineName}" has interface "${mac}", which is that of "${holder}"; give each its own: network: (machine) => ...`,
          );
        holders.set(mac, holder ?? machine.machineName);
      }
      const size = Buffer.byteLength(this.userData(machine));
      if (size > MOST_USER_DATA) {
        annotations.addError(
          'long-user-data',
          `user-data of "${machine.machineName}" has ${size} bytes and clouds take ${MOST_USER_DATA}; leave out some of the ${this.props.sshAuthorizedKeys?.length ?? 0} keys, or of your own words`,
        );
      }
    }
  }

  private networkOf(machine: Machine): CloudNetwork {
    const { network } = this.props;
    return typeof network === 'function'
      ? CLOUD_NETWORK.of(machine, 'the network of machine', machine.machineName, network(machine))
      : network;
  }

  private moreOf(prop: 'userData' | 'networkConfig', machine: Machine): Words {
    const more = this.props[prop] ?? {};
    return typeof more === 'function' ? more(machine) : more;
  }

  private networkConfig(machine: Machine): string {
    const more = this.moreOf('networkConfig', machine);
    const content = merge(networkConfig(machine, this.networkOf(machine)), more);
    return `${rawHead(more)}${asYaml(content)}`;
  }

  private userData(machine: Machine): string {
    const { sshAuthorizedKeys = [] } = this.props;
    const content = {
      hostname: machine.machineName,
      manage_etc_hosts: true,
      ...(sshAuthorizedKeys.length > 0 && { ssh_authorized_keys: [...sshAuthorizedKeys] }),
      // At each boot, not at the first only: whatever a loss of power cuts off, the next boot begins with this.
      bootcmd: [start()],
    };
    const head = `#cloud-config\n# ${text.note(machine.machineName)}. Made by cdk-vagrant from ${text.note(machine.node.path)}.\n`;
    const more = this.moreOf('userData', machine);
    return `${head}${rawHead(more)}${asYaml(merge(content, joined(content, more)))}`;
  }
}

/** Lists that both have, as one: what starts the machine's work must stay. */
function joined(ours: Words, more: Words): Words {
  const join = (under: unknown, over: unknown) => (Array.isArray(under) && Array.isArray(over) ? [...under, ...over] : over);
  return Object.fromEntries(Object.entries(more).map(([key, value]) => [key, join(ours[key], value)]));
}

/** Marks what is the user's own. */
function rawHead(more: Words): string {
  const keys = Object.keys(more);
  return keys.length === 0 ? '' : `# raw, in ${text.note(keys.join(', '))}\n`;
}

function faultIn(more: unknown): string | undefined {
  if (!isPlain(more)) return `is ${JSON.stringify(more)}; give a map of cloud-init's keys`;
  if ('bootcmd' in more && !Array.isArray(more.bootcmd))
    return 'has a bootcmd that is no list, in place of the one that starts the machine; give a list, which is joined to it';
  return undefined;
}

/** Power that goes soon after cloud-init has made the keys of SSH leaves them empty, and it makes them at the first boot only. */
const KEYS_OF_SSH = `if [ -e /usr/local/sbin/cdk-vagrant-start ]; then
  find /etc/ssh -name 'ssh_host_*' -size 0 -delete
  ssh-keygen -A
fi`;

/** Installs what starts the machine on its seed. */
function start(): string {
  return [
    KEYS_OF_SSH,
    installed('/usr/local/sbin/cdk-vagrant-start', 755, 'start.sh'),
    installed('/etc/systemd/system/cdk-vagrant.service', 644, 'cdk-vagrant.service'),
    installed('/etc/systemd/system/cdk-vagrant.path', 644, 'cdk-vagrant.path'),
    'systemctl daemon-reload',
    'systemctl --quiet enable cdk-vagrant.path',
    'systemctl --no-block start cdk-vagrant.service cdk-vagrant.path\n',
  ].join('\n');
}

/** Writes a file whole, or not at all. */
function installed(path: string, mode: number, template: string): string {
  const content = readFileSync(new URL(template, TEMPLATES), 'utf8');
  return `cat >${path}.new <<'END_OF_FILE' && chmod ${mode} ${path}.new && mv ${path}.new ${path}\n${content}END_OF_FILE`;
}

/** YAML as cloud-init reads it: 1.1, where `yes` is no string. Texts of several lines stay such. */
function asYaml(content: object): string {
  const document = new Document(content, { version: '1.1' });
  visit(document, {
    Scalar(_, scalar) {
      if (typeof scalar.value === 'string' && scalar.value.includes('\n')) scalar.type = Scalar.BLOCK_LITERAL;
    },
  });
  return document.toString({ lineWidth: 0 });
}

/** What a machine is handed over, beside what only the host knows. */
export interface SeedFile {
  readonly machine: string;
  /** Files of the stack's folder that its scripts read. */
  readonly bundle: readonly string[];
  /** Large files, relative to the stack's folder, and where they go. */
  readonly uploads: readonly { readonly source: string; readonly destination: string }[];
  /** In the order they run. */
  readonly scripts: readonly {
    readonly name: string;
    readonly file: string;
    /** Where the value of each variable comes from. */
    readonly environment: Readonly<Record<string, SeedValue>>;
  }[];
  /** For whoever has just brought it up. */
  readonly postUpLines: readonly string[];
}

export type SeedValue =
  | { readonly keyPair: string; readonly half: 'key' | 'certificate' }
  | { readonly hostVariable: string }
  | { readonly others: readonly string[] };

function seedOf(machine: Machine, folder: string): SeedFile {
  const others = Machine.inStack(Stack.of(machine)).filter((other) => other !== machine);
  const seedValue = (value: HostValue): SeedValue => {
    if ('pair' in value) return { keyPair: value.pair.keyName, half: value.kind === 'certificate' ? 'certificate' : 'key' };
    return value.kind === 'environment' ? { hostVariable: value.variable } : { others: others.map(({ machineName }) => machineName) };
  };
  return {
    machine: machine.machineName,
    bundle: [...machine.bundle.keys()].map(({ path }) => path).sort(),
    uploads: machine.uploads.map((upload) => ({ source: sourceFrom(folder, upload), destination: upload.destination })),
    scripts: machine.provisioners.map(({ name, script, environment }) => ({
      name,
      file: script.path,
      environment: Object.fromEntries(Object.entries(environment).map(([variable, value]) => [variable, seedValue(value)])),
    })),
    postUpLines: machine.postUpLines.map(({ text: line }) => line),
  };
}
