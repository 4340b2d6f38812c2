import { type AssembledStack, sha256, text } from '../core/index.js';
import { GUEST_FOLDER } from '../machine/index.js';
import { type Figures, mergeFigures, parseStatistics } from '../measure/index.js';
import type { Disturbance, RunningSystem } from '../trials/index.js';
import { type MachineState, Machines } from './machines.js';
import type { Status } from './status.js';

/** Where a service runs. */
interface Place {
  readonly machine: string;
  /** Its container; undefined when it runs on the machine itself. */
  readonly container: string | undefined;
}

interface Server extends Place {
  /** Of its machine. */
  readonly address: string;
  readonly port: number;
}

/** What each disturbance is, to a shell where a server is. On a machine itself it meets Apache as a whole. */
const COMMANDS: Readonly<Record<Exclude<Disturbance, 'powerOff' | 'restore' | 'slow'>, string>> = {
  stop: 'systemctl stop apache2',
  hang: 'systemctl kill --signal=STOP apache2',
  break: 'echo Redirect 500 / >/etc/apache2/conf-enabled/cdk-vagrant-trial.conf && systemctl reload apache2',
};

/** For each interface of a container: on the cluster's network, balancers of other machines come by the second. */
function onAll(command: string): string {
  return `for dev in eth0 eth1; do [ ! -e /sys/class/net/$dev ] || ${command}; done`;
}

/** All that a server sends is late, answers of health checks as well. A container is nothing else; of a machine, its port alone. */
function slow({ container, address, port }: Server): string {
  if (container !== undefined) return onAll('tc qdisc replace dev $dev root netem delay 2s');
  return `dev=$(ip -o -4 addr show to ${address} | cut -d ' ' -f 2)
tc qdisc replace dev $dev root handle 1: prio
tc qdisc replace dev $dev parent 1:3 handle 30: netem delay 2s
tc filter replace dev $dev protocol ip parent 1: prio 3 u32 match ip sport ${port} 0xffff flowid 1:3`;
}

/** Undoes all of them, whichever there were. */
function restore({ container, address }: Server): string {
  const fast = (device: string) => `tc qdisc del dev ${device} root 2>/dev/null || true`;
  return `systemctl kill --signal=CONT apache2 2>/dev/null || true
${container === undefined ? fast(`$(ip -o -4 addr show to ${address} | cut -d ' ' -f 2)`) : onAll(fast('$dev'))}
${RESTORE}`;
}

const RESTORE = `if [ -e /etc/apache2/conf-enabled/cdk-vagrant-trial.conf ]; then rm /etc/apache2/conf-enabled/cdk-vagrant-trial.conf; systemctl reload apache2; fi
systemctl start apache2`;

/** HAProxy's own socket, asked with what every Debian and Ubuntu has. */
const SHOW_STAT = `perl -MIO::Socket::UNIX -e '$s = IO::Socket::UNIX->new("/run/haproxy/admin.sock") or die "HAProxy does not run\\n"; print $s "show stat\\n"; print while <$s>'`;

/** A system that `vagrant up` brought up on this host. */
export class VagrantSystem implements RunningSystem {
  /**
   * @param options `any`: takes what runs as it is; `states`: what Vagrant knows of the machines, when it was asked already
   * @throws Error when no machine runs, or what runs is not what the tree makes
   */
  public static async of(
    stack: AssembledStack,
    options: { readonly any?: boolean; readonly states?: readonly MachineState[] } = {},
  ): Promise<VagrantSystem> {
    const machines = await Machines.of(stack.folder, options.states);
    try {
      const system = new VagrantSystem(stack, machines);
      if (!options.any) await system.refuseOthers();
      return system;
    } catch (error) {
      await machines.close();
      throw error;
    }
  }

  public readonly kind = 'vagrant';
  public readonly stack: string;
  public readonly urls: Readonly<Record<string, string>>;
  private readonly members: readonly string[];
  /** What runs the containers, and the command that talks to it on a machine. */
  private readonly engine: { readonly name: string; readonly client: string };
  /** Machines that have files of ours. */
  private readonly provisioned: readonly string[];
  private readonly servers: ReadonlyMap<string, Server>;
  private readonly balancers: readonly Place[];

