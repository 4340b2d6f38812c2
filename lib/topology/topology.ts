import { type Element, groupBy, type Owners, type Resource } from '../core/index.js';
import type { Cluster, Container, Member, NetworkKind } from '../lxd/index.js';
import type { Machine } from '../machine/index.js';
import type { BackupPool, HaproxyBalancer, HaproxyFrontend, WebBackend, WebServer } from '../web/index.js';

/** A resource, and what it is of. */
export interface Part {
  readonly resource: Resource;
  readonly of: Owners;
}

/** What the picture shows of a stack. */
export interface Topology {
  readonly name: string;
  readonly cluster:
    | { readonly subnet: string; readonly engine: string; readonly network: NetworkKind | undefined; readonly of: Owners }
    | undefined;
  readonly machines: readonly MachineNode[];
  readonly containers: readonly ContainerNode[];
  readonly frontends: readonly FrontendNode[];
  readonly backends: readonly BackendNode[];
}

export interface MachineNode {
  readonly name: string;
  readonly address: string;
  readonly cpus: number;
  readonly memoryMiB: number;
  readonly isMember: boolean;
  readonly isFounder: boolean;
  readonly containers: readonly ContainerNode[];
  readonly of: Owners;
}

/** A container, or a service on a machine itself. */
export interface ContainerNode {
  readonly name: string;
  readonly machine: MachineNode;
  /** Whether it is no container. */
  readonly isOnMachine: boolean;
  /** On its machine's bridge, or on the cluster's network; of the machine, when it is no container. */
  readonly address: string;
  readonly ports: readonly { readonly listen: number; readonly connect: number }[];
  readonly isBalancer: boolean;
  /** What it is when it is a web server. */
  readonly server: { readonly backend: BackendNode; readonly isBackup: boolean; readonly weight: number | undefined } | undefined;
  readonly of: Owners;
  /** What decides which ports it has. */
  readonly portsOf: Owners;
}

export interface BackendNode {
  readonly name: string;
  /** Place among the backends, from 0. */
  readonly index: number;
  readonly balance: string;
  readonly checkPath: string;
  readonly checkIntervalMs: number;
  readonly overflows: boolean;
  readonly primaries: readonly ContainerNode[];
  readonly backups: readonly ContainerNode[];
  readonly of: Owners;
  /** What decides when backups serve. */
  readonly backupsOf: Owners;
}

export interface FrontendNode {
  readonly name: string;
  readonly url: string;
  readonly hostPort: number | undefined;
  /** Path and query of the statistics. */
  readonly statistics: string | undefined;
  readonly balancer: ContainerNode | undefined;
  readonly backend: BackendNode | undefined;
  readonly of: Owners;
}

interface Kinds {
  readonly Machine: Machine;
  readonly Cluster: Cluster;
  readonly Member: Member;
  readonly Container: Container;
  readonly WebBackend: WebBackend;
  readonly WebServer: WebServer;
  readonly BackupPool: BackupPool;
  readonly HaproxyBalancer: HaproxyBalancer;
  readonly HaproxyFrontend: HaproxyFrontend;
}

type PropertiesOf<T extends Element> = Readonly<NonNullable<ReturnType<T['toResource']>>['properties']>;

/** Of each kind, what the picture needs of a resource: without it, it is something else of the same name, of the user's own. */
const NEEDED: { readonly [K in keyof Kinds]: readonly (keyof PropertiesOf<Kinds[K]>)[] } = {
  Machine: ['address', 'cpus', 'memoryMiB'],
  Cluster: ['subnet', 'engine'],
  Member: ['isFounder'],
  Container: ['member', 'address', 'publishedPorts'],
  WebBackend: ['balance', 'checkPath', 'checkIntervalMs', 'activateWhen'],
  WebServer: ['backend', 'role', 'machine', 'address', 'port'],
  BackupPool: ['backend'],
  HaproxyBalancer: ['machine'],
  HaproxyFrontend: ['machine', 'balancer', 'port', 'address', 'publishPort', 'defaultBackend'],
};

/** What is kept of kinds of which there may be thousands. */
const KEPT = {
  Container: ({ member, address, networkAddress, publishedPorts }: PropertiesOf<Container>) => ({
    member,
    address,
    networkAddress,
    publishedPorts,
  }),
  WebServer: ({ backend, role, machine, container, address, port, weight }: PropertiesOf<WebServer>) => ({
    backend,
    role,
    machine,
    container,
    address,
    port,
    weight,
  }),
};

type Shown<K extends keyof Kinds> = K extends keyof typeof KEPT ? ReturnType<(typeof KEPT)[K]> : PropertiesOf<Kinds[K]>;

/** A resource of a known kind. */
interface Found<K extends keyof Kinds> {
  readonly name: string;
  readonly properties: Shown<K>;
  readonly of: Owners;
}

