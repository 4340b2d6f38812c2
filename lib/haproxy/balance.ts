import { BOOLEAN, type Kind, kind, options, shown, TEXT, UNTOLD } from '../core/index.js';

interface UriOptions {
  readonly depth?: number;
  readonly length?: number;
  readonly whole?: boolean;
}
const URI = options<UriOptions>('{ depth: 2 }', () => ({ depth: UNTOLD, length: UNTOLD, whole: BOOLEAN }));

interface RandomOptions {
  readonly draws?: number;
}
const RANDOM = options<RandomOptions>('{ draws: 3 }', () => ({ draws: UNTOLD }));

/** How a backend chooses a server. */
export class Balance {
  /** Each in turn, by weight. Weights may change at run time. */
  public static roundRobin(): Balance {
    return new Balance(['roundrobin']);
  }

  /** Each in turn, by weight; cheaper, weights fixed. */
  public static staticRoundRobin(): Balance {
    return new Balance(['static-rr']);
  }

  /** The server with the fewest connections. For long sessions. */
  public static leastConnections(): Balance {
    return new Balance(['leastconn']);
  }

  /** The first server with a free slot: fills one before the next. */
  public static first(): Balance {
    return new Balance(['first']);
  }

  /** By the client's address: the same client meets the same server. */
  public static source(): Balance {
    return new Balance(['source']);
  }

  /** By the request's path. */
  public static uri(options: UriOptions = {}): Balance {
    const { length, depth, whole } = URI.ofNone('balance uri', options);
    return new Balance([
      'uri',
      ...(length === undefined ? [] : ['len', positive('length', length)]),
      ...(depth === undefined ? [] : ['depth', positive('depth', depth)]),
      ...(whole ? ['whole'] : []),
    ]);
  }

  /** By the value of a parameter in the query. */
  public static urlParameter(name: string): Balance {
    if (!TEXT.is(name) || name === '') throw new RangeError(`${shown(name)} is no name of a parameter; give one`);
    return new Balance(['url_param', name]);
  }

  /** By the value of a request header. */
  public static header(name: string): Balance {
    if (!TEXT.is(name) || !/^[A-Za-z0-9-]+$/.test(name))
      throw new RangeError(`${shown(name)} is no name of a header; use letters, digits and "-"`);
    return new Balance([`hdr(${name})`]);
  }

  /** The less busy of some drawn at random. */
  public static random(options: RandomOptions = {}): Balance {
    const { draws } = RANDOM.ofNone('balance random', options);
    return new Balance([draws === undefined ? 'random' : `random(${positive('draws', draws)})`]);
  }

  /** Whether it deals out requests evenly. */
  public get isEqual(): boolean {
    return this.words[0] === 'roundrobin' || this.words[0] === 'static-rr';
  }

  private constructor(
    /** The words after `balance`. */
    public readonly words: readonly (string | number)[],
  ) {}
}

/** As they are called in haproxy.cfg. */
const BY_WORD: Readonly<Record<string, string>> = {
  'static-rr': 'Balance.staticRoundRobin()',
  leastconn: 'Balance.leastConnections()',
  leastconnections: 'Balance.leastConnections()',
  first: 'Balance.first()',
  source: 'Balance.source()',
  uri: 'Balance.uri()',
  random: 'Balance.random()',
};

export const BALANCE: Kind<Balance> = kind(
  'a Balance',
  (value) => Array.isArray((value as Partial<Balance> | null)?.words) && BOOLEAN.is((value as Balance).isEqual),
  (value) =>
    (TEXT.is(value) && Object.hasOwn(BY_WORD, value.toLowerCase()) ? BY_WORD[value.toLowerCase()] : undefined) ?? 'Balance.roundRobin()',
);

function positive(what: string, value: number): number {
  if (!Number.isInteger(value) || value < 1)
    throw new RangeError(`${what} of a balance is a whole number, at least 1, got ${shown(value)}`);
  return value;
}
