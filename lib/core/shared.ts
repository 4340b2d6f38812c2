/**
 * What all copies of this library in a process have in common: constructs of one may stand in a tree of another, and are rendered and
 * judged with it.
 *
 * @param name of the state, and of its shape: another shape takes another name
 */
export function shared<T extends object>(name: string, make: () => T): T {
  const all = globalThis as unknown as Record<symbol, T | undefined>;
  const key = Symbol.for(`cdk-vagrant.${name}`);
  all[key] ??= make();
  return all[key];
}
