import { Construct } from 'constructs';
import { describe, expect, it } from 'vitest';
import { from, trace } from '../../lib/core/origin.js';
import { Section } from '../../lib/haproxy/index.js';
import { App } from '../../lib/index.js';

const app = new App();
const [a, b, c] = ['a', 'b', 'c'].map((id) => new Construct(app, id)) as [Construct, Construct, Construct];

/** The ids of what each line comes from. */
const idsOf = (render: () => string) => trace(render).map((line) => line.map(({ construct }) => construct.node.id));

describe('trace', () => {
  it('tells what each line comes from, the innermost first', () => {
    expect(idsOf(() => from(a, `1\n${from([b, a], '2\n')}3 ${from(c, 'x')}${from(b, 'y')}\n\n`))).toEqual([
      ['a'],
      ['b', 'a', 'a'],
      ['a', 'c', 'b'],
      ['a'],
    ]);
    expect(idsOf(() => `1\n${from(a, '2\n')}3`)).toEqual([[], ['a'], []]);
  });

  // A list for each line of a backend would cost the square of its servers.
  it('gives the lines of a piece one list', () => {
    const [, first, second, last] = trace(() => `0\n${from([a, b], '1\n2\n')}3\n`);
    expect(second).toBe(first);
    expect(last).not.toBe(first);
    const section = () => new Section('backend', 'web').from([a, b], (own) => own.lines`balance ${'first'}`.lines`maxconn ${1}`);
    const [, balance, maxconn] = trace(() => section().render());
    expect(balance?.map(({ construct }) => construct)).toEqual([a, b]);
    expect(maxconn).toBe(balance);
    const lines = trace(() => from([a, b], `0\n${new Section('x').line([], ['1']).render()}${from(() => [], '2\n')}3\n`));
    expect(new Set(lines).size).toBe(1);
  });
});
