import type { Rule } from '../core/index.js';
import { Cluster } from '../lxd/index.js';
import { Machine, Subnet } from '../machine/index.js';

/** VirtualBox allows these host-only networks unless /etc/vbox/networks.conf says otherwise. */
const VIRTUALBOX_RANGE = Subnet.parse('192.168.56.0/21') as Subnet;

export const NETWORK: readonly Rule[] = [
  {
    id: 'fan-kernel',
    category: 'network',
    severity: 'warning',
    check(construct, note) {
      if (!(construct instanceof Cluster) || construct.network.kind !== 'fan') return;
      note(
        `network fan of cluster "${construct.node.id}" runs on Ubuntu's kernels only, with LXD only, and Ubuntu is about to give it up; use Network.vxlan()`,
      );
    },
  },
  {
    id: 'privileged-host-port',
    category: 'network',
    severity: 'warning',
    check(construct, note) {
      if (!Machine.isMachine(construct)) return;
      for (const { hostPort, of } of construct.forwardedPorts) {
        if (hostPort >= 1024) continue;
        note(
          `host port ${hostPort} for "${construct.machineName}" is below 1024, which only root may open on most hosts; choose one from 1024 on`,
          of,
        );
      }
    },
  },
  {
    id: 'subnet-refused-by-virtualbox',
    category: 'network',
    severity: 'warning',
    check(construct, note) {
      if (!Machine.isMachine(construct)) return;
      const hostOnly = construct.networks.filter(({ kind, settings }) => kind === 'private' && settings.internalName === undefined);
      for (const subnet of new Map(hostOnly.map((network) => [String(network.subnet), network.subnet])).values()) {
        if (subnet === undefined || (VIRTUALBOX_RANGE.contains(subnet.first) && VIRTUALBOX_RANGE.contains(subnet.last))) continue;
        note(
          `VirtualBox on Linux refuses the subnet ${subnet} unless /etc/vbox/networks.conf has the line "* ${subnet}"; add it there, or use one inside ${VIRTUALBOX_RANGE}`,
        );
      }
    },
  },
];
