import type { IConstruct } from 'constructs';
import { isPlain, type Rule, shown } from '../core/index.js';
import { AVAILABILITY } from './availability.js';
import { CAPACITY } from './capacity.js';
import { LIFECYCLE } from './lifecycle.js';
import { NETWORK } from './network.js';
import { SECURITY } from './security.js';

const ALL: readonly Rule[] = [...SECURITY, ...AVAILABILITY, ...CAPACITY, ...LIFECYCLE, ...NETWORK];

/** The rules that a tree is judged by. A pack stays as it is; `with` and `without` make another. */
export class Rules {
  /** The rules that warn. What an `App` has when it is given none. */
  public static recommended(): Rules {
    return new Rules(ALL.filter(({ severity }) => severity === 'warning'));
  }

  /** Also those that only note what another machine would better. */
  public static all(): Rules {
    return new Rules(ALL);
  }

  /** No rule: an app is told its errors only. */
  public static none(): Rules {
    return new Rules([]);
  }

  private constructor(
    /** In the order they look at a construct. */
    public readonly rules: readonly Rule[],
  ) {}

  /**
   * The pack with rules of your own. To replace one, leave it out first.
   *
   * @throws RangeError when a rule of this id is there, or one has an id, a category or a severity that none can have
   */
  public with<T extends readonly IConstruct[]>(...rules: { readonly [K in keyof T]: Rule<T[K]> }): Rules {
    const ids = new Set(this.rules.map(({ id }) => id));
    for (const rule of rules) {
      if (!isPlain(rule)) throw new RangeError(`${shown(rule)} is no rule; give it an id, a category, a severity and check()`);
      const { id } = rule;
      const fault = faultOf(rule);
      if (fault !== undefined) throw new RangeError(`rule ${JSON.stringify(id)} has ${fault}`);
      if (ids.has(id))
        throw new RangeError(`there is a rule "${id}" already; give yours another id, or leave that one out: without('${id}')`);
      ids.add(id);
    }
    return new Rules([...this.rules, ...rules]);
  }

  /**
   * The pack without some rules.
   *
   * @param names ids of rules, and categories
   * @throws RangeError when one is neither, here or in `Rules.all()`
   */
  public without(...names: readonly string[]): Rules {
    const known = new Set([...ALL, ...this.rules].flatMap(({ id, category }) => [category, id]));
    const unknown = names.filter((name) => !known.has(name));
    if (unknown.length > 0) {
      throw new RangeError(`no rule or category is named ${shown(unknown[0])}; choose among ${[...known].sort().join(', ')}`);
    }
    return new Rules(this.rules.filter(({ id, category }) => !names.includes(id) && !names.includes(category)));
  }
}

const CATEGORIES: readonly string[] = [...new Set(ALL.map(({ category }) => category))];

/** What is wrong with a rule, and the remedy: without types nobody else tells. */
function faultOf({ id, category, severity, check }: Rule): string | undefined {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(id))
    return 'no such id as findings have; use words of small letters and digits with "-" between';
  if (!CATEGORIES.includes(category)) return `category ${JSON.stringify(category)}; choose among ${CATEGORIES.join(', ')}`;
  if (severity !== 'warning' && severity !== 'info')
    return `severity ${JSON.stringify(severity)}; choose "warning", which --strict refuses, or "info"`;
  return typeof check === 'function' ? undefined : 'no check(construct, note); give it one';
}
