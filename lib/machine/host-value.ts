import type { Construct, IConstruct } from 'constructs';
import { Element } from '../core/index.js';

/** Where a machine keeps what the library brings: the unpacked bundle (`bundle/`), secrets (`secrets/`, 0700) and marks. */
export const GUEST_FOLDER = '/var/lib/cdk-vagrant';

/** Where the bundle arrives, as a tar archive; the first script unpacks it. On disk, as /tmp may be memory. */
export const BUNDLE_ARCHIVE = '/var/tmp/cdk-vagrant.tar';

/**
 * A key and its self-signed certificate, made on the host at the first `up` and kept there (0600, never in a synthesised file)
 * until the last machine is destroyed.
 */
export class KeyPair extends Element {
  /**
   * @param scope what it is for
   * @param keyName name of its file; unique in the stack
   */
  public constructor(
    scope: Construct,
    id: string,
    public readonly keyName: string,
  ) {
    super(scope, id);
  }
}

/** A value that a provisioner is given at `up`, because no synthesised file may or can hold it. Base64 in the environment. */
export type HostValue =
  /** PEM text of a key pair's half. */
  | { readonly kind: 'certificate' | 'private-key'; readonly pair: KeyPair }
  /** What the variable of the user's environment holds, empty when unset. */
  | { readonly kind: 'environment'; readonly variable: string; readonly of: IConstruct }
  /** Names of the stack's machines that were provisioned to the end and not destroyed since, separated by spaces. */
  | { readonly kind: 'provisioned-machines' };
