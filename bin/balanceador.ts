import {
  App,
  BackupPool,
  Balance,
  Box,
  Cluster,
  Duration,
  ErrorPages,
  HaproxyFrontend,
  Image,
  Site,
  Size,
  Stack,
  WebBackend,
} from '../lib/index.js';

const app = new App();
// Another name, box or container image, for machines without the box catalogue and the image servers: -c box=NAME -c image=FOLDER
const stack = new Stack(app, app.node.tryGetContext('stack') ?? 'balanceador');
const box: string | undefined = app.node.tryGetContext('box');
const image: string | undefined = app.node.tryGetContext('image');

const cluster = new Cluster(stack, 'Cluster', {
  subnet: '192.168.56.0/24',
  machineDefaults: {
    box: box === undefined ? Box.debian12() : Box.named(box, { lxdFrom: 'apt' }),
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
web.addServer('web1', { on: servidor1, site: Site.directory('bin/sites/web1') });
web.addServer('web2', { on: servidor2, site: Site.directory('bin/sites/web2') });

const backups = new BackupPool(stack, 'Backups', { backend: web });
backups.addServer('web3', { on: servidor2, site: Site.directory('bin/sites/web3') });
backups.addServer('web4', { on: servidor1, site: Site.directory('bin/sites/web4') });

new HaproxyFrontend(stack, 'http', {
  on: balanceador,
  port: 80,
  publishPort: 1080,
  defaultBackend: web,
  statistics: { uri: '/haproxy?stats', refresh: Duration.seconds(10) },
  errorPages: ErrorPages.directory('bin/pages'),
});

app.synth();
