import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { Annotations, BOOLEAN, either, listOf, mapOf, NUMBER, noted, oneOf, options, TEXT, UNTOLD } from '../core/index.js';
import type { Machine } from './machine.js';
import { isOptionName } from './network.js';
import type { Provider } from './providers.js';

/** How a folder comes into a machine. */
export type SyncedFolderType = 'rsync' | 'nfs' | 'smb' | 'virtiofs' | '9p' | 'virtualbox';

/** Types that one provider alone has. */
export const PROVIDER_OF_TYPE: Readonly<Partial<Record<SyncedFolderType, Provider>>> = {
  virtiofs: 'libvirt',
  '9p': 'libvirt',
  virtualbox: 'virtualbox',
};

/** A folder of the host that a machine has, too. */
export interface SyncedFolderProps {
  /** Folder of the host. Relative to the working folder of the synthesis, or absolute. */
  readonly host: string;
  /** Where it is in the machine: an absolute path. */
  readonly guest: string;
  /**
   * How. `rsync` copies it at `up` and `reload`, and nothing back; `virtualbox`, and libvirt's `virtiofs` and `9p`, are for their
   * provider alone and are written for no other, so that a folder may be added once for each.
   *
   * @default - Vagrant chooses among what the provider has
   */
  readonly type?: SyncedFolderType;
  /**
   * Whether Vagrant makes the folder on the host when it is not there. Otherwise a missing one is an error.
   *
   * @default false
   */
  readonly create?: boolean;
  /**
   * User in the machine that it belongs to.
   *
   * @default - the one who logs in
   */
  readonly owner?: string;
  /**
   * Group in the machine that it belongs to.
   *
   * @default - that of the one who logs in
   */
  readonly group?: string;
  /**
   * Options of `mount`.
   *
   * @default - Vagrant's
   */
  readonly mountOptions?: readonly string[];
  /**
   * What `rsync` leaves out, as patterns of its own.
   *
   * @default - Vagrant's: ".vagrant/"
   */
  readonly exclude?: readonly string[];
  /**
   * More options of `config.vm.synced_folder`, in Vagrant's words, e.g. `{ nfs_udp: false }`.
   *
   * @default - none
   */
  readonly options?: Readonly<Record<string, string | number | boolean | readonly string[]>>;
}

/** A folder of the host in a machine. */
export interface SyncedFolder extends SyncedFolderProps {
  /** Absolute path on the host at synthesis. */
  readonly source: string;
}

const PROPS = options<SyncedFolderProps>("{ host: 'data', guest: '/srv/data' }", () => ({
  host: UNTOLD,
  guest: UNTOLD,
  type: oneOf('rsync', 'nfs', 'smb', 'virtiofs', '9p', 'virtualbox'),
  create: BOOLEAN,
  owner: TEXT,
  group: TEXT,
  mountOptions: listOf(TEXT),
  exclude: listOf(TEXT),
  options: mapOf('{ nfs_udp: false }', either(either(TEXT, NUMBER), either(BOOLEAN, listOf(TEXT)))),
}));

/** A synced folder as it is. Notes what is wrong with it. */
export function syncedFolder(machine: Machine, given: SyncedFolderProps): SyncedFolder | undefined {
  const props = PROPS.of(machine, 'a synced folder of machine', machine.machineName, given);
  const [host, guest] = (['host', 'guest'] as const).map((prop) =>
    noted(TEXT, props[prop], prop, machine, 'a synced folder of machine', machine.machineName),
  );
  if (host === undefined || guest === undefined) return undefined;
  const source = resolve(host);
  for (const fault of faultsOf(machine, props, source))
    Annotations.of(machine).addError(
      'bad-synced-folder',
      `synced folder ${JSON.stringify(props.guest)} of "${machine.machineName}" ${fault}`,
    );
  return { ...props, source };
}

function* faultsOf(machine: Machine, { guest, type, host, create = false, exclude, options = {} }: SyncedFolderProps, source: string) {
  if (!create && !(existsSync(source) && statSync(source).isDirectory()))
    yield `has no folder ${JSON.stringify(host)} on the host; make it, correct the path, which is relative to ${process.cwd()}, or let Vagrant make it: create: true`;
  if (!/^(\/[^/\p{Cc}]+)+$/u.test(guest) || /\/\.{1,2}(\/|$)/.test(guest))
    yield 'is at no absolute path in the machine; write it like "/srv/data", without "." or ".." in it';
  const others = machine.syncedFolders.filter((other) => other.guest === guest);
  const providerOf = (of: SyncedFolderType | undefined) => of && PROVIDER_OF_TYPE[of];
  if (others.some((other) => other.type === type || providerOf(other.type) === providerOf(type)))
    yield 'is there already; choose another place, or another provider by its type';
  if (exclude !== undefined && type !== 'rsync') yield 'leaves something out, as only rsync can; make it of type "rsync"';
  for (const key of Object.keys(options))
    if (!isOptionName(key)) yield `has the option ${JSON.stringify(key)}, which is none of Vagrant's; write it like "nfs_udp"`;
}
