import type { Figures, Sample } from '../measure/index.js';
import { primariesOf } from './judge.js';

/**
 * What came to its end first, by figures that HAProxy gave one after the other during a load.
 *
 * @returns one sentence; undefined when nothing did
 */
export function saturation(samples: readonly Sample[], backend: string): string | undefined {
  const [first, ...others] = samples.map(({ figures }) => figures);
  if (first === undefined || others.length === 0) return undefined;
  for (const sample of others) {
    const found = queue(sample, backend) ?? down(first, sample, backend) ?? ownErrors(first, sample);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** What is said of a load that was too much although nothing of HAProxy's was at its end. */
export function elsewhere(backend: string): string {
  return `nothing of HAProxy's: no request of backend "${backend}" waited in its queue, so time was lost in the servers or on the way to HAProxy`;
}

/** A request waits only when all slots (maxconn) of the servers are taken. */
function queue(figures: Figures, backend: string): string | undefined {
  const primaries = primariesOf(figures, backend);
  const ofBackend = figures.proxies.find(({ kind, name }) => kind === 'backend' && name === backend)?.queued ?? 0;
  const ofServers = primaries.reduce((sum, { queued }) => sum + queued, 0);
  const queued = Math.max(ofBackend, ofServers);
  if (queued === 0) return undefined;
  const atWork = primaries.map(({ server, current }) => `${server} ${current}`).join(', ');
  return `the servers' slots: ${queued} requests waited in the queue of backend "${backend}" while its servers were at work on ${atWork}`;
}

function down(before: Figures, now: Figures, backend: string): string | undefined {
  const up = new Set(
    primariesOf(before, backend)
      .filter(({ status }) => status.startsWith('UP'))
      .map(({ server }) => server),
  );
  const gone = primariesOf(now, backend).find(({ server, status }) => up.has(server) && !status.startsWith('UP'));
  return gone === undefined ? undefined : `server "${gone.server}": HAProxy had it as ${gone.status}`;
}

/** Errors that no server answered. */
function ownErrors(before: Figures, now: Figures): string | undefined {
  const errors = ({ proxies, servers }: Figures) => {
    const sum = (all: readonly { readonly responses: Figures['servers'][number]['responses'] }[]) =>
      all.reduce((total, { responses }) => total + responses[4], 0);
    return sum(proxies.filter(({ kind }) => kind === 'frontend')) - sum(servers);
  };
  const count = errors(now) - errors(before);
  return count > 0 ? `HAProxy itself: it answered ${count} requests with an error of its own (5xx)` : undefined;
}
