import type { IConstruct } from 'constructs';
import { Annotations } from './annotations.js';
import type { Guard } from './class-guard.js';
import type { Duration } from './duration.js';
import { SynthesisError } from './errors.js';
import { isPlain } from './merge.js';
import { shown } from './shown.js';
import { CreationSite } from './site.js';
import type { Size } from './size.js';

/** What a prop takes. Only TypeScript checks that, and an app may be JavaScript. */
export interface Kind<T> {
  /** With its article, e.g. `a Size`. */
  readonly what: string;
  /** Whether a value is one: by what is done with it, not by its class, for it may be of another copy of this library. */
  readonly is: Guard<T>;
  /** How to write what was meant, or one of them. */
  readonly example: (value: unknown) => string;
  /** Whether a value in its place stays untold. */
  readonly isSecret?: boolean;
}

/** What each of some props takes. */
export type Kinds<T> = { readonly [K in keyof T]-?: Kind<NonNullable<T[K]>> };

/** A kind that is told by a look at the value. */
export function kind<T>(what: string, is: (value: unknown) => boolean, example: (value: unknown) => string): Kind<T> {
  return { what, is: is as Guard<T>, example };
}

/** Whether a value has a method, whatever it is. */
export function has(value: unknown, method: string): boolean {
  return typeof (value as Readonly<Record<string, unknown>> | null | undefined)?.[method] === 'function';
}

/** What has a check of its own, which takes any value. */
// biome-ignore lint/suspicious/noExplicitAny: it stands for every kind
export const UNTOLD: Kind<any> = kind('anything', () => true, String);

export const TEXT: Kind<string> = kind(
  'a text',
  (value) => typeof value === 'string',
  (value) => JSON.stringify(typeof value === 'number' ? String(value) : 'text'),
);

export const NUMBER: Kind<number> = kind(
  'a number',
  (value) => typeof value === 'number',
  (value) => (typeof value === 'string' && /^\d+(\.\d+)?$/.test(value) ? value : '1'),
);

export const BOOLEAN: Kind<boolean> = kind(
  'true or false',
  (value) => typeof value === 'boolean',
  (value) => String(!['', 'false', 'no', 'off', 0].includes(value as string)),
);

/** Keys and values that nobody here looks at, or that have a check of their own. */
export function anyObject<T extends object>(example: string): Kind<T> {
  return kind('an object', isPlain, () => example);
}

/** One of some words. */
export function oneOf<T extends string>(...words: readonly T[]): Kind<T> {
  const all = words.map((word) => JSON.stringify(word));
  return kind(
    `one of ${all.join(', ')}`,
    (value) => words.includes(value as T),
    (value) => nearest(all, value),
  );
}

const nearest = (all: readonly string[], value: unknown) =>
  all.find((word) => word.toLowerCase() === JSON.stringify(value)?.toLowerCase()) ?? all[0] ?? '';

/** A list of things of one kind. */
export function listOf<T>(each: Kind<T>): Kind<readonly T[]> {
  return kind(
    `a list, each ${each.what}`,
    (value) => Array.isArray(value) && value.every((item) => each.is(item)),
    (value) => `[${each.is(value) ? shown(value) : each.example(Array.isArray(value) ? value.find((item) => !each.is(item)) : value)}]`,
  );
}

/** One of two kinds. */
export function either<A, B>(one: Kind<A>, other: Kind<B>): Kind<A | B> {
  return kind(`${one.what} or ${other.what}`, (value) => one.is(value) || other.is(value), one.example);
}

/** An amount as people write it, and its unit. */
function amountOf(value: unknown): readonly [amount: number, unit: string] {
  const text = typeof value === 'number' || typeof value === 'string' ? String(value) : '';
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?) *([a-z]*)$/i.exec(text.trim()) ?? [];
  return [Number(amount ?? 0), unit.toLowerCase()];
}

export const SIZE: Kind<Size> = kind(
  'a Size',
  (value) => has(value, 'toMebibytes'),
  (value) => {
    const [amount, unit] = amountOf(value);
    if (!Number.isInteger(amount) || amount < 1) return 'Size.mebibytes(1024)';
    return unit.startsWith('g') ? `Size.gibibytes(${amount})` : `Size.mebibytes(${amount})`;
  },
);

export const DURATION: Kind<Duration> = kind(
  'a Duration',
  (value) => has(value, 'toMilliseconds'),
  (value) => {
    const [amount, unit] = amountOf(value);
    if (amount <= 0) return 'Duration.seconds(5)';
    if (unit === 'ms' || (unit === '' && amount >= 1000)) return `Duration.millis(${amount})`;
    return unit.startsWith('m') ? `Duration.minutes(${amount})` : `Duration.seconds(${amount})`;
  },
);

