import type { IConstruct } from 'constructs';
import type { Owners } from '../core/index.js';
import { type Place, renderFirewall as renderRules, type SharedNetwork } from '../provision/index.js';
import { Container, type PublishedPort } from './container.js';
import type { Member } from './member.js';

/** Who may reach the containers of a member from outside its bridge, and its services. */
export function renderFirewall(member: Member): string {
  const { cluster, machine, services } = member;
  return renderRules({
    of: member,
    name: machine.machineName,
    path: member.node.path,
    bridge: cluster.bridgeName,
    bridgeOf: cluster.engineOf,
    rules: rulesOf(member),
    guards: guardsOf(member),
    network: networkOf(member),
    hostPorts: member.containers
      .filter(({ hostPorts }) => hostPorts.length > 0)
      .flatMap(({ hostPorts }) => hostPorts.map((port) => ({ ...port, networks: networksOf(member) }))),
    guardedPorts: services.guards,
  });
}

interface FirewallRule {
  readonly of: Owners;
  readonly path: string;
  readonly match: string;
}

/** Who may reach the containers' published ports. */
function rulesOf({ containers }: Member): FirewallRule[] {
  // Servers of a backend share one function, which is asked once.
  const asked = new Map<PublishedPort['allow'], Sources | undefined>([[undefined, { match: '', of: [] }]]);
  return containers.flatMap((container) => {
    const { publishedPorts } = container;
    if (publishedPorts.length === 0) return [];
    return publishedPorts.map((port) => ruleOf(container, port, asked)).filter((rule) => rule !== undefined);
  });
}

function ruleOf(
  container: Container,
  { connect, allow, of = container }: PublishedPort,
  asked: Map<PublishedPort['allow'], Sources | undefined>,
): FirewallRule | undefined {
  if (!asked.has(allow)) asked.set(allow, sourcesOf(allow?.() ?? [], container));
  const sources = asked.get(allow);
  if (sources === undefined) return undefined;
  const match = `ip daddr ${container.address} tcp dport ${connect}${sources.match}`;
  return { of: [container, of, sources.of], path: container.node.path, match };
}

/** Beyond its machine all containers of a member look like the machine itself, so it keeps those back that may not reach a port. */
function guardsOf(member: Member): { of: Owners; path: string; address: string; port: number; clients: string }[] {
  const shown = new Map<readonly Place[], { readonly of: Owners; readonly addresses: string }>();
  return member.cluster.reachedFrom(member).map(({ of, machine, port, clients }) => {
    let some = shown.get(clients);
    if (some === undefined) {
      const addresses = clients.flatMap((client) => (client instanceof Container ? [client.address] : [])).join(', ');
      some = { of: ownersOf(clients), addresses };
      shown.set(clients, some);
    }
    return { of: [of, some.of, machine], path: of.node.path, address: machine.address, port, clients: some.addresses };
  });
}

/** What comes from the machine's own networks, of which the host's forwarded ports are none; of a public one by DHCP nobody knows what. */
function networksOf({ cluster, machine }: Member): { of: Owners; match: string }[] {
  const further = machine.networks.slice(1).flatMap(({ kind, address, subnet, of }) => {
    if (kind === 'public') return address === undefined || address === 'dhcp' ? [] : [{ of, match: `ip daddr ${address}` }];
    return subnet === undefined || String(subnet) === cluster.subnet ? [] : [{ of, match: `ip saddr ${subnet}` }];
  });
  return [{ of: cluster, match: `ip saddr ${cluster.subnet}` }, ...further];
}

/** Those who may reach a port, as a rule says it. */
interface Sources {
  readonly match: string;
  readonly of: Owners;
}

/** @param by a container; all of its machine see others come from the same addresses */
function sourcesOf(clients: readonly Place[], by: Container): Sources | undefined {
  if (clients.length === 0) return undefined;
  const { machine, member } = by;
  // A published port is its machine's, be the container on a network of its own or not.
  const seen = clients.map((client) => client.addressSeenBy(client.machine === machine ? by : member.services));
  return { match: ` ip saddr { ${seen.join(', ')} }`, of: ownersOf(clients) };
}

function ownersOf(clients: readonly Place[]): IConstruct[] {
  return clients.flatMap((client) => (client instanceof Container ? [client, client.machine] : [client.machine]));
}

/** Who reaches what on the bridge that containers of all members share. */
function networkOf(member: Member): SharedNetwork | undefined {
  const { cluster, machine } = member;
  const { network } = cluster;
  if (network.bridge === undefined) return undefined;
  const guarded = member.containers.flatMap((container) => {
    const { isolated, networkAddress: address, admittingPorts } = container;
    if (!isolated || address === undefined) return [];
    const ports = admittingPorts.flatMap(({ port, allow }) => {
      const clients = allow().filter((client) => client.machine !== machine);
      if (clients.length === 0) return [];
      return [
        { port, of: [container, ...ownersOf(clients)], clients: clients.map((client) => client.addressSeenBy(container)).join(', ') },
      ];
    });
    return [{ of: container, path: container.node.path, address, ports }];
  });
  const peers = cluster.members.filter((other) => other !== member).map((other) => other.machine);
  return {
    of: [cluster, machine, ...peers],
    bridge: network.bridge,
    isOwn: network.hasOwnBridge,
    tunnels: network.kind === 'vxlan',
    peers: peers.map(({ address }) => address).join(', '),
    guarded,
  };
}
