import { describe, expect, it } from 'vitest';
import { clientLimits, elsewhere, judge, type LoadPlan, saturation, sentence, spreadOf, tooSmall } from '../../lib/load/index.js';
import type { Figures } from '../../lib/measure/index.js';
import { aResult, someFigures } from './results.js';

describe('thresholds', () => {
  const served = (before: [number, number], after: [number, number]) => ({
    backend: 'web',
    before: someFigures({ totals: before }),
    after: someFigures({ totals: after }),
  });

  it('are judged one by one', () => {
    const result = aResult({ sent: 200, failed: 1, p95: 300 });
    const verdicts = judge({ failed: 0.004, p95Ms: 300, p99Ms: 299, spread: 0.05 }, result, served([100, 100], [200, 208]));
    expect(verdicts.map(sentence)).toEqual([
      'failed is 0.5 %, above 0.4 %',
      'p95 is 300 ms, at most 300 ms',
      'p99 is 300 ms, above 299 ms',
      'spread is 3.85 %, at most 5 %',
    ]);
    expect(verdicts.map(({ met }) => met)).toEqual([false, true, false, true]);
  });

  it('that are not there are not judged', () => {
    expect(judge({}, aResult())).toEqual([]);
  });

  it('of the spread are not judged without figures', () => {
    const [verdict] = judge({ spread: 0.05 }, aResult());
    expect(verdict).toEqual({
      threshold: 'spread',
      limit: 0.05,
      found: undefined,
      met: undefined,
      reason: "there are no figures of HAProxy's",
    });
  });

  it('tell the largest deviation of a primary from an equal share', () => {
    expect(spreadOf(served([10, 10], [110, 110]))).toBe(0);
    expect(spreadOf(served([10, 10], [160, 60]))).toBe(0.5);
    expect(spreadOf(served([0, 0], [0, 100]))).toBe(1);
    expect(spreadOf(served([5, 5], [5, 5]))).toBe('no primary got a request');
    expect(spreadOf(served([50, 50], [5, 60]))).toBe('HAProxy began to count anew meanwhile');
    expect(spreadOf({ ...served([0, 0], [1, 1]), backend: 'none' })).toBe('HAProxy knows no primary of backend "none"');
  });
});

describe('what saturated first', () => {
  const sampled = (figures: Figures, second: number) => ({ atMs: 1000 * second, figures });
  const calm = someFigures();
  it.each([
    ['its queue', [calm, someFigures({ queued: 7 }), someFigures({ status: 'DOWN' })], 'web1 16, web2 16'],
    ['a server that is down', [calm, someFigures({ status: 'DOWN' }), someFigures({ queued: 7 })], 'server "web2": HAProxy had it as DOWN'],
    ['its own errors', [someFigures({ errors: 3 }), someFigures({ errors: 8 })], 'answered 5 requests with an error of its own'],
  ])('%s', (_, samples, says) => {
    expect(saturation(samples.map(sampled), 'web')).toContain(says);
  });

  it('is nothing when all is calm', () => {
    expect(saturation([calm, calm].map(sampled), 'web')).toBeUndefined();
    expect(elsewhere('web')).toContain('no request of backend "web" waited');
  });

  it('is not known by one look', () => {
    expect(saturation([calm].map(sampled), 'web')).toBeUndefined();
  });
});

describe('limits of the client', () => {
  const common = { url: 'http://127.0.0.1:1', paths: ['/'], timeoutMs: 10_000 };
  const users: LoadPlan = { ...common, users: 4000, rampUpMs: 1000, loops: 2 };
  const rate: LoadPlan = { ...common, rate: 200, durationMs: 1000 };

  it('are those of this process', () => {
    const { files, ports, processors } = clientLimits();
    expect(files).toBeGreaterThan(100);
    expect(ports).toBeGreaterThan(1000);
    expect(processors).toBeGreaterThan(0);
  });

  it('are told when a load may come to them', () => {
    const small = { files: 1024, ports: 500, processors: 1 };
    expect(tooSmall(users, small)).toEqual([
      'this client has files for 992 connections and the load has 4000 users; raise ulimit -n',
      'this client has ports for 500 connections and the load has 4000 users; widen net.ipv4.ip_local_port_range',
    ]);
    expect(tooSmall(rate, small)).toEqual([
      'this client has files for 992 connections: enough while answers take less than 5.0 s; else raise ulimit -n',
      'this client has ports for 500 connections: enough while answers take less than 2.5 s; else widen net.ipv4.ip_local_port_range',
    ]);
    expect(tooSmall(users, { files: 20_000, ports: 28_000, processors: 1 })).toEqual([]);
    expect(tooSmall(users, { files: undefined, ports: undefined, processors: 1 })).toEqual([]);
  });
});
