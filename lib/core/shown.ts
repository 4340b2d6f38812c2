import type { IConstruct } from 'constructs';
import { isPlain } from './merge.js';

/** So many characters of a value are shown. */
const MOST_SHOWN = 80;

/** A value for people. */
export function shown(value: unknown): string {
  if (value === undefined) return 'not given';
  if (typeof value === 'function') return value.name === '' ? 'a function' : `the function ${value.name}`;
  if (typeof value !== 'object' && typeof value !== 'string') return String(value);
  const { node } = (value ?? {}) as Partial<IConstruct>;
  const name = value?.constructor?.name ?? '';
  if (node?.path !== undefined) return `the ${name} "${node.path}"`;
  if (isPlain(value) && !['Object', ''].includes(name)) return `of the class ${name}`;
  const text = Array.isArray(value)
    ? `[${value.map((item) => (Array.isArray(item) ? inJson(item) : shown(item))).join(',')}]`
    : inJson(value);
  return text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}...` : text;
}

function inJson(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch {
    return 'an object'; // that holds itself, or a construct
  }
}
