import { has, type Kind, kind, shown, TEXT } from '../core/index.js';
import { SYSTEMS, type System } from '../machine/index.js';
import { Image } from './image.js';

/** The tracks of LXD's snap: two long-term versions, and the current one. */
export type LxdTrack = (typeof TRACKS)[number];
const TRACKS = ['5.0', '5.21', '6'] as const;

type Product = 'LXD' | 'Incus';

/**
 * From which version on a product has something, e.g. `5.14`, and until which, e.g. `5.0.2-5.20`. A product that never has it is left
 * out.
 */
export type Span = Readonly<Partial<Record<Product, string>>>;

/** How a system comes to an engine. */
interface Source {
  /** Of the engine there, for comparisons. Of a snap's track: the newest that is known here. */
  readonly version: string;
  /** For people. */
  readonly called: string;
  /** What the script's `install_engine` is told. */
  readonly install: readonly string[];
}

interface Row {
  readonly product: Product;
  /** For people: where it comes from. */
  readonly from: string;
  /** The command that talks to it. */
  readonly client: 'lxc' | 'incus';
  /** The daemon's own commands: `init`, `waitready`. */
  readonly daemon: string;
  /** Where it keeps certificates and database. */
  readonly folder: string;
  /** Of systemd, the socket and the daemon. */
  readonly units: readonly [socket: string, daemon: string];
  readonly bridge: string;
  /** Its own name of Ubuntu 24.04. */
  readonly image: string;
  readonly sources: Readonly<Partial<Record<System, Source>>>;
}

const LXD = { product: 'LXD', client: 'lxc', daemon: 'lxd', bridge: 'lxdbr0', image: 'ubuntu:24.04' } as const;
const NEWEST: Readonly<Record<LxdTrack, string>> = { '5.0': '5.0.9', '5.21': '5.21.7', '6': '6.9' };

const snap = (track: LxdTrack): Row => {
  const source = { version: NEWEST[track], called: track, install: ['snap', `${track}/stable`] };
  return {
    ...LXD,
    from: `the snap channel ${track}/stable`,
    folder: '/var/snap/lxd/common/lxd',
    units: ['snap.lxd.daemon.unix.socket', 'snap.lxd.daemon.service'],
    sources: Object.fromEntries(SYSTEMS.map((system) => [system, source])),
  };
};

const LXD_PACKAGES = { version: '5.0.2', called: '5.0.2', install: ['apt', 'lxd', 'lxd-client', 'squashfs-tools', 'xz-utils', 'attr'] };
const PACKAGED_LXD: Row = {
  ...LXD,
  from: 'packages of the distribution',
  folder: '/var/lib/lxd',
  units: ['lxd.socket', 'lxd.service'],
  sources: { 'debian/12': LXD_PACKAGES, 'debian/13': LXD_PACKAGES },
};

const INCUS: Row = {
  product: 'Incus',
  from: 'packages of the distribution',
  client: 'incus',
  daemon: 'incus admin',
  folder: '/var/lib/incus',
  units: ['incus.socket', 'incus.service'],
  bridge: 'incusbr0',
  image: 'images:ubuntu/24.04/cloud',
  // incus-base is Incus without what virtual machines need.
  sources: {
    'debian/12': { version: '6.0.4', called: '6.0.4', install: ['backports', 'incus-base', 'incus-client'] },
    'debian/13': { version: '6.0.4', called: '6.0.4', install: ['apt', 'incus-base', 'incus-client'] },
    'ubuntu/24.04': { version: '6.0.0', called: '6.0.0', install: ['apt', 'incus', 'incus-client'] },
  },
};

/** What runs the containers of a cluster: LXD or Incus. All that differs between them stands in this file. */
export class Engine {
  private static readonly snaps = new Map(TRACKS.map((track) => [track, new Engine(snap(track))]));
  private static readonly packaged = new Engine(PACKAGED_LXD);
  private static readonly itsIncus = new Engine(INCUS);

