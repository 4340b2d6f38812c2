import { hash } from 'node:crypto';

/** Of bytes that were hashed already. */
const hashes = new WeakMap<Uint8Array, string>();

/** The hash of bytes, or of a text as UTF-8, in hexadecimal digits. That of bytes is kept, so they must stay as they are. */
export function sha256(content: string | Uint8Array): string {
  if (typeof content === 'string') return hash('sha256', content);
  const known = hashes.get(content) ?? hash('sha256', content);
  hashes.set(content, known);
  return known;
}
