import { isPlain, type Size } from '../core/index.js';
import { isOptionName } from './network.js';

/** Vagrant's names of the providers that machines are written for. */
export type Provider = 'virtualbox' | 'libvirt' | 'vmware_desktop' | 'parallels' | 'hyperv';

/** Their names as people know them. */
export const PROVIDERS: Readonly<Record<Provider, string>> = {
  virtualbox: 'VirtualBox',
  libvirt: 'libvirt',
  vmware_desktop: 'VMware',
  parallels: 'Parallels',
  hyperv: 'Hyper-V',
};

/** Arguments of a command of the provider's; `:id` stands for the machine. */
export type CustomizeCommand = readonly string[];

/** What a setting of a provider is set to. A size is told in MiB. */
export type ProviderSetting =
  | string
  | number
  | boolean
  | Size
  | readonly string[]
  | readonly CustomizeCommand[]
  | Readonly<Record<string, string>>;

/** Settings of a provider in its own words, e.g. `{ gui: true }`: any that it has; those that people use are listed. */
export interface ProviderSettings {
  /**
   * Memory.
   *
   * @default - the machine's
   */
  readonly memory?: Size;
  /**
   * Number of virtual processors, at least 1.
   *
   * @default - the machine's
   */
  readonly cpus?: number;
  readonly [setting: string]: ProviderSetting | undefined;
}

export interface VirtualBoxSettings extends ProviderSettings {
  /**
   * Whether it has a window.
   *
   * @default false
   */
  readonly gui?: boolean;
  /**
   * Whether its disk is a copy on write of the box's.
   *
   * @default true
   */
  readonly linked_clone?: boolean;
  /**
   * Whether Vagrant compares the guest additions.
   *
   * @default true
   */
  readonly check_guest_additions?: boolean;
  /**
   * Hardware of the interfaces, e.g. `virtio`.
   *
   * @default - VirtualBox's own
   */
  readonly default_nic_type?: string;
  /**
   * Commands of VBoxManage before it boots, e.g. `['modifyvm', ':id', '--audio', 'none']`.
   *
   * @default - none
   */
  readonly customize?: readonly CustomizeCommand[];
}

export interface LibvirtSettings extends ProviderSettings {
  /**
   * `host-model`, `host-passthrough` or `custom`.
   *
   * @default - the plugin's: "host-model"
   */
  readonly cpu_mode?: string;
  /**
   * Kind of machine, e.g. `q35`.
   *
   * @default - libvirt's
   */
  readonly machine_type?: string;
  /**
   * Whether it may run machines itself.
   *
   * @default false
   */
  readonly nested?: boolean;
  /**
   * Where its disks are.
   *
   * @default "default"
   */
  readonly storage_pool_name?: string;
  /**
   * `kvm`, or `qemu` for emulation.
   *
   * @default "kvm"
   */
  readonly driver?: string;
  /**
   * Whether it runs in the user's own session, which has no private networks: refused.
   *
   * @default false
   */
  readonly qemu_use_session?: boolean;
}

export interface VmwareSettings extends ProviderSettings {
  /**
   * Whether it has a window.
   *
   * @default false
   */
  readonly gui?: boolean;
  /**
   * Whether its disk is a copy on write of the box's.
   *
   * @default true
   */
  readonly linked_clone?: boolean;
  /**
   * Lines of its VMX file.
   *
   * @default - none
   */
  readonly vmx?: Readonly<Record<string, string>>;
}

export interface ParallelsSettings extends ProviderSettings {
  /**
   * Whether its disk is a copy on write of the box's.
   *
   * @default true
   */
  readonly linked_clone?: boolean;
  /**
   * Whether Parallels' tools in the machine are brought up to date.
   *
   * @default false
   */
  readonly update_guest_tools?: boolean;
  /**
   * Commands of prlctl before it boots, e.g. `['set', ':id', '--videosize', '16']`.
   *
   * @default - none
   */
  readonly customize?: readonly CustomizeCommand[];
}

export interface HypervSettings extends ProviderSettings {
  /**
   * Most memory, where it may grow.
   *
   * @default - it stays as it is
   */
  readonly maxmemory?: Size;
  /**
   * Whether its disk is a copy on write of the box's.
   *
   * @default true
   */
  readonly linked_clone?: boolean;
  /**
   * Whether it may run machines itself.
   *
   * @default false
   */
  readonly enable_virtualization_extensions?: boolean;
}

/** Settings by provider. */
export interface SettingsByProvider {
  readonly virtualbox?: VirtualBoxSettings;
  readonly libvirt?: LibvirtSettings;
  readonly vmware_desktop?: VmwareSettings;
  readonly parallels?: ParallelsSettings;
  readonly hyperv?: HypervSettings;
}

/** What is wrong with them. */
export function* settingFaults(providers: SettingsByProvider): Generator<string> {
  for (const [provider, settings] of Object.entries(providers)) {
    if (settings === undefined) continue;
    if (!(provider in PROVIDERS))
      yield `provider ${JSON.stringify(provider)}, which is none; choose among ${Object.keys(PROVIDERS).join(', ')}`;
    for (const [name, value] of Object.entries(settings as ProviderSettings)) {
      if (value === undefined) continue;
      const shown = `setting ${JSON.stringify(name)} of ${provider}`;
      if (!isOptionName(name)) yield `${shown}, which no provider has; write it like "cpu_mode"`;
      else if (!fits(name, value))
        yield `${shown} with a value that it cannot have, ${JSON.stringify(value)}; ${EXPECTED[name] ?? 'give text, a number, true or false'}`;
    }
  }
}

const EXPECTED: Readonly<Record<string, string>> = {
  memory: 'give a Size',
  cpus: 'give a whole number, at least 1',
  customize: "give commands, each a list of words, e.g. [['modifyvm', ':id', '--audio', 'none']]",
  vmx: 'give text by key',
};

const isText = (value: unknown): value is string => typeof value === 'string';
const isTexts = (value: unknown): boolean => Array.isArray(value) && value.every(isText);
const isSize = (value: unknown): boolean => typeof (value as Size | undefined)?.toMebibytes === 'function';
const isHash = (value: unknown): boolean => isPlain(value) && Object.values(value).every(isText);

function fits(name: string, value: unknown): boolean {
  switch (name) {
    case 'memory':
      return isSize(value);
    case 'cpus':
      return Number.isInteger(value) && (value as number) >= 1;
    case 'customize':
      return Array.isArray(value) && value.every((command) => isTexts(command) && command.length > 0);
    case 'vmx':
      return isHash(value);
    default:
      return ['string', 'boolean'].includes(typeof value) || Number.isFinite(value) || isSize(value) || isTexts(value) || isHash(value);
  }
}

/** Settings as plain data: sizes in MiB. */
export function plainSettings(providers: SettingsByProvider): Record<string, Record<string, unknown>> {
  return mapped(providers, (settings) =>
    mapped(settings as ProviderSettings, (value) => (isSize(value) ? (value as Size).toMebibytes() : value)),
  );
}

/** An object with other values, without what is undefined. */
function mapped<T>(from: object, to: (value: unknown) => T): Record<string, T> {
  const entries = Object.entries(from).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries.map(([name, value]) => [name, to(value)]));
}
