import { either, isPlain, type Kind, kind, listOf, mapOf, oneOf, options, shown, TEXT, UNTOLD } from '../core/index.js';

/** Operating systems that machines may have. */
export const SYSTEMS = ['debian/12', 'debian/13', 'ubuntu/22.04', 'ubuntu/24.04'] as const;

export type System = (typeof SYSTEMS)[number];

/** Which build of a box is meant, and where it comes from. */
export interface BoxBuild {
  /**
   * Version constraint of Vagrant, e.g. `202510.26.0` or `>= 12.20250101, < 13`.
   *
   * @default - the newest
   */
  readonly version?: string;
  /**
   * URLs or paths that it is fetched from, for a box that is in no catalogue; the first that answers.
   *
   * @default - the catalogue
   */
  readonly urls?: readonly string[];
  /**
   * Checksum of the box file.
   *
   * @default - not compared
   */
  readonly checksum?: { readonly type: 'sha256' | 'sha384' | 'sha512'; readonly value: string };
  /**
   * Architecture, e.g. `arm64`, where it is to be another than the host's. Vagrant 2.4.0 or later.
   *
   * @default - the host's
   */
  readonly architecture?: string;
}

/** A box as Vagrant is told of it. */
export interface BoxSource extends BoxBuild {
  /** Name in Vagrant. */
  readonly name: string;
}

export interface BoxProps extends BoxBuild {
  /** Its operating system, e.g. `debian/12`: tells where LXD, Incus and other packages come from. */
  readonly system: System;
  /**
   * Other boxes for single providers, by Vagrant's name of the provider (`libvirt`, `virtualbox`, `vmware_desktop`, `parallels`): a name, or
   * more than that.
   *
   * @default - the same box for every provider
   */
  readonly byProvider?: Readonly<Record<string, string | BoxSource>>;
}

/** The boxes of the systems, each made once. */
const OF = new Map<System, Box>();

/** The Vagrant box of a machine. */
export class Box {
  /**
   * The box of a system: bento's, on libvirt Debian's own for Debian, which bento does not build for.
   *
   * @throws RangeError when it is none
   */
  public static of(system: System): Box {
    const known = OF.get(system);
    if (known !== undefined) return known;
    if (!SYSTEMS.includes(system)) throw new RangeError(`${shown(system)} is no system of a box; choose one of ${SYSTEMS.join(', ')}`);
    const [name = '', release = ''] = String(system).split('/');
    const byProvider = { 'debian/12': { libvirt: 'debian/bookworm64' }, 'debian/13': { libvirt: 'debian/trixie64' } }[system as string];
    const box = new Box(`bento/${name}-${release}`, { system, ...(byProvider && { byProvider }) });
    OF.set(system, box);
    return box;
  }

  /** Debian 12. */
  public static debian12(): Box {
    return Box.of('debian/12');
  }

  /** Debian 13. */
  public static debian13(): Box {
    return Box.of('debian/13');
  }

  /** Ubuntu 24.04. */
  public static ubuntu2404(): Box {
    return Box.of('ubuntu/24.04');
  }

  /**
   * A box of your own.
   *
   * @param name its name in Vagrant, e.g. `local/debian12`
   * @throws RangeError when a system, a version, a checksum or an architecture is none
   * @throws SynthesisError when something of it is of another type
   */
  public static named(name: string, props: BoxProps): Box {
    if (!TEXT.is(name))
      throw new RangeError(`${shown(name)} is no name of a box; give a text: Box.named('local/debian12', { system: 'debian/12' })`);
    return new Box(name, PROPS.ofNone(`box ${shown(name)}`, props));
  }

  /** No plain object is one: it would not have been checked. */
  declare private readonly checked: true;
  public readonly system: System;
  /** The box for providers that have no other. */
  public readonly source: BoxSource;
  public readonly byProvider: Readonly<Record<string, BoxSource>>;

  private constructor(
    /** Name in Vagrant. */
    public readonly name: string,
    { system, byProvider, version, urls, checksum, architecture }: BoxProps,
  ) {
    if (!SYSTEMS.includes(system))
      throw new RangeError(`box ${JSON.stringify(name)} has the system ${shown(system)}; choose one of ${SYSTEMS.join(', ')}`);
    this.system = system;
    this.source = Object.freeze({
      name,
      ...(version !== undefined && { version }),
      ...(urls && { urls }),
      ...(checksum && { checksum }),
      ...(architecture !== undefined && { architecture }),
    });
    const others = Object.entries(byProvider ?? {}).filter(([, box]) => box !== undefined && box !== null);
    const sources = others.map(
      ([provider, box]) => [provider, Object.freeze(typeof box === 'string' ? { name: box } : { ...box })] as const,
    );
    this.byProvider = Object.freeze(Object.fromEntries(sources));
    for (const source of [this.source, ...Object.values(this.byProvider)]) checkBuild(source);
    // All apps of a process share those of the systems.
    Object.freeze(this);
  }
}

/** A plain object is none: it would not have been checked. */
function isBox(value: unknown): boolean {
  if (!isPlain(value) || Object.getPrototypeOf(value) === Object.prototype) return false;
  const { name, system, source, byProvider } = value;
  return TEXT.is(name) && SYSTEMS.includes(system as System) && isPlain(source) && isPlain(byProvider);
}

export const BOX: Kind<Box> = kind('a Box', isBox, (value) => {
  if (SYSTEMS.includes(value as System)) return `Box.of('${value}')`;
  return TEXT.is(value) ? `Box.named(${shown(value)}, { system: 'debian/12' })` : 'Box.debian12()';
});

const BUILD = {
  version: TEXT,
  urls: listOf(TEXT),
  checksum: options<NonNullable<BoxBuild['checksum']>>("{ type: 'sha256', value: '...' }", () => ({
    type: oneOf('sha256', 'sha384', 'sha512'),
    value: TEXT,
  })),
  architecture: TEXT,
};
const SOURCE = options<BoxSource>("{ name: 'local/debian12' }", () => ({ ...BUILD, name: TEXT }));
const PROPS = options<BoxProps>("{ system: 'debian/12' }", () => ({
  ...BUILD,
  system: UNTOLD,
  byProvider: mapOf("{ libvirt: 'debian/bookworm64' }", either(TEXT, SOURCE)),
}));

/** Whether Vagrant takes it for one or several constraints of a version. */
export function isVersionConstraint(text: string): boolean {
  return text.split(',').every((part) => /^ *(=|!=|>|<|>=|<=|~>)? *\d+(\.[0-9A-Za-z]+)*(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)? *$/.test(part));
}

const DIGITS = { sha256: 64, sha384: 96, sha512: 128 } as const;

function checkBuild({ name, version, checksum, architecture }: BoxSource): void {
  const shown = `box ${JSON.stringify(name)}`;
  if (version !== undefined && !isVersionConstraint(version))
    throw new RangeError(`${shown} has the version ${JSON.stringify(version)}, which is no constraint; write it like ">= 12.1, < 13"`);
  if (checksum !== undefined && !new RegExp(`^[0-9a-f]{${DIGITS[checksum.type]}}$`, 'i').test(checksum.value))
    throw new RangeError(
      `${shown} has the ${checksum.type} ${JSON.stringify(checksum.value)}; give its ${DIGITS[checksum.type]} hexadecimal digits`,
    );
  if (architecture !== undefined && !/^[a-z0-9_]{1,20}$/.test(architecture))
    throw new RangeError(`${shown} has the architecture ${JSON.stringify(architecture)}, which is none; write it like "arm64"`);
}
