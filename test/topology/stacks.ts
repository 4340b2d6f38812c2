import {
  App,
  BackupPool,
  Cluster,
  Container,
  HaproxyBalancer,
  HaproxyFrontend,
  Machine,
  type Member,
  Rules,
  Site,
  Size,
  Stack,
  WebBackend,
} from '../../lib/index.js';

const PAGE = Site.html('<p>page</p>\n');

const stackOf = (name: string) => new Stack(new App({ rules: Rules.none() }), name);

/** Three machines, as the paper has them. */
export function three(): Stack {
  const stack = stackOf('three');
  const cluster = new Cluster(stack, 'Cluster');
  const [balancer, server1, server2] = ['vmBalanceador', 'vmServidor1', 'vmServidor2'].map((name, n) =>
    cluster.addMember(name, { address: `192.168.56.${5 + n}` }),
  ) as [Member, Member, Member];
  const web = new WebBackend(stack, 'web-backend', { site: PAGE });
  web.addServer('web1', { on: server1 });
  web.addServer('web2', { on: server2 });
  const backups = new BackupPool(stack, 'Backups', { backend: web });
  backups.addServer('web3', { on: server2 });
  backups.addServer('web4', { on: server1 });
  new HaproxyFrontend(stack, 'http', { on: balancer, port: 80, publishPort: 1080, defaultBackend: web, statistics: {} });
  return stack;
}

/** Some of everything: two balancers, two backends, servers beside a balancer, long names, a machine outside the cluster. */
export function mixed(): Stack {
  const stack = stackOf('mixed');
  const machineDefaults = { memory: Size.mebibytes(1536), cpus: 16 };
  const cluster = new Cluster(stack, 'Cluster', { subnet: '192.168.56.0/21', machineDefaults });
  const members = Array.from({ length: 7 }, (_, n) => cluster.addMember(`node-${n}`, { address: `192.168.60.10${n}` })) as Member[];
  const on = (n: number) => members[n] as Member;
  new Machine(stack, 'a-plain-machine-whose-host-name-is-as-long-as-host-names-may-be', { address: '192.168.100.200' });
  const web = new WebBackend(stack, 'web', { site: PAGE });
  const api = new WebBackend(stack, 'api_v1.0:a-backend-whose-name-goes-on-and-on', { site: PAGE, checkPath: '/a/path/of/some/length' });
  for (const n of [2, 3, 4]) web.addServer(`web${n}`, { on: on(n), weight: 50 * n });
  for (const n of [3, 4, 5]) api.addServer(`api-server-with-a-long-name-${n}`, { on: on(n) });
  const spares = new BackupPool(stack, 'Spares', { backend: web, activateWhen: 'downOrSaturated' });
  spares.addServer('spare1', { on: on(6) });
  spares.addServer('spare2', { on: on(1) });
  new Container(stack, 'tools', { on: on(1) });
  new HaproxyFrontend(stack, 'http', { on: on(0), port: 80, hostPort: 65432, defaultBackend: web, statistics: {} });
  const statistics = { uri: '/a/long/way/to/the/statistics?stats' };
  new HaproxyFrontend(stack, 'api', { on: on(0), port: 81, publishPort: 65535, defaultBackend: api, statistics });
  const edge = new HaproxyBalancer(stack, 'Edge', { on: on(1), name: 'edge' });
  new HaproxyFrontend(stack, 'edge', { balancer: edge, port: 80, defaultBackend: web });
  return stack;
}

/** Machines, their containers spread over them: backends one after the other, each with some backups, and others. */
export function many(machines: number, containers: number, backends = 4): Stack {
  const stack = stackOf(`many-${machines}`);
  const cluster = new Cluster(stack, 'Cluster', { subnet: '192.168.56.0/21' });
  const members = Array.from({ length: machines }, (_, n) =>
    cluster.addMember(`vm${n}`, { address: `192.168.${57 + Math.floor(n / 250)}.${2 + (n % 250)}` }),
  );
  const sides = Array.from({ length: backends }, (_, n) => {
    const backend = new WebBackend(stack, `backend-${n}`, { site: PAGE });
    return { backend, pool: new BackupPool(stack, `Backups-${n}`, { backend }) };
  });
  const balancer = new HaproxyBalancer(stack, 'Balancer', { on: members[0] as Member });
  for (const [n, { backend }] of sides.entries()) {
    new HaproxyFrontend(stack, `www-${n}`, { balancer, port: 80 + n, defaultBackend: backend, statistics: {} });
  }
  for (let n = 0; n < containers; n++) {
    const machine = 1 + Math.floor((n * (machines - 1)) / containers);
    const { backend, pool } = sides[Math.floor((machine * backends) / machines)] as (typeof sides)[number];
    // Neighbours have names that never collide: less than 100 numbers of one series on a machine.
    const name = `s${Math.floor(n / 90)}x${n % 90}`;
    const on = members[machine] as Member;
    if (machine % 3 === 0 && n % 17 === 0) new Container(stack, name, { on });
    else (n % 6 === 5 ? pool : backend).addServer(name, { on });
  }
  return stack;
}
