import { existsSync, readdirSync, readFileSync, statfsSync } from 'node:fs';
import { createServer } from 'node:net';
import { availableParallelism, homedir, totalmem } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { AssembledStack, Assembly } from '../core/index.js';
import { type Ailment, doubtful, ill, well } from './ailment.js';
import { assembleApp } from './app-process.js';
import type { Command } from './command.js';
import { type NetworkNeeds, networks } from './doctor-networks.js';
import { type Vagrant, vagrantAndProviders, vagrantFor } from './doctor-vagrant.js';
import { paint } from './paint.js';

/** What a machine asks of the host: the properties of a `Machine`. */
interface MachineNeeds extends NetworkNeeds {
  readonly name: string;
  readonly cpus: number;
  readonly memoryMiB: number;
  readonly forwardedPorts: readonly {
    readonly hostPort: number;
    readonly hostAddress: string;
    readonly protocol: string;
    readonly autoCorrect: boolean;
  }[];
}

/** What a machine's disk grows to with containers in it. */
const DISK_GIB_A_MACHINE = 5;

/** Looks whether this host can run the machines of an assembly; changes nothing. */
export async function examine({ stacks }: Assembly): Promise<Ailment[]> {
  const ailments = [nodeVersion()];
  const isHere = ({ providers }: AssembledStack) => providers === undefined || providers.length > 0;
  const vagrant = stacks.some(isHere) ? await vagrantAndProviders() : undefined;
  ailments.push(...(vagrant?.found ?? []));
  for (const stack of stacks) {
    if (vagrant === undefined || !isHere(stack))
      ailments.push(well(`${titleOf(stack, machinesOf(stack))}, for servers or a cloud: nothing is asked of this host`));
    else ailments.push(...(await needs(stack, vagrant)));
  }
  return ailments;
}

/** `cdkv doctor` */
export const doctor: Command = async ({ options, app }) => {
  const ailments = await examine(await assembleApp({ ...app(), origins: false }));
  const ok = ailments.every(({ state }) => state !== 'ill');
  if (options.json) process.stdout.write(`${JSON.stringify({ ok, ailments }, undefined, 2)}\n`);
  else process.stdout.write(`${ailments.map(line).join('\n')}\n`);
  return ok ? 0 : 1;
};

function line({ state, message }: Ailment): string {
  const mark = { well: paint('green', 'ok  '), doubtful: paint('yellow', 'warn'), ill: paint('red', 'FAIL') }[state];
  return `${mark} ${message}`;
}

/** As `engines` of package.json has it. */
export function nodeVersion(version: string = process.versions.node): Ailment {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const enough = major > 22 || (major === 22 && minor >= 12) || (major === 20 && minor >= 19);
  return enough ? well(`Node ${version}`) : ill(`Node ${version} will not do; install 22.12 or later, or the newest 20`);
}

function machinesOf(stack: AssembledStack): MachineNeeds[] {
  const machines = stack.resources().filter(({ type }) => type === 'Machine');
  return machines.map(({ name, properties }) => ({ ...properties, name }) as unknown as MachineNeeds);
}

const titleOf = ({ name }: AssembledStack, { length }: readonly MachineNeeds[]) => `${name}: ${length} machine${length === 1 ? '' : 's'}`;

async function needs(stack: AssembledStack, vagrant: Vagrant): Promise<Ailment[]> {
  const machines = machinesOf(stack);
  // What runs already has its memory, disk and ports.
  const waiting = machines.filter(({ name }) => !isMade(stack.folder, name));
  const up = machines.length - waiting.length;
  const providers = vagrant.providers.filter((provider) => stack.providers?.includes(provider) ?? true);
  return [
    well(`${titleOf(stack, machines)}${up > 0 ? `, ${up} made already` : ''}`),
    ...vagrantFor(stack, vagrant),
    memory(waiting),
    disk(stack.folder, waiting.length),
    processors(machines),
    ...(await ports(waiting)),
    ...networks(machines, providers),
  ];
}

function isMade(folder: string, machine: string): boolean {
  const place = resolve(folder, process.env.VAGRANT_DOTFILE_PATH || '.vagrant', 'machines', machine);
  try {
    return readdirSync(place).some((provider) => existsSync(join(place, provider, 'id')));
  } catch {
    return false;
  }
}

function memory(machines: readonly MachineNeeds[]): Ailment {
  const wanted = machines.reduce((sum, { memoryMiB }) => sum + memoryMiB, 0);
  const total = Math.floor(totalmem() / 1024 ** 2);
  const free = availableMiB() ?? total;
  if (wanted > total) return ill(`the machines take ${wanted} MiB of memory and the host has ${total}; make fewer or smaller ones`);
  if (wanted > free) return doubtful(`the machines take ${wanted} MiB of memory and ${free} are free; end other programs first`);
  return well(`memory: ${wanted} MiB of the ${free} that are free`);
}

/** What Linux says it could give; elsewhere unknown, for "free" there leaves out what caches would give back. */
function availableMiB(): number | undefined {
  try {
    const [, kibibytes] = /^MemAvailable:\s+(\d+) kB$/m.exec(readFileSync('/proc/meminfo', 'utf8')) ?? [];
    return kibibytes === undefined ? undefined : Math.floor(Number(kibibytes) / 1024);
  } catch {
    return undefined;
  }
}

function disk(folder: string, count: number): Ailment {
  let place = resolve(process.env.VAGRANT_HOME || join(homedir(), '.vagrant.d'));
  while (!existsSync(place) && dirname(place) !== place) place = dirname(place);
  const { bavail, bsize } = statfsSync(existsSync(place) ? place : folder);
  const free = Math.floor((bavail * bsize) / 1024 ** 3);
  const wanted = count * DISK_GIB_A_MACHINE;
  return free < wanted
    ? doubtful(`${free} GiB of disk are free at ${place} and the machines may come to take ${wanted}; make room`)
    : well(`disk: ${free} GiB free at ${place}`);
}

function processors(machines: readonly MachineNeeds[]): Ailment {
  const host = availableParallelism();
  const greedy = machines.filter(({ cpus }) => cpus > host);
  if (greedy.length === 0) return well(`processors: ${host}`);
  return ill(`${greedy.map(({ name, cpus }) => `"${name}" wants ${cpus}`).join(', ')} processors and the host has ${host}; give it fewer`);
}

async function ports(machines: readonly MachineNeeds[]): Promise<Ailment[]> {
  const found: Ailment[] = [];
  for (const { name, forwardedPorts } of machines) {
    for (const { hostPort, hostAddress, protocol, autoCorrect } of forwardedPorts) {
      if (protocol !== 'tcp') continue;
      const busy = await cannotListen(hostPort, hostAddress);
      if (busy && autoCorrect) found.push(well(`port ${hostPort} is taken (${busy}), and Vagrant takes another for "${name}"`));
      else if (busy)
        found.push(ill(`port ${hostPort} of the host, which "${name}" is to have, is taken (${busy}); choose another hostPort`));
      else found.push(well(`port ${hostPort} is free for "${name}"`));
    }
  }
  return found;
}

function cannotListen(port: number, host: string): Promise<string | undefined> {
  return new Promise((done) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => done(error.code ?? error.message));
    server.listen({ port, host, exclusive: true }, () => server.close(() => done(undefined)));
  });
}
