import { diffArrays } from 'diff';
import { describe, expect, it } from 'vitest';
import {
  App,
  type AssembledStack,
  BackupPool,
  type BackupPoolProps,
  Balance,
  Box,
  Cluster,
  type ClusterProps,
  Duration,
  ErrorPages,
  HaproxyBalancer,
  type HaproxyBalancerProps,
  HaproxyFrontend,
  type HaproxyFrontendProps,
  Image,
  Labels,
  type MemberOptions,
  Password,
  Raw,
  Site,
  Size,
  Stack,
  WebBackend,
  type WebBackendProps,
  type WebServerOptions,
} from '../../lib/index.js';
import { LoadTest, type UsersLoadProps } from '../../lib/trials/index.js';
import { fill, removeTemporaries, temporary } from '../support.js';

removeTemporaries();

const folder = fill(temporary(), { 'pages/503.html': '<p>503</p>', 'fewer/404.html': '<p>404</p>', metadata: '', rootfs: '' });
const files = Image.files({ alias: 'mine', metadata: `${folder}/metadata`, rootfs: `${folder}/rootfs` });

/** Props that differ from those of the paper's app, by the construct they are of. */
interface Changes {
  readonly Cluster?: ClusterProps;
  readonly vmBalanceador?: Partial<MemberOptions>;
  readonly vmServidor1?: Partial<MemberOptions>;
  readonly vmServidor2?: Partial<MemberOptions>;
  readonly 'web-backend'?: WebBackendProps;
  readonly web1?: Partial<WebServerOptions>;
  readonly web2?: Partial<WebServerOptions>;
  readonly Backups?: Partial<BackupPoolProps>;
  readonly web3?: Partial<WebServerOptions>;
  readonly web4?: Partial<WebServerOptions>;
  readonly balancer?: Partial<HaproxyBalancerProps>;
  readonly http?: Partial<HaproxyFrontendProps>;
  readonly peak?: Partial<UsersLoadProps>;
}

/** The paper's app, and the path of each of its constructs. */
function paper(
  changes: Changes,
  more: (stack: Stack) => void = () => {},
): { readonly stack: AssembledStack; readonly paths: Record<string, string> } {
  const app = new App({ outdir: folder });
  const stack = new Stack(app, 'balanceador');
  const cluster = new Cluster(stack, 'Cluster', { joinDeadline: Duration.minutes(20), ...changes.Cluster });
  const vmBalanceador = cluster.addMember('vmBalanceador', { address: '192.168.56.5', ...changes.vmBalanceador });
  const vmServidor1 = cluster.addMember('vmServidor1', { address: '192.168.56.6', ...changes.vmServidor1 });
  const vmServidor2 = cluster.addMember('vmServidor2', { address: '192.168.56.7', ...changes.vmServidor2 });
  const web = new WebBackend(stack, 'web-backend', { site: Site.html('all'), ...changes['web-backend'] });
  const web1 = web.addServer('web1', { on: vmServidor1, site: Site.html('1'), ...changes.web1 });
  const web2 = web.addServer('web2', { on: vmServidor2, ...changes.web2 });
  const backups = new BackupPool(stack, 'Backups', { backend: web, ...changes.Backups });
  const web3 = backups.addServer('web3', { on: vmServidor2, site: Site.html('3'), ...changes.web3 });
  const web4 = backups.addServer('web4', { on: vmServidor1, ...changes.web4 });
  const balancer = new HaproxyBalancer(stack, 'Balancer', { on: vmBalanceador, ...changes.balancer });
  const http = new HaproxyFrontend(stack, 'http', {
    balancer,
    port: 80,
    publishPort: 1080,
    defaultBackend: web,
    statistics: {},
    errorPages: ErrorPages.directory(`${folder}/pages`),
    ...changes.http,
  });
  const peak = new LoadTest(stack, 'peak', { target: http, users: 4000, ...changes.peak });
  more(stack);
  const all = {
    Cluster: cluster,
    vmBalanceador,
    vmServidor1,
    vmServidor2,
    'web-backend': web,
    web1,
    web2,
    Backups: backups,
    web3,
    web4,
    balancer,
    http,
    peak,
  };
  const paths = Object.fromEntries(Object.entries(all).map(([name, construct]) => [name, construct.node.path]));
  return { stack: app.assemble().stacks[0] as AssembledStack, paths };
}

interface Line {
  readonly text: string;
  /** Paths of the constructs it depends on. */
  readonly of: readonly string[];
}

function linesOf(stack: AssembledStack): Map<string, Line[]> {
  const origins = stack.origins();
  return new Map(
    stack.files.map(({ path, content }) => {
      const of = (origins[path] ?? []).flatMap(({ count, origins: all }) =>
        Array.from({ length: count }, () => all.map((one) => one.construct)),
      );
      const texts = Buffer.from(content).toString().split('\n');
      if (texts.at(-1) === '') texts.pop();
      expect(of.length, `lines of ${path}`).toBe(texts.length);
      return [path, texts.map((text, n) => ({ text, of: of[n] ?? [] }))];
    }),
  );
}

