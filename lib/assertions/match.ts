import { compare, isObject, occurs, type Strictness } from './compare.js';
import { below, differs, MATCHES, Matcher, type MatchResult, show, together } from './matcher.js';

/**
 * Matchers, which take the place of values in patterns, at any depth. Objects without one match in part: they may have more than the
 * pattern names, also inside `arrayWith` and `not`, but not inside `objectEquals`, `arrayEquals` and `exact`. Arrays without one match
 * whole, element for element.
 */
export const Match = {
  /** An object that has at least what the pattern names, each of it matching in turn. */
  objectLike(pattern: Readonly<Record<string, unknown>>): Matcher {
    return new Data(pattern, 'like');
  },

  /** An object that has what the pattern names and nothing else, at any depth. */
  objectEquals(pattern: Readonly<Record<string, unknown>>): Matcher {
    return new Data(pattern, 'equal');
  },

  /** An array with these elements in this order; others may stand before, between and after them. */
  arrayWith(pattern: readonly unknown[]): Matcher {
    return new ArrayWith(pattern);
  },

  /** An array of these elements and no others, objects among them with nothing else. */
  arrayEquals(pattern: readonly unknown[]): Matcher {
    return new Data(pattern, 'equal');
  },

  /** Exactly this value; of an object or array, nothing else at any depth. */
  exact(pattern: unknown): Matcher {
    return new Data(pattern, 'equal');
  },

  /** Anything but nothing and null. */
  anyValue(): Matcher {
    return new AnyValue();
  },

  /** Nothing: the property, or the file, must not be there. */
  absent(): Matcher {
    return new Data(undefined, 'equal');
  },

  /** Some value that does not match the pattern; nothing is none. Captures in the pattern keep nothing. */
  not(pattern: unknown): Matcher {
    return new Not(pattern);
  },

  /** Text in which the regular expression is found. */
  stringLikeRegexp(pattern: string | RegExp): Matcher {
    return new TextLike(new RegExp(pattern));
  },

  /** Text that is the JSON of something that matches the pattern, e.g. a file. */
  serializedJson(pattern: unknown): Matcher {
    return new SerializedJson(pattern);
  },
} as const;

class Data extends Matcher {
  public constructor(
    private readonly pattern: unknown,
    private readonly strictness: Strictness,
  ) {
    super();
  }

  public override test(actual: unknown): MatchResult {
    return compare(this.pattern, actual, this.strictness);
  }

  public override describe(): string {
    const whole = this.strictness === 'equal' && (isObject(this.pattern) || Array.isArray(this.pattern));
    return `${whole ? 'exactly ' : ''}${show(this.pattern)}`;
  }
}

class ArrayWith extends Matcher {
  public constructor(private readonly pattern: readonly unknown[]) {
    super();
  }

  public override test(actual: unknown): MatchResult {
    if (!Array.isArray(actual)) return differs(this.describe(), actual);
    const found: MatchResult[] = [];
    let from = 0;
    for (const element of this.pattern) {
      const results = actual.map((one) => compare(element, one, 'like'));
      const at = results.findIndex(({ differences }, index) => index >= from && differences.length === 0);
      if (at >= 0) {
        found.push(results[at] as MatchResult);
        from = at + 1;
      } else {
        found.push(missing(element, actual, results, from));
      }
    }
    return together(found);
  }

  public override describe(): string {
    return `an array with ${show(this.pattern)}`;
  }
}

/** No element from `from` on matches: says so, and what the nearest of them lacks. */
function missing(element: unknown, actual: readonly unknown[], results: readonly MatchResult[], from: number): MatchResult {
  const place = from === 0 ? '' : ` after [${from - 1}]`;
  const whole = differs(`an element ${show(element)}${place}`, actual);
  const counts = results.map(({ differences }, index) => (index < from ? Number.POSITIVE_INFINITY : differences.length));
  const best = counts.indexOf(Math.min(...counts));
  // Of a plain value there is nothing to add.
  const near = best >= from && isObject(actual[best]) ? below(best, results[best] as MatchResult).differences : [];
  return { differences: [...whole.differences, ...near], captured: [] };
}

class AnyValue extends Matcher {
  public override test(actual: unknown): MatchResult {
    return actual === undefined || actual === null ? differs(this.describe(), actual) : MATCHES;
  }

  public override describe(): string {
    return 'any value';
  }
}

class Not extends Matcher {
  public constructor(private readonly pattern: unknown) {
    super();
  }

  public override test(actual: unknown): MatchResult {
    const other = actual !== undefined && compare(this.pattern, actual, 'like').differences.length > 0;
    return other ? MATCHES : differs(this.describe(), actual);
  }

  public override describe(): string {
    return `anything but ${show(this.pattern)}`;
  }
}

class TextLike extends Matcher {
  public constructor(private readonly pattern: RegExp) {
    super();
  }

  public override test(actual: unknown): MatchResult {
    return typeof actual === 'string' && occurs(this.pattern, actual) ? MATCHES : differs(this.describe(), actual);
  }

  public override describe(): string {
    return show(this.pattern);
  }
}

class SerializedJson extends Matcher {
  public constructor(private readonly pattern: unknown) {
    super();
  }

  public override test(actual: unknown): MatchResult {
    let value: unknown;
    try {
      value = JSON.parse(actual as string);
    } catch {
      return differs(this.describe(), actual);
    }
    return compare(this.pattern, value, 'like');
  }

  public override describe(): string {
    return `the JSON of ${show(this.pattern)}`;
  }
}
