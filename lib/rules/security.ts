import type { Rule } from '../core/index.js';
import { Cluster, type Container, Member } from '../lxd/index.js';
import { HaproxyBalancer, WebServer } from '../web/index.js';
import { rule } from './one-rule.js';

export const SECURITY: readonly Rule[] = [
  rule({
    id: 'open-servers',
    category: 'security',
    severity: 'warning',
    of: Cluster.isCluster,
    check(construct, note) {
      if (construct.network.kind !== 'macvlan') return;
      const server = construct.containers.find((container) => isOf(container, WebServer));
      if (server === undefined) return;
      note(
        `with network macvlan everybody on ${construct.subnet} reaches server "${server.containerName}" past the balancer, at ${server.networkAddress}; use Network.bridged(), where each machine's bridge sees to that`,
      );
    },
  }),
  rule({
    id: 'unisolated-neighbour',
    category: 'security',
    severity: 'warning',
    of: Member.isMember,
    check(construct, note) {
      const server = construct.containers.find((container) => isOf(container, WebServer));
      if (server === undefined) return;
      for (const container of construct.containers) {
        // A balancer's own is there to reach servers.
        if (container.isolated || isOf(container, HaproxyBalancer)) continue;
        note(
          `container "${container.containerName}" reaches server "${server.containerName}" past the balancer, over the bridge of "${construct.machine.machineName}" that they share; make it isolated, or put it on another machine`,
          container,
        );
      }
    },
  }),
];

/** Whether a container is the one that such a construct made for itself. */
function isOf(container: Container, owner: typeof WebServer | typeof HaproxyBalancer): boolean {
  return container.node.scope instanceof owner;
}
