import type { Rule } from '../core/index.js';
import { Container, Member } from '../lxd/index.js';
import { APACHE_WORKERS, HaproxyBalancer, WebServer } from '../web/index.js';
import { rule } from './one-rule.js';

/** Memory of HAProxy for one client and the connection to a server behind it: 4,000 were measured to take less than 100 MiB. */
const KIBIBYTES_PER_CONNECTION = 25;

/** Less than this, and the system, LXD and its database leave little for a container. */
const SMALLEST_MEMBER_MIB = 512;

export const CAPACITY: readonly Rule[] = [
  rule({
    id: 'memory-overcommitted',
    category: 'capacity',
    severity: 'warning',
    of: Member.isMember,
    check(construct, note) {
      const { machineName, memory } = construct.machine;
      const limits = construct.containers.reduce((sum, container) => sum + (container.memory?.toMebibytes() ?? 0), 0);
      if (limits <= memory.toMebibytes()) return;
      note(
        `the containers on "${machineName}" may use ${limits} MiB together but it has ${memory.toMebibytes()} MiB; lower the limits or enlarge it`,
      );
    },
  }),
  rule({
    id: 'small-member',
    category: 'capacity',
    severity: 'warning',
    of: Member.isMember,
    check(construct, note) {
      const { machineName, memory } = construct.machine;
      if (memory.toMebibytes() >= SMALLEST_MEMBER_MIB) return;
      note(
        `member "${machineName}" has ${memory.toMebibytes()} MiB, of which LXD leaves little to containers; give it ${SMALLEST_MEMBER_MIB} MiB or more`,
      );
    },
  }),
  rule({
    id: 'cpus-above-machine',
    category: 'capacity',
    severity: 'warning',
    of: Container.isContainer,
    check(construct, note) {
      if (construct.cpus === undefined) return;
      const { machineName, cpus } = construct.member.machine;
      if (construct.cpus <= cpus) return;
      note(
        `container "${construct.containerName}" may use ${construct.cpus} cpus but "${machineName}" has ${cpus}; lower the limit or enlarge the machine`,
      );
    },
  }),
  rule({
    id: 'max-connections-above-server',
    category: 'capacity',
    severity: 'warning',
    of: WebServer.isWebServer,
    check(construct, note) {
      const { serverName, maxConnections } = construct;
      const balancers = construct.backend.balancers.length;
      if (maxConnections * balancers <= APACHE_WORKERS) return;
      const from = balancers === 1 ? 'its balancer' : `each of its ${balancers} balancers`;
      note(
        `server "${serverName}" gets up to ${maxConnections} requests at the same time from ${from} but Apache serves ${APACHE_WORKERS}; lower maxConnections to ${Math.floor(APACHE_WORKERS / balancers)}`,
      );
    },
  }),
  rule({
    id: 'balancer-memory',
    category: 'capacity',
    severity: 'warning',
    of: HaproxyBalancer.isHaproxyBalancer,
    check(construct, note) {
      const { balancerName, container, maxConnections, machine } = construct;
      const needed = Math.ceil((maxConnections * KIBIBYTES_PER_CONNECTION) / 1024);
      const has = (container?.memory ?? machine.memory).toMebibytes();
      if (needed <= has) return;
      const limited = container?.memory === undefined ? `"${machine.machineName}" has` : 'its container may use';
      note(
        `balancer "${balancerName}" takes up to ${maxConnections} connections, for which it needs ${needed} MiB, but ${limited} ${has} MiB; lower maxConnections or give it more memory`,
      );
    },
  }),
];
