import type { Duration } from '../core/index.js';
import { Section } from '../haproxy/index.js';
import type { HaproxyBalancer } from './haproxy-balancer.js';
import type { HaproxyFrontend } from './haproxy-frontend.js';
import type { WebBackend } from './web-backend.js';
import type { WebServer } from './web-server.js';

/** The whole haproxy.cfg of a balancer. */
export function renderHaproxyConfiguration(balancer: HaproxyBalancer): string {
  const backends = [...new Set(balancer.frontends.map((frontend) => frontend.defaultBackend))];
  const head = [
    `# HAProxy in container "${balancer.container.containerName}" on ${balancer.member.machine.machineName}.`,
    `# Made by cdk-vagrant from ${balancer.node.path}. Change the app and synthesise again.`,
    '',
  ].join('\n');
  const sections = [
    global(balancer),
    defaults(balancer),
    ...balancer.frontends.filter((frontend) => frontend.statistics !== undefined).map(userlist),
    ...balancer.frontends.map(frontendSection),
    ...backends.flatMap((backend) => backendSections(balancer, backend)),
  ];
  return [head, ...sections.map((section) => section.render())].join('\n');
}

function global(balancer: HaproxyBalancer): Section {
  return new Section('global')
    .add('log', '/dev/log', 'local0')
    .add('chroot', '/var/lib/haproxy')
    .add('user', 'haproxy')
    .add('group', 'haproxy')
    .comment('Inside the container only. On a reload the new process takes the listening sockets over, so no request is dropped.')
    .add('stats', 'socket', '/run/haproxy/admin.sock', 'mode', '660', 'level', 'admin', 'expose-fd', 'listeners')
    .add('hard-stop-after', '2m')
    .add('maxconn', balancer.maxConnections)
    .comment('Error pages are found beside this file.')
    .add('default-path', 'config');
}

function defaults(balancer: HaproxyBalancer): Section {
  return new Section('defaults')
    .add('mode', 'http')
    .add('log', 'global')
    .add('option', 'httplog')
    .add('option', 'dontlognull')
    .comment('The servers log the client, not the balancer.')
    .add('option', 'forwardfor')
    .comment('Clients keep their connection; towards servers each request has its own, which no server closes under it.')
    .add('option', 'http-server-close')
    .add('timeout', 'http-request', time(balancer.requestTimeout))
    .add('timeout', 'http-keep-alive', '15s')
    .add('timeout', 'client', time(balancer.clientTimeout))
    .add('timeout', 'connect', time(balancer.connectTimeout));
}

function userlist(frontend: HaproxyFrontend): Section {
  return new Section('userlist', frontend.secretLabel)
    .comment('The hash is in the environment of the HAProxy process, so in no synthesised file.')
    .addWithVariable(['user', frontend.statistics?.user ?? '', 'password'], frontend.secretVariable);
}

function frontendSection(frontend: HaproxyFrontend): Section {
  const { statistics, defaultBackend, balancer } = frontend;
  const section = new Section('frontend', frontend.frontendName)
    .comment(`Published as ${balancer.member.machine.address}:${frontend.publishPort}. From ${frontend.node.path}.`)
    .comment('A burst waits in the kernel until it is accepted.')
    .add('bind', `*:${frontend.port}`, 'backlog', 8192)
    .add('maxconn', balancer.maxConnections);
  for (const page of frontend.errorPages) section.add('errorfile', page.status, page.file.path);
  if (statistics !== undefined) {
    section
      .add('stats', 'enable')
      .add('stats', 'uri', statistics.uri)
      .add('stats', 'refresh', time(statistics.refresh))
      .add('stats', 'hide-version')
      .add('stats', 'http-request', 'auth', 'realm', 'HAProxy statistics', 'unless', '{', `http_auth(${frontend.secretLabel})`, '}');
  }
  if (overflows(defaultBackend)) {
    const { backendName, primaries } = defaultBackend;
    const overflow = overflowName(defaultBackend);
    section.comment('No primary has a free slot, and a backup has one: it helps.');
    for (const primary of primaries) {
      section.add(
        'use_backend',
        overflow,
        'if',
        ...is(`be_conn_free(${backendName})`, 'eq', 0),
        ...is(`be_conn_free(${overflow})`, 'gt', 0),
        ...is(`srv_is_up(${backendName}/${primary.serverName})`),
      );
    }
  }
  return section.add('default_backend', defaultBackend.backendName);
}

