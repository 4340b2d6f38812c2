import { existsSync, readdirSync, readFileSync, statfsSync } from 'node:fs';
import { createServer } from 'node:net';
import { availableParallelism, homedir, networkInterfaces, totalmem } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { AssembledStack, Assembly } from '../core/index.js';
import { formatAddress, parseAddress, Subnet } from '../machine/index.js';
import { assembleApp } from './app-process.js';
import { run } from './check.js';
import type { Command } from './command.js';
import { paint } from './paint.js';

/** One thing that was looked at. */
export interface Ailment {
  readonly state: 'well' | 'doubtful' | 'ill';
  /** What was seen, and, unless it is well, the remedy. */
  readonly message: string;
}

/** What a machine asks of the host: the properties of a `Machine`. */
interface MachineNeeds {
  readonly name: string;
  readonly address: string;
  readonly subnet: string;
  readonly networks: readonly { readonly kind: string; readonly subnet?: string }[];
  readonly cpus: number;
  readonly memoryMiB: number;
  readonly forwardedPorts: readonly {
    readonly hostPort: number;
    readonly hostAddress: string;
    readonly protocol: string;
    readonly autoCorrect: boolean;
  }[];
}

const well = (message: string): Ailment => ({ state: 'well', message });
const doubtful = (message: string): Ailment => ({ state: 'doubtful', message });
const ill = (message: string): Ailment => ({ state: 'ill', message });

/** What a machine's disk grows to with containers in it. */
const DISK_GIB_A_MACHINE = 5;
/** VirtualBox gives host-only networks of these addresses without being told to. */
const VIRTUALBOX_RANGE = '192.168.56.0/21';
/** Networks that providers make for machines, which may well be the one that these are on. */
const VIRTUAL_INTERFACE = /^(virbr|vboxnet|vmnet|vnic|bridge\d)/;

