import { Construct } from 'constructs';
import { CreationSite } from './site.js';

const ELEMENT = Symbol.for('cdk-vagrant.Element');

/**
 * Base of this library's constructs: knows the user's line that made it and may check itself once the tree is whole.
 */
export abstract class Element extends Construct {
  /** Whether `x` is an Element, also of another copy of this library. */
  public static isElement(x: unknown): x is Element {
    return x !== null && typeof x === 'object' && ELEMENT in x;
  }

  /** Where the user's code made this construct. */
  public readonly createdAt: CreationSite;

  protected constructor(scope: Construct, id: string) {
    super(scope, id);
    this.createdAt = new CreationSite();
    Object.defineProperty(this, ELEMENT, { value: true });
  }

  /**
   * An id below this construct for something with a name of its own: the name, or another when that is taken. Who bears the name
   * twice is then reported with all other errors, not thrown.
   */
  protected freeId(name: string): string {
    let id = name;
    for (let n = 2; this.node.tryFindChild(id) !== undefined; n++) id = `${name}-${n}`;
    return id;
  }

  /**
   * Adds to the annotations whatever is wrong with this construct now that the tree is complete. Called once by
   * `App.synth()`, before anything is rendered.
   */
  public checkTree(): void {}
}
