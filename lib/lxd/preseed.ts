import { from, merge, text } from '../core/index.js';
import type { Cluster } from './cluster.js';
import type { Member } from './member.js';
import { FAN_OVERLAY } from './network.js';
import { asYaml } from './yaml.js';

/** What `lxd init --preseed` is told on the machine that founds the cluster. */
export function foundPreseed(member: Member): string {
  const { cluster, machine } = member;
  const content = {
    config: {
      'core.https_address': `${machine.address}:8443`,
      // Tokens are used within seconds of being made.
      'cluster.join_token_expiry': '15M',
      // Each member fetches what it needs; copies of every image on every member would cost more than they save.
      'cluster.images_minimal_replica': '1',
    },
    storage_pools: [cluster.storage.pool],
    networks: [
      {
        name: cluster.bridgeName,
        type: 'bridge',
        description: 'a bridge of its own on each member; services are published on the members',
        config: {
          'ipv4.address': `${cluster.bridgePrefix}.0.1/16`,
          'ipv4.nat': 'true',
          // Containers of the app have addresses of their own below .221; what else is started gets one from here.
          'ipv4.dhcp.ranges': `${cluster.bridgePrefix}.250.1-${cluster.bridgePrefix}.250.254`,
          'ipv6.address': 'none',
        },
      },
      ...fanOf(cluster),
    ],
    profiles: [
      {
        name: 'default',
        devices: {
          root: { type: 'disk', path: '/', pool: 'local' },
          eth0: { type: 'nic', name: 'eth0', network: cluster.bridgeName },
        },
      },
    ],
    cluster: { server_name: machine.machineName, enabled: true },
  };
  const raw = Object.keys(cluster.preseed);
  const what = `founds the cluster${raw.length === 0 ? '' : ` (raw, from ${cluster.node.path}: in ${raw.join(', ')})`}`;
  return preseed(member, what, asYaml(merge(content, cluster.preseed)));
}

/** The fan, whose addresses LXD finds from those of the machines. */
function fanOf({ network, subnet }: Cluster): object[] {
  if (network.kind !== 'fan') return [];
  const config = { 'bridge.mode': 'fan', 'fan.overlay_subnet': String(FAN_OVERLAY), 'fan.underlay_subnet': subnet };
  return [{ name: network.bridge, type: 'bridge', description: 'a fan, a piece of it on each member', config }];
}

/** What it is told on a machine that joins. The script adds the token, the last key of the last map, when it has one. */
export function joinPreseed(member: Member): string {
  // One for all, as but the address differs: to make the YAML of a hundred would cost as much as all the rest of their files.
  const { memberConfig } = member.cluster.storage;
  const key = JSON.stringify(memberConfig);
  const known = joinDocuments.get(key) ?? asYaml({ cluster: { enabled: true, server_address: SOME_ADDRESS, member_config: memberConfig } });
  joinDocuments.set(key, known);
  const document = known.replace(SOME_ADDRESS, `${member.machine.address}:8443`);
  return preseed(member, 'joins the cluster; the script adds cluster_token', document);
}

const SOME_ADDRESS = '192.0.2.1:8443';
const joinDocuments = new Map<string, string>();

function preseed(member: Member, what: string, document: string): string {
  const head = `# ${member.machine.machineName} ${what}. Made by cdk-vagrant from ${member.node.path}.`;
  return from(member, text.yaml(`${text.note(head)}\n${document}`));
}
