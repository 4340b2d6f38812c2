import { Raw, type Rule } from '../core/index.js';
import { Cluster } from '../lxd/index.js';
import { WebBackend, WebServer } from '../web/index.js';
import { rule } from './one-rule.js';

export const AVAILABILITY: readonly Rule[] = [
  rule({
    id: 'two-member-cluster',
    category: 'availability',
    severity: 'warning',
    of: Cluster.isCluster,
    check(construct, note) {
      if (construct.members.length !== 2) return;
      note(`cluster "${construct.node.id}" has two members, so it has no majority when either is down; add a third`);
    },
  }),
  rule({
    id: 'unused-backend',
    category: 'availability',
    severity: 'warning',
    of: WebBackend.isWebBackend,
    check(construct, note) {
      if (construct.balancers.length > 0) return;
      note(`no frontend leads to backend "${construct.backendName}"; make it the defaultBackend of a HaproxyFrontend`);
    },
  }),
  rule({
    id: 'missing-health-check',
    category: 'availability',
    severity: 'warning',
    of: WebBackend.isWebBackend,
    check(construct, note) {
      for (const { start, lines } of Raw.of(construct).overrides) {
        if (!/^(option( httpchk)?|default-server( check)?)$/.test(start) || lines.some((line) => /check|httpchk/.test(line))) continue;
        note(
          `raw text takes "${start}" from backend "${construct.backendName}", whose servers nobody checks then; put another check in its place`,
        );
      }
    },
  }),
  rule({
    id: 'single-server',
    category: 'availability',
    severity: 'warning',
    of: WebBackend.isWebBackend,
    check(construct, note) {
      const { backendName, primaries, backups } = construct;
      if (primaries.length !== 1 || backups.length > 0) return;
      note(`"${primaries[0]?.serverName}" is the only server of backend "${backendName}", which is down with it; add another, or a backup`);
    },
  }),
  rule({
    id: 'single-machine-backend',
    category: 'availability',
    severity: 'warning',
    of: WebBackend.isWebBackend,
    check(construct, note) {
      const servers = [...construct.primaries, ...construct.backups];
      const [machine, ...others] = new Set(servers.map((server) => server.machine));
      if (servers.length < 2 || others.length > 0) return;
      note(
        `all servers of backend "${construct.backendName}" are on "${machine?.machineName}" and go down with it; spread them over two machines`,
      );
    },
  }),
  rule({
    id: 'backups-beside-primary',
    category: 'availability',
    severity: 'warning',
    of: WebBackend.isWebBackend,
    check(construct, note) {
      const [machine, ...others] = new Set(construct.backups.map((server) => server.machine));
      const beside = construct.primaries.find((server) => server.machine === machine);
      if (others.length > 0 || beside === undefined) return;
      note(
        `all backups of "${construct.backendName}" are on "${machine?.machineName}", beside the primary "${beside.serverName}", and go down with it; spread them over two machines`,
      );
    },
  }),
  rule({
    id: 'single-balancer',
    category: 'availability',
    severity: 'info',
    of: WebBackend.isWebBackend,
    check(construct, note) {
      const [balancer, ...others] = construct.balancers;
      if (balancer === undefined || others.length > 0) return;
      const { machineName } = balancer.machine;
      note(
        `"${machineName}" alone balances backend "${construct.backendName}", which nobody reaches while it is down; add a HaproxyBalancer on another machine, with a name and a frontend of its own`,
      );
    },
  }),
  rule({
    id: 'balancer-beside-server',
    category: 'availability',
    severity: 'info',
    of: WebServer.isWebServer,
    check(construct, note) {
      if (construct.isBackup) return;
      const { machine } = construct;
      const beside = construct.backend.balancers.find((balancer) => balancer.machine === machine);
      if (beside === undefined) return;
      note(
        `server "${construct.serverName}" is on "${machine.machineName}", beside its balancer "${beside.balancerName}", and goes down with it; put it on another machine`,
      );
    },
  }),
];
