import type { Figures } from '../measure/index.js';

/** What may be done to a server, for a trial: what its machine or its neighbours can do to it as well. */
export type Disturbance =
  /** It refuses connections. */
  | 'stop'
  /** It takes connections and never answers. */
  | 'hang'
  /** It answers two seconds late. */
  | 'slow'
  /** It answers 500. */
  | 'break'
  /** Its machine loses power, and with it all that runs there. */
  | 'powerOff'
  /** All of that ends. */
  | 'restore';

/**
 * The system of a stack, while it runs: a rehearsal on this host, or the real machines. Trials look at it and act on it; they know no
 * more of it.
 */
export interface RunningSystem {
  readonly kind: 'rehearsal' | 'vagrant';
  /** Name of the stack. */
  readonly stack: string;
  /** Where clients reach each frontend: `http://host:port`, by the frontend's name. */
  readonly urls: Readonly<Record<string, string>>;
  /**
   * Does something to a server, and returns when it is done (not when HAProxy noticed).
   *
   * @param server name of a server
   * @throws Error when the tree has no such server, or this system cannot do this to it
   */
  disturb(server: string, disturbance: Disturbance): Promise<void>;
  /** HAProxy's figures. */
  figures(): Promise<Figures>;
  /** Versions that a report shows, e.g. `{ haproxy: '2.6.12' }`. */
  versions(): Promise<Readonly<Record<string, string>>>;
}
