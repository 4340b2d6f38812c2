/** What is to be sent. */
export type LoadPlan = ClosedPlan | OpenPlan;

interface Common {
  /** Where to, `http://host:port`. */
  readonly url: string;
  readonly paths: readonly string[];
  /** How long an answer may take. */
  readonly timeoutMs: number;
}

/** Users who wait for each answer before they send their next request. */
export interface ClosedPlan extends Common {
  readonly users: number;
  readonly rampUpMs: number;
  readonly loops: number;
}

/** Requests at a rate, whatever becomes of those before. */
export interface OpenPlan extends Common {
  /** Requests a second. */
  readonly rate: number;
  readonly durationMs: number;
}

export function isOpen(plan: LoadPlan): plan is OpenPlan {
  return 'rate' in plan;
}
