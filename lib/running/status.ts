import type { AssembledStack } from '../core/index.js';
import type { ServerFigures } from '../measure/index.js';
import { type MachineState, Machines } from './machines.js';
import { VagrantSystem } from './vagrant-system.js';

/** A running system at a glance. What could not be asked is not there, and `troubles` says why. */
export interface Status {
  readonly stack: string;
  readonly machines: readonly MachineState[];
  /** As one of the members that run sees them, e.g. `Online`, `Offline`. */
  readonly members: readonly { readonly name: string; readonly status: string }[];
  readonly containers: readonly { readonly name: string; readonly member: string; readonly status: string }[];
  readonly servers: readonly ServerFigures[];
  readonly troubles: readonly string[];
}

/** Asks Vagrant, then LXD or Incus on a machine that runs, then HAProxy. */
export async function statusOf(stack: AssembledStack): Promise<Status> {
  const machines = await Machines.states(stack.folder);
  const status = { stack: stack.name, machines, members: [], containers: [], servers: [] };
  if (!machines.some(({ state }) => state === 'running')) return { ...status, troubles: ['no machine runs; bring them up: vagrant up'] };
  const troubles: string[] = [];
  const ask = async <T>(what: () => Promise<T>, otherwise: T): Promise<T> => {
    try {
      return await what();
    } catch (error) {
      troubles.push((error as Error).message);
      return otherwise;
    }
  };
  const system = await ask(() => VagrantSystem.of(stack, { any: true, states: machines }), undefined);
  if (system === undefined) return { ...status, troubles };
  try {
    const { members, containers } = await ask(() => system.cluster(), { members: [], containers: [] });
    const { servers } = await ask(() => system.figures(), { proxies: [], servers: [] });
    await ask(() => system.refuseOthers(), undefined);
    return { ...status, members, containers, servers, troubles };
  } finally {
    await system.close();
  }
}
