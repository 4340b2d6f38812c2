// Gives the preseeds of every engine that Debian has to the engine's own strict parser: `lxd init --preseed` of Debian 12 (LXD 5.0.2) and
// `incus admin init --preseed` of Debian 13 (Incus 6.0), which run unpacked and unmodified, without a daemon: a socket that answers takes
// what they would tell it. Run by `npm run test:preseeds`; packages come from this machine's own mirror, so it needs a Debian.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttp, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { parse } from 'yaml';
import { App, Cluster, type ClusterProps, Container, Engine, Size, Stack, Storage } from '../../lib/index.js';

const folder = mkdtempSync(join(tmpdir(), 'cdkv-parsers-'));
const MIRROR = 'http://deb.debian.org/debian';

interface Finished {
  readonly code: number;
  readonly out: string;
}

function run(
  program: string,
  words: readonly string[],
  options: { readonly input?: string; readonly env?: object; readonly cwd?: string } = {},
) {
  return new Promise<Finished>((resolve, fail) => {
    const child = spawn(program, words, { cwd: options.cwd ?? folder, env: { ...process.env, ...options.env } });
    let out = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        out += chunk.toString();
      });
    }
    child.on('error', fail);
    child.on('close', (code) => resolve({ code: code ?? 1, out }));
    child.stdin.on('error', () => {}); // it may have ended
    child.stdin.end(options.input ?? '');
  });
}

async function must(program: string, words: readonly string[], options: Parameters<typeof run>[2] = {}): Promise<string> {
  const { code, out } = await run(program, words, options);
  if (code !== 0) throw new Error(`${program} ${words.join(' ')} ended with ${code}: ${out}`);
  return out;
}

/** The mirror that this machine uses. */
async function mirror(): Promise<string> {
  const uris = await must('apt-get', ['indextargets', '--format', '$(REPO_URI) $(COMPONENT)', 'Created-By: Packages']);
  return /^(\S+\/debian\/?) main$/m.exec(uris)?.[1] ?? MIRROR;
}

/** Unpacks packages of a suite of Debian, over each other. @returns the folder */
async function unpack(suite: string, ...names: readonly string[]): Promise<string> {
  const place = join(folder, suite);
  for (const part of ['lists/partial', 'archives/partial', 'root']) mkdirSync(join(place, part), { recursive: true });
  const signed = '[signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]';
  writeFileSync(join(place, 'sources.list'), `deb ${signed} ${await mirror()} ${suite} main\n`);
  writeFileSync(join(place, 'status'), '');
  const settings = {
    'Dir::State': place,
    'Dir::State::status': join(place, 'status'),
    'Dir::State::lists': join(place, 'lists'),
    'Dir::Cache': place,
    'Dir::Etc::sourcelist': join(place, 'sources.list'),
    'Dir::Etc::sourceparts': '-',
    'Acquire::Languages': 'none',
    'APT::Sandbox::User': '',
  };
  const file = join(place, 'apt.conf');
  writeFileSync(
    file,
    Object.entries(settings)
      .map(([key, value]) => `${key} "${value}";\n`)
      .join(''),
  );
  await must('apt-get', ['-q', 'update'], { env: { APT_CONFIG: file } });
  await must('apt-get', ['-q', 'download', ...names], { env: { APT_CONFIG: file }, cwd: place });
  for (const archive of readdirSync(place).filter((found) => found.endsWith('.deb')))
    await must('dpkg-deb', ['-x', join(place, archive), join(place, 'root')]);
  return join(place, 'root');
}

/** What a program told its daemon: method and path, and the body. */
type Told = readonly [call: string, body: Readonly<Record<string, unknown>>];

/** A daemon that is none: new, and content with everything. */
class Daemon {
  public told: Told[] = [];
  private readonly server = createHttp((request, response) => void this.answer(request, response));
  public readonly socket: string;

  public constructor(name: string) {
    this.socket = join(folder, `${name}.socket`);
    // Operations are over at once; whoever wants to hear of them is let in.
    this.server.on('upgrade', ({ headers }, socket) => {
      const key = createHash('sha1').update(`${headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
      socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${key}\r\n\r\n`);
    });
    this.server.listen(this.socket);
  }