/** Looks whether this host can run the machines of an assembly; changes nothing. */
export async function examine(assembly: Assembly): Promise<Ailment[]> {
  const { found, providers } = await vagrantAndProviders();
  const ailments = [nodeVersion(), ...found];
  for (const stack of assembly.stacks) ailments.push(...(await needs(stack, providers)));
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

function nodeVersion(): Ailment {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const enough = major > 20 || (major === 20 && minor >= 19);
  return enough ? well(`Node ${process.versions.node}`) : ill(`Node ${process.versions.node} is too old; install 20.19 or later`);
}

async function vagrantAndProviders(): Promise<{ found: Ailment[]; providers: readonly string[] }> {
  const { code, text } = await run('vagrant', ['--version'], '.');
  if (code !== 0) return { found: [ill('Vagrant is not installed; get it from your distribution or from its makers')], providers: [] };
  const [, version = '', major = '0', minor = '0'] = /Vagrant ((\d+)\.(\d+)\S*)/.exec(text) ?? [];
  const recent = Number(major) > 2 || (Number(major) === 2 && Number(minor) >= 3);
  const found = [recent ? well(`Vagrant ${version}`) : ill(`Vagrant ${version} is too old; install 2.3.0 or later`)];

  const plugins = (await run('vagrant', ['plugin', 'list'], '.')).text;
  const runs = async (program: string, words: readonly string[]) => (await run(program, words, '.')).code === 0;
  const candidates: readonly [provider: string, there: () => Promise<boolean>][] = [
    ['virtualbox', () => runs('VBoxManage', ['--version'])],
    ['libvirt', async () => plugins.includes('vagrant-libvirt') && (await runs('virsh', ['-c', 'qemu:///system', 'version']))],
    ['vmware_desktop', async () => plugins.includes('vagrant-vmware-desktop')],
    ['parallels', async () => plugins.includes('vagrant-parallels')],
  ];
  const providers: string[] = [];
  for (const [provider, there] of candidates) if (await there()) providers.push(provider);
  const wanted = process.env.VAGRANT_DEFAULT_PROVIDER || undefined;
  if (providers.length === 0) {
    const almost = plugins.includes('vagrant-libvirt') ? ' (the plugin vagrant-libvirt is there, but libvirt does not answer)' : '';
    found.push(ill(`no provider${almost}; install VirtualBox, or libvirt with the plugin vagrant-libvirt`));
  } else if (wanted !== undefined && !providers.includes(wanted)) {
    found.push(ill(`VAGRANT_DEFAULT_PROVIDER is ${wanted}, which is not ready; there are: ${providers.join(', ')}`));
  } else found.push(well(`provider ${wanted ?? providers.join(', ')}`));
  return { found, providers: wanted === undefined ? providers : [wanted] };
}

async function needs(stack: AssembledStack, providers: readonly string[]): Promise<Ailment[]> {
  const machines = stack
    .resources()
    .filter(({ type }) => type === 'Machine')
    .map(({ name, properties }) => ({ ...properties, name }) as unknown as MachineNeeds);
  // What runs already has its memory, disk and ports.
  const waiting = machines.filter(({ name }) => !isMade(stack.folder, name));
  const up = machines.length - waiting.length;
  const title = `${stack.name}: ${machines.length} machine${machines.length === 1 ? '' : 's'}${up > 0 ? `, ${up} made already` : ''}`;
  return [
    well(title),
    memory(waiting),
    disk(stack.folder, waiting.length),
    processors(machines),
    ...(await ports(waiting)),
    ...networks(machines, providers),
  ];
}

function isMade(folder: string, machine: string): boolean {
  const place = join(folder, process.env.VAGRANT_DOTFILE_PATH || '.vagrant', 'machines', machine);
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

const subnetsOf = (networks: MachineNeeds['networks']) =>
  networks.flatMap(({ kind, subnet }) => (kind === 'private' && subnet !== undefined ? [subnet] : []));

function networks(machines: readonly MachineNeeds[], providers: readonly string[]): Ailment[] {
  const found: Ailment[] = [];
  const own = Object.entries(networkInterfaces()).flatMap(([name, addresses]) =>
    (addresses ?? []).filter(({ family }) => family === 'IPv4').map(({ address, netmask }) => ({ name, address, netmask })),
  );
  for (const text of new Set(machines.flatMap(({ subnet, networks: others }) => [subnet, ...subnetsOf(others)]))) {
    const subnet = Subnet.parse(text);
    if (subnet === undefined) continue;
    const taken = own.filter(({ address }) => machines.some((machine) => machine.address === address));
    const inUse = own.filter(({ name, address, netmask }) => !VIRTUAL_INTERFACE.test(name) && subnet.overlaps(subnetOf(address, netmask)));
    for (const { name, address } of taken)
      found.push(ill(`the host itself is ${address} (on ${name}), which a machine is to have; choose another`));
    for (const { name, address } of inUse) {
      found.push(ill(`subnet ${text} is in use by the host: ${name} is ${address}; choose another for the machines, e.g. 192.168.60.0/24`));
    }
    if (providers.includes('virtualbox') && !virtualBoxAllows(subnet)) {
      found.push(ill(`VirtualBox refuses subnet ${text}; put the line "* ${text}" into /etc/vbox/networks.conf`));
    }
    if (taken.length + inUse.length === 0) found.push(well(`subnet ${text} is not in use`));
  }
  return found;
}

function subnetOf(address: string, netmask: string): Subnet {
  const bits = (parseAddress(netmask) ?? 0).toString(2).replaceAll('0', '').length;
  // Shorter prefixes than a Subnet may have are tunnels to everywhere; the address alone says enough of them.
  const prefix = Math.min(Math.max(bits, 8), 30);
  const number = parseAddress(address) ?? 0;
  const base = number - (number % 2 ** (32 - prefix));
  return Subnet.parse(`${formatAddress(base)}/${prefix}`) as Subnet;
}

function virtualBoxAllows(subnet: Subnet): boolean {
  let allowed = [VIRTUALBOX_RANGE];
  try {
    const lines = readFileSync('/etc/vbox/networks.conf', 'utf8').split('\n');
    allowed = lines.filter((entry) => /^\s*\*/.test(entry)).flatMap((entry) => entry.replace('*', '').trim().split(/\s+/));
  } catch {
    // not there: VirtualBox has its own rule
  }
  return allowed.some((text) => {
    const range = text === '0.0.0.0/0' ? undefined : Subnet.parse(text);
    return text === '0.0.0.0/0' || (range?.contains(subnet.first) && range.contains(subnet.last));
  });
}
