import type { IConstruct } from 'constructs';
import { type Owners, text } from '../core/index.js';

const FIREWALL = new URL('./templates/firewall.nft.hbs', import.meta.url);

/** What containers share with those of other machines. */
export interface SharedNetwork {
  readonly of: readonly IConstruct[];
  /** Name of the bridge. */
  readonly bridge: string;
  /** Whether it is ours, where the machine has no business. */
  readonly isOwn: boolean;
  /** Whether it has tunnels, and their other ends, in nftables' words. */
  readonly tunnels: boolean;
  readonly peers: string;
  /** Containers there that only some may reach. */
  readonly guarded: readonly {
    readonly of: IConstruct;
    readonly path: string;
    readonly address: string;
    readonly ports: readonly { readonly of: Owners; readonly port: number; readonly clients: string }[];
  }[];
}

/** Who may reach what of a machine, as plain data. */
export interface Firewall {
  /** What it is of. */
  readonly of: IConstruct;
  readonly name: string;
  readonly path: string;
  /** Its containers' bridge; empty when it has none. */
  readonly bridge: string;
  /** What decided the bridge's name. */
  readonly bridgeOf: Owners;
  /** What from outside the bridge may reach containers: matches of nftables. */
  readonly rules: readonly { readonly of: Owners; readonly path: string; readonly match: string }[];
  /** Ports of other machines that only some containers here may reach: their addresses, in nftables' words. */
  readonly guards: readonly {
    readonly of: Owners;
    readonly path: string;
    readonly address: string;
    readonly port: number;
    readonly clients: string;
  }[];
  /** What containers share with those of other machines. */
  readonly network: SharedNetwork | undefined;
  /** Ports for the host alone, and what comes from the machine's networks: matches of nftables. */
  readonly hostPorts: readonly {
    readonly of: IConstruct;
    readonly machinePort: number;
    readonly networks: readonly { readonly of: Owners; readonly match: string }[];
  }[];
  /** Ports of the machine's own services that only these addresses may reach, in nftables' words. */
  readonly guardedPorts: readonly { readonly of: Owners; readonly path: string; readonly port: number; readonly clients: string }[];
}

/** The nftables script of a machine. */
export function renderFirewall(firewall: Firewall): string {
  const { hostPorts, guardedPorts } = firewall;
  const inputOwners = [...hostPorts.map(({ of }) => of), ...guardedPorts.map(({ of }) => of)];
  return text.render(FIREWALL, { ...firewall, inputOwners: inputOwners.length > 0 ? inputOwners : undefined });
}
