import type { IConstruct } from 'constructs';
import { Annotations } from './annotations.js';
import { shown } from './shown.js';
import { TreeMark } from './tree-mark.js';

const LABELS = Symbol.for('cdk-vagrant.labels');

const TREE_HAS_LABELS = new TreeMark('labels');
const NONE: ReadonlyMap<string, string> = new Map();

interface Labelled extends IConstruct {
  [LABELS]?: Map<string, string>;
}

/**
 * Labels of a construct and all below it. They reach containers as LXD's `user.label.KEY`, and machines as the description that their
 * provider shows.
 */
export class Labels {
  public static of(scope: IConstruct): Labels {
    return new Labels(scope);
  }

  private constructor(private readonly scope: Labelled) {}

  /**
   * Adds a label, or gives it another value from here on down.
   *
   * @param key lower-case letters, digits, `.`, `_` and `-`, at most 63
   * @param value any text without control characters
   */
  public add(key: string, value: string): this {
    if (typeof key !== 'string' || !/^[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?$/.test(key)) {
      Annotations.of(this.scope).addError(
        'bad-label',
        `label ${shown(key)} is no key; use lower-case letters, digits, ".", "_" and "-", at most 63, beginning and ending with a letter or digit`,
      );
    }
    if (typeof value !== 'string') {
      Annotations.of(this.scope).addError('bad-label', `label "${String(key)}" is ${shown(value)}; give it a text`);
      return this;
    }
    if (/\p{Cc}/u.test(value)) {
      Annotations.of(this.scope).addError('bad-label', `label "${key}" is ${JSON.stringify(value)}; take the control characters out`);
    }
    this.scope[LABELS] ??= new Map();
    TREE_HAS_LABELS.set(this.scope);
    this.scope[LABELS].set(key, value);
    return this;
  }

  /** All labels that reach this construct, its own and those from above, by key in the order of the keys. */
  public get all(): ReadonlyMap<string, string> {
    if (!TREE_HAS_LABELS.isSet(this.scope)) return NONE;
    const all = this.origins.flatMap((scope) => [...((scope as Labelled)[LABELS] ?? [])]);
    return new Map([...new Map(all)].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** The constructs that the labels of this one come from. */
  public get origins(): readonly IConstruct[] {
    if (!TREE_HAS_LABELS.isSet(this.scope)) return [];
    return this.scope.node.scopes.filter((scope) => (scope as Labelled)[LABELS] !== undefined);
  }
}
