import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Construct } from 'constructs';
import { describe, expect, it } from 'vitest';
import { BaseApp } from '../../lib/core/index.js';
import { Annotations, App, Cluster, Machine, OutputFile, Stack, SynthesisError } from '../../lib/index.js';
import { errorsOf, fill, itRefuses, removeTemporaries, synth, temporary } from '../support.js';

removeTemporaries();

const file = (path: string, content = '') => ({ path, render: () => content });
const address = '192.168.56.5';

describe('many findings of one kind', () => {
  it('are counted, not all shown', () => {
    const app = new App({ outdir: join(temporary(), 'out') });
    const stack = new Stack(app, 's');
    for (let n = 0; n < 13; n++) new Machine(stack, `m${n}`, { address: 'nowhere' });
    new Machine(stack, 'x', { address, cpus: 0 });
    const text = new SynthesisError(errorsOf(app)).message;
    expect(text).toMatch(/^14 errors, nothing was written\n/);
    expect(text.split('error [bad-address]')).toHaveLength(11);
    expect(text).toMatch(/\nerror \[bad-cpus\](.|\n)*\n\nand 3 more \[bad-address\]\n$/);
  });
});

describe('the tree', () => {
  itRefuses(import.meta.url, [
    {
      id: 'bad-output-path',
      path: 's/F',
      says: ['"../x"', 'give a relative path'],
      also: ['no-machines'],
      build: (stack) => new OutputFile(stack, 'F', file('../x')),
    },
    {
      id: 'bad-output-path',
      when: 'of two lines',
      path: 's/F',
      says: ['"a/x\\ny"', 'control character', 'take it out'],
      also: ['no-machines'],
      build: (stack) => new OutputFile(stack, 'F', file('a/x\ny')),
    },
    {
      id: 'reserved-output-path',
      path: 's/F',
      says: ['"Manifest.json"', 'choose another name'],
      also: ['no-machines'],
      build: (stack) => new OutputFile(stack, 'F', file('Manifest.json')),
    },
    {
      id: 'reserved-output-path',
      when: 'a folder of that name',
      path: 's/F',
      says: ['"tree.JSON/x"', 'choose another name'],
      also: ['no-machines'],
      build: (stack) => new OutputFile(stack, 'F', file('tree.JSON/x')),
    },
    {
      id: 'reserved-output-path',
      when: 'of Vagrant',
      path: 's/F',
      says: ['".vagrant/x"', 'choose another name'],
      also: ['no-machines'],
      build: (stack) => new OutputFile(stack, 'F', file('.vagrant/x')),
    },
    {
      id: 'reserved-output-path',
      when: 'of a publish under way',
      path: 's/F',
      says: ['".cdkv/x"', 'choose another name'],
      also: ['no-machines'],
      build: (stack) => new OutputFile(stack, 'F', file('.cdkv/x')),
    },
    {
      id: 'duplicate-output-file',
      path: 's/B/F',
      says: ['"X"', 's/A', 'rename one'],
      also: ['no-machines'],
      build: (stack) => {
        new OutputFile(new Construct(stack, 'A'), 'F', file('x'));
        new OutputFile(new Construct(stack, 'B'), 'F', file('X'));
      },
    },
    {
      id: 'duplicate-output-file',
      when: 'an accent written in two ways',
      path: 's/B/F',
      says: ['s/A', 'rename one'],
      also: ['no-machines'],
      build: (stack) => {
        new OutputFile(new Construct(stack, 'A'), 'F', file('\u00e9'));
        new OutputFile(new Construct(stack, 'B'), 'F', file('E\u0301'));
      },
    },
    {
      id: 'duplicate-output-file',
      when: 'a file where another has a folder',
      path: 's/B/F',
      says: ['s/A', 'rename one'],
      also: ['no-machines'],
      build: (stack) => {
        new OutputFile(new Construct(stack, 'A'), 'F', file('x'));
        new OutputFile(new Construct(stack, 'B'), 'F', file('x/y'));
      },
    },
    {
      id: 'validation',
      path: 's/V',
      says: ['seven is too many'],
      also: ['no-machines'],
      build: (stack) => new Construct(stack, 'V').node.addValidation({ validate: () => ['seven is too many'] }),
      line: 'elsewhere',
    },
    {
      id: 'no-machines',
      path: 's',
      says: ['"s"', 'add one: new Machine('],
      line: 'elsewhere',
      build: () => undefined,
    },
    {
      id: 'acknowledge-without-reason',
      path: 's/M',
      says: ['"end-of-life-box"', 'say why'],
      build: (stack) => Annotations.of(new Machine(stack, 'M', { address })).acknowledge('end-of-life-box', ' '),
    },
    {
      id: 'unquotable-text',
      when: 'a NUL',
      path: 's',
      line: 'elsewhere',
      says: ['"s/a\\u0000b"', 'NUL', '"Vagrantfile"', 'take it out'],
      build: (stack) => new Machine(stack, 'a\0b', { name: 'vm', address }),
    },
  ]);

  it.each(['..', '.hidden', 'a/b', 'a b', 'x'.repeat(64)])('refuses the stack name %j', (name) => {
    const app = new BaseApp({ outdir: join(temporary(), 'out') }, []);
    new Stack(app, name);
    const [error] = errorsOf(app);
    expect(error).toMatchObject({ id: 'bad-stack-name', userLine: expect.stringContaining('annotations.test.ts:') });
    expect(error?.message).toContain('beginning with a letter or digit');
  });

  it('refuses an app without a stack', () => {
    expect(errorsOf(new App({ outdir: join(temporary(), 'out') }))).toMatchObject([{ id: 'no-stacks', path: '' }]);
  });

  it('refuses a stack that would not be written, as it is not directly below the app', () => {
    const app = new BaseApp({ outdir: join(temporary(), 'out') }, []);
    new OutputFile(new Stack(new Construct(app, 'Group'), 's'), 'F', file('x'));
    expect(errorsOf(app)).toMatchObject([{ id: 'nested-stack', path: 'Group/s' }]);
  });

  it('refuses two stacks that would share a folder where case does not count', () => {
    const app = new BaseApp({ outdir: join(temporary(), 'out') }, []);
    for (const name of ['web', 'other', 'Web']) new OutputFile(new Stack(app, name), 'F', file('x'));
    const [error, ...more] = errorsOf(app);
    expect(error).toMatchObject({ id: 'duplicate-stack', path: 'Web', userLine: expect.stringContaining('annotations.test.ts:') });
    expect(error?.message).toMatch(/"Web" would share its folder with "web".*; rename one$/);
    expect(more).toEqual([]);
  });

  it('refuses an output folder that cannot be one', () => {
    const outdir = join(fill(temporary(), { file: 'mine' }), 'file/below');
    const app = new BaseApp({ outdir }, []);
    new OutputFile(new Stack(app, 's'), 'F', file('x'));
    const [error] = errorsOf(app);
    expect(error).toMatchObject({ id: 'output-blocked', path: 's' });
    expect(error?.message).toMatch(/output folder ".*\/file\/below\/s" cannot be made: ".*\/file" is a file; choose another output folder/);
  });

  it('tells all that is wrong at once, in tree order', () => {
    const app = new App({ outdir: join(temporary(), 'out') });
    const stack = new Stack(app, 's');
    new Machine(stack, 'a_b', { address: '1.2.3', cpus: -1 });
    new Machine(stack, 'ok', { address });
    new Machine(new Stack(app, 't'), 'vm', { address: '192.168.57.1' });
    let message = '';
    try {
      app.synth();
    } catch (error) {
      ({ message } = error as Error);
    }
    expect(message).toMatch(/^4 errors, nothing was written\n/);
    expect(message.match(/^error \[[a-z-]+\]/gm)).toEqual(
      ['bad-host-name', 'bad-cpus', 'bad-address', 'reserved-address'].map((id) => `error [${id}]`),
    );
    expect(message.match(/^ {4}in (.*)$/gm)).toEqual(['s/a_b', 's/a_b', 's/a_b', 't/vm'].map((path) => `    in ${path}`));
    expect(message.match(/^ {4}at test\/core\/annotations\.test\.ts:\d+:\d+$/gm)).toHaveLength(4);
  });
});

