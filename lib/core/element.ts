import { Construct, type IConstruct } from 'constructs';
import { Annotations } from './annotations.js';
import { CreationSite } from './site.js';
import { need, TEXT } from './typed.js';

/** A construct as plain data, for whoever tests a tree. What is undefined in it counts as not there. */
export interface Resource {
  /** Name of the class that a user knows it by, e.g. `Machine`. */
  readonly type: string;
  /** What the user calls it. */
  readonly name: string;
  /** Everything that is decided about it, as JSON; other constructs by name, units in the names: `memoryMiB`, `checkIntervalMs`. */
  readonly properties: Readonly<Record<string, unknown>>;
}

/** Marks an element with its number, in the order they are made. To look for it with `in` would take much longer than to read it. */
const ELEMENT = Symbol.for('cdk-vagrant.Element');
let made = 0;

/**
 * Base of this library's constructs: knows the user's line that made it and may check itself once the tree is whole.
 */
export abstract class Element extends Construct {
  /** Whether `x` is an Element, also of another copy of this library. */
  public static isElement(x: unknown): x is Element {
    return x !== null && typeof x === 'object' && (x as Element)[ELEMENT] !== undefined;
  }

  /** Elements in the order they were made, which the tree's is not: it lists children whose ids are numbers first. */
  public static inOrder<T extends IConstruct>(constructs: readonly T[]): readonly T[] {
    // Mostly they are.
    let last = 0;
    for (let index = 0; index < constructs.length; index++) {
      const place = placeOf(constructs[index] as T);
      if (!(place >= last)) return sorted(constructs);
      last = place;
    }
    return constructs;
  }

  /** Where the user's code made this construct. */
  public readonly createdAt: CreationSite;
  private readonly [ELEMENT]: number;

  // biome-ignore lint/correctness/noUnreachableSuper: where the first one throws, the second has its turn
  protected constructor(scope: Construct, id: string) {
    if (scope?.node === undefined)
      throw new TypeError(`the scope of ${JSON.stringify(id)} is ${JSON.stringify(scope)}; give it the construct that it is to be in`);
    if (typeof id !== 'string') need(TEXT, id, 'id', scope, 'a construct in', scope.node.path);
    let other: IConstruct | undefined;
    try {
      super(scope, safeId(id));
    } catch (error) {
      other = scope.node.tryFindChild(safeId(id));
      if (other === undefined) throw error;
      super(scope, freeIdIn(scope, id));
    }
    this.createdAt = CreationSite.of(new.target);
    this[ELEMENT] = ++made;
    if (other !== undefined) {
      Annotations.of(this).addError(
        'duplicate-id',
        `id ${JSON.stringify(id)} is that of another construct in ${scope.node.path || 'the app'}, a ${other.constructor.name}; give one of them another`,
      );
    }
  }

  /**
   * An id below this construct for something with a name of its own: the name, or another when that is taken. Who bears the name
   * twice is then reported with all other errors, not thrown.
   */
  protected freeId(name: string): string {
    return freeIdIn(this, name);
  }

  /** Makes parts of this element: where they are made is where it was. */
  protected parts<T>(make: () => T): T {
    return CreationSite.shared(this.createdAt, make);
  }

  /**
   * Adds to the annotations whatever is wrong with this construct now that the tree is complete. Called each time
   * the tree is assembled, before anything is rendered.
   */
  public checkTree(): void {}

  /**
   * What a test may ask about this construct; undefined when it is but a part of another. Asked for when the tree is whole. Let the
   * compiler infer the type of what overrides this: it is what `cdk-vagrant/assertions` offers of the properties.
   */
  public toResource(): Resource | undefined {
    return undefined;
  }
}

/** Undefined when it is no Element. */
const placeOf = (construct: IConstruct) => (construct as unknown as { [ELEMENT]: number })[ELEMENT];

function sorted<T extends IConstruct>(constructs: readonly T[]): readonly T[] {
  return constructs.every(Element.isElement) ? constructs.toSorted((a, b) => placeOf(a) - placeOf(b)) : constructs;
}

function freeIdIn({ node }: IConstruct, name: string): string {
  let id = safeId(name);
  for (let n = 2; node.tryFindChild(id) !== undefined; n++) id = `${name}-${n}`;
  return id;
}

const OF_EVERY_OBJECT: ReadonlySet<string> = new Set(Object.getOwnPropertyNames(Object.prototype));

/** `constructs` takes what every object has, like "constructor", for a child that is there already. */
function safeId(id: string): string {
  return OF_EVERY_OBJECT.has(id) ? `${id}_` : id;
}
