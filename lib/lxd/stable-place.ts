import { hash } from 'node:crypto';
import { formatAddress, type Subnet } from '../machine/index.js';

const BLOCKS = 220;
const BLOCK = 100;
const FIRST_PORT = 10_000;

/** Where a container is found, from its name alone: so nothing another container does can move it. */
export interface StablePlace {
  /** Port on its member's private address, from 10000 to 31999: below the range that outgoing connections use. */
  readonly port: number;
  /** Its address on its member's bridge, within 10.77.0.0/16. */
  readonly address: string;
}

/** The first four bytes of the hash of a series, by the series: most names are of a few. */
const firstBytes = new Map<string, number>();

/**
 * The place that a name has. The name without its trailing number picks one of 220 blocks of 100, the number the place in
 * the block: `web1` to `web99` never collide. Two names that do (on one member) are an error that asks to rename one.
 *
 * @param name name of the container
 * @param bridge first two numbers of the bridges' network, e.g. `10.77`
 */
export function stablePlace(name: string, bridge: string): StablePlace {
  const [first, digits] = parts(name);
  const block = first % BLOCKS;
  const within = digits ? Number(digits) % BLOCK : Math.floor(first / BLOCKS) % BLOCK;
  return { port: FIRST_PORT + block * BLOCK + within, address: `${bridge}.${block + 1}.${within + 10}` };
}

/**
 * An address in a network of containers, from the name alone. Names of a series follow each other: `web1` to `web99` never meet where there
 * are as many addresses. The first two of the range are nobody's, for they may be the network's own and a router's; nor is the last.
 */
export function stableAddress(name: string, { first, last }: Subnet): string | undefined {
  const places = last - first - 2;
  if (places < 1) return undefined;
  const [start, digits] = parts(name);
  return formatAddress(first + 2 + ((start + Number(digits)) % places));
}

const isDigit = (code: number) => code >= 48 && code <= 57;

/** A number for the series of a name, and the digits at its end. */
function parts(name: string): [first: number, digits: string] {
  let end = name.length;
  while (end > 0 && isDigit(name.charCodeAt(end - 1))) end--;
  const series = name.slice(0, end);
  let first = firstBytes.get(series);
  if (first === undefined) {
    first = hash('sha256', series, 'buffer').readUInt32BE(0);
    firstBytes.set(series, first);
  }
  return [first, name.slice(end)];
}
