import { readFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import type { LimitReport, LoadResult, Verdict } from '../load/index.js';
import type { Watched } from '../measure/index.js';
import type { DrillResult } from '../trials/index.js';

/** What a report tells. Plain data; as JSON it is the report for programs. */
export interface TrialReport {
  /** The library and its version. */
  readonly generator: string;
  /** `STACK/NAME`. */
  readonly name: string;
  /** When the trial began, ISO 8601, UTC. */
  readonly begun: string;
  /** What it was run on, e.g. `a rehearsal on this host`. */
  readonly system: string;
  /** Name of the frontend that the requests went to. */
  readonly target: string;
  /** Whether all expectations and thresholds were met. */
  readonly passed: boolean;
  readonly trial: Trial;
  /** The host that sent the requests. */
  readonly host: HostFacts;
  /** Of what ran, e.g. `{ haproxy: '2.6.12' }`. */
  readonly versions: Readonly<Record<string, string>>;
}

export type Trial = DrillTrial | LoadTrial | LimitTrial;

export interface DrillTrial {
  readonly kind: 'drill';
  readonly result: DrillResult;
}

export interface LoadTrial {
  readonly kind: 'load';
  readonly url: string;
  readonly result: LoadResult;
  readonly verdicts: readonly Verdict[];
  /** HAProxy's figures, where they could be had. */
  readonly haproxy: Watched | undefined;
  /** What came to its end first, by these. */
  readonly saturated: string | undefined;
}

export interface LimitTrial {
  readonly kind: 'limit';
  readonly url: string;
  readonly result: LimitReport;
  /** Primaries of the backend. */
  readonly primaries: number;
  /** A rate that was asked about, and how many servers it needs. */
  readonly needs: { readonly rate: number; readonly servers: number } | undefined;
}

/** What ran a trial. */
export interface HostFacts {
  readonly system: string;
  readonly processors: string;
  readonly memoryMiB: number;
  readonly node: string;
}

export function thisHost(): HostFacts {
  const all = cpus();
  return {
    system: release(),
    processors: `${all.length} × ${all[0]?.model.trim() || process.arch}`,
    memoryMiB: Math.round(totalmem() / 2 ** 20),
    node: process.versions.node,
  };
}

function release(): string {
  try {
    return /^PRETTY_NAME="?(.*?)"?$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? process.platform;
  } catch {
    return process.platform; // not Linux
  }
}