describe('Annotations', () => {
  const emptyApp = () => new BaseApp({ outdir: join(temporary(), 'out') }, []);

  it('report the calling line for constructs without one of their own', () => {
    const app = emptyApp();
    Annotations.of(app).addError('mine', 'wrong');
    const [found] = Annotations.collect(app);
    expect(found).toMatchObject({ severity: 'error', id: 'mine', message: 'wrong', path: '' });
    expect(found?.userLine).toMatch(/annotations\.test\.ts:\d+:\d+$/);
  });

  it('report the same thing once', () => {
    const app = emptyApp();
    for (let time = 0; time < 3; time++) Annotations.of(app).addError('mine', 'wrong');
    expect(Annotations.collect(app)).toHaveLength(1);
  });

  it('acknowledge a warning on the construct and all below it, and no other', () => {
    const app = emptyApp();
    const [one, two] = [new Stack(app, 'one'), new Stack(app, 'two')];
    for (const stack of [one, two]) for (const id of ['x', 'y']) Annotations.of(new Construct(stack, id)).addWarning(id, 'doubtful');
    Annotations.of(one).acknowledge('x', 'known');
    expect(Annotations.collect(app).map((found) => found.path)).toEqual(['one/y', 'two/x', 'two/y']);
  });

  it('may be notes, which are printed, acknowledged, and stop nothing', () => {
    const app = new App({ outdir: join(temporary(), 'out') });
    const vm = new Machine(new Stack(app, 's'), 'vm', { address });
    Annotations.of(vm).addInfo('x', 'good to know');
    expect(synth(app)).toMatchObject({ warnings: [], printed: expect.stringMatching(/^info \[x\] good to know\n {4}in s\/vm\n/) });
    expect(app.synth({ strict: true }).written).toEqual([]);
    Annotations.of(app).acknowledge('x', 'known');
    expect(synth(app).printed).toBe('');
  });

  it('never acknowledge an error', () => {
    const app = emptyApp();
    Annotations.of(app).addError('x', 'wrong');
    Annotations.of(app).acknowledge('x', 'known');
    expect(Annotations.collect(app)).toHaveLength(1);
  });
});

