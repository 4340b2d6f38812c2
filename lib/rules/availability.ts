import type { Rule } from '../core/index.js';
import { Cluster } from '../lxd/index.js';
import { WebBackend } from '../web/index.js';

export const AVAILABILITY: readonly Rule[] = [
  {
    id: 'two-member-cluster',
    category: 'availability',
    severity: 'warning',
    check(construct, note) {
      if (!(construct instanceof Cluster) || construct.members.length !== 2) return;
      note(`cluster "${construct.node.id}" has two members, so it has no majority when either is down; add a third`);
    },
  },
  {
    id: 'unused-backend',
    category: 'availability',
    severity: 'warning',
    check(construct, note) {
      if (!(construct instanceof WebBackend) || construct.balancers.length > 0) return;
      note(`no frontend leads to backend "${construct.backendName}"; make it the defaultBackend of a HaproxyFrontend`);
    },
  },
  {
    id: 'backups-beside-primary',
    category: 'availability',
    severity: 'warning',
    check(construct, note) {
      if (!(construct instanceof WebBackend)) return;
      const [member, ...others] = new Set(construct.backups.map(({ container }) => container.member));
      const beside = construct.primaries.find(({ container }) => container.member === member);
      if (others.length > 0 || beside === undefined) return;
      note(
        `all backups of "${construct.backendName}" are on "${member?.machine.machineName}", beside the primary "${beside.serverName}", and go down with it; spread them over two machines`,
      );
    },
  },
];
