import { anyObject, BaseApp, type BaseAppProps, BOOLEAN, has, isPlain, kind, listOf, options, type Target, TEXT } from './core/index.js';
import { Rules } from './rules/index.js';
import { TopologyPicture } from './topology/index.js';
import { VagrantTarget } from './vagrant/index.js';

export interface AppProps extends BaseAppProps {
  /**
   * What the stacks are written for that do not say so themselves.
   *
   * @default - Vagrant
   */
  readonly targets?: readonly Target[];
  /**
   * What the tree is judged by once it has no errors.
   *
   * @default Rules.recommended()
   */
  readonly rules?: Rules;
  /**
   * Whether each stack gets a picture of itself, `topology.svg`.
   *
   * @default true
   */
  readonly topology?: boolean;
}

const PROPS = options<AppProps>("{ outdir: 'synth-out' }", () => ({
  outdir: TEXT,
  context: anyObject("{ size: 'small' }"),
  targets: listOf(
    kind<Target>(
      'a target',
      (value) => has(value, 'prepare'),
      () => 'new VagrantTarget()',
    ),
  ),
  rules: kind<Rules>(
    'Rules',
    (value) => isPlain(value) && Array.isArray(value.rules),
    () => 'Rules.recommended()',
  ),
  topology: BOOLEAN,
}));

/** The root of a tree. Make stacks below it, then call `synth()`. */
export class App extends BaseApp {
  /** @throws SynthesisError when something of it is of another type */
  public constructor(props: AppProps = {}) {
    const given = PROPS.ofNone('app', props);
    const targets = given.targets ?? [new VagrantTarget()];
    const { rules } = given.rules ?? Rules.recommended();
    super(given, targets, rules, given.topology === false ? [] : [new TopologyPicture()]);
  }
}
