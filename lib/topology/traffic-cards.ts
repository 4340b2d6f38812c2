import { type Card, count, PADDING, TextBlock } from './card.js';
import { tooltip } from './svg.js';
import type { BackendNode, ContainerNode, FrontendNode } from './topology.js';

/**
 * A frontend: what clients open, and its statistics.
 *
 * @param tellsWay whether it says where it leads, for no line shows it
 */
export function frontendCard(frontend: FrontendNode, width: number, tellsWay: boolean): Card {
  const { name, url, hostPort, statistics, balancer, backend, of } = frontend;
  const text = new TextBlock(14, width - PADDING, 23)
    .add(of, name, 'name')
    .add(of, url, 'plain')
    .add(of, statistics === undefined ? 'no statistics' : `statistics ${statistics}`, 'plain');
  if (tellsWay) {
    text.add([of, balancer?.of ?? []], `through ${balancer?.name} on ${balancer?.machine.name}`, 'plain');
    text.add([of, backend?.of ?? []], `to ${backend?.name}`, 'plain');
  }
  if (hostPort !== undefined) text.add(of, `on this host 127.0.0.1:${hostPort}`, 'plain');
  const height = tellsWay ? 114 : 82;
  const address = statistics === undefined ? [] : [tooltip(of, `Statistics: ${url}${statistics}`)];
  return { width, height, lines: [...address, ...text.lines], of, backend };
}

/** A backend: how it chooses and checks, and who serves. */
export function backendCard(backend: BackendNode, width: number): Card {
  const { name, balance, checkPath, checkIntervalMs, primaries, backups, overflows, of, backupsOf } = backend;
  const interval = checkIntervalMs % 1000 === 0 ? `${checkIntervalMs / 1000} s` : `${checkIntervalMs} ms`;
  const servers = `${count(primaries.length, 'primary', 'primaries')}, ${backups.length === 0 ? 'no backups' : count(backups.length, 'backup')}`;
  const text = new TextBlock(14, width - PADDING, 23)
    .add(of, name, 'name')
    .add(of, `balance ${balance}`, 'plain')
    .add(of, `check every ${interval} at ${checkPath}`, 'plain')
    .add([of, ofAll(primaries), ofAll(backups)], servers, 'plain');
  if (backups.length > 0) text.add(backupsOf, overflows ? 'backups also when saturated' : 'backups when all are down', 'plain');
  return { width, height: 98, lines: text.lines, of, backend };
}

function ofAll(containers: readonly ContainerNode[]) {
  return containers.map((container) => container.of);
}