/** Lines that differ and are not attributed to the construct. Where a line takes the place of another, one of them must be. */
function unexplained(
  before: Map<string, Line[]>,
  after: Map<string, Line[]>,
  construct: string,
): { readonly changed: number; readonly wrong: string[] } {
  // A brace or an empty line goes with its neighbours, and a comparison takes either of two for the new one.
  const isOf = ({ text, of }: Line) => !/\w/.test(text) || of.some((path) => path === construct || path.startsWith(`${construct}/`));
  const wrong: string[] = [];
  let changed = 0;
  for (const path of new Set([...before.keys(), ...after.keys()])) {
    const parts = diffArrays(before.get(path) ?? [], after.get(path) ?? [], { comparator: (a, b) => a.text === b.text });
    parts.forEach((part, n) => {
      if (!part.added && !part.removed) return;
      changed += part.value.length;
      const other = [parts[n - 1], parts[n + 1]].find((one) => one !== undefined && (one.added || one.removed));
      if (part.value.every(isOf) || other?.value.every(isOf)) return;
      wrong.push(
        ...part.value
          .filter((line) => !isOf(line))
          .map(({ text, of }) => `${path}: ${part.added ? '+' : '-'} ${text} (of ${of.join(', ')})`),
      );
    });
  }
  return { changed, wrong };
}

const limits = {
  memory: Size.mebibytes(256),
  cpus: 2,
  config: { 'limits.processes': '99' },
  devices: { tun: { type: 'unix-char', path: '/dev/net/tun' } },
};
const sizing = { memory: Size.mebibytes(2048), cpus: 2, box: Box.debian13() };
const server = { site: Site.html('other'), port: 12345, weight: 9, maxConnections: 3, image: files, ...limits };

/** Each prop of each construct, changed. */
const CHANGES: { readonly [Name in keyof Changes]-?: Changes[Name] } = {
  Cluster: {
    subnet: '192.168.56.0/23',
    machineDefaults: sizing,
    image: files,
    joinDeadline: Duration.minutes(3),
    prune: true,
    preseed: { config: { 'user.own': 'c' } },
  },
  vmBalanceador: { address: '192.168.56.15', ...sizing },
  vmServidor1: { address: '192.168.56.16', ...sizing },
  vmServidor2: { address: '192.168.56.17', ...sizing },
  'web-backend': {
    balance: Balance.source(),
    site: Site.html('another'),
    checkPath: '/healthy',
    checkInterval: Duration.seconds(3),
    serverTimeout: Duration.seconds(7),
    queueTimeout: Duration.seconds(8),
    maxConnectionsPerServer: 5,
  },
  web1: server,
  web2: server,
  Backups: { site: Site.html('of the pool'), activateWhen: 'downOrSaturated' },
  web3: server,
  web4: server,
  balancer: {
    maxConnections: 100,
    clientTimeout: Duration.seconds(1),
    requestTimeout: Duration.seconds(2),
    connectTimeout: Duration.seconds(3),
    name: 'other',
    image: files,
    ...limits,
  },
  http: {
    port: 81,
    publishPort: 1081,
    hostPort: 8080,
    statistics: { uri: '/s', refresh: Duration.seconds(3), user: 'root', password: Password.fromEnvironment('SECRET') },
    errorPages: ErrorPages.directory(`${folder}/fewer`),
  },
  peak: {
    users: 5,
    rampUp: Duration.seconds(3),
    loops: 2,
    paths: ['/', '/a'],
    timeout: Duration.seconds(5),
    thresholds: { failed: 0.1, p95: Duration.seconds(1), p99: Duration.seconds(2), spread: 0.1 },
  },
};

describe('explain', () => {
  const before = paper({});
  const known = linesOf(before.stack);

  const rows = Object.entries(CHANGES).flatMap(([name, props]) =>
    Object.entries(props).map(([prop, value]) => ({ name, prop, value: value as unknown })),
  );

  it.each(rows)('attributes to $name what its prop $prop changes', ({ name, prop, value }) => {
    const after = paper({ [name]: { [prop]: value } });
    const { changed, wrong } = unexplained(known, linesOf(after.stack), before.paths[name] as string);
    expect(changed).toBeGreaterThan(0);
    expect(wrong).toEqual([]);
  });

  it.each(Object.keys(CHANGES))('attributes to %s what its labels change', (name) => {
    const path = before.paths[name] as string;
    const label = (stack: Stack) => {
      const ids = path.split('/').slice(1);
      Labels.of(ids.reduce((scope, id) => scope.node.findChild(id) as Stack, stack)).add('team', 'web');
    };
    const { wrong } = unexplained(known, linesOf(paper({}, label).stack), path);
    expect(wrong).toEqual([]);
  });

  it('names the line that gave raw text, not the one that made its construct', () => {
    const { stack } = paper({}, (own) => Raw.of(own.node.findChild('web-backend')).append('hash-type consistent'));
    const at = stack.files.find(({ path }) => path === 'haproxy.cfg');
    const number = Buffer.from(at?.content ?? '')
      .toString()
      .split('\n')
      .indexOf('    hash-type consistent');
    const [nearest] = linesIn(stack, 'haproxy.cfg')[number] ?? [];
    expect(nearest?.construct).toBe('balanceador/web-backend');
    expect(nearest?.userLine).not.toBe(stack.userLines()['balanceador/web-backend']);
    expect(nearest?.userLine).toContain('line-origins.test.ts');
  });

  it('keeps lines of code out of every file', () => {
    for (const { path, content } of before.stack.files) expect(Buffer.from(content).toString(), path).not.toContain('line-origins.test');
  });
});

function linesIn(stack: AssembledStack, path: string) {
  return (stack.origins()[path] ?? []).flatMap(({ count, origins }) => Array.from({ length: count }, () => origins));
}
