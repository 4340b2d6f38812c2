import { Construct, DependencyGroup } from 'constructs';
import { describe, expect, it } from 'vitest';
import { inDependencyOrder } from '../../lib/core/index.js';
import { App, Container, Machine, Stack } from '../../lib/index.js';
import { aCluster, itRefuses, removeTemporaries, stackOf } from '../support.js';

removeTemporaries();

/** Constructs below one root. */
function tree(...ids: readonly string[]) {
  const root = new Stack(new App(), 's');
  const constructs = ids.map((id) => new Construct(root, id));
  return { root, constructs, ids: (all: readonly Construct[]) => all.map(({ node }) => node.id) };
}

describe('inDependencyOrder', () => {
  it('leaves alone what depends on nothing', () => {
    const { constructs, ids } = tree('c', 'a', 'b');
    expect(ids(inDependencyOrder(constructs))).toEqual(['c', 'a', 'b']);
  });

  it('puts each behind what it, or what it is a part of, depends on', () => {
    const { constructs, ids } = tree('a', 'b', 'c', 'd');
    const [a, b, c, d] = constructs as [Construct, Construct, Construct, Construct];
    const [part, other] = [new Construct(a, 'part'), new Construct(c, 'other')];
    a.node.addDependency(new DependencyGroup(b, c));
    b.node.addDependency(d);
    expect(ids(inDependencyOrder([part, a, b, other, c, d]))).toEqual(['d', 'b', 'c', 'other', 'a', 'part']);
  });

  it('names each circle, and still ends', () => {
    const { constructs, ids } = tree('a', 'b', 'c', 'd');
    const [a, b, c, d] = constructs as [Construct, Construct, Construct, Construct];
    a.node.addDependency(b);
    b.node.addDependency(new Construct(c, 'part'));
    c.node.addDependency(a);
    d.node.addDependency(d);
    const cycles: string[][] = [];
    expect(inDependencyOrder(constructs, (cycle) => cycles.push(ids(cycle)))).toHaveLength(4);
    expect(cycles).toEqual([['a', 'b', 'part', 'c'], ['d']]);
  });

  it('names the scope that a construct depends on and is in', () => {
    const { constructs, ids } = tree('a');
    const [a] = constructs as [Construct];
    const part = new Construct(a, 'part');
    part.node.addDependency(a);
    const cycles: string[][] = [];
    inDependencyOrder([part], (cycle) => cycles.push(ids(cycle)));
    expect(cycles).toEqual([['part', 'a']]);
  });

  it('costs no more than there is, however deep', () => {
    const { constructs, ids } = tree(...Array.from({ length: 20_000 }, (_, n) => `c${n}`));
    constructs.forEach((construct, n) => {
      // Two ways to each: an exponential number of paths.
      for (const step of [1, 2]) if (constructs[n + step] !== undefined) construct.node.addDependency(constructs[n + step] as Construct);
    });
    expect(ids(inDependencyOrder(constructs))).toEqual(ids(constructs.toReversed()));
  });
});

describe('dependencies', () => {
  it('order machines and containers', () => {
    const { files } = stackOf((stack) => {
      const { m1, m2, m3 } = aCluster(stack);
      m2.node.addDependency(m3);
      const first = new Container(stack, 'first', { on: m1 });
      first.node.addDependency(new Container(stack, 'second', { on: m1 }));
    });
    const named = (text = '', pattern: RegExp) => [...text.matchAll(pattern)].map(([, name]) => name);
    expect(named(files['s/Vagrantfile'], /config\.vm\.define "(\w+)"/g)).toEqual(['m1', 'm3', 'm2']);
    expect(named(files['s/m1_cfg.sh'], /^container (\w+) /gm)).toEqual(['second', 'first']);
  });

  it('count as well when a check or a validation adds them', () => {
    const { files } = stackOf((stack) => {
      const { m1 } = aCluster(stack);
      const [first, second, third] = ['first', 'second', 'third'].map((id) => new Container(stack, id, { on: m1 })) as [
        Container,
        Container,
        Container,
      ];
      first.checkTree = () => second.node.addDependency(third);
      stack.node.addValidation({
        validate: () => {
          first.node.addDependency(second);
          return [];
        },
      });
    });
    expect([...(files['s/m1_cfg.sh'] ?? '').matchAll(/^container (\w+) /gm)].map(([, name]) => name)).toEqual(['third', 'second', 'first']);
  });

  itRefuses(import.meta.url, [
    {
      id: 'dependency-cycle',
      when: 'a check makes it',
      path: 's/a',
      says: ['s/a -> s/b -> s/a', 'take one'],
      build: (stack) => {
        const [a, b] = ['a', 'b'].map((id, n) => new Machine(stack, id, { address: `192.168.56.${n + 5}` })) as [Machine, Machine];
        a.checkTree = () => {
          a.node.addDependency(b);
          b.node.addDependency(a);
        };
      },
    },
    {
      id: 'dependency-cycle',
      path: 's/a',
      says: ['s/a -> s/b -> s/a', 'take one'],
      build: (stack) => {
        const [a, b] = ['a', 'b'].map((id, n) => new Machine(stack, id, { address: `192.168.56.${n + 5}` })) as [Machine, Machine];
        a.node.addDependency(b);
        b.node.addDependency(a);
      },
    },
    {
      id: 'other-stack',
      path: 's/a',
      says: ['s/a depends on t', 'stack "s"'],
      build: (stack) => {
        const other = new Stack(stack.node.scope as App, 't');
        new Machine(other, 'b', { address: '192.168.56.6' });
        new Machine(stack, 'a', { address: '192.168.56.5' }).node.addDependency(other);
      },
    },
    {
      id: 'late-founder',
      path: 's/Cluster',
      says: ['"m2" would be started before "m1"', 'first member'],
      line: 'elsewhere',
      build: (stack) => {
        const { m1, m2 } = aCluster(stack);
        m1.node.addDependency(m2);
      },
    },
  ]);
});
