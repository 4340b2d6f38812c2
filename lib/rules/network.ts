import { type Rule, Stack } from '../core/index.js';
import { Cluster } from '../lxd/index.js';
import { Machine, Subnet } from '../machine/index.js';
import { WebServer } from '../web/index.js';
import { rule } from './one-rule.js';

/** VirtualBox allows these host-only networks unless /etc/vbox/networks.conf says otherwise. */
const VIRTUALBOX_RANGE = Subnet.parse('192.168.56.0/21') as Subnet;

export const NETWORK: readonly Rule[] = [
  rule({
    id: 'fan-kernel',
    category: 'network',
    severity: 'warning',
    of: Cluster.isCluster,
    check(construct, note) {
      if (construct.network.kind !== 'fan') return;
      note(
        `network fan of cluster "${construct.node.id}" runs on Ubuntu's kernels only, with LXD only, and Ubuntu is about to give it up; use Network.vxlan()`,
      );
    },
  }),
  rule({
    id: 'other-subnet',
    category: 'network',
    severity: 'warning',
    of: WebServer.isWebServer,
    check(construct, note) {
      const { serverName, machine, backend } = construct;
      for (const { machine: other } of backend.balancers) {
        if (machine.subnet === undefined || other.subnet === undefined || machine.subnet.overlaps(other.subnet)) continue;
        note(
          `server "${serverName}" is on "${machine.machineName}" in ${machine.subnet}, and its balancer on "${other.machineName}" in ${other.subnet}, from where it is reached only through a router that keeps addresses; give both machines addresses of one subnet`,
        );
      }
    },
  }),
  rule({
    id: 'privileged-host-port',
    category: 'network',
    severity: 'warning',
    of: Machine.isMachine,
    check(construct, note) {
      for (const { hostPort, of } of construct.forwardedPorts) {
        if (hostPort >= 1024) continue;
        note(
          `host port ${hostPort} for "${construct.machineName}" is below 1024, which only root may open on most hosts; choose one from 1024 on`,
          of,
        );
      }
    },
  }),
  rule({
    id: 'subnet-refused-by-virtualbox',
    category: 'network',
    severity: 'warning',
    of: Machine.isMachine,
    check(construct, note) {
      // A target that does not say so may well write for VirtualBox.
      if (!Stack.of(construct).writtenFor.some(({ providers }) => providers === undefined || providers.includes('virtualbox'))) return;
      const hostOnly = construct.networks.filter(({ kind, settings }) => kind === 'private' && settings.internalName === undefined);
      for (const subnet of new Map(hostOnly.map((network) => [String(network.subnet), network.subnet])).values()) {
        if (subnet === undefined || (VIRTUALBOX_RANGE.contains(subnet.first) && VIRTUALBOX_RANGE.contains(subnet.last))) continue;
        note(
          `VirtualBox on Linux refuses the subnet ${subnet} unless /etc/vbox/networks.conf has the line "* ${subnet}"; add it there, or use one inside ${VIRTUALBOX_RANGE}`,
        );
      }
    },
  }),
  rule({
    id: 'without-host',
    category: 'network',
    severity: 'warning',
    of: Machine.isMachine,
    check(construct, note) {
      const stack = Stack.of(construct);
      if (stack.writtenFor.length === 0 || stack.writtenFor.some(({ providers }) => providers?.length !== 0)) return;
      const { machineName, forwardedPorts, syncedFolders, triggers, cloudInit } = construct;
      const why = `stack "${stack.stackName}" is written for servers and clouds only, where there is no host`;
      for (const of of new Set(forwardedPorts.map((port) => port.of))) {
        const ports = forwardedPorts.filter((port) => port.of === of).map(({ hostPort }) => hostPort);
        note(`host port ${ports.join(', ')} leads to "${machineName}", but ${why}; leave it out, or write the stack for Vagrant, too`, of);
      }
      const others = [
        ...(syncedFolders.length > 0 ? ['synced folders'] : []),
        ...(triggers.length > 0 ? ['triggers'] : []),
        ...(cloudInit.length > 0 ? ['user data of Vagrant'] : []),
      ];
      if (others.length > 0)
        note(`"${machineName}" has ${others.join(' and ')}, but ${why}; leave them out, or write the stack for Vagrant, too`);
    },
  }),
];
