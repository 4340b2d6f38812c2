import { groupBy, type Owners } from '../core/index.js';
import { count, TextBlock } from './card.js';
import type { Detail } from './machine-card.js';
import { box, linkOf, path, tooltip } from './svg.js';
import type { BackendNode, ContainerNode, MachineNode } from './topology.js';

/** A container of a machine, or several of a kind; drawn from its own corner. */
export interface Row {
  readonly height: number;
  readonly lines: readonly string[];
  /** The container, when it is one. */
  readonly container?: ContainerNode;
}

/** Most groups of a machine. */
const GROUPS = 4;

/** What a machine shows of its containers. */
export function rowsOf({ containers, of }: MachineNode, width: number, { listed, addresses }: Detail): Row[] {
  const single = (container: ContainerNode) => containerRow(container, width, addresses);
  if (containers.length <= listed) return containers.map(single);
  const groups = [...groupBy(containers, ({ isBalancer, server }) => (isBalancer ? 'balancer' : server?.backend)).values()];
  groups.sort(([a], [b]) => Number(b?.isBalancer) - Number(a?.isBalancer));
  const shown = groups.length > GROUPS ? groups.slice(0, GROUPS - 1) : groups;
  const rest = groups.slice(shown.length).flat();
  return [
    ...shown.map((some) => {
      const [first] = some as [ContainerNode];
      if (some.length === 1) return single(first);
      return first.server === undefined ? otherRow(some, 'container', of, width) : serversRow(first.server.backend, some, of, width);
    }),
    ...(rest.length === 0 ? [] : [otherRow(rest, 'more container', of, width)]),
  ];
}

/** A container by itself. */
function containerRow(container: ContainerNode, width: number, withAddress: boolean): Row {
  const { name, address, ports, isOnMachine, isBalancer, server, machine, of, portsOf } = container;
  const role =
    server === undefined ? (isBalancer ? 'HAProxy balancer' : 'container') : `${roleOf(server.isBackup)} of ${server.backend.name}`;
  const owners = [of, server?.backend.of ?? []];
  const [first, ...others] = ports;
  const port = first === undefined ? '' : `:${first.listen}${others.length === 0 ? '' : ` +${others.length}`}`;
  const text = new TextBlock(12, width - 8, 16).addBoth(of, name, 'strong', port, 'end', portsOf).add(owners, role, 'plain');
  if (withAddress) {
    const weight = server?.weight === undefined ? '' : `weight ${server.weight}`;
    const bare = server === undefined && first !== undefined && others.length === 0 ? `${address}:${first.connect}` : address;
    const own = isOnMachine ? 'on the machine itself' : bare;
    text.addBoth(portsOf, own, 'muted', weight, 'text', of);
  }
  const ways = ports
    .map(({ listen, connect }) => `, ${machine.address}:${listen}${isOnMachine ? ', on the machine itself' : ` to ${address}:${connect}`}`)
    .join('');
  const kind = server === undefined ? (isBalancer ? 'link' : undefined) : linkOf(server.backend.index, server.isBackup);
  const told = tooltip([owners, portsOf, machine.of], `${name}: ${role}${ways}`);
  return { ...row(of, told, width, withAddress ? 56 : 40, kind, text), container };
}

/** Servers of one backend. */
function serversRow({ name, index, of: backend }: BackendNode, servers: readonly ContainerNode[], of: Owners, width: number): Row {
  const owners = [of, backend, servers.map((server) => server.of)];
  const backups = servers.filter(({ server }) => server?.isBackup).length;
  const counts = [servers.length - backups, backups];
  const roles = counts.flatMap((number, n) => (number === 0 ? [] : `${number} ${roleOf(n === 1)}`)).join(', ');
  const text = new TextBlock(12, width - 8, 16)
    .addBoth(owners, name, 'strong', `${servers.length} servers`, 'end')
    .add(owners, roles, 'plain');
  const told = tooltip(owners, `${servers.length} web servers of ${name} (${roles}): ${namesOf(servers)}`);
  return row(owners, told, width, 40, linkOf(index, backups === servers.length), text);
}

/** Containers that are no servers, or of too many backends. */
function otherRow(containers: readonly ContainerNode[], what: string, of: Owners, width: number): Row {
  const owners = [of, containers.map((container) => container.of)];
  const words = count(containers.length, what);
  const text = new TextBlock(12, width - 8, 16).add(owners, words, 'strong');
  return row(owners, tooltip(owners, `${words}: ${namesOf(containers)}`), width, 24, undefined, text);
}

/** @param mark class of the line at its left edge */
function row(of: Owners, told: string, width: number, height: number, mark: string | undefined, text: TextBlock): Row {
  const edge = mark === undefined ? [] : [path(of, `mark ${mark}`, `M4 6V${height - 6}`)];
  return { height, lines: [told, box(of, 'row', width, height), ...edge, ...text.lines] };
}

function roleOf(isBackup: boolean): string {
  return isBackup ? 'backup' : 'primary';
}

function namesOf(containers: readonly ContainerNode[]): string {
  return containers.map(({ name }) => name).join(', ');
}
