import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { Construct } from 'constructs';
import { describe, expect, it } from 'vitest';
import { Annotations, App, Aspects, CloudInitTarget, Container, Machine, OutputFile, Raw, Rules, Stack } from '../../lib/index.js';
import { errorsOf, removeTemporaries, temporary } from '../support.js';

removeTemporaries();

const address = '192.168.56.5';

function made(rules = Rules.recommended()) {
  const app = new App({ outdir: join(temporary(), 'out'), rules });
  const stack = new Stack(app, 's');
  return { app, stack, vm: new Machine(stack, 'vm', { address }) };
}

type Scene = ReturnType<typeof made>;

const here = (line: number) => new RegExp(`failure\\.test\\.ts:${line}:\\d+$`);

/** The line of this file that holds a mark. */
const lineOf = (mark: () => unknown) => {
  const [, line] = /failure\.test\.ts:(\d+)/.exec(String(mark())) ?? [];
  return Number(line);
};

describe('what throws while a tree is synthesised', () => {
  it.each<[what: string, says: string, path: string, build: (scene: Scene, fail: () => never) => void]>([
    ['an aspect', 'aspect Object on s/vm failed: RangeError: no', 's/vm', ({ vm }, fail) => Aspects.of(vm).add({ visit: fail })],
    ['a validation', 'the validation of s failed: RangeError: no', 's', ({ stack }, fail) => stack.node.addValidation({ validate: fail })],
    [
      'a file',
      'the rendering of "x" for s failed: RangeError: no',
      's',
      ({ stack }, fail) => new OutputFile(stack, 'X', { path: 'x', render: fail }),
    ],
  ])('%s is an error of its construct, with the line that threw', (_what, says, path, build) => {
    const scene = made();
    let at = 0;
    build(scene, () => {
      const error = new RangeError('no');
      at = lineOf(() => error.stack);
      throw error;
    });
    const [error, ...others] = errorsOf(scene.app);
    expect(others).toEqual([]);
    expect(error).toMatchObject({ id: 'failed', path, message: `${says}; mend it there` });
    expect(error?.userLine).toMatch(here(at));
  });

  it('a rule is an error of the construct it looks at', () => {
    const rule = { id: 'own', category: 'network', severity: 'warning', of: Machine.isMachine } as const;
    const thrown = made(Rules.none().with({ ...rule, check: () => { throw 'text'; } })); // biome-ignore format: one line
    expect(errorsOf(thrown.app)).toMatchObject([{ id: 'failed', path: 's/vm', message: expect.stringContaining('"text" was thrown') }]);
    const late = made(Rules.none().with({ ...rule, check: async () => {} }));
    expect(errorsOf(late.app)).toMatchObject([{ id: 'failed', path: 's/vm', message: expect.stringContaining('is asynchronous') }]);
  });

  it('a construct that cannot be made there is told as it is elsewhere', () => {
    const { app, stack } = made();
    Aspects.of(stack).add({ visit: (construct) => Stack.isStack(construct) && new Container(stack, 'q', {} as never) });
    expect(errorsOf(app)).toMatchObject([
      {
        id: 'failed',
        path: 's',
        message: expect.stringMatching(/^aspect Object on s failed: \[wrong-type\] on of container "q" is not given; give it/),
      },
    ]);
  });

  it('a file may be bytes of another realm', () => {
    const { app, stack } = made();
    new OutputFile(stack, 'X', { path: 'x', render: () => runInNewContext('new Uint8Array([65, 66])') as Uint8Array });
    expect(Buffer.from(app.assemble().stacks[0]?.files.find(({ path }) => path === 'x')?.content ?? '').toString()).toBe('AB');
  });

  it('an aspect may come last of all', () => {
    const { app, vm } = made();
    const visits: string[] = [];
    Aspects.of(vm).add({ visit: () => visits.push('last') }, { priority: Number.POSITIVE_INFINITY });
    Aspects.of(vm).add({ visit: () => visits.push('first') });
    app.assemble();
    expect(visits).toEqual(['first', 'last']);
  });

  it.each([undefined, {}, 5, Promise.resolve('x')])('a file that renders %j is none', (content) => {
    const { app, stack } = made();
    new OutputFile(stack, 'X', { path: 'x', render: () => content as never });
    expect(errorsOf(app)).toMatchObject([{ id: 'failed', path: 's', message: expect.stringContaining('let it return a string') }]);
  });

  it('has the line of its construct when it is the library that fails, and each of several is told', () => {
    const { app, stack, vm } = made();
    Object.defineProperty(vm, 'memory', { value: 1024 });
    const errors = errorsOf(app);
    expect(new Set(errors.map(({ id }) => id))).toEqual(new Set(['failed']));
    expect(errors.map(({ message }) => message.slice(0, 40))).toEqual([
      'the rendering of "Vagrantfile" for s fai',
      'the rendering of "topology.svg" for s fa',
    ]);
    expect(errors[0]?.message).toContain('toMebibytes is not a function; most often a prop has a value of another type');
    expect(errors[0]?.userLine).toBe(stack.createdAt.userLine);
  });

  it.each<[what: string, add: (stack: Stack) => void]>([
    ['no aspect', (stack) => Aspects.of(stack).add((() => {}) as never)],
    ['a priority that is none', (stack) => Aspects.of(stack).add({ visit() {} }, { priority: 'high' as never })],
  ])('%s is refused where it is added', (_what, add) => {
    expect(() => add(made().stack)).toThrow(TypeError);
  });
});

