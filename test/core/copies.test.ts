import { afterEach, describe, expect, it, vi } from 'vitest';
import * as ours from '../../lib/index.js';

afterEach(() => vi.resetModules());

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
});
