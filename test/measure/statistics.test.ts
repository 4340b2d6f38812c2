import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parseStatistics } from '../../lib/trials/index.js';

// What HAProxy 2.6.12 answered after eight requests with web1 stopped, and four before that, one of them for no page.
const SHOW_STAT = readFileSync(new URL('./show-stat.csv', import.meta.url), 'utf8');

it('reads the figures of HAProxy', () => {
  const { proxies, servers } = parseStatistics(SHOW_STAT);
  expect(proxies).toEqual([
    { name: 'http', kind: 'frontend', requests: 12, currentSessions: 2, queued: 0, responses: [0, 11, 0, 1, 0] },
    { name: 'web', kind: 'backend', requests: 12, currentSessions: 0, queued: 0, responses: [0, 11, 0, 1, 0] },
    { name: 'web-overflow', kind: 'backend', requests: 0, currentSessions: 0, queued: 0, responses: [0, 0, 0, 0, 0] },
  ]);
  const nothing = { current: 0, queued: 0, connectionErrors: 0, responseErrors: 0, retries: 0 };
  const none = [0, 0, 0, 0, 0];
  expect(servers).toEqual([
    { backend: 'web', server: 'web1', status: 'DOWN', isBackup: false, total: 5, ...nothing, retries: 3, responses: [0, 2, 0, 0, 0] },
    { backend: 'web', server: 'web2', status: 'UP', isBackup: false, total: 10, ...nothing, responses: [0, 9, 0, 1, 0] },
    { backend: 'web', server: 'spare', status: 'UP', isBackup: true, total: 0, ...nothing, responses: none },
    { backend: 'web-overflow', server: 'spare', status: 'UP', isBackup: false, total: 0, ...nothing, responses: none },
  ]);
});

it('finds columns by their names, and reads quoted fields', () => {
  const csv = '# pxname,svname,last_chk,status,type,stot\nweb,web1,"Connection ""refused"", twice","MAINT (via a/b)",2,7\n\n';
  expect(parseStatistics(csv).servers).toMatchObject([{ backend: 'web', server: 'web1', status: 'MAINT (via a/b)', total: 7 }]);
});

it('refuses what is no statistics', () => {
  expect(() => parseStatistics('Permission denied\n')).toThrow('HAProxy answers no statistics: Permission denied');
  expect(() => parseStatistics('')).toThrow('nothing');
});
