import { describe, expect, it } from 'vitest';
import { ErrorPages, HaproxyFrontend, type Stack } from '../../lib/index.js';
import { aSite, fill, itRefuses, removeTemporaries, stackOf, temporary } from '../support.js';

removeTemporaries();

const withPages = (stack: Stack, files: Readonly<Record<string, string>>, folder = '') => {
  const { m1, web } = aSite(stack);
  const errorPages = ErrorPages.directory(`${fill(temporary(), files)}${folder}`);
  return () => ({ on: m1, port: 80, defaultBackend: web, errorPages });
};

describe('ErrorPages', () => {
  itRefuses(import.meta.url, [
    {
      id: 'missing-error-pages',
      path: 's/http',
      says: ['/no-such"', 'no such folder', 'relative to /'],
      build: (stack) => new HaproxyFrontend(stack, 'http', withPages(stack, {}, '/no-such')()),
    },
    {
      id: 'missing-error-pages',
      when: 'in an empty folder',
      path: 's/http',
      says: ['is empty', 'add pages like 503.html'],
      build: (stack) => new HaproxyFrontend(stack, 'http', withPages(stack, {})()),
    },
    {
      id: 'bad-error-page',
      path: 's/http',
      says: ['"418.html"', 'STATUS.html', '503'],
      build: (stack) => new HaproxyFrontend(stack, 'http', withPages(stack, { '418.html': 'teapot' })()),
    },
    {
      id: 'bad-error-page',
      when: 'two of one status',
      path: 's/http',
      says: ['two pages for 503', 'keep one'],
      build: (stack) => new HaproxyFrontend(stack, 'http', withPages(stack, { '503.html': 'x', '503.http': 'x' })()),
    },
    {
      id: 'bad-error-page',
      when: 'a folder',
      path: 's/http',
      says: ['"503.html"'],
      build: (stack) => new HaproxyFrontend(stack, 'http', withPages(stack, { '503.html/index.html': 'x' })()),
    },
    {
      id: 'error-page-too-large',
      path: 's/http',
      says: ['"503.html"', '16000 at most', 'shorten it'],
      build: (stack) => new HaproxyFrontend(stack, 'http', withPages(stack, { '503.html': 'x'.repeat(16_000) })()),
    },
  ]);

  it('are wrapped, or taken as they are', () => {
    const { files } = stackOf(
      (stack) => new HaproxyFrontend(stack, 'http', withPages(stack, { '400.html': '<p>', '503.http': 'as it is' })()),
    );
    expect(files['s/pages/http/400.http']).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n.*\r\n\r\n<p>$/s);
    expect(files['s/pages/http/503.http']).toBe('as it is');
    expect(files['s/haproxy.cfg']?.match(/errorfile .*/g)).toEqual([
      'errorfile 400 pages/http/400.http',
      'errorfile 503 pages/http/503.http',
    ]);
  });
});
