import { describe, expect, it } from 'vitest';
import { ERROR_FILE_LIMIT, errorFile, errorStatuses, isErrorStatus } from '../../lib/haproxy/index.js';
import { fill, output, removeTemporaries, temporary } from '../support.js';

removeTemporaries();

describe('errorFile', () => {
  it('is a whole response', () => {
    const page = Buffer.from('<h1>Vuelva más tarde</h1>\n');
    const [head, body] = Buffer.from(errorFile(503, page)).toString().split('\r\n\r\n');
    expect(head?.split('\r\n')).toEqual([
      'HTTP/1.1 503 Service Unavailable',
      'Content-Type: text/html; charset=utf-8',
      'Cache-Control: no-cache',
      'Connection: close',
      `Content-Length: ${page.length}`,
    ]);
    expect(body).toBe(page.toString());
  });

  it('is known by number', () => {
    expect([400, 503].every(isErrorStatus)).toBe(true);
    expect([0, 99, 402, 418, 600, Number.NaN].some(isErrorStatus)).toBe(false);
  });

  it('is taken by HAProxy, for every status and up to the limit', () => {
    const head = errorFile(503, Buffer.alloc(10_000, 'x')).length - 10_000;
    const largest = errorFile(503, Buffer.alloc(ERROR_FILE_LIMIT - head, 'x'));
    expect(largest.length).toBe(ERROR_FILE_LIMIT);
    const files = Object.fromEntries(
      errorStatuses().map((status) => [`${status}.http`, status === 503 ? largest : errorFile(status, Buffer.from('x'))]),
    );
    const lines = errorStatuses().map((status) => `    errorfile ${status} ${status}.http\n`);
    const folder = fill(temporary(), {
      ...files,
      'haproxy.cfg': `global\n    default-path config\ndefaults\n    mode http\n    timeout client 1s\nfrontend f\n    bind :80\n${lines.join('')}`,
    });
    expect(output('haproxy', ['-c', '-dW', '-f', `${folder}/haproxy.cfg`])).toContain('Configuration file is valid');
  });
});
