import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { App, BackupPool, HaproxyFrontend, Stack } from '../../lib/index.js';
import { aCluster, aSite, errorsOf, itRefuses, PAGE, removeTemporaries, stackOf, temporary } from '../support.js';

removeTemporaries();

describe('BackupPool', () => {
  itRefuses(import.meta.url, [
    {
      id: 'empty-backup-pool',
      path: 's/Backups',
      says: ['"Backups"', 'addServer('],
      build: (stack) => new BackupPool(stack, 'Backups', { backend: aSite(stack).web }),
    },
  ]);

  it('belongs to a backend of its own stack', () => {
    const app = new App({ outdir: join(temporary(), 'out') });
    const { m1, web } = aSite(new Stack(app, 'here'));
    const there = new Stack(app, 'there');
    aCluster(there);
    new BackupPool(there, 'Backups', { backend: web }).addServer('web9', { on: m1, site: PAGE });
    expect(errorsOf(app)).toContainEqual(
      expect.objectContaining({ id: 'other-stack', path: 'there/Backups', message: expect.stringContaining('make them in the same one') }),
    );
  });

  it('stands in for the primaries, all of it in turn', () => {
    const { files } = stackOf((stack) => {
      const { m1, m2, m3, web } = aSite(stack);
      const backups = new BackupPool(stack, 'Backups', { backend: web, site: PAGE });
      backups.addServer('web8', { on: m2 });
      backups.addServer('web9', { on: m3 });
      new HaproxyFrontend(stack, 'http', { on: m1, port: 80, defaultBackend: web });
    });
    expect(files['s/haproxy.cfg']).toContain('    option allbackups\n');
    expect(files['s/haproxy.cfg']?.match(/server \S+ \S+ .*backup$/gm)).toHaveLength(2);
    expect(files['s/haproxy.cfg']).not.toContain('overflow');
  });
});
