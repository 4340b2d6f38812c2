import {
  App,
  BackupPool,
  Balance,
  Box,
  CloudInitTarget,
  Cluster,
  Duration,
  ErrorPages,
  HaproxyFrontend,
  Image,
  Network,
  Site,
  Size,
  Stack,
  type System,
  WebBackend,
} from '../lib/index.js';
import { FailoverDrill, LoadTest } from '../lib/trials/index.js';

const app = new App();
// Another name, system, box or container image, the last two for machines without the box catalogue and the image servers:
// -c system=debian/13 -c box=NAME -c image=FOLDER
// For servers that no Vagrant reaches, their interfaces to the outside and to each other, and who may log in: -c cloud=ens3,ens4 -c key=LINE
const [outside, inside] = ((app.node.tryGetContext('cloud') as string | undefined) ?? '').split(',');
const key: string | undefined = app.node.tryGetContext('key');
const network = { private: { name: inside ?? '' }, dhcp: [{ name: outside ?? '' }] };
const targets = [new CloudInitTarget({ network, sshAuthorizedKeys: key === undefined ? [] : [key] })];

const stack = new Stack(app, app.node.tryGetContext('stack') ?? 'balanceador', outside === '' ? {} : { targets });
const system: System = app.node.tryGetContext('system') ?? 'debian/12';
const box: string | undefined = app.node.tryGetContext('box');
const image: string | undefined = app.node.tryGetContext('image');
// Another way from machine to machine than published ports: -c network=vxlan, bridged or macvlan
const way = (app.node.tryGetContext('network') ?? 'published') as 'published' | 'vxlan' | 'bridged' | 'macvlan';

const cluster = new Cluster(stack, 'Cluster', {
  subnet: '192.168.56.0/24',
  network: Network[way](),
  machineDefaults: {
    box: box === undefined ? Box.of(system) : Box.named(box, { system }),
    memory: Size.mebibytes(1024),
    cpus: 1,
  },
  ...(image === undefined
    ? {}
    : { image: Image.files({ alias: 'debian-12', metadata: `${image}/metadata.tar.gz`, rootfs: `${image}/rootfs.squashfs` }) }),
});
const balanceador = cluster.addMember('vmBalanceador', { address: '192.168.56.5' }); // the first one founds the cluster
const servidor1 = cluster.addMember('vmServidor1', { address: '192.168.56.6' });
const servidor2 = cluster.addMember('vmServidor2', { address: '192.168.56.7' });

const web = new WebBackend(stack, 'web-backend', { balance: Balance.roundRobin() });
const web1 = web.addServer('web1', { on: servidor1, site: Site.directory('bin/sites/web1') });
const web2 = web.addServer('web2', { on: servidor2, site: Site.directory('bin/sites/web2') });

const backups = new BackupPool(stack, 'Backups', { backend: web });
const web3 = backups.addServer('web3', { on: servidor2, site: Site.directory('bin/sites/web3') });
const web4 = backups.addServer('web4', { on: servidor1, site: Site.directory('bin/sites/web4') });

const http = new HaproxyFrontend(stack, 'http', {
  on: balanceador,
  port: 80,
  publishPort: 1080,
  defaultBackend: web,
  statistics: { uri: '/haproxy?stats', refresh: Duration.seconds(10) },
  errorPages: ErrorPages.directory('bin/pages'),
});

// The paper's trials: cdkv drill failover, cdkv load peak.
const soon = { within: Duration.seconds(30) };
new FailoverDrill(stack, 'failover', { target: http })
  .expect([web1, web2], soon)
  .stop(web1)
  .expect([web2], soon)
  .stop(web2)
  .expect([web3, web4], soon)
  .stop(web3)
  .expect([web4], soon)
  .restore(web1)
  .expect([web1], soon)
  .restore(web2, web3)
  .expect([web1, web2], soon);
new LoadTest(stack, 'peak', {
  target: http,
  users: 4000,
  rampUp: Duration.seconds(1),
  loops: 2,
  timeout: Duration.minutes(2),
  thresholds: { failed: 0, spread: 0.05 },
});

app.synth();
