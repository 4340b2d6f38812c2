import { join } from 'node:path';
import { Construct, type IConstruct } from 'constructs';
import { describe, expect, it } from 'vitest';
import { Annotations, App, type Aspect, AspectPriority, Aspects, Machine, OutputFile, Stack } from '../../lib/index.js';
import { errorsOf, removeTemporaries, synth, temporary } from '../support.js';

removeTemporaries();

/** An app of one machine, and aspects that note whom they visit. */
function made() {
  const app = new App({ outdir: join(temporary(), 'out') });
  const stack = new Stack(app, 's');
  const vm = new Machine(stack, 'vm', { address: '192.168.56.5' });
  const visits: string[] = [];
  const noting = (name: string, then: (construct: IConstruct) => void = () => {}): Aspect => ({
    visit(construct) {
      visits.push(`${name} ${construct.node.path}`);
      then(construct);
    },
  });
  return { app, stack, vm, visits, noting };
}

describe('Aspects', () => {
  it('visit their scope and all below it, also the files, once', () => {
    const { app, stack, visits, noting } = made();
    Aspects.of(stack).add(noting('a'));
    synth(app);
    expect(visits).toEqual(['a s', 'a s/vm', 'a s/Vagrantfile', 'a s/GitIgnore', 'a s/topology.svg']);
    synth(app);
    expect(visits).toHaveLength(5);
    expect(Aspects.of(stack).all).toHaveLength(1);
    expect(Aspects.of(app).all).toEqual([]);
  });

  it('take turns by priority, then in the order of the tree', () => {
    const { app, vm, visits, noting } = made();
    Aspects.of(vm).add(noting('look'), { priority: AspectPriority.READONLY });
    Aspects.of(vm).add(noting('usual'));
    Aspects.of(app).add(noting('change'), { priority: AspectPriority.MUTATING });
    synth(app);
    expect(visits.slice(0, 5)).toEqual(['change ', 'change s', 'change s/vm', 'usual s/vm', 'look s/vm']);
  });

  it('visit what is added meanwhile, and may add aspects, of an earlier priority too', () => {
    const { app, stack, visits, noting } = made();
    const late = noting('late');
    Aspects.of(stack).add(
      noting('adds', (construct) => {
        if (construct !== stack) return;
        const part = new Construct(stack, 'part');
        new OutputFile(part, 'File', { path: 'x', render: () => 'x' });
        Aspects.of(part).add(late, { priority: AspectPriority.MUTATING });
      }),
    );
    expect(Object.keys(synth(app).files)).toContain('s/x');
    expect(visits).toEqual(expect.arrayContaining(['adds s/part', 'adds s/part/File', 'late s/part', 'late s/part/File']));
  });

  it('may refuse a tree', () => {
    const { app, vm } = made();
    Aspects.of(app).add({ visit: (construct) => construct === vm && Annotations.of(vm).addError('too-plain', 'give it more') });
    expect(errorsOf(app)).toMatchObject([{ id: 'too-plain', path: 's/vm' }]);
  });

  it('that add for ever are stopped', () => {
    const { app, stack } = made();
    class Growing implements Aspect {
      public visit(construct: IConstruct): void {
        new Construct(construct as Construct, 'more');
      }
    }
    Aspects.of(stack).add(new Growing());
    expect(() => app.synth()).toThrow(/^aspect Growing still finds new constructs after 1000 rounds, now "s\//);
  });
});
