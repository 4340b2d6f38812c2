import { describe, expect, it } from 'vitest';
import { Balance, Section } from '../../lib/haproxy/index.js';
import { fill, output, removeTemporaries, temporary } from '../support.js';

removeTemporaries();

const ALL: readonly [Balance, string][] = [
  [Balance.roundRobin(), 'roundrobin'],
  [Balance.staticRoundRobin(), 'static-rr'],
  [Balance.leastConnections(), 'leastconn'],
  [Balance.first(), 'first'],
  [Balance.source(), 'source'],
  [Balance.uri(), 'uri'],
  [Balance.uri({ length: 32, depth: 2, whole: true }), 'uri len 32 depth 2 whole'],
  [Balance.urlParameter('session id'), "url_param 'session id'"],
  [Balance.header('X-Tenant'), 'hdr(X-Tenant)'],
  [Balance.random(), 'random'],
  [Balance.random({ draws: 3 }), 'random(3)'],
];

describe('Balance', () => {
  it('is written as HAProxy knows it', () => {
    for (const [balance, words] of ALL)
      expect(new Section('backend', 'b').lines`balance ${balance.words}`.render()).toContain(`balance ${words}\n`);
  });

  it('is taken by HAProxy', () => {
    const backends = ALL.map(([balance], index) => new Section('backend', `b${index}`).lines`balance ${balance.words}`.render());
    const head =
      'defaults\n    mode http\n    timeout connect 1s\n    timeout client 1s\n    timeout server 1s\nfrontend f\n    bind :80\n';
    const folder = fill(temporary(), { 'haproxy.cfg': `${head}${backends.join('')}` });
    expect(output('haproxy', ['-c', '-dW', '-f', `${folder}/haproxy.cfg`])).toContain('Configuration file is valid');
  });

  it('refuses arguments that are none', () => {
    for (const make of [() => Balance.uri({ depth: 0 }), () => Balance.uri({ length: 1.5 }), () => Balance.random({ draws: -1 })])
      expect(make).toThrow(/a whole number, at least 1, got/);
    expect(() => Balance.urlParameter('')).toThrow('no name of a parameter');
    for (const name of ['', 'X Tenant', 'a)b', 'a\nb']) expect(() => Balance.header(name)).toThrow('no name of a header');
  });

  it('knows which of them deal out evenly', () => {
    expect(ALL.filter(([balance]) => balance.isEqual).map(([, words]) => words)).toEqual(['roundrobin', 'static-rr']);
  });
});
