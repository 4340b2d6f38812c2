/** Tells whether something is an instance of a class. */
export type Guard<T> = (x: unknown) => x is T;

const guards = new WeakSet<Guard<unknown>>();

/**
 * A guard for the instances of a class and of its subclasses, those of another copy of this library as well.
 *
 * @param name of the class
 */
export function classGuard<T extends object>(one: { readonly prototype: T }, name: string): Guard<T> {
  const mark = Symbol.for(`cdk-vagrant.${name}`);
  Object.defineProperty(one.prototype, mark, { value: true });
  return toldByClass((x): x is T => typeof x === 'object' && x !== null && (x as Readonly<Record<symbol, unknown>>)[mark] === true);
}

/** Notes that a guard says the same of all instances of one class, so that it need not be asked about each. */
export function toldByClass<T>(guard: Guard<T>): Guard<T> {
  guards.add(guard);
  return guard;
}

/** Whether a guard says the same of all instances of one class. */
export function isToldByClass(guard: Guard<unknown>): boolean {
  return guards.has(guard);
}
