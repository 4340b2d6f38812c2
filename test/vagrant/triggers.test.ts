import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { App, Machine, Stack, type Trigger, VagrantTarget } from '../../lib/index.js';
import { errorsOf, output, removeTemporaries, synth, temporary } from '../support.js';
import { type Call, loaded, loadedNode } from './loaded.js';

removeTemporaries();

/** An app of the machine `vm`. */
function anApp(triggers?: readonly Trigger[]) {
  const app = new App({ outdir: join(temporary(), 'out') });
  const stack = new Stack(app, 's', { targets: [new VagrantTarget(triggers && { triggers })] });
  return { app, machine: new Machine(stack, 'vm', { address: '192.168.56.5' }), folder: join(app.outdir, 's') };
}

describe('triggers', () => {
  it('are of a machine, or of all', () => {
    const { app, machine, folder } = anApp([{ when: 'before', commands: ['destroy'], warn: 'beware' }]);
    machine.addTrigger('after', ['up', 'reload'], {
      name: 'tell',
      info: 'it "is" #{up}',
      run: "bash -c 'echo $HOME'",
      runRemote: 'echo `id`\necho end',
      onError: 'continue',
    });
    synth(app);
    expect(loadedNode(folder, 'vm', 'trigger')).toEqual([
      [
        'after',
        ['up', 'reload'],
        [
          ['name=', 'tell'],
          ['info=', 'it "is" #{up}'],
          ['run=', { inline: "bash -c 'echo $HOME'" }],
          ['run_remote=', { inline: 'echo `id`\necho end' }],
          ['on_error=', 'continue'],
        ],
      ],
    ]);
    const own = loaded(folder).filter(([name]) => name === 'trigger') as [string, Call[]][];
    expect(own.flatMap(([, calls]) => calls)).toEqual([['before', ['destroy'], [['warn=', 'beware']]]]);
    expect(output('vagrant', ['validate'], { cwd: folder, env: { VAGRANT_DEFAULT_PROVIDER: 'libvirt', VAGRANT_HOME: temporary() } })).toBe(
      'Vagrantfile validated successfully.\n',
    );
  });

  it.each<[string, Partial<Trigger>, string]>([
    ['no command', { commands: [] }, 'a trigger after nothing, which never comes; say "before" or "after" and some of up, halt'],
    ['a command that is none', { commands: ['sleep' as 'up'] }, 'a trigger after sleep, which never comes'],
    ['a time that is none', { when: 'during' as 'after' }, 'a trigger during up, which never comes'],
    ['nothing to do', { info: ' ' }, 'a trigger after up that does nothing; give it info, warn, run or runRemote'],
    [
      'a script in a machine that was halted',
      { commands: ['reload', 'halt'], runRemote: 'id' },
      'a trigger after reload, halt with runRemote',
    ],
    ['a script in a machine that is not there yet', { when: 'before', runRemote: 'id' }, 'a trigger before up with runRemote'],
    ['a quote that does not end', { run: `bash -c "it's" 'x` }, 'where a quote does not end; end it'],
    ['an end that is none', { onError: 'retry' as 'halt' }, 'with onError "retry"; choose "halt" or "continue"'],
  ])('are refused with %s', (_, props, says) => {
    const trigger: Trigger = { when: 'after', commands: ['up'], info: 'up', ...props };
    expect(errorsOf(anApp([trigger]).app)).toMatchObject([
      { id: 'bad-trigger', path: 's', message: expect.stringContaining(`stack "s" has ${/^wi|^wh/.test(says) ? '' : says}`) },
    ]);
    const { app, machine } = anApp();
    machine.addTrigger(trigger.when, trigger.commands, trigger);
    expect(errorsOf(app)).toMatchObject([{ id: 'bad-trigger', path: 's/vm', message: expect.stringContaining(says) }]);
  });
});
