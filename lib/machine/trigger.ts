import { type ObjectKind, options, shown, TEXT, UNTOLD } from '../core/index.js';

/** Commands of Vagrant that a trigger may wait for. (Not `all`: Vagrant counts what it does inside each command, too.) */
export type TriggerCommand = 'up' | 'halt' | 'destroy' | 'provision' | 'reload' | 'resume' | 'suspend';

/** What a trigger does, in this order: tell, warn, run on the host, run in the machine. */
export interface TriggerActions {
  /**
   * What it is called when it runs.
   *
   * @default - none
   */
  readonly name?: string;
  /**
   * Text to tell.
   *
   * @default - none
   */
  readonly info?: string;
  /**
   * Text to warn with.
   *
   * @default - none
   */
  readonly warn?: string;
  /**
   * Command on the host. Vagrant splits it into words as a shell does, but there is no shell: say `bash -c '...'` for one.
   * A quote that does not end is an error.
   *
   * @default - none
   */
  readonly run?: string;
  /**
   * Shell script in the machine, as root. It has to run then: not after it was halted, suspended or destroyed, nor before it comes up.
   *
   * @default - none
   */
  readonly runRemote?: string;
  /**
   * Whether Vagrant stops when it fails, or goes on.
   *
   * @default "halt"
   */
  readonly onError?: 'halt' | 'continue';
}

/** Something that Vagrant does by itself before or after a command. */
export interface Trigger extends TriggerActions {
  readonly when: 'before' | 'after';
  /** At least one. */
  readonly commands: readonly TriggerCommand[];
}

export const TRIGGER: ObjectKind<Trigger> = options("{ when: 'after', commands: ['up'], info: 'it is up' }", () => ({
  when: UNTOLD,
  commands: UNTOLD,
  name: TEXT,
  info: TEXT,
  warn: TEXT,
  run: TEXT,
  runRemote: TEXT,
  onError: UNTOLD,
}));

const COMMANDS: readonly string[] = ['up', 'halt', 'destroy', 'provision', 'reload', 'resume', 'suspend'] satisfies TriggerCommand[];

/** Moments at which no machine runs, or a new one does not. */
const AT_REST: Readonly<Record<Trigger['when'], readonly TriggerCommand[]>> = {
  before: ['up', 'resume'],
  after: ['halt', 'destroy', 'suspend'],
};

/** What a shell splits into words: each quote ends. */
const WORDS = /^(?:[^'"\\]|\\.|'[^']*'|"(?:[^"\\]|\\.)*")*\\?$/s;

/** What is wrong with a trigger; undefined when nothing is. */
export function triggerFault({ when, commands, info, warn, run, runRemote, onError = 'halt' }: Trigger): string | undefined {
  const time = TEXT.is(when) ? when : shown(when);
  if (!Array.isArray(commands)) return `a trigger ${time} ${shown(commands)}, which is no list of commands; give one: ['up']`;
  const moment = `${time} ${commands.join(', ') || 'nothing'}`;
  if (!['before', 'after'].includes(when) || commands.length === 0 || !commands.every((command) => COMMANDS.includes(command)))
    return `a trigger ${moment}, which never comes; say "before" or "after" and some of ${COMMANDS.join(', ')}`;
  if (![info, warn, run, runRemote].some((action) => action !== undefined && action.trim() !== ''))
    return `a trigger ${moment} that does nothing; give it info, warn, run or runRemote`;
  const still = runRemote === undefined ? [] : commands.filter((command) => AT_REST[when].includes(command));
  if (still.length > 0)
    return `a trigger ${moment} with runRemote, but the machine does not run ${when} ${still.join(', ')}; choose another moment, or run`;
  if (run !== undefined && !WORDS.test(run))
    return `a trigger ${moment} that runs ${JSON.stringify(run)}, where a quote does not end; end it`;
  if (!['halt', 'continue'].includes(onError)) return `a trigger ${moment} with onError ${shown(onError)}; choose "halt" or "continue"`;
  return undefined;
}
