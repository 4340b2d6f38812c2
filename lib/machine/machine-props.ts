import { anyObject, type Kinds, mapOf, type ObjectKind, options, SIZE, type Size, TEXT, UNTOLD } from '../core/index.js';
import { BOX, type Box } from './box.js';
import type { GroupCount } from './group.js';
import { NETWORK_SETTINGS, type NetworkSettings } from './network.js';
import type { SettingsByProvider } from './providers.js';

/** What machines may have in common. */
export interface MachineSizing {
  /**
   * The Vagrant box.
   *
   * @default Box.debian12()
   */
  readonly box?: Box;
  /**
   * Memory.
   *
   * @default Size.mebibytes(1024)
   */
  readonly memory?: Size;
  /**
   * Number of virtual processors, at least 1.
   *
   * @default 1
   */
  readonly cpus?: number;
  /**
   * How the interface of the private network is made.
   *
   * @default - a host-only network that the provider finds by its address
   */
  readonly network?: NetworkSettings;
  /**
   * Settings for single providers, in their own words, which win over ours: `{ virtualbox: { gui: true } }`.
   *
   * @default - none
   */
  readonly providers?: SettingsByProvider;
}

export interface MachineProps extends MachineSizing {
  /** Static IPv4 address on the private network, e.g. `192.168.56.5`. Not the subnet's first, `.1` (the host) or last. */
  readonly address: string;
  /**
   * The private network, in CIDR notation.
   *
   * @default - the /24 that `address` is in
   */
  readonly subnet?: string;
}

export const SIZING: Kinds<MachineSizing> = {
  box: BOX,
  memory: SIZE,
  cpus: UNTOLD,
  network: NETWORK_SETTINGS,
  providers: mapOf('{ virtualbox: { gui: true } }', anyObject('{ gui: true }')),
};

export const MACHINE_PROPS: ObjectKind<MachineProps & { readonly name?: string }> = options("{ address: '192.168.56.5' }", () => ({
  ...SIZING,
  name: TEXT,
  address: UNTOLD,
  subnet: UNTOLD,
}));

/** What the machines of a group have in common, and how many there are. */
export interface GroupProps extends MachineSizing, GroupCount {
  /**
   * The private network, in CIDR notation.
   *
   * @default - the /24 that `firstAddress` is in
   */
  readonly subnet?: string;
}
