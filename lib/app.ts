import { BaseApp, type BaseAppProps, type Target } from './core/index.js';
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

/** The root of a tree. Make stacks below it, then call `synth()`. */
export class App extends BaseApp {
  public constructor(props: AppProps = {}) {
    const targets = props.targets ?? [new VagrantTarget()];
    const { rules } = props.rules ?? Rules.recommended();
    super(props, targets, rules, props.topology === false ? [] : [new TopologyPicture()]);
  }
}
