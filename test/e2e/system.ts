import { createHash } from 'node:crypto';
import { ADDRESS, CheckFailed, engine, MACHINES, type MachineName, must, OUTPUT, run, SITE, ssh, until } from './rig.js';

/** Containers, where they belong, and the role of the servers among them. */
export const CONTAINERS: Readonly<Record<string, MachineName>> = {
  haproxy: 'vmBalanceador',
  web1: 'vmServidor1',
  web2: 'vmServidor2',
  web3: 'vmServidor2',
  web4: 'vmServidor1',
};

/** One line of HAProxy's statistics. */
export interface ServerRow {
  readonly server: string;
  readonly status: string;
  readonly backup: boolean;
  /** Sessions it was given so far. */
  readonly sessions: number;
  readonly retries: number;
}

/** The password of the statistics, read as the post-up message says. */
export async function password(): Promise<string> {
  return (await ssh('vmBalanceador', 'cat /var/lib/cdk-vagrant/secrets/statistics-http.password')).trim();
}

export async function statistics(): Promise<ServerRow[]> {
  const csv = await must('curl', ['-sf', '--max-time', '10', '-u', `admin:${await password()}`, `${SITE}haproxy?stats;csv`]);
  const [head = '', ...lines] = csv.trim().split('\n');
  const columns = head.replace(/^# /, '').split(',');
  const field = (line: string, name: string) => line.split(',')[columns.indexOf(name)] ?? '';
  return lines
    .filter((line) => field(line, 'pxname') === 'web-backend' && field(line, 'svname') !== 'BACKEND')
    .map((line) => ({
      server: field(line, 'svname'),
      status: field(line, 'status'),
      backup: field(line, 'bck') === '1',
      sessions: Number(field(line, 'stot')),
      retries: Number(field(line, 'wretr')),
    }));
}

/** The cluster as one member sees it: name and state of each member. */
export async function members(from: MachineName): Promise<Record<string, string>> {
  const list = JSON.parse(await ssh(from, `timeout 60 ${engine().client} query '/1.0/cluster/members?recursion=1' </dev/null`)) as {
    server_name: string;
    status: string;
  }[];
  // LXD lists them in the order they joined, which may be any.
  return Object.fromEntries(list.map((member) => [member.server_name, member.status] as const).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The member that leads the cluster's database now. */
export async function databaseLeader(): Promise<MachineName> {
  const query = `timeout 60 ${engine().client} query '/1.0/cluster/members?recursion=1' </dev/null`;
  const list = JSON.parse(await ssh('vmBalanceador', query)) as { server_name: MachineName; roles: string[] }[];
  const leader = list.find(({ roles }) => roles.includes('database-leader'));
  if (leader === undefined) throw new CheckFailed(`no member leads the database: ${JSON.stringify(list)}`);
  return leader.server_name;
}

interface Instance {
  readonly name: string;
  readonly location: string;
  readonly status: string;
  readonly config: Readonly<Record<string, string>>;
  readonly devices: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

export async function instances(from: MachineName = 'vmBalanceador'): Promise<Instance[]> {
  return JSON.parse(await ssh(from, `timeout 60 ${engine().client} query '/1.0/instances?recursion=1' </dev/null`)) as Instance[];
}

/** Everything about the running system that must not depend on how it came to be, as one text. */
export async function endState(): Promise<string> {
  const state: Record<string, unknown> = {};
  for (const machine of MACHINES) state[`members seen from ${machine}`] = await members(machine);
  state.containers = Object.fromEntries(
    (await instances())
      .map(
        ({ name, location, status, config, devices }) =>
          [
            name,
            {
              location,
              status,
              devices,
              config: Object.fromEntries(
                Object.entries(config).filter(([key]) => /^(boot|limits|user)\./.test(key) && !key.endsWith('.ready')),
              ),
            },
          ] as const,
      )
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
  state.servers = (await statistics()).map(({ server, status, backup }) => `${server} ${status} ${backup ? 'backup' : 'primary'}`);
  state.pages = Object.fromEntries(
    await Promise.all(
      Object.entries(CONTAINERS)
        .filter(([name]) => name.startsWith('web'))
        .map(async ([name, machine]) => [
          name,
          createHash('sha256')
            .update(await ssh(machine, `${engine().client} exec ${name} -- cat /var/www/${name}/index.html </dev/null`))
            .digest('hex'),
        ]),
    ),
  );
  return JSON.stringify(state, undefined, 1);
}

/** What `endState` is when all is as the app says; waits until it is so. */
export async function settled(seconds: number, expected?: string): Promise<string> {
  let last = '';
  try {
    return await until(seconds, 'the whole system to be up', async () => {
      try {
        last = await endState();
      } catch (error) {
        last = (error as Error).message;
        return undefined;
      }
      const up =
        expected === undefined
          ? last.split('"Online"').length === 10 &&
            last.split('"Running"').length === 6 &&
            last.match(/web\d UP (primary|backup)/g)?.length === 4
          : last === expected;
      return up ? last : undefined;
    });
  } catch (error) {
    throw new CheckFailed(
      `${(error as Error).message}; it was:\n${last}\nexpected:\n${expected ?? 'nine times Online, five times Running, four times UP'}`,
    );
  }
}

/** Process ids of LXD, of the containers' first processes, and of HAProxy and Apache in them. */
export async function processes(): Promise<string> {
  const lines: string[] = [];
  for (const machine of MACHINES) {
    lines.push(`${machine} ${engine().unit} ${(await ssh(machine, `systemctl show --property MainPID --value ${engine().unit}`)).trim()}`);
  }
  for (const [name, machine] of Object.entries(CONTAINERS)) {
    const service = name === 'haproxy' ? 'haproxy' : 'apache2';
    const pids = await ssh(
      machine,
      `${engine().client} query /1.0/instances/${name}/state </dev/null | jq .pid; ${engine().client} exec ${name} -- sh -c 'systemctl show --property MainPID --value ${service}; for p in /proc/[0-9]*; do [ "$(cat $p/comm 2>/dev/null)" = ${service} ] && echo \${p#/proc/}; done | sort -n' </dev/null`,
    );
    lines.push(`${name} ${pids.trim().split(/\s+/).join(' ')}`);
  }
  return lines.join('\n');
}

/** Answer of a plain request: its body, or undefined. */
export async function page(url = SITE): Promise<string | undefined> {
  const { code, out } = await run('curl', ['-s', '--max-time', '15', url]);
  return code === 0 ? out : undefined;
}

export { ADDRESS, OUTPUT };
