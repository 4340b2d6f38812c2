type Plain = Readonly<Record<string, unknown>>;

/** Whether a value is an object of keys and values: no list, not null. */
export const isPlain = (value: unknown): value is Plain => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Lays one object over another: objects are merged, things of a list by their `name`; any other value of the upper one wins. */
export function merge(under: Plain, over: Plain): Record<string, unknown> {
  const all = new Map(Object.entries(under));
  for (const [key, value] of Object.entries(over)) all.set(key, mergeValues(all.get(key), value));
  return Object.fromEntries(all);
}

function mergeValues(under: unknown, over: unknown): unknown {
  if (isPlain(under) && isPlain(over)) return merge(under, over);
  if (!Array.isArray(under) || !Array.isArray(over) || ![...under, ...over].every((item) => isPlain(item) && 'name' in item)) return over;
  const all = new Map((under as Plain[]).map((item) => [item.name, item]));
  for (const item of over as Plain[]) all.set(item.name, merge(all.get(item.name) ?? {}, item));
  return [...all.values()];
}
