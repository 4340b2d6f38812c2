import type { IConstruct } from 'constructs';
import { from, inJson, Labels, markedJson, merge } from '../core/index.js';
import type { Container } from './container.js';

/** What LXD is told of containers, as JSON by their names. */
export function settingsOf(containers: readonly Container[]): string {
  const entries = containers.map((container) =>
    from(container, `  "${inJson(container.containerName)}": ${markedJson(settings(container))}`),
  );
  return entries.length === 0 ? '{}\n' : `{\n${entries.join(',\n')}\n}\n`;
}

/** As text, not by an object: most keys of devices are there but once, for which JavaScript's objects are slow. */
function settings(container: Container): string {
  const { address, cpus, memory, isolated, member, publishedPorts, hostPorts, node } = container;
  const { machine, cluster } = member;
  const raw = [...Object.keys(container.config), ...Object.keys(container.devices).map((name) => `device ${name}`)];
  let config = `
      "boot.autostart": "true",
      "limits.cpu": "${cpus ?? ''}",
      "limits.memory": "${memory === undefined ? '' : `${memory.toMebibytes()}MiB`}",
      "user.cdk-vagrant.path": "${inJson(node.path)}",${raw.length === 0 ? '' : `\n      "user.cdk-vagrant.raw": "${inJson(raw.join(','))}",`}
      "user.cdk-vagrant.stack": "${inJson(cluster.stackName)}"`;
  const labels = Labels.of(container);
  for (const [key, value] of labels.all) config += `,\n      "user.label.${key}": "${inJson(from(labels.origins, value))}"`;
  let devices = `
      "eth0": {
        "ipv4.address": "${address}",
        "name": "eth0",
        "network": "${inJson(from(cluster.engineOf, cluster.bridgeName))}",
        "security.port_isolation": "${isolated}",
        "type": "nic"
      }`;
  const second = cluster.network.device(container);
  if (second !== undefined) devices += `,\n      "eth1": ${indented(second, 6)}`;
  for (const { listen, connect, of = container } of publishedPorts)
    devices += proxy([of, machine], `port-${listen}`, `${address}:${connect}`, `${machine.address}:${listen}`, true);
  // Not by NAT: the host's port arrives at an address of the provider's choice.
  for (const { machinePort, connect, of } of hostPorts)
    devices += proxy([of, machine], `host-${machinePort}`, `${address}:${connect}`, `0.0.0.0:${machinePort}`, false);
  const all = `{\n    "config": {${config}\n    },\n    "devices": {${devices}\n    }\n  }`;
  if (raw.length === 0) return all;
  const own = JSON.parse(all) as { readonly config: object; readonly devices: object };
  return indented({ config: { ...own.config, ...container.config }, devices: merge({ ...own.devices }, container.devices) }, 2);
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
