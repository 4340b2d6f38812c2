import type { Machine } from '../machine/index.js';

/** Where a service runs: a container, or a machine itself. */
export interface Place {
  /** Name of the container, or of the machine. */
  readonly placeName: string;
  readonly machine: Machine;
  /** The address from which a service at `other` sees connections come that are opened here. */
  addressSeenBy(other: Place): string;
}
