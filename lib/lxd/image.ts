import { basename } from 'node:path';
import { isPlain, type Kind, kind, options, shown, TEXT } from '../core/index.js';

/** The files of an image in LXD's split format. */
export interface ImageFiles {
  /** Name it gets in the cluster: lower-case letters, digits and `-`. */
  readonly alias: string;
  /** The metadata archive, e.g. `metadata.tar.gz`. Relative to the working folder of the synthesis, or absolute. */
  readonly metadata: string;
  /** The root file system, e.g. `rootfs.squashfs`. */
  readonly rootfs: string;
}

const FILES = options<ImageFiles>("{ alias: 'mine', metadata: 'metadata.tar.gz', rootfs: 'rootfs.squashfs' }", () => ({
  alias: TEXT,
  metadata: TEXT,
  rootfs: TEXT,
}));

/** What a container is made from. */
export class Image {
  /**
   * An image of a remote, fetched by each member when it needs it.
   *
   * @param name remote and alias, e.g. `ubuntu:24.04`
   * @throws RangeError when it is none
   */
  public static remote(name: string): Image {
    if (!TEXT.is(name) || !/^[A-Za-z0-9][A-Za-z0-9._-]*:?[A-Za-z0-9._/-]*$/.test(name)) {
      throw new RangeError(`${shown(name)} is no image; write it like ubuntu:24.04`);
    }
    return new Image(name, undefined);
  }

  /** An image from files, for machines without the image servers. They travel once, to the founder, who gives it to the others. */
  public static files(files: ImageFiles): Image {
    FILES.ofNone('an image', files, 'alias', 'metadata', 'rootfs');
    if (!/^[a-z0-9][a-z0-9-]{0,62}$/.test(files.alias)) {
      throw new RangeError(`${JSON.stringify(files.alias)} is no alias of an image; use lower-case letters, digits and "-"`);
    }
    return new Image(files.alias, files);
  }

  private constructor(
    /** What `lxc init` or `incus init` is told. */
    public readonly source: string,
    /** The files it comes from; undefined for an image of a remote. */
    public readonly files: ImageFiles | undefined,
  ) {}

  /** Where the founder finds the files. */
  public get uploads(): { readonly name: string; readonly source: string; readonly destination: string }[] {
    if (this.files === undefined) return [];
    const { alias, metadata, rootfs } = this.files;
    return [
      { name: `${alias}-metadata`, source: metadata, destination: `/var/tmp/${alias}-${basename(metadata)}` },
      { name: `${alias}-rootfs`, source: rootfs, destination: `/var/tmp/${alias}-${basename(rootfs)}` },
    ];
  }
}

export const IMAGE: Kind<Image> = kind(
  'an Image',
  (value) => isPlain(value) && TEXT.is(value.source) && Array.isArray(value.uploads),
  (value) => `Image.remote(${TEXT.is(value) ? shown(value) : "'ubuntu:24.04'"})`,
);