describe('synth()', () => {
  it('may be called again, and writes nothing then', () => {
    const app = new App({ outdir: join(temporary(), 'out') });
    new Machine(new Stack(app, 's'), 'vm', { address });
    expect(synth(app).written).toHaveLength(5);
    expect(synth(app)).toMatchObject({ written: [], removed: [] });
  });

  it('succeeds once what was in the way is gone', () => {
    const app = new BaseApp({ outdir: temporary() }, []);
    const stack = new Stack(app, 's');
    new OutputFile(stack, 'F', file('x', 'new'));
    fill(stack.folder, { x: 'somebody else made this' });
    expect(() => app.synth()).toThrow('output-blocked');
    fill(stack.folder, { x: 'new' });
    expect(app.synth().written).toEqual(['s/tree.json', 's/manifest.json']);
  });

  it('refuses warnings when it is to be strict', () => {
    const app = new App({ outdir: join(temporary(), 'out') });
    const vm = new Machine(new Stack(app, 's'), 'vm', { address });
    Annotations.of(vm).addWarning('x', 'doubtful');
    expect(() => app.synth({ strict: true })).toThrow(/^1 warning that --strict refuses, nothing was written\n\nwarning \[x\] doubtful/);
    expect(existsSync(app.outdir)).toBe(false);
    Annotations.of(vm).acknowledge('x', 'known');
    expect(app.synth({ strict: true }).written).toHaveLength(5);
  });

  it('may be called between two stacks', () => {
    const app = new App({ outdir: join(temporary(), 'out') });
    for (const name of ['one', 'two']) {
      new Machine(new Stack(app, name), 'vm', { address });
      app.assemble();
    }
    expect(Object.keys(synth(app).files)).toEqual(expect.arrayContaining(['one/Vagrantfile', 'two/Vagrantfile']));
  });

  it('forgets what a check found once it is so no more', () => {
    const app = new App({ outdir: join(temporary(), 'out') });
    const stack = new Stack(app, 's');
    const cluster = new Cluster(stack, 'C');
    expect(errorsOf(app).map(({ id }) => id)).toEqual(['no-machines', 'empty-cluster']);
    for (const n of [1, 2]) cluster.addMember(`vm${n}`, { address: `192.168.56.${10 + n}` });
    expect(app.assemble().diagnostics.map(({ id }) => id)).toEqual(['two-member-cluster']);
    cluster.addMember('vm3', { address: '192.168.56.13' });
    expect(app.assemble().diagnostics).toEqual([]);
    // What a constructor found stays found.
    cluster.addMember('vm4', { address: 'nowhere' });
    expect(errorsOf(app)).toMatchObject([{ id: 'bad-address' }]);
    expect(errorsOf(app)).toHaveLength(1);
  });

  it('assembles in memory', () => {
    const app = new App({ outdir: join(temporary(), 'out') });
    new Machine(new Stack(app, 's'), 'vm', { address });
    const [stack] = app.assemble().stacks;
    expect(stack?.files.map(({ path }) => path)).toEqual(['Vagrantfile', '.gitignore', 'topology.svg', 'tree.json', 'manifest.json']);
    expect(stack?.userLines()['s/vm']).toMatch(/annotations\.test\.ts:\d+:\d+$/);
    expect(existsSync(app.outdir)).toBe(false);
  });

  it('describes the tree', () => {
    const app = new App({ outdir: join(temporary(), 'out') });
    new Cluster(new Stack(app, 's'), 'C').addMember('vm', { address });
    const tree = JSON.parse(synth(app).files['s/tree.json'] ?? '');
    expect(tree).toMatchObject({ id: 's', path: 's', type: 'Stack' });
    const cluster = tree.children.find((child: { id: string }) => child.id === 'C');
    expect(cluster.children.find((child: { id: string }) => child.id === 'vm')).toMatchObject({ path: 's/C/vm', type: 'Member' });
  });
});
