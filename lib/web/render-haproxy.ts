import { block, type Duration, from, text } from '../core/index.js';
import { Section } from '../haproxy/index.js';
import type { HaproxyBalancer } from './haproxy-balancer.js';
import type { HaproxyFrontend } from './haproxy-frontend.js';
import type { WebBackend } from './web-backend.js';
import type { WebServer } from './web-server.js';

/** The whole haproxy.cfg of a balancer. */
export function renderHaproxyConfiguration(balancer: HaproxyBalancer): string {
  const backends = [...new Set(balancer.frontends.map((frontend) => frontend.defaultBackend))];
  const head = [
    `# HAProxy ${balancer.container === undefined ? '' : `in container "${text.note(balancer.balancerName)}" `}on ${text.note(balancer.machine.machineName)}.`,
    `# Made by cdk-vagrant from ${text.note(balancer.node.path)}. Change the app and synthesise again.`,
    '',
  ].join('\n');
  const sections = [
    global(balancer).render(),
    defaults(balancer).render(),
    ...balancer.frontends.filter((frontend) => frontend.statistics !== undefined).map((frontend) => userlist(frontend).render()),
    ...balancer.frontends.map((frontend) => frontendSection(frontend).render()),
    ...backends.map((backend) => backendSection(balancer, backend).render()),
    ...backends.filter(({ overflowName }) => overflowName !== undefined).map((backend) => overflowSection(balancer, backend)),
  ];
  const own = block(balancer, { name: 'sections' }, '');
  return from(balancer, [head, ...sections, ...(own === '' ? [] : [own])].join('\n'));
}

function global(balancer: HaproxyBalancer): Section {
  return new Section('global', undefined, { construct: balancer, block: 'global', main: true }).lines`
    log /dev/log local0
    chroot /var/lib/haproxy
    user haproxy
    group haproxy
    # Not on the network. On a reload the new process takes the listening sockets over, so no request is dropped.
    stats socket /run/haproxy/admin.sock mode 660 level admin expose-fd listeners
    hard-stop-after 2m
    maxconn ${balancer.maxConnections}
    # Error pages are found beside this file.
    default-path config`;
}

function defaults(balancer: HaproxyBalancer): Section {
  return new Section('defaults', undefined, { construct: balancer, block: 'defaults' }).lines`
    mode http
    log global
    option httplog
    option dontlognull
    # The servers log the client, not the balancer.
    option forwardfor
    # Connections to servers that proved themselves are kept and shared; the servers keep them longer than HAProxy does.
    http-reuse aggressive
    timeout http-request ${time(balancer.requestTimeout)}
    timeout http-keep-alive 15s
    timeout client ${time(balancer.clientTimeout)}
    timeout connect ${time(balancer.connectTimeout)}`;
}

function userlist(frontend: HaproxyFrontend): Section {
  return new Section('userlist', frontend.secretLabel, { construct: frontend, block: 'userlist' }).lines`
    # The hash is in the environment of the HAProxy process, so in no synthesised file.`.lineWithVariable(
    ['user', frontend.statistics?.user ?? '', 'password'],
    frontend.secretVariable,
  );
}

function frontendSection(frontend: HaproxyFrontend): Section {
  const { statistics, defaultBackend, balancer, machine } = frontend;
  const section = new Section('frontend', frontend.frontendName, { construct: frontend, block: 'frontend', main: true }).from(
    [machine],
    (own) => own.lines`# Published as ${`${machine.address}:${frontend.publishPort}`}. From ${frontend.node.path}.`,
  ).lines`
    # A burst waits in the kernel until it is accepted.
    bind ${`*:${frontend.port}`} backlog 8192`.from([balancer], (own) => own.lines`maxconn ${balancer.maxConnections}`);
  for (const page of frontend.errorPages) section.lines`errorfile ${page.status} ${page.file.path}`;
  if (statistics !== undefined) {
    section.lines`
      stats enable
      stats uri ${statistics.uri}
      stats refresh ${time(statistics.refresh)}
      stats hide-version
      stats http-request auth realm 'HAProxy statistics' unless { ${`http_auth(${frontend.secretLabel})`} }`;
  }
  const overflow = defaultBackend.overflowName;
  if (overflow !== undefined) {
    const { backendName, primaries, backups } = defaultBackend;
    section.from(backups, (own) => own.lines`# No primary has a free slot, and a backup has one: it helps.`);
    for (const server of primaries) {
      const full = ['{', `be_conn_free(${backendName})`, 'eq', 0, '}', '{', `be_conn_free(${overflow})`, 'gt', 0, '}'];
      section.line([server, ...backups], ['use_backend', overflow, 'if', ...full, '{', isUp(backendName, server.serverName), '}']);
    }
  }
  return section.lines`default_backend ${defaultBackend.backendName}`;
}