  private constructor(
    private readonly assembled: AssembledStack,
    private readonly machines: Machines,
  ) {
    this.stack = assembled.name;
    const resources = assembled.resources();
    const of = (type: string) => resources.filter((resource) => resource.type === type);
    this.urls = Object.fromEntries(
      of('HaproxyFrontend').map(({ name, properties }) => [name, `http://${properties.address}:${properties.publishPort}`]),
    );
    this.servers = new Map(of('WebServer').map(({ name, properties }) => [name, properties as unknown as Server]));
    const [cluster] = of('Cluster');
    this.engine = { name: String(cluster?.properties.engine).toLowerCase(), client: String(cluster?.properties.client) };
    this.members = of('Member').map(({ name }) => name);
    this.provisioned = of('Machine')
      .filter(({ properties }) => (properties.provisioners as string[]).some((name) => ['cluster', 'services'].includes(name)))
      .map(({ name }) => name);
    this.balancers = of('HaproxyBalancer').map(({ properties }) => properties as unknown as Place);
  }

  public async disturb(server: string, disturbance: Disturbance): Promise<void> {
    const found = this.servers.get(server);
    if (found === undefined) throw new Error(`no server is named "${server}"; there are ${[...this.servers.keys()].join(', ')}`);
    const { machine } = found;
    if (disturbance === 'powerOff') return await this.machines.powerOff(machine);
    if (disturbance === 'restore' && !this.machines.runs(machine)) return await this.machines.powerOn(machine);
    const commands = { ...COMMANDS, slow: slow(found), restore: restore(found) };
    await this.inside(found, commands[disturbance]);
  }

  public async figures(): Promise<Figures> {
    const all = await Promise.all(this.balancers.map(async (place) => parseStatistics(await this.inside(place, SHOW_STAT))));
    return mergeFigures(all);
  }

  public async versions(): Promise<Readonly<Record<string, string>>> {
    const [place = { machine: '', container: undefined }] = this.balancers;
    const first = async (command: string) => (await this.machines.tell(place.machine, command)).trim().split('\n')[0] ?? '';
    return {
      system: await first('. /etc/os-release; echo "$PRETTY_NAME"'),
      ...(this.members.includes(place.machine) && { [this.engine.name]: await first(`${this.engine.client} --version`) }),
      haproxy: (await this.inside(place, 'haproxy -v')).split('\n')[0]?.replace(/^HAProxy version (\S+).*/, '$1') ?? '',
    };
  }

  /** The members and containers, as one of the members sees them. */
  public async cluster(): Promise<Pick<Status, 'members' | 'containers'>> {
    const member = this.members.find((name) => this.machines.runs(name));
    if (member === undefined) return { members: [], containers: [] };
    const query = async <T>(path: string) =>
      JSON.parse(await this.machines.tell(member, `timeout 20 ${this.engine.client} query '${path}' </dev/null`)) as T[];
    const byName = <T extends { readonly name: string }>(all: T[]) => all.sort((a, b) => (a.name < b.name ? -1 : 1));
    const members = await query<{ server_name: string; status: string }>('/1.0/cluster/members?recursion=1');
    const containers = await query<{ name: string; location: string; status: string }>('/1.0/instances?recursion=1');
    return {
      members: byName(members.map(({ server_name: name, status }) => ({ name, status }))),
      containers: byName(containers.map(({ name, location: member, status }) => ({ name, member, status }))),
    };
  }

  /** Ends the connections to the machines; these go on. */
  public async close(): Promise<void> {
    await this.machines.close();
  }

  private async inside({ machine, container }: Place, command: string): Promise<string> {
    const shell = `sh -c ${text.sh(command)} </dev/null`;
    return await this.machines.tell(machine, container === undefined ? shell : `${this.engine.client} exec ${container} -- ${shell}`);
  }

  /**
   * A trial of another system than the tree's would judge the wrong one.
   *
   * @throws Error when a machine has other files than those that the tree makes
   */
  public async refuseOthers(): Promise<void> {
    const wanted = new Map(this.assembled.files.map(({ path, content }) => [path, sha256(content)]));
    const faults = await Promise.all(
      this.provisioned
        .filter((name) => this.machines.runs(name))
        .map(async (name) => {
          const sums = await this.machines.tell(name, `cd ${GUEST_FOLDER}/bundle && find . -type f -exec sha256sum {} +`);
          const other = sums
            .split('\n')
            .map((line) => /^(\S+) [ *]\.\/(.*)$/.exec(line))
            .find((found) => found !== null && wanted.get(found[2] ?? '') !== found[1]);
          return other ? [`${name} has another ${other[2]}`] : [];
        }),
    );
    const found = faults.flat();
    if (found.length > 0)
      throw new Error(`what runs is not what the app makes: ${found.join(', ')}; synthesise and run: vagrant up --provision`);
  }
}
