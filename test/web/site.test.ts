import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { HaproxyFrontend, Site, type Stack, WebBackend } from '../../lib/index.js';
import { aCluster, fill, itRefuses, removeTemporaries, stackOf, temporary } from '../support.js';

removeTemporaries();

const serve = (stack: Stack, site: Site) => {
  const { m1, m2 } = aCluster(stack);
  const web = new WebBackend(stack, 'web');
  new HaproxyFrontend(stack, 'http', { on: m1, port: 80, defaultBackend: web });
  web.addServer('web1', { on: m2, site });
};

describe('Site', () => {
  itRefuses(import.meta.url, [
    {
      id: 'missing-site',
      path: 's/web/web1',
      says: ['"no/such"', 'does not exist', 'relative to /'],
      build: (stack) => new WebBackend(stack, 'web').addServer('web1', { on: aCluster(stack).m1, site: Site.directory('no/such') }),
    },
    {
      id: 'missing-site',
      when: 'a file that is none',
      path: 's/web/web1',
      says: ['"lib"', 'not a file', 'correct the path'],
      build: (stack) => new WebBackend(stack, 'web').addServer('web1', { on: aCluster(stack).m1, site: Site.file('lib') }),
    },
    {
      id: 'missing-site',
      when: 'without an index',
      path: 's/web/web1',
      says: ['no index.html', 'correct the path'],
      build: (stack) =>
        new WebBackend(stack, 'web').addServer('web1', { on: aCluster(stack).m1, site: Site.directory(fill(temporary(), { a: '' })) }),
    },
  ]);

  it('is a directory with all below it, byte for byte', () => {
    const binary = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    const folder = fill(temporary(), { 'index.html': 'i\n', 'a b/ñ.bin': binary, '.hidden': 'h', 'Z/z': 'z' });
    const { files } = stackOf((stack) => serve(stack, Site.directory(folder)));
    const pages = Object.keys(files).filter((path) => path.startsWith('s/sites/'));
    expect(pages.sort()).toEqual(['s/sites/web1/.hidden', 's/sites/web1/Z/z', 's/sites/web1/a b/ñ.bin', 's/sites/web1/index.html']);
    expect(files['s/sites/web1/a b/ñ.bin']).toBe(binary.toString('latin1'));
  });

  it('is a file or a text, served as the index', () => {
    const path = join(fill(temporary(), { 'page.htm': 'from a file' }), 'page.htm');
    for (const site of [Site.file(path), Site.html('from a file')]) {
      expect(stackOf((stack) => serve(stack, site)).files['s/sites/web1/index.html']).toBe('from a file');
    }
  });
});
