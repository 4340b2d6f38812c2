import type { IConstruct } from 'constructs';
import { Element, type Guard, groupBy, kindOf, type Owners, type Stack } from '../core/index.js';
import { Cluster, Container, Member, type NetworkKind } from '../lxd/index.js';
import { Machine } from '../machine/index.js';
import { BackupPool, HaproxyBalancer, HaproxyFrontend, WebBackend, WebServer } from '../web/index.js';

/** What the picture shows of a stack. */
export interface Topology {
  readonly name: string;
  readonly cluster: { readonly subnet: string; readonly engine: string; readonly network: NetworkKind; readonly of: Owners } | undefined;
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

/** Puts together what a stack's constructs are to each other. Each kind is in the order it was made. */
export function topologyOf(stack: Stack): Topology {
  const all = <T extends IConstruct>(isOne: Guard<T>) => Element.inOrder(kindOf(stack, isOne));

  const members = new Map(all(Member.isMember).map((member) => [member.machine, member]));
  const machineBy = new Map(
    all(Machine.isMachine).map((machine) => {
      const { machineName: name, address, cpus, memory } = machine;
      const member = members.get(machine);
      const isFounder = member?.isFounder ?? false;
      const memoryMiB = memory.toMebibytes();
      return [machine, { name, address, cpus, memoryMiB, isMember: member !== undefined, isFounder, containers: [], of: machine }];
    }),
  ) as ReadonlyMap<Machine, MachineNode & { readonly containers: ContainerNode[] }>;
  const machines = [...machineBy.values()];

  const pools = groupBy(all(BackupPool.isBackupPool), ({ backend }) => backend);
  const backendBy = new Map(
    all(WebBackend.isWebBackend).map((backend, index) => {
      const { backendName: name, balance, checkPath, checkInterval, activateWhen } = backend;
      const node = {
        name,
        index,
        balance: balance.words.join(' '),
        checkPath,
        checkIntervalMs: checkInterval.toMilliseconds(),
        overflows: activateWhen === 'downOrSaturated',
        primaries: [] as ContainerNode[],
        backups: [] as ContainerNode[],
        of: backend,
        backupsOf: [backend, pools.get(backend) ?? []],
      };
      return [backend, node];
    }),
  );

  const containers: ContainerNode[] = [];
  const balancerBy = new Map<HaproxyBalancer, ContainerNode>();
  /** @param inside its container; undefined when it runs on the machine itself */
  const add = (
    found: WebServer | undefined,
    balancer: HaproxyBalancer | undefined,
    on: Machine,
    inside: Container | undefined,
    name: string,
    address: string,
    ports: ContainerNode['ports'],
  ) => {
    const machine = machineBy.get(on);
    if (machine === undefined) return;
    const backend = found && backendBy.get(found.backend);
    const server = backend && { backend, isBackup: found.isBackup, weight: found.weight };
    const own = inside ?? found ?? balancer ?? [];
    const of = found === undefined || inside === undefined ? own : [found, inside];
    const portsOf = balancer === undefined ? of : [balancer.frontends, own];
    const isBalancer = balancer !== undefined;
    const container: ContainerNode = { name, machine, isOnMachine: inside === undefined, address, ports, isBalancer, server, of, portsOf };
    containers.push(container);
    machine.containers.push(container);
    if (balancer !== undefined) balancerBy.set(balancer, container);
    if (backend !== undefined) (found?.isBackup ? backend.backups : backend.primaries).push(container);
  };
  const balancers = all(HaproxyBalancer.isHaproxyBalancer);
  const servers = all(WebServer.isWebServer);
  const balancerIn = new Map(balancers.map((balancer) => [balancer.container, balancer]));
  const serverIn = new Map(servers.map((server) => [server.container, server]));
  for (const container of all(Container.isContainer)) {
    const { containerName: name, publishedPorts: ports, networkAddress } = container;
    // What is published leads to the address on the bridge; else that counts where other machines find it.
    const address = (ports.length === 0 ? networkAddress : undefined) ?? container.address;
    add(serverIn.get(container), balancerIn.get(container), container.machine, container, name, address, ports);
  }
  const onMachine = (ports: readonly number[]) => ports.map((port) => ({ listen: port, connect: port }));
  for (const balancer of balancers) {
    const { container, machine, balancerName: name, frontends } = balancer;
    if (container === undefined)
      add(undefined, balancer, machine, undefined, name, machine.address, onMachine(frontends.map(({ port }) => port)));
  }
  for (const server of servers) {
    const { container, machine, serverName: name, port } = server;
    if (container === undefined) add(server, undefined, machine, undefined, name, machine.address, onMachine([port]));
  }

  const frontends = all(HaproxyFrontend.isHaproxyFrontend).map((frontend) => {
    const { frontendName: name, publishPort, hostPort, statistics, balancer, defaultBackend, machine } = frontend;
    return {
      name,
      url: `http://${machine.address}:${publishPort}`,
      hostPort,
      statistics: statistics?.uri,
      balancer: balancerBy.get(balancer),
      backend: backendBy.get(defaultBackend),
      of: [frontend, machine],
    };
  });

  const [cluster] = all(Cluster.isCluster).map((one) => {
    const of = [one, machines.filter(({ isFounder }) => isFounder).map((founder) => founder.of)];
    return { subnet: one.subnet, engine: one.engine.product, network: one.network.kind, of };
  });
  return { name: stack.stackName, cluster, machines, containers, frontends, backends: [...backendBy.values()] };
}
