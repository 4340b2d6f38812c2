import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { isOpen, type LoadPlan } from './plan.js';

/** What this process may use; undefined where the host does not tell. */
export interface ClientLimits {
  /** Files that it may open; each connection is one. */
  readonly files: number | undefined;
  /** Ports for connections to one address. */
  readonly ports: number | undefined;
  readonly processors: number;
}

/** Files that Node has open besides. */
const OWN_FILES = 32;

export function clientLimits(): ClientLimits {
  return { files: openFiles(), ports: ports(), processors: availableParallelism() };
}

/** Limits of the client that this load may come to, a sentence each. */
export function tooSmall(plan: LoadPlan, { files, ports: freePorts }: ClientLimits): string[] {
  const found: string[] = [];
  const room: readonly [what: string, count: number | undefined, remedy: string][] = [
    ['files', files === undefined ? undefined : Math.max(0, files - OWN_FILES), 'raise ulimit -n'],
    ['ports', freePorts, 'widen net.ipv4.ip_local_port_range'],
  ];
  for (const [what, count, remedy] of room) {
    if (count === undefined) continue;
    if (!isOpen(plan)) {
      if (plan.users > count)
        found.push(`this client has ${what} for ${count} connections and the load has ${plan.users} users; ${remedy}`);
    } else if (plan.rate * (plan.timeoutMs / 1000) > count) {
      const seconds = (count / plan.rate).toPrecision(2);
      found.push(`this client has ${what} for ${count} connections: enough while answers take less than ${seconds} s; else ${remedy}`);
    }
  }
  return found;
}

/** Reasons of failed requests that lie on this side. */
const OWN_ERRORS: Readonly<Record<string, string>> = {
  EMFILE: 'it had no file left for a connection; raise ulimit -n',
  ENFILE: 'this host had no file left for a connection',
  EADDRNOTAVAIL: 'it had no port left for a connection; widen net.ipv4.ip_local_port_range',
  ENOBUFS: 'this host had no memory left for a connection',
};

/** What this client lacked, by the reasons of failed requests. */
export function lacked(errors: Readonly<Record<string, number>>): string[] {
  return Object.entries(OWN_ERRORS).flatMap(([code, text]) => (errors[code] === undefined ? [] : [text]));
}

/** Node has raised what may be raised at its start. */
function openFiles(): number | undefined {
  if (process.report === undefined) return undefined;
  Object.assign(process.report, { excludeNetwork: true }); // it would ask for names of hosts
  const { userLimits } = process.report.getReport() as { userLimits?: { open_files?: { soft: number | 'unlimited' } } };
  const soft = userLimits?.open_files?.soft;
  return typeof soft === 'number' ? soft : undefined;
}

function ports(): number | undefined {
  try {
    const [low = Number.NaN, high = Number.NaN] = readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8')
      .trim()
      .split(/\s+/)
      .map(Number);
    return high >= low ? high - low + 1 : undefined;
  } catch {
    return undefined; // not Linux
  }
}
