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
  /** Failed connections and responses (`econ`, `eresp`), and tries more of requests, there or at another server (`wretr`, `wredis`). */
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
