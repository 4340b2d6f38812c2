import { describe, expect, it } from 'vitest';
import { Match, Template } from '../../lib/assertions/index.js';
import { App, Machine, Stack } from '../../lib/index.js';
import { expectLineOf } from '../support.js';
import { anEmptyStack, aStack, messageOf } from './support.js';

const template = Template.fromStack(aStack());

describe('a resource of a name', () => {
  it('is there', () => {
    template.hasMachine('m1', { address: '192.168.56.11', cpus: 1, memoryMiB: 1024 });
    template.hasMachine('m1');
    template.hasMember('m1', { isFounder: true, containers: ['haproxy'] });
    template.hasContainer('web2', { member: 'm2', isolated: true, memoryMiB: Match.absent() });
    template.hasFrontend('http', { port: 80, publishPort: 1080, defaultBackend: 'web', statistics: { uri: '/haproxy?stats' } });
    template.hasBackend('web', { balance: 'roundrobin', primaries: ['web2', 'web3'], backups: ['spare'] });
    template.hasServer('web', 'web2', { role: 'primary', container: 'web2', address: '192.168.56.12' });
    template.hasServer('web', 'spare');
    template.hasResource('BackupPool', 'Backups', { backend: 'web' });
    template.hasResource('BackupPool', 'Backups');
  });

  it('is of that name or another that is like it', () => {
    template.hasContainer(/^web/, { member: 'm3' });
    template.hasContainer(Match.stringLikeRegexp('^web'), { member: 'm3' });
    expect(messageOf(() => template.hasContainer(/^web/, { member: 'm1', isolated: true }))).toBe(
      `none of 2 resources of type Container named text matching /^web/ is as expected
nearest by its properties: "web2" (s/web/web2/Container) is not as expected:
  member: expected "m1", got "m2"`,
    );
  });

  it.each<[string, () => void, string]>([
    [
      'hasMachine',
      () => template.hasMachine('m1', { address: '192.168.56.12', cpus: 2, box: 'bento/debian-12' }),
      `Machine "m1" (s/Cluster/m1/Machine) is not as expected:
  address: expected "192.168.56.12", got "192.168.56.11"
  cpus: expected 2, got 1`,
    ],
    [
      'hasMember',
      () => template.hasMember('m2', { isFounder: true, containers: ['web2'] }),
      `Member "m2" (s/Cluster/m2) is not as expected:
  isFounder: expected true, got false
  containers[1]: expected nothing, got "spare"`,
    ],
    [
      'hasContainer',
      () => template.hasContainer('haproxy', { memoryMiB: 512, publishedPorts: [{ listen: 80 }] }),
      `Container "haproxy" (s/Cluster/m1/Haproxy/Container) is not as expected:
  memoryMiB: expected 512, got nothing
  publishedPorts[0].listen: expected 80, got 1080`,
    ],
    [
      'hasFrontend',
      () => template.hasFrontend('http', { statistics: { user: 'ops' } }),
      `HaproxyFrontend "http" (s/http) is not as expected:
  statistics.user: expected "ops", got "admin"`,
    ],
    [
      'hasBackend',
      () => template.hasBackend('web', { checkIntervalMs: 500 }),
      `WebBackend "web" (s/web) is not as expected:
  checkIntervalMs: expected 500, got 1000`,
    ],
    [
      'hasServer',
      () => template.hasServer('web', 'spare', { role: 'primary' }),
      `WebServer "spare" (s/Backups/spare) is not as expected:
  role: expected "primary", got "backup"`,
    ],
    [
      'hasServer of another backend',
      () => template.hasServer('api', 'web2'),
      `WebServer "web2" (s/web/web2) is not as expected:
  backend: expected "api", got "web"`,
    ],
    [
      'hasResource',
      () => template.hasResource('Cluster', 'Cluster', { prune: true }),
      `Cluster "Cluster" (s/Cluster) is not as expected:
  prune: expected true, got false`,
    ],
    [
      'all properties by one matcher',
      () => template.hasResource('BackupPool', 'Backups', Match.objectEquals({ backend: 'web', activateWhen: 'down' })),
      `BackupPool "Backups" (s/Backups) is not as expected:
  servers: expected nothing, got ["spare"]`,
    ],
    [
      'a matcher of what all properties must not be',
      () => template.hasResource('BackupPool', 'Backups', Match.not({ backend: 'web' })),
      `BackupPool "Backups" (s/Backups) is not as expected:
  properties: expected anything but { backend: "web" }, got { backend: "web", activateWhen: "down", servers: ["spare"] }`,
    ],
  ])('%s tells what differs', (_, assertion, message) => {
    expect(messageOf(assertion)).toBe(message);
  });

  it('may be named wrongly', () => {
    expect(messageOf(() => template.hasContainer('web5'))).toBe(
      `stack "s" has no Container named "web5"; did you mean "web2"?
  there are "haproxy", "web2", "web3", "spare"`,
    );
    expect(messageOf(() => template.hasMachine('m5', { address: '192.168.56.12', cpus: 2 }))).toBe(
      `stack "s" has no Machine named "m5"
  there are "m1", "m2", "m3"
nearest by its properties: "m2" (s/Cluster/m2/Machine) is not as expected:
  cpus: expected 2, got 1`,
    );
    expect(messageOf(() => template.hasServer('web', /^spare./, { role: 'backup' }))).toBe(
      `stack "s" has no WebServer named text matching /^spare./
  there are "web2", "web3", "spare"
nearest by its properties: "spare" (s/Backups/spare), which has them`,
    );
  });

  it('may be of a type that is not there', () => {
    expect(messageOf(() => template.hasResource('Server', 'web2'))).toBe(
      `stack "s" has no Server at all, so none named "web2"
  there are resources of type "Cluster", "Member", "Machine", "HaproxyBalancer", "Container", "WebBackend", "WebServer", "BackupPool", "HaproxyFrontend"; did you mean "WebServer"?`,
    );
    const empty = Template.fromStack(anEmptyStack());
    expect(messageOf(() => empty.hasMachine('m1'))).toBe(
      `stack "empty" has no Machine at all, so none named "m1"\n  there are no resources`,
    );
  });

  it('may be one of many', () => {
    const stack = new Stack(new App(), 's');
    for (let number = 1; number <= 30; number++) new Machine(stack, `machine${number}`, { address: `192.168.56.${100 + number}` });
    const message = messageOf(() => Template.fromStack(stack).hasMachine('machine27x'));
    expect(message).toMatch(
      /^stack "s" has no Machine named "machine27x"; did you mean "machine27"\?\n {2}there are "machine27", .* and 10 more$/,
    );
    expect(message.match(/"machine\d+",? /g)).toHaveLength(20);
  });

  it('shows the line of the test, and none of the library', () => {
    const rows = [
      { id: 'here', assertion: () => template.hasMachine('m7') },
      { id: 'there', assertion: () => template.hasServer('web', 'web2', { port: 1 }) },
    ];
    for (const { id, assertion } of rows) {
      let stack = '';
      try {
        assertion();
      } catch (error) {
        stack = (error as Error).stack ?? '';
      }
      const [, frame] = /\n +at (?:.* \()?(?:file:\/\/)?(\/[^\n]*:\d+:\d+)\)?(?:\n|$)/.exec(stack) ?? [];
      expectLineOf(import.meta.url, `id: '${id}'`, frame);
    }
  });
});
