import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { App, BackupPool, Container, HaproxyBalancer, HaproxyFrontend, Machine, Raw, Stack } from '../../lib/index.js';
import { aCluster, aSite, errorsOf, fill, itRefuses, PAGE, ROOT, removeTemporaries, run, stackOf, temporary } from '../support.js';

removeTemporaries();

/** A file of stack `s`. */
const fileOf = (path: string, build: (stack: Stack) => void) => stackOf(build).files[`s/${path}`] ?? '';

const site = (stack: Stack) => {
  const made = aSite(stack);
  const balancer = new HaproxyBalancer(stack, 'balancer', { on: made.m1 });
  const http = new HaproxyFrontend(stack, 'http', { balancer, port: 80, defaultBackend: made.web, statistics: {} });
  return { ...made, balancer, http };
};

const RAW = (path: string, indent: string, ...lines: readonly string[]) =>
  [`# raw, from ${path}`, ...lines, '# end of raw'].map((line) => `${indent}${line}\n`).join('');

describe('Raw', () => {
  it('adds to each block of haproxy.cfg, and HAProxy reads it', () => {
    const text = fileOf('haproxy.cfg', (stack) => {
      const { web, balancer, http } = site(stack);
      Raw.of(balancer).append('tune.bufsize 32768').append('option contstats', { block: 'defaults' });
      Raw.of(balancer).append('backend extra\n    server one 127.0.0.1:1\n', { block: 'sections' });
      Raw.of(http).prepend('http-request deny if { path -m beg /secret }').append('user x insecure-password y', { block: 'userlist' });
      Raw.of(web).override('balance', 'balance leastconn\nhash-type consistent').override('option httpchk');
    });
    expect(text).toContain(`${RAW('s/balancer', '    ', 'tune.bufsize 32768')}\ndefaults\n`);
    expect(text).toContain(RAW('s/balancer', '    ', 'option contstats'));
    expect(text).toContain(`frontend http\n${RAW('s/http', '    ', 'http-request deny if { path -m beg /secret }')}`);
    expect(text).toContain(RAW('s/web', '    ', 'balance leastconn', 'hash-type consistent'));
    expect(text).not.toContain('balance roundrobin');
    expect(text).not.toContain('option httpchk');
    expect(text.endsWith(`\n${RAW('s/balancer', '', 'backend extra', '    server one 127.0.0.1:1')}`)).toBe(true);
    const env = { STATISTICS_HTTP: '$6$saltsalt$qFmFH.bQmmtXzyBY0s9v7Oicd2z4XSIecDzlB5KiA2/jctKu9YterLp8wwnSq.qc.eoxqOmSuNp2xS0ktL3nh/' };
    const { code, err } = run('haproxy', ['-c', '-f', join(fill(temporary(), { cfg: text }), 'cfg')], { env });
    expect(`${code}${err}`).toMatch(/^0/);
  });

  it('adds to the machine blocks, the whole and the head of a Vagrantfile', () => {
    const { folder, files } = stackOf((stack) => {
      const one = new Machine(stack, 'one', { address: '192.168.56.31' });
      const two = new Machine(stack, 'two', { address: '192.168.56.32' });
      Raw.of(one).append('node.vm.box_version = "1.2"').override('node.vm.box', 'node.vm.box = "mine"');
      Raw.of(two).prepend('# first\n\nx = 1');
      Raw.of(stack).append('config.ssh.forward_agent = true').append('ENV["X"] = "1"', { block: 'head' });
    });
    const text = files['s/Vagrantfile'] ?? '';
    expect(text).toContain(`do |node|\n${RAW('s/one', '    ', 'node.vm.box = "mine"')}    node.vm.provider "libvirt"`);
    expect(text).toContain(`${RAW('s/one', '    ', 'node.vm.box_version = "1.2"')}  end\n`);
    expect(text).toContain(
      `do |node|\n${RAW('s/two', '    ', '# first').replace(/ {4}# end of raw\n/, '')}\n    x = 1\n    # end of raw\n`,
    );
    expect(text.endsWith(`${RAW('s', '  ', 'config.ssh.forward_agent = true')}end\n`)).toBe(true);
    const { out, err } = run('ruby', [join(ROOT, 'test/vagrant/stub.rb'), join(folder, 'Vagrantfile')]);
    expect(err).toBe('');
    expect(out).toContain('["box=","mine"],');
    expect(out).toContain('["forward_agent=",true]');
  });

  it('adds to the steps of a machine and a container, and rules to its firewall', () => {
    const { files } = stackOf((stack) => {
      const { m1 } = aCluster(stack);
      const box = new Container(stack, 'box', { on: m1 });
      Raw.of(m1).append('did nothing', { block: 'kernel' }).append('add table inet mine', { block: 'nft' });
      Raw.of(box).append('lxc exec box -- true </dev/null');
    });
    expect(files['s/cluster-m1.sh']).toContain(`step "Kernel"\nkernel_limits\n${RAW('s/Cluster/m1', '', 'did nothing')}`);
    expect(files['s/m1_cfg.sh']).toContain(`container box ubuntu:24.04\n${RAW('s/box', '', 'lxc exec box -- true </dev/null')}`);
    expect(files['s/firewall/m1.nft']?.endsWith(RAW('s/Cluster/m1', '', 'add table inet mine'))).toBe(true);
  });

  it('changes nothing where there is none', () => {
    const plain = fileOf('haproxy.cfg', (stack) => void site(stack));
    const empty = fileOf('haproxy.cfg', (stack) => void Raw.of(site(stack).web).append('').override('option httpchk', 'option httpchk'));
    expect(empty).toBe(plain.replace('    option httpchk\n', RAW('s/web', '    ', 'option httpchk')));
  });

  it('of two that override the same lines, the last counts', () => {
    const text = fileOf(
      'haproxy.cfg',
      (stack) => void Raw.of(site(stack).web).override('balance', 'balance leastconn').override('balance', 'balance source'),
    );
    expect(text).toContain(RAW('s/web', '    ', 'balance source'));
    expect(text).not.toContain('leastconn');
  });

  itRefuses(import.meta.url, [
    {
      id: 'raw-override-unmatched',
      path: 's/web',
      says: ['"balanc"', 'append it'],
      build: (stack) => Raw.of(site(stack).web).override('balanc', 'balance source'),
    },
    {
      id: 'raw-without-block',
      when: 'another name',
      path: 's/web',
      says: ['"backends"', 'name one of "backend"'],
      build: (stack) => Raw.of(site(stack).web).append('x', { block: 'backends' }),
    },
    {
      id: 'raw-without-block',
      when: 'of a construct without any',
      path: 's/Cluster',
      says: ['no main block', 'a construct that has one'],
      build: (stack) => Raw.of(site(stack).cluster).append('x'),
    },
  ]);

  it('refuses what no file may hold', () => {
    const app = new App({ outdir: join(temporary(), 'out') });
    Raw.of(site(new Stack(app, 's')).web).append('a\0b');
    expect(errorsOf(app)).toMatchObject([{ id: 'unquotable-text', path: 's/balancer', message: expect.stringContaining('NUL') }]);
  });

  it('forgets what was wrong when it is right', () => {
    const app = new App({ outdir: join(temporary(), 'out') });
    const stack = new Stack(app, 's');
    const { web, m3 } = site(stack);
    Raw.of(web).append('timeout queue 5s', { block: 'overflow' });
    expect(errorsOf(app).map(({ id }) => id)).toEqual(['raw-without-block']);
    const pool = new BackupPool(stack, 'pool', { backend: web, site: PAGE, activateWhen: 'downOrSaturated' });
    pool.addServer('backup', { on: m3 });
    expect(app.assemble().stacks).toHaveLength(1);
  });
});
