import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { threadId } from 'node:worker_threads';
import { sha256 } from './sha256.js';

/** Who publishes. */
export interface Owner {
  readonly host: string;
  readonly pid: number;
  /** When the process began, in the kernel's ticks; another one may bear its number later. Only Linux tells, 0 elsewhere. */
  readonly started: number;
  readonly thread: number;
}

export function thisOwner(): Owner {
  return { host: hostname(), pid: process.pid, started: processOf(process.pid)?.started ?? 0, thread: threadId };
}

export function isOwner(value: unknown): value is Owner {
  const { host, pid, started, thread } = (value ?? {}) as Partial<Owner>;
  return typeof host === 'string' && [pid, started, thread].every((number) => Number.isSafeInteger(number) && (number as number) >= 0);
}

/** Whether an owner, who must be of this host, can still go on. */
export function isAlive({ pid, started, thread }: Omit<Owner, 'host'>): boolean {
  // Publishing is synchronous: what this very thread has not ended, it never will.
  if (pid === process.pid && started === thisOwner().started) return thread !== threadId;
  if (!isProcess(pid)) return false;
  const found = processOf(pid);
  return found === undefined || (!found.ended && (started === 0 || found.started === started));
}

/** Whether there is a process of this number, be it another user's, or one that has ended and waits for its parent. */
export function isProcess(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** A process as /proc tells it; one that has ended may wait there for its parent. */
function processOf(pid: number): { readonly started: number; readonly ended: boolean } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name, in brackets, may hold anything.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { started: Number(fields[19]), ended: 'ZX'.includes(fields[0] ?? '') };
  } catch {
    return undefined;
  }
}

const hostMark = (host: string) => sha256(host).slice(0, 8);

/** A name for a folder of this thread's own, that tells whose it is. */
export function draftName(): string {
  const { host, pid, started, thread } = thisOwner();
  return `.cdkv-${hostMark(host)}-${pid}-${started}-${thread}-${randomBytes(6).toString('hex')}`;
}

const DRAFT = /^\.cdkv-([0-9a-f]{8})-(\d+)-(\d+)-(\d+)-[0-9a-f]{12}$/;

/** Whether this is the name of such a folder, and nobody will use it any more. An hour is enough for any publish. */
export function isAbandonedDraft(name: string, ageMs: () => number): boolean {
  const [, host, pid, started, thread] = DRAFT.exec(name) ?? [];
  if (host === undefined) return false;
  const gone = host === hostMark(hostname()) && !isAlive({ pid: Number(pid), started: Number(started), thread: Number(thread) });
  return gone || ageMs() > 3_600_000;
}
