import { BaseApp, type BaseAppProps, type Target } from './core/index.js';
import { VagrantTarget } from './vagrant/index.js';

export interface AppProps extends BaseAppProps {
  /**
   * What the stacks are written for.
   *
   * @default - Vagrant
   */
  readonly targets?: readonly Target[];
}

/** The root of a tree. Make stacks below it, then call `synth()`. */
export class App extends BaseApp {
  public constructor(props: AppProps = {}) {
    super(props, props.targets ?? [new VagrantTarget()]);
  }
}
