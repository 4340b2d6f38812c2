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

/** A server as HAProxy's `show stat` has it. */
export interface ServerFigures {
  readonly backend: string;
  readonly server: string;
  /** HAProxy's word, e.g. `UP`, `DOWN`, `UP 1/3`, `MAINT`. */
  readonly status: string;
  readonly isBackup: boolean;
  /** Requests that it was given since HAProxy began to count (`stot`). */
  readonly total: number;
  /** Requests of which it has not answered yet (`scur`), and those that wait for it (`qcur`). */
  readonly current: number;
  readonly queued: number;
  /** Failed connections, failed responses and retries (`econ`, `eresp`, `wretr`). */
  readonly connectionErrors: number;
  readonly responseErrors: number;
  readonly retries: number;
  /** Answers by class of status (`hrsp_1xx` to `hrsp_5xx`), the first is for 1xx. */
  readonly responses: readonly [number, number, number, number, number];
}

/** A frontend or a whole backend as HAProxy's `show stat` has it. */
export interface ProxyFigures {
  readonly name: string;
  readonly kind: 'frontend' | 'backend';
  /** Requests so far (`req_tot` of a frontend, `stot` of a backend). */
  readonly requests: number;
  readonly currentSessions: number;
  readonly queued: number;
  readonly responses: readonly [number, number, number, number, number];
}

/** HAProxy's own figures at one moment. */
export interface Figures {
  readonly proxies: readonly ProxyFigures[];
  readonly servers: readonly ServerFigures[];
}

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