/** What is shown of the resources, by their kind. */
function sorted(parts: Iterable<Part>): <K extends keyof Kinds>(type: K) => readonly Found<K>[] {
  const byType = new Map(
    Object.entries<readonly string[]>(NEEDED).map(([type, needed]) => {
      const kept = (KEPT as Partial<Record<string, (properties: never) => object>>)[type];
      return [type, { needed, kept, found: [] as { name: string; properties: object; of: Owners }[] }];
    }),
  );
  for (const { resource, of } of parts) {
    const { type, name, properties } = resource;
    const kind = byType.get(type);
    if (kind === undefined || kind.needed.some((key) => properties[key] === undefined)) continue;
    kind.found.push({ name, properties: kind.kept?.(properties as never) ?? properties, of });
  }
  return <K extends keyof Kinds>(type: K) => (byType.get(type)?.found ?? []) as readonly unknown[] as readonly Found<K>[];
}

/** Puts together what resources tell of each other by name. */
export function topologyOf(name: string, parts: Iterable<Part>): Topology {
  const all = sorted(parts);

  const members = byName(all('Member'));
  const machines = all('Machine').map(({ name, properties, of }) => {
    const { address, cpus, memoryMiB } = properties;
    const member = members.get(name);
    const isFounder = member?.properties.isFounder ?? false;
    return { name, address, cpus, memoryMiB, isMember: member !== undefined, isFounder, containers: [] as ContainerNode[], of };
  });
  const machineBy = byName(machines);

  const pools = groupBy(all('BackupPool'), ({ properties }) => properties.backend);
  const backends = all('WebBackend').map(({ name, properties, of }, index) => {
    const { balance, checkPath, checkIntervalMs, activateWhen } = properties;
    const overflows = activateWhen === 'downOrSaturated';
    const backupsOf = [of, (pools.get(name) ?? []).map((pool) => pool.of)];
    const servers = { primaries: [] as ContainerNode[], backups: [] as ContainerNode[] };
    return { name, index, balance, checkPath, checkIntervalMs, overflows, ...servers, of, backupsOf };
  });
  const backendBy = byName(backends);

  const servers = byName(all('WebServer'));
  const balancers = byName(all('HaproxyBalancer'));
  const frontendsOf = groupBy(all('HaproxyFrontend'), ({ properties }) => properties.balancer);
  const containers: ContainerNode[] = [];
  const add = (name: string, on: string, place: Pick<ContainerNode, 'isOnMachine' | 'address' | 'ports'>, of: Owners) => {
    const machine = machineBy.get(on);
    if (machine === undefined) return;
    const found = servers.get(name);
    const backend = found && backendBy.get(found.properties.backend);
    const isBackup = found?.properties.role === 'backup';
    const server = backend && { backend, isBackup, weight: found?.properties.weight };
    const isBalancer = balancers.has(name);
    const owners = found === undefined || place.isOnMachine ? of : [found.of, of];
    const portsOf = isBalancer ? [(frontendsOf.get(name) ?? []).map((frontend) => frontend.of), of] : owners;
    const container = { name, machine, ...place, isBalancer, server, of: owners, portsOf };
    containers.push(container);
    machine.containers.push(container);
    if (backend) (isBackup ? backend.backups : backend.primaries).push(container);
  };
  for (const { name, properties, of } of all('Container')) {
    const { member, publishedPorts: ports } = properties;
    // What is published leads to the address on the bridge; else that counts where other machines find it.
    const address = (ports.length === 0 ? properties.networkAddress : undefined) ?? properties.address;
    add(name, member, { isOnMachine: false, address, ports }, of);
  }
  const onMachine = (address: string, ports: readonly number[]) => ({
    isOnMachine: true,
    address,
    ports: ports.map((port) => ({ listen: port, connect: port })),
  });
  for (const { name, properties, of } of balancers.values()) {
    const { machine, container } = properties;
    const ports = (frontendsOf.get(name) ?? []).map((frontend) => frontend.properties.port);
    if (container === undefined) add(name, machine, onMachine(machineBy.get(machine)?.address ?? '', ports), of);
  }
  for (const { name, properties, of } of servers.values()) {
    const { machine, container, address, port } = properties;
    if (container === undefined) add(name, machine, onMachine(address, [port]), of);
  }
  const containerBy = byName(containers);

  const frontends = all('HaproxyFrontend').map(({ name, properties, of }) => {
    const { address, publishPort, hostPort, statistics, balancer, defaultBackend, machine } = properties;
    return {
      name,
      url: `http://${address}:${publishPort}`,
      hostPort,
      statistics: statistics?.uri,
      balancer: containerBy.get(balancer),
      backend: backendBy.get(defaultBackend),
      of: [of, machineBy.get(machine)?.of ?? []],
    };
  });

  const [cluster] = all('Cluster').map(({ properties, of }) => ({
    subnet: properties.subnet,
    engine: properties.engine,
    network: properties.network,
    of: [of, machines.filter(({ isFounder }) => isFounder).map((founder) => founder.of)],
  }));
  return { name, cluster, machines, containers, frontends, backends };
}

function byName<T extends { readonly name: string }>(nodes: readonly T[]): Map<string, T> {
  return new Map(nodes.map((node) => [node.name, node]));
}