function backendSection(balancer: HaproxyBalancer, backend: WebBackend): Section {
  const { backendName, primaries, backups, checkInterval } = backend;
  const section = new Section('backend', backendName, { construct: backend, block: 'backend', main: true }).lines`
    # From ${backend.node.path}.
    balance ${backend.balance.words}`;
  if (backups.length > 0) {
    section.from(
      backups,
      (own) => own.lines`
        # Without a primary all backups serve, not the first alone.
        option allbackups`,
    );
  }
  requestRules(section, backend);
  if (primaries.length > 1 && backend.sharesEqually) {
    const machines = primaries.map((server) => server.machine);
    section.from([...primaries, ...machines], () => equalShares(section, backend));
  }
  if (backups.length > 0) section.from(backups, () => wakeBackups(section, backend));
  section.lines`
    timeout check ${time(checkInterval, 2)}
    option httpchk
    # Not the backend's name: Apache refuses some that HAProxy takes, like "v1.0" and "1".
    http-check send meth GET uri ${backend.checkPath} ver HTTP/1.1 hdr Host localhost hdr User-Agent haproxy-check hdr Connection close
    http-check expect status 200-399
    default-server check inter ${time(checkInterval)} fastinter ${time(checkInterval, 0.5)} downinter ${time(checkInterval)} fall 2 rise 2
    # Failed connections in a row count as much as failed checks, and are noticed at once.
    default-server observe layer4 error-limit ${ERROR_LIMIT} on-error mark-down
    # maxconn keeps a server under load healthy: what it cannot take yet waits here, and checks find a free worker.`;
  for (const server of primaries) serverLine(section, balancer, server, []);
  for (const server of backups) serverLine(section, balancer, server, ['backup']);
  return section;
}

function overflowSection(balancer: HaproxyBalancer, backend: WebBackend): string {
  const { backendName, backups, balance } = backend;
  const section = new Section('backend', backend.overflowName, { construct: backend, block: 'overflow' }).lines`
    # The backups of ${backendName}, for when its primaries have no free slot.
    balance ${balance.words}`;
  requestRules(section, backend);
  for (const server of backups) serverLine(section, balancer, server, ['track', `${backendName}/${server.serverName}`]);
  return from(backups, section.render());
}

/** Failed connections in a row after which a server counts as down. */
const ERROR_LIMIT = 3;

/** Queue, retries, and how long a server may take. */
function requestRules(section: Section, backend: WebBackend): void {
  // Primaries that die together cost one request up to this many tries before a backup answers it.
  const retries = Math.min(ERROR_LIMIT * backend.primaries.length + 2, 20);
  section.lines`
    timeout queue ${time(backend.queueTimeout)}
    timeout server ${time(backend.serverTimeout)}
    # A failed try goes to another server at once. What a server may have begun with is repeated only where that is safe.
    retries ${retries}
    option redispatch 1
    retry-on conn-failure empty-response response-timeout 500 502 503 504
    http-request disable-l7-retry unless { method GET HEAD OPTIONS }
    http-request set-timeout server ${time(backend.serverTimeout, 6)} unless { method GET HEAD OPTIONS }`;
}

/** Under saturation HAProxy gives a queued request to whichever server is free first, so a slower one gets fewer. */
function equalShares(section: Section, backend: WebBackend): void {
  const { backendName, primaries } = backend;
  const slots = primaries.reduce((sum, server) => sum + server.maxConnections, 0);
  section.lines`# Requests that must queue are dealt out evenly as well, not to whoever is free first.`;
  const isFull: readonly (string | number)[] = ['{', `be_conn(${backendName})`, 'gt', slots, '}'];
  primaries.forEach(({ serverName }, index) => {
    const left = primaries.length - index;
    const turn: readonly (string | number)[] = left > 1 ? ['{', `rand(${left})`, 'eq', 0, '}'] : [];
    const begin: readonly (string | number)[] = ['use-server', serverName, 'if'];
    section.line([], begin.concat(isFull, ['{', isUp(backendName, serverName), '}'], turn));
  });
}

/** HAProxy never hands a queue over to backups (its issue 6): requests that queued for primaries would wait for their return. */
function wakeBackups(section: Section, backend: WebBackend): void {
  const { backendName, primaries, backups } = backend;
  section.lines`# Backups take over a queue that the primaries left behind when they went down.`;
  // A line for each: HAProxy takes 64 words in one.
  for (const server of primaries) section.line([server], ['acl', 'primary_up', isUp(backendName, server.serverName)]);
  for (const server of backups) {
    const condition = ['{', `avg_queue(${backendName})`, 'gt', 0, '}', '!primary_up', '{', isUp(backendName, server.serverName), '}'];
    section.line([server], ['use-server', server.serverName, 'if', ...condition]);
  }
}

function isUp(backendName: string, serverName: string): string {
  return `srv_is_up(${backendName}/${serverName})`;
}

/** Name, address and limits of a server. */
function serverLine(section: Section, balancer: HaproxyBalancer, server: WebServer, role: readonly string[]): void {
  const { address, port } = server.endpointFor(balancer.place);
  const words: (string | number)[] = ['server', server.serverName, `${address}:${port}`];
  if (server.weight !== undefined) words.push('weight', server.weight);
  words.push('maxconn', server.maxConnections, ...role);
  section.line([server, server.machine], words);
}

/** A time as HAProxy writes it, whole seconds where it can be. */
function time(duration: Duration, factor = 1): string {
  const milliseconds = Math.max(1, Math.round(duration.toMilliseconds() * factor));
  return milliseconds % 1000 === 0 ? `${milliseconds / 1000}s` : `${milliseconds}ms`;
}
