import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { App, Machine, type PortRangeForwarding, Stack } from '../../lib/index.js';
import { errorsOf, itRefuses, removeTemporaries, stackOf, temporary } from '../support.js';
import { loadedNode } from '../vagrant/loaded.js';

removeTemporaries();

const address = '192.168.56.5';
const aMachine = (stack: Stack, name = 'vm', number = 5) => new Machine(stack, name, { address: `192.168.56.${number}` });

describe('forwarded ports', () => {
  it('are of TCP or UDP, on an address of the host, in ranges', () => {
    const { folder } = stackOf((stack) =>
      aMachine(stack)
        .forwardPort({ hostPort: 8080, machinePort: 80 })
        .forwardPort({ hostPort: 8080, machinePort: 53, protocol: 'udp', hostAddress: '0.0.0.0' })
        .forwardPorts({ hostPorts: [9000, 9002], machinePorts: [90, 92], autoCorrect: true }),
    );
    const ports = loadedNode(folder, 'vm').filter(([is, kind]) => is === 'network' && kind === 'forwarded_port');
    expect(ports.map(([, , options]) => options)).toEqual([
      { guest: 80, host: 8080, host_ip: '127.0.0.1', id: 'port-8080' },
      { guest: 53, host: 8080, host_ip: '0.0.0.0', protocol: 'udp', id: 'port-8080-udp' },
      ...[0, 1, 2].map((n) => ({ guest: 90 + n, host: 9000 + n, host_ip: '127.0.0.1', auto_correct: true, id: `port-${9000 + n}` })),
    ]);
  });

  it('of two machines may be one where Vagrant corrects them', () => {
    stackOf((stack) => {
      for (const number of [5, 6])
        aMachine(stack, `vm${number}`, number).forwardPort({ hostPort: 8080, machinePort: 80, autoCorrect: true });
    });
  });

  it.each<PortRangeForwarding>([
    { hostPorts: [8000, 8009], machinePorts: [80, 90] },
    { hostPorts: [8009, 8000], machinePorts: [90, 81] },
    { hostPorts: [8000, 8000.5], machinePorts: [80, 80.5] },
  ])('of %j are refused', (range) => {
    const app = new App({ outdir: join(temporary(), 'out') });
    aMachine(new Stack(app, 's')).forwardPorts(range);
    expect(errorsOf(app)).toMatchObject([{ id: 'bad-port-range', path: 's/vm', message: expect.stringContaining('of one length; give') }]);
  });

  itRefuses(import.meta.url, [
    {
      id: 'bad-port',
      path: 's/vm',
      says: ['machine port 65536', 'no UDP port', 'from 1 to 65535'],
      build: (stack) => aMachine(stack).forwardPort({ hostPort: 80, machinePort: 65_536, protocol: 'udp' }),
    },
    {
      id: 'bad-address',
      path: 's/vm',
      says: ['host address "localhost" of port 8080 for "vm"', 'write it like 127.0.0.1'],
      build: (stack) => aMachine(stack).forwardPort({ hostPort: 8080, machinePort: 80, hostAddress: 'localhost' }),
    },
    {
      id: 'duplicate-host-port',
      path: 's/B',
      says: ['host port 8005', 's/A', 'choose another for "B"'],
      build: (stack) => {
        aMachine(stack, 'A').forwardPorts({ hostPorts: [8000, 8009], machinePorts: [80, 89] });
        aMachine(stack, 'B', 6).forwardPort({ hostPort: 8005, machinePort: 80, hostAddress: '0.0.0.0' });
      },
    },
    {
      id: 'duplicate-host-port',
      when: 'on one machine, even where Vagrant corrects them',
      path: 's/vm',
      says: ['host port 8080', 's/vm'],
      build: (stack) =>
        aMachine(stack)
          .forwardPort({ hostPort: 8080, machinePort: 80, autoCorrect: true })
          .forwardPort({ hostPort: 8080, machinePort: 81, autoCorrect: true }),
    },
  ]);

  it('are told in the template', () => {
    stackOf((stack) => {
      expect(new Machine(stack, 'vm', { address }).forwardPort({ hostPort: 8080, machinePort: 80 }).toResource().properties).toMatchObject({
        forwardedPorts: [{ hostPort: 8080, machinePort: 80, protocol: 'tcp', hostAddress: '127.0.0.1', autoCorrect: false }],
      });
    });
  });
});
