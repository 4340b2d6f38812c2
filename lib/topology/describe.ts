import { from, type Owners } from '../core/index.js';
import { count } from './card.js';
import { xml } from './text.js';
import type { Topology } from './topology.js';

/** What is told of a cluster's network; of published ports nothing. */
const NETWORKS: Readonly<Record<string, string>> = {
  bridged: ', containers bridged onto it',
  macvlan: ', containers on it by macvlan',
  vxlan: ', containers joined by VXLAN',
  fan: ', containers joined by a fan',
};

/** 3 machines, 5 containers, LXD cluster on 192.168.56.0/24 */
export function summaryOf({ machines, containers, cluster }: Topology): string {
  return [
    count(machines.length, 'machine'),
    ...(containers.length === 0 ? [] : [count(containers.length, 'container')]),
    ...(cluster === undefined ? [] : [`${cluster.engine} cluster on ${cluster.subnet}${NETWORKS[cluster.network ?? ''] ?? ''}`]),
  ].join(', ');
}

/** The picture in words, for who does not see it; a sentence a line. */
export function describe(topology: Topology): string[] {
  const sentence = (of: Owners, text: string) => from(of, xml(text));
  const { frontends, backends, cluster } = topology;
  return [
    '<desc>',
    sentence(cluster?.of ?? [], `${summaryOf(topology)}.`),
    ...frontends.map(({ name, url, balancer, backend, of }) =>
      sentence(
        [of, balancer?.of ?? [], backend?.of ?? []],
        `Frontend ${name} at ${url} leads through ${balancer?.name} on ${balancer?.machine.name} to backend ${backend?.name}.`,
      ),
    ),
    ...backends.map(({ name, primaries, backups, of }) =>
      sentence(of, `Backend ${name} has ${count(primaries.length, 'primary server')} and ${count(backups.length, 'backup')}.`),
    ),
    '</desc>',
  ];
}
