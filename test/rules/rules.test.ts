import { join } from 'node:path';
import { Construct } from 'constructs';
import { describe, expect, it } from 'vitest';
import { Annotations, App, Cluster, Machine, type Rule, Rules, Stack } from '../../lib/index.js';
import { errorsOf, removeTemporaries, synth, temporary } from '../support.js';

removeTemporaries();

const ids = (rules: Rules) => rules.rules.map(({ id }) => id);

/** An app of one machine, `vm`, of 1024 MiB. */
function appOf(rules: Rules, address = '192.168.56.5') {
  const app = new App({ outdir: join(temporary(), 'out'), rules });
  return { app, vm: new Machine(new Stack(app, 's'), 'vm', { address }) };
}

const ownRule = (rule: Partial<Rule> = {}): Rule => ({
  id: 'small-machine',
  category: 'capacity',
  severity: 'warning',
  check(construct, note) {
    if (Machine.isMachine(construct) && construct.memory.toMebibytes() < 2048)
      note(`machine "${construct.machineName}" is small; enlarge it`);
  },
  ...rule,
});

describe('Rules', () => {
  it('are recommended when they warn, and told apart by their ids', () => {
    expect(Rules.recommended().rules).toEqual(Rules.all().rules.filter(({ severity }) => severity === 'warning'));
    expect(ids(Rules.all())).toEqual([...new Set(ids(Rules.all()))]);
    expect(ids(Rules.all().without(...ids(Rules.recommended())))).toEqual(['single-balancer', 'balancer-beside-server']);
    expect(Rules.none().rules).toEqual([]);
  });

  it('are left out by id and by category, in another pack', () => {
    const recommended = Rules.recommended();
    const less = recommended.without('capacity', 'two-member-cluster');
    expect(new Set(less.rules.map(({ category }) => category))).toEqual(new Set(['security', 'availability', 'lifecycle', 'network']));
    expect(ids(less)).not.toContain('two-member-cluster');
    expect(recommended.rules).toEqual(Rules.recommended().rules);
    // Known, though not here.
    expect(ids(less.without('small-member', 'capacity', 'single-balancer'))).toEqual(ids(less));
  });

  it('refuse a name that they do not know', () => {
    expect(() => Rules.recommended().without('two-member-clusters')).toThrow(
      /^no rule or category is named "two-member-clusters"; choose among availability, backups-beside-primary, (.*, )?capacity, /,
    );
    expect(() => Rules.none().without('small-machine')).toThrow(RangeError);
    expect(Rules.none().with(ownRule()).without('small-machine').rules).toEqual([]);
  });

  it('take rules of your own, acknowledged like any other', () => {
    const { app, vm } = appOf(Rules.recommended().with(ownRule()));
    expect(synth(app)).toMatchObject({
      warnings: [{ severity: 'warning', id: 'small-machine', path: 's/vm', message: 'machine "vm" is small; enlarge it' }],
      printed: expect.stringMatching(/^warning \[small-machine\] .*\n {4}in s\/vm\n {4}at test\/rules\/rules\.test\.ts:\d+:\d+\n/),
    });
    expect(() => app.synth({ strict: true })).toThrow('1 warning that --strict refuses');
    Annotations.of(vm).acknowledge('small-machine', 'known');
    expect(synth(app).warnings).toEqual([]);
  });

  it('may note, which --strict takes', () => {
    const { app } = appOf(Rules.none().with(ownRule({ severity: 'info' })));
    expect(synth(app)).toMatchObject({ warnings: [], printed: expect.stringMatching(/^info \[small-machine\] /) });
    expect(app.synth({ strict: true }).written).toEqual([]);
  });

  it.each<[rule: object, says: string]>([
    [{ id: 'x y' }, 'rule "x y" has no such id as findings have'],
    [{ category: 'foo' }, 'category "foo"; choose among security, availability, capacity, lifecycle, network'],
    [{ severity: 'error' }, 'severity "error"; choose "warning", which --strict refuses, or "info"'],
    [{ check: undefined }, 'no check(construct, note); give it one'],
  ])('refuse %j', (own, says) => {
    expect(() => Rules.none().with(ownRule(own as never))).toThrow(says);
  });

  it('refuse a second rule of one id, but one may be replaced', () => {
    const own = ownRule({ id: 'small-member' });
    expect(() => Rules.recommended().with(own)).toThrow(
      'there is a rule "small-member" already; give yours another id, or leave that one out',
    );
    expect(() => Rules.none().with(own, own)).toThrow('"small-member" already');
    const { app } = appOf(Rules.recommended().without('small-member').with(own));
    expect(app.assemble().diagnostics).toMatchObject([{ id: 'small-member', path: 's/vm' }]);
  });

  it('see each construct of a tree without errors, and no other', () => {
    const seen: string[] = [];
    const spy = ownRule({ check: (construct) => void seen.push(construct.node.path) });
    expect(errorsOf(appOf(Rules.none().with(spy), 'nowhere').app)).toMatchObject([{ id: 'bad-address' }]);
    expect(seen).toEqual([]);
    const { app, vm } = appOf(Rules.none().with(spy));
    new Construct(vm, 'Below');
    app.assemble();
    expect(seen.slice(0, 4)).toEqual(['', 's', 's/vm', 's/vm/Below']);
    expect(new Set(seen).size).toBe(seen.length);
  });

  it('see the constructs of their kind alone, those of subclasses among them, in the order of the tree', () => {
    class Special extends Machine {}
    const seen: string[] = [];
    const isSpecial = (x: unknown): x is Special => x instanceof Special && x.machineName !== 'other';
    const kept = { category: 'network', severity: 'info' } as const;
    const rules = Rules.none().with(
      { id: 'machines', ...kept, of: Machine.isMachine, check: (machine) => void seen.push(machine.machineName) },
      { id: 'special', ...kept, of: isSpecial, check: (machine) => void seen.push(`special ${machine.machineName}`) },
      { id: 'none', ...kept, of: Cluster.isCluster, check: (cluster) => void seen.push(cluster.subnet) },
    );
    const { app, vm } = appOf(rules);
    const stack = Stack.of(vm);
    new Construct(stack, 'Own');
    new Special(stack, 'special', { address: '192.168.56.6' });
    new Machine(stack, 'last', { address: '192.168.56.7' });
    app.assemble();
    expect(seen).toEqual(['vm', 'special', 'last', 'special special']);
    const two = new Stack(app, 'two');
    new Special(two, 'other', { address: '192.168.56.6' });
    new Special(two, 'more', { address: '192.168.56.7' });
    app.assemble();
    expect(seen.slice(4)).toEqual(['vm', 'special', 'last', 'other', 'more', 'special special', 'special more']);
  });

  it('judge anew each time', () => {
    const app = new App({ outdir: join(temporary(), 'out') });
    const cluster = new Cluster(new Stack(app, 's'), 'C');
    for (const number of [1, 2, 3]) {
      cluster.addMember(`vm${number}`, { address: `192.168.56.${10 + number}` });
      expect(app.assemble().diagnostics.map(({ id }) => id)).toEqual(number === 2 ? ['two-member-cluster'] : []);
    }
  });
});