  public close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = '';
    for await (const chunk of request) text += String(chunk);
    const path = (request.url ?? '').replace(/\?.*/, '');
    const reply = (status: number, content: object) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(content));
    };
    if (request.method === 'GET') {
      if (path === '/1.0') return reply(200, sync({ ...SERVER, config: {} }));
      if (/^\/1\.0\/[a-z-]+$/.test(path)) return reply(200, sync(path === '/1.0/cluster' ? { enabled: false } : []));
      if (path === '/1.0/profiles/default') return reply(200, sync({ name: 'default', config: {}, devices: {}, description: '' }));
      return reply(404, { type: 'error', error: 'not found', error_code: 404 });
    }
    this.told.push([`${request.method} ${path}`, JSON.parse(text === '' ? '{}' : text)]);
    if (path !== '/1.0/cluster') return reply(200, sync({}));
    const done = { id: '1', class: 'task', status: 'Success', status_code: 200, err: '' };
    return reply(202, { type: 'async', status: 'Operation created', status_code: 100, operation: '/1.0/operations/1', metadata: done });
  }
}

const sync = (metadata: unknown) => ({ type: 'sync', status: 'Success', status_code: 200, metadata });
const SERVER = {
  api_version: '1.0',
  api_status: 'stable',
  auth: 'trusted',
  environment: { server: 'x', server_clustered: false, project: 'default' },
  api_extensions: ['etag', 'network', 'storage', 'projects', 'clustering', 'clustering_join', 'cluster_join_token', 'profile_description'],
};

/** A member that lets others join: its certificate is all that is asked for. */
async function member(): Promise<{ token: (name: string) => string; close: () => void }> {
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];
  await must('openssl', ['req', '-x509', ...curve, '-nodes', '-subj', '/CN=x', '-keyout', key, '-out', cert]);
  const print = (await must('openssl', ['x509', '-noout', '-fingerprint', '-sha256', '-in', cert])).replace(/^.*=|:|\n/g, '').toLowerCase();
  const listener: RequestListener = (_, response) => void response.end(JSON.stringify(sync(SERVER)));
  const server = createHttps({ key: readFileSync(key), cert: readFileSync(cert) }, listener);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const addresses = [`127.0.0.1:${(server.address() as AddressInfo).port}`];
  const token = (name: string) =>
    Buffer.from(
      JSON.stringify({ server_name: name, fingerprint: print, addresses, secret: 's', expires_at: '2099-01-01T00:00:00Z' }),
    ).toString('base64');
  return { token, close: () => void server.close() };
}

/** The preseeds of a cluster of two. */
function preseedsOf(props: ClusterProps): { found: string; join: string } {
  const app = new App({ outdir: join(folder, 'out'), topology: false });
  const stack = new Stack(app, 's');
  const cluster = new Cluster(stack, 'Cluster', props);
  const [m1] = ['m1', 'm2'].map((name, n) => cluster.addMember(name, { address: `192.168.56.1${n}` }));
  if (m1 !== undefined) new Container(stack, 'c1', { on: m1 });
  const files = new Map(app.assemble().stacks[0]?.files.map(({ path, content }) => [path, String(content)]));
  return { found: files.get('preseeds/m1-found.yaml') ?? '', join: files.get('preseeds/m2-join.yaml') ?? '' };
}

let failures = 0;
function check(what: string, holds: boolean, shown = ''): void {
  console.log(`${holds ? 'ok    ' : 'FAILED'} ${what}${holds || shown === '' ? '' : `: ${shown}`}`);
  if (!holds) failures++;
}

/** What was told of a thing of this path, without what the program adds by itself: keys that are empty. */
function bodiesOf(told: readonly Told[], call: RegExp): unknown[] {
  const full = (value: unknown) =>
    value !== '' && value !== null && !(typeof value === 'object' && Object.keys(value as object).length === 0);
  return told
    .filter(([made]) => call.test(made))
    .map(([, body]) => Object.fromEntries(Object.entries(body).filter(([, value]) => full(value))));
}

const CASES: readonly (readonly [what: string, props: ClusterProps])[] = [
  ['nothing more', {}],
  ['btrfs in a file', { storage: Storage.btrfs({ size: Size.gibibytes(5) }) }],
  ['lvm on a disk', { storage: Storage.lvm({ disk: Size.gibibytes(5) }) }],
  ['zfs in a file', { storage: Storage.zfs({ size: Size.gibibytes(5) }) }],
  [
    'more of the preseed',
    { preseed: { config: { 'cluster.offline_threshold': '30', 'user.own': "it's: #1" }, projects: [{ name: 'own' }] } },
  ],
];

