import { describe, expect, it } from 'vitest';
import { Container, type Stack } from '../../lib/index.js';
import { aCluster, itRefuses, removeTemporaries, stackOf } from '../support.js';

removeTemporaries();

/** The titles of a script's steps, in order, and how many it says it has. */
function stepsOf(script = ''): { readonly announced: number; readonly titles: string[] } {
  const titles = [...script.matchAll(/^\s*step (?:"([^"]*)"|'([^']*)'|(\S+))$/gm)].map(([, a, b, c]) => a ?? b ?? c ?? '');
  return { announced: Number(/^begin .* (\d+)$/m.exec(script)?.[1]), titles };
}

describe('Member.addStep', () => {
  const { files } = stackOf((stack) => {
    const { m1, m2 } = aCluster(stack);
    const box = new Container(stack, 'box', { on: m1 });
    m1.addStep('Last', 'did last');
    m1.addStep('Swap', '[[ -e /swap ]] || did "made /swap"\n', { before: 'kernel' });
    m1.addStep('Joined', 'true', { after: 'membership' });
    m1.addStep("it's before", 'true', { before: box }).addStep('After', 'true', { after: box });
    m2.addStep('Firewalled', 'true', { after: 'firewall' });
  });

  it('puts a step where it is told to, and counts it', () => {
    expect(stepsOf(files['s/cluster-m1.sh'])).toEqual({
      announced: 5,
      titles: ['LXD, from packages of the distribution', 'Swap', 'Kernel', 'Membership', 'Joined'],
    });
    expect(stepsOf(files['s/m2_cfg.sh'])).toEqual({
      announced: 4,
      titles: ['Firewall', 'Firewalled', 'Cluster', 'What is no longer in the app'],
    });
    expect(files['s/m1_cfg.sh']).toMatch(
      /# raw, from s\/box\nstep 'it'\\''s before'\ntrue\n# end of raw\n\n# s\/box\nstep "Container box"\n(.+\n)+\n# raw, from s\/box\nstep After\n/,
    );
    expect(files['s/m1_cfg.sh']).toMatch(/retire_templates\n\n# raw, from s\/Cluster\/m1\nstep Last\ndid last\n# end of raw\n\ntouch/);
    expect(files['s/m1_cfg.sh']).toContain("begin 'm1, containers' 7\n");
  });

  it('takes one place only', () => {
    const both = (stack: Stack) => aCluster(stack).m1.addStep('x', 'true', { before: 'kernel', after: 'lxd' });
    expect(() => stackOf(both)).toThrow('step "x" is both before and after another; leave one out');
  });

  itRefuses(import.meta.url, [
    {
      id: 'raw-without-block',
      path: 's/Cluster/m1',
      says: ['"image mine"', '"kernel"'],
      build: (stack) => aCluster(stack).m1.addStep('x', 'true', { after: 'image mine' }),
    },
    {
      id: 'unquotable-text',
      path: 's/Cluster/m1',
      line: 'elsewhere',
      says: ['"a\\r\\nb"', '"m1"', 'control character'],
      build: (stack) => aCluster(stack).m1.addStep('a\r\nb', 'true'),
    },
    {
      id: 'bad-instance-option',
      when: 'a label among the options',
      path: 's/box',
      says: ['"user.label.team"', 'Labels.of'],
      build: (stack) => new Container(stack, 'box', { on: aCluster(stack).m1, config: { 'user.label.team': 'x' } }),
    },
    {
      id: 'bad-instance-option',
      when: 'no option at all',
      path: 's/box',
      says: ['"limits memory"'],
      build: (stack) => new Container(stack, 'box', { on: aCluster(stack).m1, config: { 'limits memory': '1' } }),
    },
    {
      id: 'bad-instance-option',
      when: 'a device without a name',
      path: 's/box',
      says: ['device ""'],
      build: (stack) => new Container(stack, 'box', { on: aCluster(stack).m1, devices: { '': {} } }),
    },
    {
      id: 'bad-instance-option',
      when: 'no option of a device',
      path: 's/box',
      says: ['device "data"', '"read only"', 'like "ipv4.address"'],
      build: (stack) => new Container(stack, 'box', { on: aCluster(stack).m1, devices: { data: { 'read only': 'true' } } }),
    },
  ]);
});

describe('options of a container', () => {
  it('are laid over ours, and listed', () => {
    const { files } = stackOf((stack) => {
      const { m1 } = aCluster(stack);
      const devices = { eth0: { 'limits.max': '10Mbit' }, tun: { type: 'unix-char', path: '/dev/net/tun' } };
      new Container(stack, 'box', { on: m1, cpus: 1, config: { 'limits.cpu': '0-1', 'limits.processes': '99' }, devices });
    });
    const { config, devices } = JSON.parse(files['s/containers/m1.json'] ?? '').box;
    expect(config).toMatchObject({
      'limits.cpu': '0-1',
      'limits.processes': '99',
      'user.cdk-vagrant.raw': 'limits.cpu,limits.processes,device eth0,device tun',
    });
    expect(devices).toMatchObject({ eth0: { network: 'lxdbr0', 'limits.max': '10Mbit' }, tun: { type: 'unix-char' } });
  });
});

describe('the preseed of the founder', () => {
  it('takes more, and says so', () => {
    const { files } = stackOf((stack) => {
      const preseed = {
        config: { 'cluster.offline_threshold': '30' },
        storage_pools: [
          { name: 'local', driver: 'btrfs' },
          { name: 'more', driver: 'dir' },
        ],
      };
      aCluster(stack, { preseed });
    });
    const text = files['s/preseeds/m1-found.yaml'] ?? '';
    expect(text).toMatch(/^# m1 founds the cluster \(raw, from s\/Cluster: in config, storage_pools\)\./);
    expect(text).toContain('  cluster.offline_threshold: "30"\n');
    expect(text).toContain('storage_pools:\n  - name: local\n    driver: btrfs\n  - name: more\n    driver: dir\n');
    expect(text).toContain('core.https_address');
  });
});
