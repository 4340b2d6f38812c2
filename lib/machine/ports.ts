import type { IConstruct } from 'constructs';
import { Annotations, BOOLEAN, type Kinds, oneOf, options, Stack, shown, UNTOLD } from '../core/index.js';
import { parseAddress } from './address.js';
import type { Machine } from './machine.js';

/** How ports of the host lead to ports of a machine. */
export interface ForwardingOptions {
  /**
   * `udp` needs VirtualBox, VMware or Parallels: libvirt forwards TCP only.
   *
   * @default "tcp"
   */
  readonly protocol?: 'tcp' | 'udp';
  /**
   * IPv4 address of the host that is listened on; `0.0.0.0` for all, which lets everybody in who reaches the host.
   *
   * @default "127.0.0.1"
   */
  readonly hostAddress?: string;
  /**
   * Whether Vagrant may take another port of the host, which it prints, when this one is taken. Then machines may ask for the same.
   *
   * @default false
   */
  readonly autoCorrect?: boolean;
}

export interface PortForwarding extends ForwardingOptions {
  readonly hostPort: number;
  readonly machinePort: number;
}

export interface PortRangeForwarding extends ForwardingOptions {
  /** First and last port of the host. */
  readonly hostPorts: readonly [number, number];
  /** First and last port of the machine, as many. */
  readonly machinePorts: readonly [number, number];
}

const FORWARDING: Kinds<ForwardingOptions> = { protocol: oneOf('tcp', 'udp'), hostAddress: UNTOLD, autoCorrect: BOOLEAN };
const PORT = options<PortForwarding>('{ hostPort: 8080, machinePort: 80 }', () => ({
  ...FORWARDING,
  hostPort: UNTOLD,
  machinePort: UNTOLD,
}));
const RANGE = options<PortRangeForwarding>('{ hostPorts: [8080, 8089], machinePorts: [80, 89] }', () => ({
  ...FORWARDING,
  hostPorts: UNTOLD,
  machinePorts: UNTOLD,
}));

/** A port of the host that leads to a port of the machine. */
export interface ForwardedPort extends Required<PortForwarding> {
  /** What asked for it. */
  readonly of: IConstruct;
}

/** A forwarded port as it is, or undefined after noting at `owner` what is wrong with it. */
export function forwarded(machine: Machine, port: PortForwarding, owner: IConstruct, of: IConstruct): ForwardedPort | undefined {
  const annotations = Annotations.of(owner);
  const {
    hostPort,
    machinePort,
    protocol = 'tcp',
    hostAddress = '127.0.0.1',
    autoCorrect = false,
  } = PORT.of(owner, 'a forwarded port of machine', machine.machineName, port);
  for (const [what, number] of [
    ['host port', hostPort],
    ['machine port', machinePort],
  ] as const) {
    if (Number.isInteger(number) && number >= 1 && number <= 65_535) continue;
    annotations.addError(
      'bad-port',
      `${what} ${shown(number)} for "${machine.machineName}" is no ${protocol.toUpperCase()} port; choose one from 1 to 65535`,
    );
    return undefined;
  }
  if (parseAddress(hostAddress) === undefined) {
    annotations.addError(
      'bad-address',
      `host address ${shown(hostAddress)} of port ${hostPort} for "${machine.machineName}" is no IPv4 address; write it like 127.0.0.1`,
    );
    return undefined;
  }
  const own = machine.forwardedPorts.find((one) => one.hostPort === hostPort && one.protocol === protocol);
  const other = own?.of ?? (autoCorrect ? undefined : Stack.of(machine).claim(`host port of ${protocol}`, String(hostPort), owner));
  if (other !== undefined) {
    annotations.addError(
      'duplicate-host-port',
      `host port ${hostPort} is taken by ${other.node.path}; choose another for "${machine.machineName}"`,
    );
    return undefined;
  }
  return { hostPort, machinePort, protocol, hostAddress, autoCorrect, of };
}

/** The single ports of a range. Notes at `owner` when it is none. */
export function portsOf(machine: Machine, range: PortRangeForwarding, owner: IConstruct): PortForwarding[] {
  const { hostPorts, machinePorts, ...options } = RANGE.of(owner, 'a range of ports of machine', machine.machineName, range);
  const [firstOfHost, lastOfHost] = endsOf(hostPorts);
  const [first, last] = endsOf(machinePorts);
  const count = lastOfHost - firstOfHost + 1;
  if (!Number.isInteger(count) || count < 1 || count !== last - first + 1) {
    Annotations.of(owner).addError(
      'bad-port-range',
      `ports ${shown(hostPorts)} of the host for ${shown(machinePorts)} of "${machine.machineName}" are no two ranges of one length; give the first and last of each: [8080, 8089]`,
    );
    return [];
  }
  return Array.from({ length: Math.min(count, 65_536) }, (_, n) => ({ hostPort: firstOfHost + n, machinePort: first + n, ...options }));
}

/** What is no range has no ends. */
const endsOf = (range: readonly [number, number]) =>
  Array.isArray(range) && range.every(Number.isInteger) ? (range as readonly [number, number]) : ([Number.NaN, Number.NaN] as const);
