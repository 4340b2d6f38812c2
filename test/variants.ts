import {
  App,
  BackupPool,
  Balance,
  Box,
  Cluster,
  Container,
  Duration,
  ErrorPages,
  HaproxyBalancer,
  HaproxyFrontend,
  Image,
  Machine,
  Network,
  Password,
  Site,
  Size,
  Stack,
  Storage,
  WebBackend,
} from '../lib/index.js';
import { aCluster, aSite, fill, PAGE, synth, temporary } from './support.js';

const onNetwork =
  (network: Network, more: (stack: Stack) => unknown = () => {}, box = Box.debian12()) =>
  (stack: Stack) => {
    const { m1, m2, web } = aSite(stack, { site: PAGE }, { network, machineDefaults: { box } });
    new Container(stack, 'own', { on: m1 });
    web.addServer('web4', { on: m2 });
    new BackupPool(stack, 'Backups', { backend: web }).addServer('spare1', { on: m1 });
    new HaproxyFrontend(stack, 'http', { on: m1, port: 80, publishPort: 1080, defaultBackend: web, statistics: {} });
    more(stack);
  };

/** Apps beside the paper's, each a stack: what they bring into the output must please the real programs as well. */
const VARIANTS: Readonly<Record<string, (stack: Stack) => void>> = {
  /** Backups that also help when the primaries are saturated; servers of different weight and capacity. */
  overflow: (stack) => {
    const { m1, m2, m3, web } = aSite(stack, { balance: Balance.leastConnections(), maxConnectionsPerServer: 8 });
    web.addServer('big', { on: m1, site: PAGE, weight: 200, maxConnections: 64, port: 12_345 });
    const backups = new BackupPool(stack, 'Backups', { backend: web, site: PAGE, activateWhen: 'downOrSaturated' });
    backups.addServer('spare1', { on: m2, weight: 1 });
    backups.addServer('spare2', { on: m3, maxConnections: 4 });
    new HaproxyFrontend(stack, 'http', { on: m1, port: 80, defaultBackend: web });
  },

  /** Two frontends on one balancer, a second balancer on another member, passwords and pages for all. */
  shared: (stack) => {
    const { m1, m2, m3, web } = aSite(stack, { checkPath: '/health?a=b#c', serverTimeout: Duration.millis(1500) });
    const api = new WebBackend(stack, 'api_v1.0:x', { balance: Balance.uri({ depth: 2 }) });
    api.addServer('api1', { on: m3, site: PAGE });
    const errorPages = ErrorPages.directory(fill(temporary(), { '503.html': '<h1>503</h1>\n' }));
    const statistics = { uri: "/it's?stats;a=$b#c", user: 'ops.team', refresh: Duration.millis(500) };
    new HaproxyFrontend(stack, 'http', { on: m1, port: 80, defaultBackend: web, statistics: {}, errorPages });
    new HaproxyFrontend(stack, 'api.v1', { on: m1, port: 81, defaultBackend: api, statistics, errorPages });
    const edge = new HaproxyBalancer(stack, 'Edge', { on: m2, name: 'edge', maxConnections: 30_000, clientTimeout: Duration.minutes(5) });
    const password = Password.fromEnvironment('EDGE_PASSWORD');
    new HaproxyFrontend(stack, 'edge', { balancer: edge, port: 80, defaultBackend: web, statistics: { password } });
  },

  /** One Ubuntu machine with a snap, ports for the host, limits, nothing kept. */
  ubuntu: (stack) => {
    const cluster = new Cluster(stack, 'Cluster', {
      machineDefaults: { box: Box.ubuntu2404(), memory: Size.gibibytes(2), cpus: 2 },
      prune: true,
      storage: Storage.zfs({ size: Size.gibibytes(5) }),
    });
    const on = cluster.addMember('node-1', { address: '192.168.56.21' });
    const web = new WebBackend(stack, 'web');
    web.addServer('web1', { on, site: PAGE, memory: Size.mebibytes(256), cpus: 1 });
    new HaproxyFrontend(stack, 'http', { on, port: 80, hostPort: 8080, defaultBackend: web, statistics: {} });
  },

  /** More servers than fit into one line of haproxy.cfg that names them all. */
  many: (stack) => {
    const { m1, m2, m3, web } = aSite(stack, { site: PAGE });
    for (let number = 4; number <= 24; number++) web.addServer(`web${number}`, { on: number % 2 ? m2 : m3 });
    const backups = new BackupPool(stack, 'Backups', { backend: web });
    backups.addServer('spare1', { on: m2 });
    backups.addServer('spare2', { on: m3 });
    new HaproxyFrontend(stack, 'http', { on: m1, port: 80, defaultBackend: web });
  },

  /** Names and pages that need quoting, images from files, and a balancer without TCP ports of its own number. */
  names: (stack) => {
    const folder = fill(temporary(), { 'index.html': 'i', "it's $HOME #{1}.html": 'x', 'ñ/`id`': 'x', meta: 'x', 'root fs': 'x' });
    const image = Image.files({ alias: 'mine', metadata: `${folder}/meta`, rootfs: `${folder}/root fs` });
    const { m1, m2, m3 } = aCluster(stack, { image, storage: Storage.lvm({ disk: Size.gibibytes(4) }) });
    const web = new WebBackend(stack, 'The-Web', { site: Site.directory(folder) });
    for (const [index, on] of [m1, m2, m3].entries()) web.addServer(`W${index}`, { on });
    new Container(stack, "it's #{1} $HOME `id`", { name: 'Plain-1', on: m2, image: Image.remote('ubuntu-daily:22.04') });
    new HaproxyFrontend(stack, 'h.t:t_p-1', { on: m1, port: 8000, publishPort: 80, defaultBackend: web, statistics: {} });
  },

  /** Services on machines themselves, no cluster. */
  services: (stack) => {
    const [front, ...others] = [1, 2, 3].map((n) => new Machine(stack, `host${n}`, { address: `192.168.56.4${n}` }));
    const web = new WebBackend(stack, 'web', { site: PAGE });
    for (const [n, on] of others.entries()) web.addServer(`web${n}`, { on });
    const backups = new BackupPool(stack, 'Backups', { backend: web });
    for (const [n, on] of others.entries()) backups.addServer(`spare${n}`, { on });
    new HaproxyFrontend(stack, 'http', { on: front as Machine, port: 80, hostPort: 8080, defaultBackend: web, statistics: {} });
  },

  /** Services on machines themselves beside containers, each way round. */
  mixed: (stack) => {
    const { m1, m2, m3, web } = aSite(stack, { site: PAGE });
    const alone = new Machine(stack, 'alone', { address: '192.168.56.50' });
    web.addServer('own', { on: m2.machine });
    web.addServer('other', { on: alone });
    new HaproxyFrontend(stack, 'http', { on: m2, port: 80, defaultBackend: web });
    const edge = new HaproxyBalancer(stack, 'Edge', { on: m3.machine, name: 'edge' });
    new HaproxyFrontend(stack, 'edge', { balancer: edge, port: 80, defaultBackend: web, statistics: {} });
    new Container(stack, 'idle', { on: m1 });
  },

  /** Machines without a cluster, and all that a machine may have. */
  plain: (stack) => {
    const all = new Machine(stack, 'all', {
      address: '192.168.56.30',
      network: { promiscuous: true, mtu: 1400, libvirtName: 'own' },
      providers: { virtualbox: { gui: true }, libvirt: { nested: true, cpu_mode: 'host-passthrough', boot_order: ['hd'] } },
    });
    all.addTrigger('after', ['up', 'reload'], { name: 'own', info: 'up', run: "bash -c 'true'", runRemote: 'true', onError: 'continue' });
    all.addTrigger('before', ['destroy'], { warn: 'gone' });
    const host = temporary();
    all.addSyncedFolder({ host, guest: '/vagrant', type: 'rsync', owner: 'root', exclude: ['.git/'] });
    all.addSyncedFolder({ host, guest: '/srv', type: 'virtiofs', mountOptions: ['ro'] });
    all.addSyncedFolder({ host, guest: '/srv', type: 'virtualbox', create: true, options: { automount: true } });
    all.forwardPort({ hostPort: 5353, machinePort: 53, protocol: 'udp' });
    all.forwardPorts({ hostPorts: [5350, 5359], machinePorts: [50, 59], hostAddress: '0.0.0.0', autoCorrect: true });
    all.addNetwork({ promiscuous: true, mac: '08:00:27:00:00:01' });
    all.addNetwork({ address: '192.168.57.30', internalName: 'inner' });
    all.addNetwork({ address: 'dhcp', subnet: '192.168.58.0/24' });
    all.addNetwork({ kind: 'public', address: 'dhcp', bridge: ['eth1', 'en0: Wi-Fi'] });
    for (const number of [1, 2]) {
      const machine = new Machine(stack, `machine${number}`, { address: `192.168.56.3${number}` });
      machine.postUpLines.push({ text: 'a "line" #{1}', of: machine });
    }
  },

  /** Containers of all machines on a network of their own, through tunnels. */
  vxlan: onNetwork(Network.vxlan()),

  /** Containers on the machines' network, by an interface of each machine; balancer and server on machines themselves among them. */
  bridged: onNetwork(
    Network.bridged(),
    (stack) =>
      new HaproxyFrontend(stack, 'bare', {
        balancer: new HaproxyBalancer(stack, 'Edge', { on: Machine.inStack(stack)[2] as Machine, name: 'edge' }),
        port: 81,
        defaultBackend: stack.node.findChild('web') as WebBackend,
      }),
  ),

  /** The same, without a bridge. */
  macvlan: onNetwork(Network.macvlan()),

  /** Ubuntu's fan. */
  fan: onNetwork(Network.fan(), () => {}, Box.ubuntu2404()),
};

/** Synthesises them all. @returns the folder that holds a folder for each */
export function synthesiseVariants(): string {
  const app = new App({ outdir: temporary() });
  for (const [name, build] of Object.entries(VARIANTS)) build(new Stack(app, name));
  synth(app);
  return app.outdir;
}

export const VARIANT_NAMES = Object.keys(VARIANTS);