  /** LXD as a snap; members take no updates by themselves. */
  public static lxdSnap(track: LxdTrack = '5.21'): Engine {
    const engine = Engine.snaps.get(track);
    if (engine === undefined) throw new RangeError(`LXD has no track ${shown(track)}; choose one of ${TRACKS.map(shown).join(', ')}`);
    return engine;
  }

  /** LXD from Debian's packages: 5.0.2 on Debian 12 and 13. */
  public static lxdApt(): Engine {
    return Engine.packaged;
  }

  /** Incus from the distribution's packages: 6.0.4 on Debian 13, and on 12 from its backports; 6.0.0 on Ubuntu 24.04. */
  public static incus(): Engine {
    return Engine.itsIncus;
  }

  /** @internal The one that a system's clusters have when nobody chose. */
  public static defaultFor(system: System): Engine {
    if (system.startsWith('ubuntu/')) return Engine.lxdSnap();
    return system === 'debian/12' ? Engine.lxdApt() : Engine.incus();
  }

  /** What containers are made from when nobody chose: Ubuntu 24.04. */
  public readonly defaultImage: Image;

  private constructor(private readonly row: Row) {
    this.defaultImage = Image.remote(row.image);
  }

  /** Its name. */
  public get product(): 'LXD' | 'Incus' {
    return this.row.product;
  }

  /** The command that talks to it on a machine. */
  public get client(): 'lxc' | 'incus' {
    return this.row.client;
  }

  /** Name of the bridge that it makes on each member. */
  public get bridgeName(): string {
    return this.row.bridge;
  }

  /** For people, e.g. `LXD, from the snap channel 5.21/stable`. */
  public toString(): string {
    return `${this.product}, from ${this.row.from}`;
  }

  /** @internal What the scripts' `engine` is told. */
  public get words(): readonly string[] {
    const { product, client, daemon, folder, units } = this.row;
    return [product, client, daemon, folder, ...units];
  }

  /** @internal How a system comes to it; undefined: not at all. */
  public on(system: System): Source | undefined {
    return this.row.sources[system];
  }

  /** @internal The systems that have it, or this version of it. */
  public systems(version?: string): System[] {
    return SYSTEMS.filter((system) => this.on(system) !== undefined && (version === undefined || this.on(system)?.version === version));
  }

  /** @internal How to choose one that a system has. */
  public static choicesFor(system: System): string[] {
    const all = { 'Engine.lxdSnap()': Engine.lxdSnap(), 'Engine.lxdApt()': Engine.lxdApt(), 'Engine.incus()': Engine.incus() };
    return Object.entries(all).flatMap(([how, engine]) => (engine.on(system) === undefined ? [] : [how]));
  }

  /**
   * @internal Whether it has something on a system.
   *
   * @returns undefined when it has; otherwise who has it: `LXD has it from 5.14 on, Incus from 6.0.0 on`
   */
  public lacks(span: Span, system: System): string | undefined {
    const version = this.on(system)?.version;
    const own = span[this.product];
    if (version === undefined || (own !== undefined && includes(own, version))) return undefined;
    const who = Object.entries(span).map(([product, text]) => {
      const [first = '', last] = text.split('-');
      return last === undefined ? `${product} from ${first} on` : `${product} from ${first} to ${last}`;
    });
    return who.length === 0 ? 'no engine has it' : `it is in ${who.join(', ')}`;
  }
}

export const ENGINE: Kind<Engine> = kind(
  'an Engine',
  (value) => has(value, 'lacks'),
  (value) => (TEXT.is(value) && value.toLowerCase() === 'incus' ? 'Engine.incus()' : 'Engine.lxdSnap()'),
);

function includes(span: string, version: string): boolean {
  const [first = '', last] = span.split('-');
  return compare(first, version) <= 0 && (last === undefined || compare(version, last, last.split('.').length) <= 0);
}

/** Versions part by part, as many as matter: 5.9 before 5.14. */
function compare(a: string, b: string, parts = Number.POSITIVE_INFINITY): number {
  const [left, right] = [a, b].map((version) => version.split('.').map(Number)) as [number[], number[]];
  for (let part = 0; part < Math.min(parts, Math.max(left.length, right.length)); part++) {
    const difference = (left[part] ?? 0) - (right[part] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
