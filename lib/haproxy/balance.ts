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
  public static uri(options: { readonly depth?: number; readonly length?: number; readonly whole?: boolean } = {}): Balance {
    return new Balance([
      'uri',
      ...(options.length === undefined ? [] : ['len', positive('length', options.length)]),
      ...(options.depth === undefined ? [] : ['depth', positive('depth', options.depth)]),
      ...(options.whole ? ['whole'] : []),
    ]);
  }

  /** By the value of a parameter in the query. */
  public static urlParameter(name: string): Balance {
    if (name === '') throw new RangeError('"" is no name of a parameter; give one');
    return new Balance(['url_param', name]);
  }

  /** By the value of a request header. */
  public static header(name: string): Balance {
    if (!/^[A-Za-z0-9-]+$/.test(name)) throw new RangeError(`${JSON.stringify(name)} is no name of a header; use letters, digits and "-"`);
    return new Balance([`hdr(${name})`]);
  }

  /** The less busy of some drawn at random. */
  public static random(options: { readonly draws?: number } = {}): Balance {
    return new Balance([options.draws === undefined ? 'random' : `random(${positive('draws', options.draws)})`]);
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

function positive(what: string, value: number): number {
  if (!Number.isInteger(value) || value < 1) throw new RangeError(`${what} of a balance is a whole number, at least 1, got ${value}`);
  return value;
}
