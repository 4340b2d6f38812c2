import type { IConstruct } from 'constructs';
import { from, inJson, Labels, markedJson, merge } from '../core/index.js';
import type { Container } from './container.js';
import type { Member } from './member.js';

/** What LXD is told of a member's containers, as JSON by their names. */
export function settingsOf({ cluster, containers }: Member): string {
  if (containers.length === 0) return '{}\n';
  const shared = { network: inJson(from(cluster.engineOf, cluster.bridgeName)), stack: inJson(cluster.stackName) };
  const entries = containers.map((container) =>
    from(container, `  "${inJson(container.containerName)}": ${markedJson(settings(container, shared))}`),
  );
  entries[0] = `{\n${entries[0]}`;
  entries.push(`${entries.pop()}\n}\n`);
  return entries.join(',\n');
}

/** As text, not by an object: most keys of devices are there but once, for which JavaScript's objects are slow. */
function settings(container: Container, shared: { readonly network: string; readonly stack: string }): string {
  const raw = container.isRaw ? rawIn(container) : '';
  const all = `{\n    "config": {${config(container, shared.stack, raw)}\n    },\n    "devices": {${devices(container, shared.network)}\n    }\n  }`;
  return raw === '' ? all : withRaw(container, all);
}

/** Names of what the user says in LXD's own words. */
function rawIn({ config, devices }: Container): string {
  return [...Object.keys(config), ...Object.keys(devices).map((name) => `device ${name}`)].join(',');
}

/** The settings with what the user says, which may go into any of them: read again, for raw options are few. */
function withRaw(container: Container, settings: string): string {
  const { config, devices } = JSON.parse(settings) as { readonly config: object; readonly devices: object };
  return indented({ config: { ...config, ...container.config }, devices: merge({ ...devices }, container.devices) }, 2);
}

function config(container: Container, stack: string, raw: string): string {
  const { cpus, memory, node } = container;
  return `
      "boot.autostart": "true",
      "limits.cpu": "${cpus ?? ''}",
      "limits.memory": "${memory === undefined ? '' : `${memory.toMebibytes()}MiB`}",
      "user.cdk-vagrant.path": "${inJson(node.path)}",${raw === '' ? '' : `\n      "user.cdk-vagrant.raw": "${inJson(raw)}",`}
      "user.cdk-vagrant.stack": "${stack}"${labelsOf(container)}`;
}

function labelsOf(container: Container): string {
  const { all, origins } = Labels.of(container);
  if (all.size === 0) return '';
  return [...all].map(([key, value]) => `,\n      "user.label.${key}": "${inJson(from(origins, value))}"`).join('');
}

function devices(container: Container, network: string): string {
  const { address, isolated, publishedPorts, hostPorts } = container;
  const text = `
      "eth0": {
        "ipv4.address": "${address}",
        "name": "eth0",
        "network": "${network}",
        "security.port_isolation": "${inJson(String(isolated))}",
        "type": "nic"
      }`;
  const second = container.member.cluster.network.device(container);
  const eth1 = second === undefined ? '' : `,\n      "eth1": ${indented(second, 6)}`;
  return `${text}${eth1}${publishedPorts.length === 0 ? '' : published(container)}${hostPorts.length === 0 ? '' : ofHost(container)}`;
}

function published(container: Container): string {
  const { address, machine, publishedPorts } = container;
  const proxies = publishedPorts.map(({ listen, connect, of = container }) =>
    proxy([of, machine], `port-${listen}`, `${address}:${connect}`, `${machine.address}:${listen}`, true),
  );
  return proxies.join('');
}

/** Not by NAT: the host's port arrives at an address of the provider's choice. */
function ofHost({ address, machine, hostPorts }: Container): string {
  const proxies = hostPorts.map(({ machinePort, connect, of }) =>
    proxy([of, machine], `host-${machinePort}`, `${address}:${connect}`, `0.0.0.0:${machinePort}`, false),
  );
  return proxies.join('');
}

function proxy(owners: readonly IConstruct[], key: string, connect: string, listen: string, nat: boolean): string {
  const told = (text: string) => inJson(from(owners, text));
  return `,
      "${told(key)}": {
        "connect": "${told(`tcp:${connect}`)}",
        "listen": "${told(`tcp:${listen}`)}",${nat ? `\n        "nat": "${told('true')}",` : ''}
        "type": "${told('proxy')}"
      }`;
}

/** @param depth spaces before the line that it begins in */
function indented(value: object, depth: number): string {
  return JSON.stringify(value, undefined, 2).replaceAll('\n', `\n${' '.repeat(depth)}`);
}