function isOfNoClass(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** What an object of a class has of its class: descriptors of all that is above it, but for what every object has. */
function inherited(value: object): (readonly [name: string, PropertyDescriptor])[] {
  const prototype = Object.getPrototypeOf(value) as object | null;
  if (prototype === null || prototype === Object.prototype) return [];
  return [...Object.entries(Object.getOwnPropertyDescriptors(prototype)), ...inherited(prototype)];
}

/** Its props, those of its class as well. */
function propsOf(value: object): string[] {
  const ofClass = inherited(value).filter(([, descriptor]) => typeof descriptor.value !== 'function');
  return [...Object.keys(value), ...ofClass.map(([name]) => name)];
}

function hasMethods(value: object): boolean {
  return inherited(value).some(([name, descriptor]) => name !== 'constructor' && typeof descriptor.value === 'function');
}

/** Options by their names, or things by any. */
export class ObjectKind<T extends object> implements Kind<T> {
  public readonly what = 'an object';
  public readonly is: Guard<T> = (value): value is T => this.isLike(value) && this.fits(value);
  public readonly example: () => string;

  /**
   * @param example one that is right
   * @param kinds what a prop takes; undefined: there is none of this name
   */
  public constructor(
    example: string,
    private readonly kindOf: (prop: string) => Kind<unknown> | undefined,
  ) {
    this.example = () => example;
  }

  /**
   * Props as they may be used. Notes on a construct which of them are of another kind; those are as if nobody had given them, as null is.
   *
   * @param what what the construct is for people, e.g. `machine`
   * @param id its name, unless `name` is among the props
   */
  public of(construct: IConstruct, what: string, id: string, props: T): T {
    // Thousands of constructs pass here.
    if (this.fits(props) && !this.isStrange(props)) return props;
    const { name = id } = (props ?? {}) as { readonly name?: unknown };
    return this.mended(props, `${what} ${shown(name)}`, (message) => Annotations.of(construct).addError('wrong-type', message));
  }

  /**
   * Props of what is no construct.
   *
   * @param needed props that cannot be done without
   * @throws SynthesisError with all that are of another kind, or not given
   */
  public ofNone(what: string, props: T, ...needed: readonly (keyof T & string)[]): T {
    const messages: string[] = [];
    const mended = this.fits(props) && !this.isStrange(props) ? props : this.mended(props, what, (message) => messages.push(message));
    for (const prop of messages.length > 0 ? [] : needed) {
      const one = this.kindOf(prop);
      if (mended[prop] === undefined && one !== undefined) messages.push(fault(prop, what, undefined, one));
    }
    if (messages.length > 0) throw refusal(messages, '');
    return mended;
  }

  private fits(props: unknown): boolean {
    if (!isPlain(props)) return false;
    for (const prop in props) {
      const value = props[prop];
      if (value === undefined) continue;
      if (value === null || this.kindOf(prop)?.is(value) === false) return false;
    }
    return true;
  }

  /** Whether it is of a class, and has nothing that is looked for here: a Network in the place of options that have one. */
  private isStrange(props: object): boolean {
    if (isOfNoClass(props)) return false;
    const all = propsOf(props);
    return all.length > 0 && all.every((prop) => this.kindOf(prop) === undefined);
  }

  /** Whether it holds options at all: what is of a class, like a Network, may have a prop of the same name. */
  private isLike(value: unknown): value is Readonly<Record<string, unknown>> {
    if (!isPlain(value)) return false;
    if (isOfNoClass(value)) return true;
    return !this.isStrange(value) && (!hasMethods(value) || propsOf(value).every((prop) => this.kindOf(prop) !== undefined));
  }

  private mended(props: unknown, of: string, refuse: (message: string) => void): T {
    const all: Record<string, unknown> = {};
    if (props === undefined || props === null) return all as T;
    if (!isPlain(props) || this.isStrange(props)) refuse(`${of} is given ${shown(props)}; give it ${this.what}: ${this.example()}`);
    else {
      for (const prop in props) {
        const value = props[prop];
        const one = this.kindOf(prop);
        if (value === null || value === undefined) continue;
        if (one === undefined || one.is(value)) all[prop] = value;
        else if (one instanceof ObjectKind && one.isLike(value)) all[prop] = one.mended(value, `${prop} of ${of}`, refuse);
        else refuse(fault(prop, of, value, one));
      }
    }
    return all as T;
  }
}

/**
 * Options by their names.
 *
 * @param example one that is right
 * @param kinds asked for when the first options are looked at: most apps have few of all constructs
 */
export function options<T extends object>(example: string, kinds: () => Kinds<T>): ObjectKind<T> {
  let table: Readonly<Record<string, Kind<unknown>>> | undefined;
  return new ObjectKind(example, (prop) => {
    table ??= kinds();
    return Object.hasOwn(table, prop) ? table[prop] : undefined;
  });
}

/** Things of one kind by names of the user's. */
export function mapOf<T>(example: string, each: Kind<T>): ObjectKind<Readonly<Record<string, T>>> {
  return new ObjectKind(example, () => each);
}

/**
 * What cannot be done without.
 *
 * @param what what it is a prop of for people, e.g. `server "web1"`; of a construct that is not there yet, so that nothing half made stays
 * @throws SynthesisError when it is not given, or of another kind
 */
export function need<T>(one: Kind<T>, value: unknown, prop: string, scope: IConstruct, what: string, id: string): T {
  if (one.is(value)) return value;
  throw refusal([fault(prop, `${what} ${shown(id)}`, value, one)], scope?.node?.path ?? '');
}

/**
 * What may be done without. Notes on a construct that it is of another kind, or not given.
 *
 * @returns undefined then
 */
export function noted<T>(one: Kind<T>, value: unknown, prop: string, construct: IConstruct, what: string, id: string): T | undefined {
  if (one.is(value)) return value;
  Annotations.of(construct).addError('wrong-type', fault(prop, `${what} ${shown(id)}`, value, one));
  return undefined;
}

function fault(prop: string, of: string, value: unknown, { what, example, isSecret }: Kind<unknown>): string {
  return `${prop} of ${of} is ${isSecret ? `a ${typeof value}` : shown(value)}; give it ${what}: ${example(value)}`;
}

function refusal(messages: readonly string[], path: string): SynthesisError {
  const { userLine } = new CreationSite();
  return new SynthesisError(messages.map((message) => ({ severity: 'error', id: 'wrong-type', message, path, userLine })));
}