async function checkEngine(name: string, engine: Engine, words: readonly string[], env: (socket: string) => object): Promise<void> {
  const [program = '', ...args] = words;
  const init = async (document: string) => {
    const daemon = new Daemon(name);
    const { code, out } = await run(program, args, { input: document, env: env(daemon.socket) });
    daemon.close();
    return { code, out, told: daemon.told };
  };
  const other = await member();
  for (const [what, props] of CASES) {
    const { found, join: joined } = preseedsOf({ engine, ...props });
    const document = parse(found);
    const founds = await init(found);
    check(`${name}, ${what}: founding is read`, founds.code === 0, founds.out);
    const [server] = bodiesOf(founds.told, /^PUT \/1\.0$/) as { config?: object }[];
    const config = { ...document.config, 'cluster.https_address': document.config['core.https_address'] };
    check(`${name}, ${what}: the server's options arrive`, isDeepStrictEqual(server?.config, config), JSON.stringify(server));
    for (const kind of ['storage_pools', 'networks', 'projects'])
      check(
        `${name}, ${what}: ${kind} arrive`,
        isDeepStrictEqual(bodiesOf(founds.told, new RegExp(`^POST /1\\.0/${kind.replace('_', '-')}$`)), document[kind] ?? []),
        JSON.stringify(founds.told),
      );
    const [profile] = bodiesOf(founds.told, /^(POST|PUT) \/1\.0\/profiles(\/default)?$/) as { devices?: object }[];
    check(
      `${name}, ${what}: the profile arrives`,
      isDeepStrictEqual(profile?.devices, document.profiles[0].devices),
      JSON.stringify(profile),
    );
    check(`${name}, ${what}: the cluster begins`, bodiesOf(founds.told, /^PUT \/1\.0\/cluster$/).length === 1);

    const joins = await init(`${joined}  cluster_token: "${other.token('m2')}"\n`);
    check(`${name}, ${what}: joining is read`, joins.code === 0, joins.out);
    const [cluster] = bodiesOf(joins.told, /^PUT \/1\.0\/cluster$/) as Record<string, unknown>[];
    const meant = { ...parse(joined).cluster, server_name: 'm2' };
    const arrived = Object.fromEntries(Object.keys(meant).map((key) => [key, cluster?.[key]]));
    const plain = (list: unknown) =>
      (list as Record<string, string>[]).map(({ entity, name, key, value }) => ({ entity, name, key, value }));
    if (Array.isArray(arrived.member_config)) arrived.member_config = plain(arrived.member_config);
    check(`${name}, ${what}: its words arrive`, isDeepStrictEqual(arrived, meant), JSON.stringify(cluster));
  }

  // What must be refused is: the check can fail.
  const { found, join: joined } = preseedsOf({ engine });
  for (const [what, document] of [
    ['a key of the paper', `${found}storage pools: []\n`],
    ['a key of the paper, in the cluster', found.replace('server_name:', 'server name:')],
    ['a key that no joiner has', `${joined}  token: x\n`],
  ] as const) {
    const { code, out, told } = await init(document);
    check(`${name}: ${what} is refused`, code !== 0 && out.includes('Failed to parse the preseed') && told.length === 0, out);
  }
  other.close();
}

/** What LXD is linked with, but for the libraries that every Debian has. */
const LIBRARIES = ['liblxc1', 'libdqlite0', 'libraft2', 'libuv1', 'libsqlite3-0', 'libacl1', 'libcap2', 'libseccomp2', 'libapparmor1'];

try {
  const [lxd, incus] = [await unpack('bookworm', 'lxd', ...LIBRARIES), await unpack('trixie', 'incus-client')];
  const libraries = readdirSync(join(lxd, 'usr/lib')).filter((name) => name.endsWith('-linux-gnu'));
  await checkEngine('LXD of Debian 12', Engine.lxdApt(), [join(lxd, 'usr/bin/lxd'), 'init', '--preseed'], (socket) => ({
    LXD_SOCKET: socket,
    LXD_DIR: folder,
    LD_LIBRARY_PATH: ['usr/lib', 'lib'].flatMap((parent) => libraries.map((name) => join(lxd, parent, name))).join(':'),
  }));
  await checkEngine('Incus of Debian 13', Engine.incus(), [join(incus, 'usr/bin/incus'), 'admin', 'init', '--preseed'], (socket) => ({
    INCUS_SOCKET: socket,
    INCUS_DIR: folder,
    INCUS_CONF: folder,
  }));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.log(failures === 0 ? 'all preseeds are read as they are meant' : `${failures} checks failed`);
process.exit(failures === 0 ? 0 : 1);
