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
});
