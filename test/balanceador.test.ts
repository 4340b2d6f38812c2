import { describe, it, vi } from 'vitest';
import { Match, Template } from '../lib/assertions/index.js';
import { App, Stack } from '../lib/index.js';

/** The paper's app, without its last line: nothing is written. */
async function theStack(): Promise<Stack> {
  const synth = vi.spyOn(App.prototype, 'synth').mockReturnValue(undefined as never);
  try {
    await import('../bin/balanceador.js');
    return (synth.mock.contexts[0] as App).node.children.filter(Stack.isStack)[0] as Stack;
  } finally {
    synth.mockRestore();
  }
}

describe("the paper's app", async () => {
  const template = Template.fromStack(await theStack());

  it('has three machines, the first of which founds the cluster', () => {
    template.resourceCountIs('Machine', 3);
    template.allResources('Machine', { memoryMiB: 1024, cpus: 1, box: /debian-12/, subnet: '192.168.56.0/24' });
    template.hasMachine('vmBalanceador', { address: '192.168.56.5' });
    template.hasMachine('vmServidor1', { address: '192.168.56.6' });
    template.hasMachine('vmServidor2', { address: '192.168.56.7' });
    template.hasMember('vmBalanceador', { isFounder: true, containers: ['haproxy'] });
  });

  it('has two primaries and two backups, spread over both servers', () => {
    template.resourceCountIs('WebServer', 4);
    template.hasServer('web-backend', 'web1', { role: 'primary', machine: 'vmServidor1', address: '192.168.56.6' });
    template.hasServer('web-backend', 'web2', { role: 'primary', machine: 'vmServidor2', address: '192.168.56.7' });
    template.hasServer('web-backend', 'web3', { role: 'backup', machine: 'vmServidor2' });
    template.hasServer('web-backend', 'web4', { role: 'backup', machine: 'vmServidor1' });
    template.hasBackend('web-backend', { balance: 'roundrobin', activateWhen: 'down' });
  });

  it('lets only the balancer reach the servers, and clients reach the balancer', () => {
    for (const name of ['web1', 'web2', 'web3', 'web4'])
      template.hasContainer(name, { isolated: true, publishedPorts: [{ connect: 80, allow: ['haproxy'] }] });
    template.hasContainer('haproxy', { publishedPorts: [{ listen: 1080, connect: 80, allow: Match.absent() }], hostPorts: [] });
  });

  it('publishes the site and its statistics at port 1080', () => {
    template.hasFrontend('http', {
      machine: 'vmBalanceador',
      port: 80,
      publishPort: 1080,
      defaultBackend: 'web-backend',
      statistics: { uri: '/haproxy?stats', refreshMs: 10_000, passwordVariable: Match.absent() },
      errorPages: Match.arrayWith([503]),
    });
    template.fileMatches('haproxy.cfg', 'option allbackups');
    template.fileMatches('haproxy.cfg', /server web3 \S+ maxconn 16 backup$/m);
  });
});
