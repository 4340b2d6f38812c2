/** How a box gets its LXD: as a package of the distribution, or as a snap. */
export type Packaging = 'apt' | 'snap';

export interface BoxProps {
  /** Where its LXD comes from: `apt` on Debian, `snap` on Ubuntu. */
  readonly lxdFrom: Packaging;
  /**
   * Other box names for single providers, by Vagrant's name of the provider (`libvirt`, `virtualbox`, `vmware_desktop`, `parallels`).
   *
   * @default - the same box for every provider
   */
  readonly byProvider?: Readonly<Record<string, string>>;
}

/** The Vagrant box of a machine. */
export class Box {
  /** Debian 12: bento's box, Debian's own on libvirt, which bento does not build for. LXD 5.0 from Debian's packages. */
  public static debian12(): Box {
    return new Box('bento/debian-12', { lxdFrom: 'apt', byProvider: { libvirt: 'debian/bookworm64' } });
  }

  /** Ubuntu 24.04: bento's box. LXD 5.21 LTS as a snap. */
  public static ubuntu2404(): Box {
    return new Box('bento/ubuntu-24.04', { lxdFrom: 'snap' });
  }

  /**
   * A box of your own.
   *
   * @param name its name in Vagrant, e.g. `local/debian12`
   */
  public static named(name: string, props: BoxProps): Box {
    return new Box(name, props);
  }

  private constructor(
    /** Name in Vagrant. */
    public readonly name: string,
    private readonly props: BoxProps,
  ) {}

  public get lxdFrom(): Packaging {
    return this.props.lxdFrom;
  }

  public get byProvider(): Readonly<Record<string, string>> {
    return this.props.byProvider ?? {};
  }
}