describe('ids', () => {
  it('that two have are an error beside all others', () => {
    const { app, stack } = made();
    new Machine(stack, 'vm', { address: '192.168.56.7' });
    new Machine(stack, 'wrong', { address: 'nowhere' });
    const errors = errorsOf(app);
    expect(errors).toContainEqual(expect.objectContaining({ id: 'duplicate-id', path: 's/vm-2' }));
    expect(errors).toContainEqual(expect.objectContaining({ id: 'bad-address', path: 's/wrong' }));
    expect(errors.find(({ id }) => id === 'duplicate-id')?.message).toContain('id "vm" is that of another construct in s, a Machine');
  });

  it('in no scope throw a sentence', () => {
    expect(() => new Stack(undefined as never, 's')).toThrow('the scope of "s" is undefined; give it the construct that it is to be in');
  });
});

describe('errors of all kinds', () => {
  it('come at once: of machines, of files of the stack, of raw text', () => {
    const { app, stack } = made();
    new Machine(stack, 'wrong', { address: 'nowhere' });
    for (const id of ['X', 'Y']) new OutputFile(stack, id, { path: 'x', render: () => '' });
    Raw.of(stack).append('x', { block: 'none' });
    expect(errorsOf(app).map(({ id }) => id)).toEqual(['raw-without-block', 'bad-address', 'duplicate-output-file']);
  });

  it('have the line of a construct, unless another is to blame', () => {
    const { app, stack } = made();
    const at = lineOf(() => new Error().stack) + 1;
    Annotations.of(stack).acknowledge('single-server', ' ');
    Annotations.of(stack).acknowledge('two-member-cluster', undefined as never);
    const lines = errorsOf(app).map(({ id, userLine }) => [id, userLine]);
    expect(lines).toEqual([at, at + 1].map((line) => ['acknowledge-without-reason', expect.stringMatching(here(line))]));
  });
});

describe('what comes late', () => {
  it('a stack that an aspect adds for a file of a target is written', () => {
    const { app } = made();
    Aspects.of(app).add({
      visit(construct) {
        if (!OutputFile.isOutputFile(construct) || app.node.tryFindChild('late') !== undefined) return;
        new Machine(new Stack(app, 'late'), 'vm', { address: '192.168.57.5' });
      },
    });
    const { stacks } = app.assemble();
    expect(stacks.map(({ name }) => name)).toEqual(['s', 'late']);
    expect(stacks[1]?.files.map(({ path }) => path)).toContain('Vagrantfile');
  });

  it('a machine has its files for cloud-init', () => {
    const network = { private: { name: 'eth1' }, dhcp: [{ name: 'eth0' }] };
    const app = new App({ targets: [new CloudInitTarget({ network })] });
    const stack = new Stack(app, 's');
    new Machine(stack, 'first', { address });
    app.assemble();
    new Machine(stack, 'second', { address: '192.168.56.6' });
    const paths = app.assemble().stacks[0]?.files.map(({ path }) => path);
    expect(paths).toEqual(expect.arrayContaining(['cloud-init/first/user-data', 'cloud-init/second/user-data']));
  });

  it('a file in no stack is an error', () => {
    const { app } = made();
    new OutputFile(new Construct(app, 'part'), 'X', { path: 'x', render: () => '' });
    expect(errorsOf(app)).toMatchObject([
      { id: 'file-without-stack', path: 'part/X', message: expect.stringContaining('make it below one') },
    ]);
  });
});
