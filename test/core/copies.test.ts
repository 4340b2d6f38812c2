import { afterEach, describe, expect, it, vi } from 'vitest';
import * as ours from '../../lib/index.js';

afterEach(() => vi.resetModules());

const configure = new URL('../../lib/web/templates/apache.sh', import.meta.url);

type Library = typeof ours;

/** What another copy of the library makes in an app of ours. */
async function assembled(build: (copy: Library, stack: ours.Stack) => void) {
  vi.resetModules();
  const copy = (await import('../../lib/index.js')) as Library;
  expect(copy.Container).not.toBe(ours.Container);
  const app = new ours.App({ outdir: '/nowhere', rules: ours.Rules.all() });
  const stack = new ours.Stack(app, 's');
  build(copy, stack);
  const { stacks, diagnostics } = app.assemble();
  const files = stacks[0]?.files.map(({ path, content }) => [path, Buffer.from(content).toString()] as const) ?? [];
  return { files: Object.fromEntries(files), ids: diagnostics.map(({ id }) => id) };
}

describe('another copy of the library in one tree', () => {
  it('is judged by the rules', async () => {
    const { ids } = await assembled((copy, stack) => {
      const web = new copy.WebBackend(stack, 'web', { site: copy.Site.html('<p>page</p>\n') });
      const machine = new copy.Machine(stack, 'vm', { address: '10.1.1.5' });
      web.addServer('web1', { on: machine });
      new copy.HaproxyFrontend(stack, 'http', { on: machine, port: 81, hostPort: 80, defaultBackend: web });
    });
    expect(ids.sort()).toEqual([
      'balancer-beside-server',
      'privileged-host-port',
      'single-balancer',
      'single-server',
      'subnet-refused-by-virtualbox',
    ]);
  });

  it('is in the picture', async () => {
    const { files } = await assembled((copy, stack) => {
      const cluster = new copy.Cluster(stack, 'Cluster');
      const [m1, m2] = [5, 6].map((n) => cluster.addMember(`m${n}`, { address: `192.168.56.${n}` })) as [ours.Member, ours.Member];
      const web = new copy.WebBackend(stack, 'web', { site: copy.Site.html('<p>page</p>\n') });
      web.addServer('web1', { on: m2 });
      new copy.HaproxyFrontend(stack, 'http', { on: m1, port: 80, defaultBackend: web });
    });
    const picture = files['topology.svg'] ?? '';
    for (const text of ['2 machines, 2 containers, LXD cluster on 192.168.56.0/24.', 'to backend web.', 'Backend web has 1 primary server'])
      expect(picture).toContain(text);
  });

  /** A cluster of another copy, with a server and what leads to it. */
  function site(copy: Library, stack: ours.Stack) {
    const [m1, m2] = new copy.Cluster(stack, 'Cluster').addMembers('m', { count: 2, firstAddress: '192.168.56.5' }) as [
      ours.Member,
      ours.Member,
    ];
    const web = new copy.WebBackend(stack, 'web', { site: copy.Site.html('<p>page</p>\n') });
    web.addServer('web1', { on: m2 });
    new copy.HaproxyFrontend(stack, 'http', { on: m1, port: 80, defaultBackend: web });
    return { m1, web };
  }

  it.each(['ours', 'its own'])('takes raw text, of %s', async (whose) => {
    const { files } = await assembled((copy, stack) => {
      const { m1, web } = site(copy, stack);
      const { Raw } = whose === 'ours' ? ours : copy;
      Raw.of(web).append('option httplog');
      Raw.of(m1).append('echo hi', { block: 'kernel' });
    });
    expect(files['haproxy.cfg']).toContain('# raw, from s/web\n    option httplog\n');
    expect(files['cluster-m1.sh']).toContain('# raw, from s/Cluster/m1\necho hi\n');
  });

  it('has lines that are known to be of its constructs', async () => {
    vi.resetModules();
    const copy = (await import('../../lib/index.js')) as Library;
    const stack = new ours.Stack(new ours.App({ outdir: '/nowhere' }), 's');
    site(copy, stack);
    const origins = (stack.node.root as ours.App).assemble().stacks[0]?.origins()['haproxy.cfg'] ?? [];
    expect(new Set(origins.flatMap((run) => run.origins.map(({ construct }) => construct)))).toContain('s/web');
  });

  it('is told of text that its file cannot carry', async () => {
    const told = assembled((copy, stack) => {
      const { web } = site(copy, stack);
      copy.Raw.of(web).append('a\0b');
    });
    await expect(told).rejects.toMatchObject({ diagnostics: [{ id: 'unquotable-text' }] });
  });

  it('has values that ours take', async () => {
    const { ids } = await assembled((copy, stack) => {
      const { Balance, Box, Duration, Engine, Image, Network, Password, Site, Size, Storage } = copy;
      const cluster = new ours.Cluster(stack, 'Cluster', {
        network: Network.vxlan() as never,
        machineDefaults: { box: Box.debian13() as never, memory: Size.gibibytes(2) as never },
        engine: Engine.incus() as never,
        image: Image.remote('images:debian/12') as never,
        storage: Storage.btrfs({ size: Size.gibibytes(10) }) as never,
        joinDeadline: Duration.minutes(5) as never,
      });
      const [m1, m2, m3] = [5, 6, 7].map((n) => cluster.addMember(`m${n}`, { address: `192.168.56.${n}` })) as [
        ours.Member,
        ours.Member,
        ours.Member,
      ];
      const web = new ours.WebBackend(stack, 'web', { balance: Balance.first() as never, site: Site.html('<p>page</p>\n') as never });
      for (const [n, on] of [m2, m3].entries()) web.addServer(`web${n}`, { on });
      const password = Password.generated() as never;
      const target = new ours.HaproxyFrontend(stack, 'http', { on: m1, port: 80, defaultBackend: web, statistics: { password } });
      new ours.Container(stack, 'box', { on: m1, software: new copy.Software('mine', { packages: [], configure }) as never });
      expect(target.statistics?.password).toBe(password);
    });
    expect(ids.filter((id) => ours.MESSAGES[id]?.severity === 'error')).toEqual([]);
  });
});