function backendSections(balancer: HaproxyBalancer, backend: WebBackend): Section[] {
  const { primaries, backups } = backend;
  const main = new Section('backend', backend.backendName).comment(`From ${backend.node.path}.`).add('balance', ...backend.balance.words);
  if (backups.length > 0) main.comment('Without a primary all backups serve, not the first alone.').add('option', 'allbackups');
  requestRules(main, backend);
  if (primaries.length > 1 && backend.sharesEqually) equalShares(main, backend);
  if (backups.length > 0) wakeBackups(main, backend);
  main
    .add('timeout', 'check', time(backend.checkInterval, 2))
    .add('option', 'httpchk')
    .add(
      'http-check',
      'send',
      'meth',
      'GET',
      'uri',
      backend.checkPath,
      'ver',
      'HTTP/1.1',
      'hdr',
      'Host',
      backend.backendName,
      'hdr',
      'User-Agent',
      'haproxy-check',
      'hdr',
      'Connection',
      'close',
    )
    .add('http-check', 'expect', 'status', '200-399')
    .comment('maxconn keeps a server under load healthy: what it cannot take yet waits here, and checks find a free worker.')
    .add(
      'default-server',
      'check',
      'inter',
      time(backend.checkInterval),
      'fastinter',
      time(backend.checkInterval, 0.5),
      'downinter',
      time(backend.checkInterval),
      'fall',
      2,
      'rise',
      2,
      'maxconn',
      backend.maxConnectionsPerServer,
    )
    .comment('Two failed connections in a row count as much as two failed checks, and are noticed at once.')
    .add('default-server', 'observe', 'layer4', 'error-limit', ERROR_LIMIT, 'on-error', 'mark-down');
  for (const server of primaries) main.add(...serverWords(balancer, server));
  for (const server of backups) main.add(...serverWords(balancer, server), 'backup');
  if (!overflows(backend)) return [main];

  const overflow = new Section('backend', overflowName(backend))
    .comment(`The backups of ${backend.backendName}, for when its primaries have no free slot.`)
    .add('balance', ...backend.balance.words);
  requestRules(overflow, backend);
  overflow.add('default-server', 'maxconn', backend.maxConnectionsPerServer);
  for (const server of backups) overflow.add(...serverWords(balancer, server), 'track', `${backend.backendName}/${server.serverName}`);
  return [main, overflow];
}

/** Failed connections in a row after which a server counts as down. */
const ERROR_LIMIT = 2;

/** Queue, retries, and how long a server may take. */
function requestRules(section: Section, backend: WebBackend): void {
  // Primaries that die together cost one request up to this many tries before a backup answers it.
  const retries = Math.min(ERROR_LIMIT * backend.primaries.length + 3, 20);
  const repeatable = ['unless', ...is('method', 'GET', 'HEAD', 'OPTIONS')];
  section
    .add('timeout', 'queue', time(backend.queueTimeout))
    .add('timeout', 'server', time(backend.serverTimeout))
    .comment('A failed try goes to another server at once. What a server may have begun with is repeated only where that is safe.')
    .add('retries', retries)
    .add('option', 'redispatch', 1)
    .add('retry-on', 'conn-failure', 'empty-response', 'response-timeout', 500, 502, 503, 504)
    .add('http-request', 'disable-l7-retry', ...repeatable)
    .add('http-request', 'set-timeout', 'server', time(backend.serverTimeout, 6), ...repeatable);
}

/** Under saturation HAProxy gives a queued request to whichever server is free first, so a slower one gets fewer. */
function equalShares(section: Section, backend: WebBackend): void {
  const { backendName, primaries } = backend;
  const slots = primaries.reduce((sum, server) => sum + (server.maxConnections ?? backend.maxConnectionsPerServer), 0);
  section.comment('Requests that must queue are dealt out evenly as well, not to whoever is free first.');
  primaries.forEach((server, index) => {
    const left = primaries.length - index;
    section.add(
      'use-server',
      server.serverName,
      'if',
      ...is(`be_conn(${backendName})`, 'gt', slots),
      ...is(`srv_is_up(${backendName}/${server.serverName})`),
      ...(left > 1 ? is(`rand(${left})`, 'eq', 0) : []),
    );
  });
}

/** HAProxy never hands a queue over to backups (its issue 6): requests that queued for primaries would wait for their return. */
function wakeBackups(section: Section, backend: WebBackend): void {
  const { backendName, primaries, backups } = backend;
  section.comment('Backups take over a queue that the primaries left behind when they went down.');
  for (const backup of backups) {
    section.add(
      'use-server',
      backup.serverName,
      'if',
      ...is(`avg_queue(${backendName})`, 'gt', 0),
      ...primaries.flatMap((primary) => ['!{', `srv_is_up(${backendName}/${primary.serverName})`, '}']),
      ...is(`srv_is_up(${backendName}/${backup.serverName})`),
    );
  }
}

function is(...condition: readonly (string | number)[]): (string | number)[] {
  return ['{', ...condition, '}'];
}

function serverWords(balancer: HaproxyBalancer, server: WebServer): (string | number)[] {
  const { address, port } = server.endpointFor(balancer.member);
  return [
    'server',
    server.serverName,
    `${address}:${port}`,
    ...(server.weight === undefined ? [] : ['weight', server.weight]),
    ...(server.maxConnections === undefined ? [] : ['maxconn', server.maxConnections]),
  ];
}

function overflows(backend: WebBackend): boolean {
  return backend.activateWhen === 'downOrSaturated' && backend.backups.length > 0;
}

function overflowName(backend: WebBackend): string {
  return `${backend.backendName}-overflow`;
}

/** A time as HAProxy writes it, whole seconds where it can be. */
function time(duration: Duration, factor = 1): string {
  const milliseconds = Math.max(1, Math.round(duration.toMilliseconds() * factor));
  return milliseconds % 1000 === 0 ? `${milliseconds / 1000}s` : `${milliseconds}ms`;
}
