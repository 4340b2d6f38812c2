// What cdkv asks of machines, and what it makes of the answers; Vagrant, SSH and LXD are scripts here. The e2e has the real ones.
import { chmodSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, it } from 'vitest';
import { fill, ROOT, removeTemporaries, start, temporary } from '../support.js';

removeTemporaries();

const LIB = JSON.stringify(join(ROOT, 'lib/index.ts'));
const TRIALS = JSON.stringify(join(ROOT, 'lib/trials/index.ts'));
const APP = `
import { App, Cluster, HaproxyFrontend, Site, Stack, WebBackend } from ${LIB};
import { FailoverDrill } from ${TRIALS};
const app = new App();
const stack = new Stack(app, 'shop');
const cluster = new Cluster(stack, 'C');
const [m1, m2, m3] = [1, 2, 3].map((n) => cluster.addMember('m' + n, { address: '192.168.56.1' + n }));
const web = new WebBackend(stack, 'web', { site: Site.html('x') });
const servers = [web.addServer('web1', { on: m2 }), web.addServer('web2', { on: m3 })];
const target = new HaproxyFrontend(stack, 'http', { on: m1, port: 80, defaultBackend: web });
new FailoverDrill(stack, 'drill', { target }).expect(servers);
app.synth();
`;

const LOADER = join(ROOT, 'node_modules/tsx/dist/loader.mjs');

const MEMBERS = [1, 2, 3].map((n) => ({ server_name: `m${n}`, status: 'Online' }));
const CONTAINERS = ['haproxy', 'web1', 'web2'].map((name, n) => ({ name, location: `m${n + 1}`, status: 'Running' }));

/** Programs that answer as those of a running system do. What is asked of Vagrant is kept in `asked`. */
function programs(states: readonly string[], bundle: string, containers: readonly object[] = CONTAINERS): Record<string, string> {
  const rows = states.flatMap((state, n) => [`1,m${n + 1},provider-name,libvirt`, `1,m${n + 1},state,${state}`]);
  return {
    'bin/vagrant': `#!/bin/sh
echo "$1" >>'${bundle}/asked'
case $1 in
  status) printf '%s\\n' ${rows.map((row) => `'${row}'`).join(' ')} ;;
  ssh-config) echo 'Host m1 m2 m3' ;;
esac
`,
    // The machine's folder is one of this host; the last word is the command.
    'bin/ssh': `#!/bin/bash
[ "$3" != -O ] || exit 0
eval "\${@: -1}"
`,
    'bin/sudo': `#!/bin/bash
[ "$1 $2" = 'bash -c' ] || exit 9
exec bash -c "\${3//\\/var\\/lib\\/cdk-vagrant\\/bundle/${bundle.replaceAll('/', '\\/')}\\/bundle}"
`,
    'bin/lxc': `#!/bin/sh
case "$1 $2" in
  'query /1.0/cluster/members?recursion=1') echo '${JSON.stringify(MEMBERS)}' ;;
  'query /1.0/instances?recursion=1') echo '${JSON.stringify(containers)}' ;;
  'exec haproxy') cat '${join(ROOT, 'test/measure/show-stat.csv')}' ;;
  *) exit 9 ;;
esac
`,
  };
}

async function project(states: readonly string[], { containers, other = false }: { containers?: readonly object[]; other?: boolean } = {}) {
  const app = `node --import ${JSON.stringify(LOADER)} app.ts`;
  const folder = fill(temporary(), { 'package.json': '{"type": "module"}', 'app.ts': APP, 'cdk.json': JSON.stringify({ app }) });
  fill(folder, programs(states, folder, containers));
  for (const name of ['vagrant', 'ssh', 'sudo', 'lxc']) chmodSync(join(folder, 'bin', name), 0o755);
  const env = { PATH: [join(folder, 'bin'), process.env.PATH, '/usr/sbin'].join(delimiter) };
  const cdkv = (...words: string[]) => start('node', ['--import', LOADER, join(ROOT, 'bin/cdkv.ts'), ...words], { cwd: folder, env });
  await cdkv('synth', '--quiet');
  fill(folder, { 'bundle/sites/web/index.html': other ? 'somebody else' : 'x' });
  return { folder, cdkv };
}

describe.concurrent('cdkv status', { timeout: 60_000 }, () => {
  it('shows machines, members, containers and servers; one that is down is an exit code of 1', async ({ expect }) => {
    const { cdkv } = await project(['running', 'running', 'running']);
    const { code, out, err } = await cdkv('status');
    // The figures have web1 as DOWN.
    expect([code, err]).toEqual([1, '']);
    expect(out).toBe(
      `shop
  m1: running (libvirt), member Online: haproxy Running
  m2: running (libvirt), member Online: web1 Running
  m3: running (libvirt), member Online: web2 Running
  web/web1 (primary): DOWN, 5 requests, 0 now, 0 queued, 0 errors
  web/web2 (primary): UP, 10 requests, 0 now, 0 queued, 0 errors
  web/spare (backup): UP, 0 requests, 0 now, 0 queued, 0 errors
  web-overflow/spare (primary): UP, 0 requests, 0 now, 0 queued, 0 errors
`,
    );
  });

  it('tells programs, and what is not as the tree makes it', async ({ expect }) => {
    const stopped = CONTAINERS.map((one) => (one.name === 'web2' ? { ...one, status: 'Stopped' } : one));
    const { cdkv } = await project(['running', 'shutoff', 'running'], { containers: stopped, other: true });
    const { code, out } = await cdkv('status', '--json');
    expect(code).toBe(1);
    const [found] = JSON.parse(out);
    expect(found).toMatchObject({
      stack: 'shop',
      machines: [{ state: 'running' }, { name: 'm2', provider: 'libvirt', state: 'shutoff' }, { state: 'running' }],
      containers: [{}, {}, { name: 'web2', member: 'm3', status: 'Stopped' }],
    });
    expect(found.troubles).toHaveLength(1);
    expect(found.troubles[0]).toMatch(/^what runs is not what the app makes: m1 has another sites\/web\/index\.html, m3 has another/);
  });

  it('asks nothing of machines that do not run', async ({ expect }) => {
    const { folder, cdkv } = await project(['not_created', 'not_created', 'not_created']);
    const { code, out } = await cdkv('status');
    expect(code).toBe(1);
    expect(out).toBe(
      `shop\n  m1: not_created (libvirt)\n  m2: not_created (libvirt)\n  m3: not_created (libvirt)\nno machine runs; bring them up: vagrant up\n`,
    );
    const { out: asked } = await start('cat', [join(folder, 'asked')]);
    expect(asked).toBe('status\n');
  });
});

describe.concurrent("a system that is not the tree's", { timeout: 60_000 }, () => {
  it('is no place for a drill', async ({ expect }) => {
    const { cdkv } = await project(['running', 'running', 'running'], { other: true });
    const { code, out, err } = await cdkv('drill', 'drill', '--running');
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(/^cdkv: what runs is not what the app makes: m1 has another .*; synthesise and run: vagrant up --provision\n$/);
  });

  it('is none either when nothing runs', async ({ expect }) => {
    const { folder, cdkv } = await project(['poweroff', 'poweroff', 'poweroff']);
    expect(await cdkv('drill', 'drill', '--running')).toEqual({
      code: 2,
      out: '',
      err: `cdkv: no machine of ${join(folder, 'synth-out/shop')} runs; bring them up there: vagrant up\n`,
    });
  });
});
