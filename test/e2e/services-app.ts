// The paper's traffic without a container and without a cluster: HAProxy on one machine, Apache on two others. For services.ts.
import {
  App,
  BackupPool,
  Box,
  Duration,
  ErrorPages,
  HaproxyFrontend,
  Machine,
  type MachineProps,
  Site,
  Stack,
  WebBackend,
} from '../../lib/index.js';
import { FailoverDrill } from '../../lib/trials/index.js';

const app = new App();
const stack = new Stack(app, app.node.tryGetContext('stack'));
const box = Box.named(app.node.tryGetContext('box'), { system: app.node.tryGetContext('system') });
const machine = (name: string, address: string) => new Machine(stack, name, { address, box } satisfies MachineProps);
const balanceador = machine('vmBalanceador', '192.168.56.5');
const servidor1 = machine('vmServidor1', '192.168.56.6');
const servidor2 = machine('vmServidor2', '192.168.56.7');

const site = (name: string) => Site.directory(`bin/sites/${name}`);
const web = new WebBackend(stack, 'web-backend');
const web1 = web.addServer('web1', { on: servidor1, site: site('web1') });
const web2 = web.addServer('web2', { on: servidor2, site: site('web2') });
const backups = new BackupPool(stack, 'Backups', { backend: web });
backups.addServer('web3', { on: servidor2, site: site('web3'), port: 8083 });
if (app.node.tryGetContext('without') !== 'web4') backups.addServer('web4', { on: servidor1, site: site('web4') });

const http = new HaproxyFrontend(stack, 'http', {
  on: balanceador,
  port: 1080,
  hostPort: 10_080,
  defaultBackend: web,
  statistics: {},
  errorPages: ErrorPages.directory('bin/pages'),
});

// What stops or breaks Apache meets all servers of its machine.
const soon = { within: Duration.seconds(30) };
new FailoverDrill(stack, 'failover', { target: http })
  .expect([web1, web2], soon)
  .stop(web1)
  .expect([web2], soon)
  .restore(web1)
  .expect([web1, web2], soon)
  .hang(web2)
  .expect([web1], soon)
  .restore(web2)
  .expect([web1, web2], soon)
  .slow(web2)
  .wait(Duration.seconds(3))
  .restore(web2)
  .break(web1)
  .expect([web2], soon)
  .restore(web1)
  .expect([web1, web2], soon);

app.synth();
