import { has, type Kind, kind, options, SIZE, type Size, TEXT } from '../core/index.js';
import type { System } from '../machine/index.js';

/** Where a storage pool lives on each member: in a file that is mounted as a loop device, or on a disk of its own. */
export type StoragePlace =
  | {
      /** Of the file; at least 1 GiB. */
      readonly size: Size;
    }
  | {
      /** Size of a disk that each machine gets besides its box's; at least 1 GiB. Nothing else may be on it. */
      readonly disk: Size;
    };

const PLACE = options<{ readonly size?: Size; readonly disk?: Size }>('{ size: Size.gibibytes(10) }', () => ({ size: SIZE, disk: SIZE }));

type Driver = 'dir' | 'btrfs' | 'lvm' | 'zfs';

/** Name of the disk, in the Vagrantfile and as a serial number: at most 20 bytes. */
export const STORAGE_DISK = 'cdkv-storage';
/** What stands in a preseed for the disk, whose path the machine knows. */
export const DISK_PATH = '@storage-disk@';

/** An image and a container of it take about 1 GiB; btrfs is not even made below 110 MiB. */
const LEAST_MEBIBYTES = 1024;

/** What the containers of a cluster are stored in, on each member. */
export class Storage {
  /** Folders of the machine's own file system. */
  public static dir(): Storage {
    return new Storage('dir');
  }

  /** Btrfs: copies of containers share what is the same. */
  public static btrfs(place: StoragePlace): Storage {
    return new Storage('btrfs', place);
  }

  /** LVM, with thin volumes: copies of containers share what is the same. */
  public static lvm(place: StoragePlace): Storage {
    return new Storage('lvm', place);
  }

  /** ZFS: copies of containers share what is the same. On Debian its kernel module is built on each machine, which takes minutes. */
  public static zfs(place: StoragePlace): Storage {
    return new Storage('zfs', place);
  }

  /** The disk that each machine gets; undefined: none. */
  public readonly disk: Size | undefined;
  /** Of the file; undefined: there is none. */
  private readonly size: Size | undefined;

  /**
   * @throws RangeError when it is neither in a file nor on a disk, or both
   * @throws SynthesisError when the size is none
   */
  private constructor(
    public readonly driver: Driver,
    place: { readonly size?: Size; readonly disk?: Size } = {},
  ) {
    const { size, disk } = PLACE.ofNone(`storage ${driver}`, place);
    this.size = size;
    this.disk = disk;
    if (driver !== 'dir' && (this.size === undefined) === (this.disk === undefined))
      throw new RangeError(`storage ${driver} needs either "size", of a file, or "disk", of a disk of its own; give it one`);
  }

  /** @internal What is wrong with it; undefined: nothing. */
  public get fault(): string | undefined {
    const mebibytes = (this.disk ?? this.size)?.toMebibytes();
    if (mebibytes === undefined || mebibytes >= LEAST_MEBIBYTES) return undefined;
    return `${mebibytes} MiB for ${this.driver}, where no container fits; give it at least 1 GiB`;
  }

  /** @internal The pool, as the engine is told of it on the founder. */
  public get pool(): object {
    const config = Object.fromEntries(this.config);
    return { name: 'local', driver: this.driver, ...(this.config.length > 0 && { config }) };
  }

  /** @internal What a joiner says of its own part of the pool. */
  public get memberConfig(): readonly object[] {
    const keys = new Map([['source', ''], ...this.config]);
    return [...keys].map(([key, value]) => ({ entity: 'storage-pool', name: 'local', key, value }));
  }

  /** @internal What `storage_packages` is told on a system; the snap brings its own. */
  public packages(system: System): readonly string[] {
    if (this.driver === 'btrfs') return ['main', 'btrfs-progs'];
    if (this.driver === 'lvm') return ['main', 'lvm2', 'thin-provisioning-tools', 'e2fsprogs'];
    if (this.driver === 'zfs') return system.startsWith('debian/') ? ['contrib', 'zfs-dkms', 'zfsutils-linux'] : ['main', 'zfsutils-linux'];
    return [];
  }

  private get config(): readonly (readonly [key: string, value: string])[] {
    if (this.disk !== undefined) return [['source', DISK_PATH]];
    return this.size === undefined ? [] : [['size', `${this.size.toMebibytes()}MiB`]];
  }

  public toString(): string {
    const what = this.disk === undefined ? '' : `, on a disk of ${this.disk.toMebibytes()} MiB`;
    return `${this.driver}${what}`;
  }
}

export const STORAGE: Kind<Storage> = kind(
  'a Storage',
  (value) => has(value, 'packages'),
  (value) => {
    const driver = String(TEXT.is(value) ? value : '').toLowerCase();
    return ['btrfs', 'lvm', 'zfs'].includes(driver) ? `Storage.${driver}({ size: Size.gibibytes(10) })` : 'Storage.dir()';
  },
);
