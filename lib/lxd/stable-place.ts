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

/** What the hash of a series gives. */
interface Series {
  /** Its first four bytes. */
  readonly start: number;
  /** Its block, and the place there of a name without a number. */
  readonly block: number;
  readonly place: number;
}

/** By the series: most names are of a few. */
const known = new Map<string, Series>();

/**
 * The place that a name has. The name without its trailing number picks one of 220 blocks of 100, the number the place in
 * the block: `web1` to `web99` never collide. Two names that do (on one member) are an error that asks to rename one.
 *
 * @param name name of the container
 * @param bridge first two numbers of the bridges' network, e.g. `10.77`
 */
export function stablePlace(name: string, bridge: string): StablePlace {
  const end = endOfSeries(name);
  const { block, place } = seriesOf(name.slice(0, end));
  const within = end === name.length ? place : Number(name.slice(end)) % BLOCK;
  return { port: FIRST_PORT + block * BLOCK + within, address: `${bridge}.${block + 1}.${within + 10}` };
}

/**
 * An address in a network of containers, from the name alone. Names of a series follow each other: `web1` to `web99` never meet where there
 * are as many addresses. The first two of the range are nobody's, for they may be the network's own and a router's; nor is the last.
 */
export function stableAddress(name: string, { first, last }: Subnet): string | undefined {
  const places = last - first - 2;
  if (places < 1) return undefined;
  const end = endOfSeries(name);
  const { start } = seriesOf(name.slice(0, end));
  return formatAddress(first + 2 + ((start + Number(name.slice(end))) % places));
}

/** Where the digits at the end of a name begin. */
function endOfSeries(name: string): number {
  let end = name.length;
  while (end > 0 && isDigit(name.charCodeAt(end - 1))) end--;
  return end;
}

const isDigit = (code: number) => code >= 48 && code <= 57;

function seriesOf(name: string): Series {
  let series = known.get(name);
  if (series === undefined) {
    const start = hash('sha256', name, 'buffer').readUInt32BE(0);
    // Whole numbers, and known to be: all that comes of them is faster.
    series = { start, block: (start % BLOCKS) | 0, place: (Math.floor(start / BLOCKS) % BLOCK) | 0 };
    known.set(name, series);
  }
  return series;
}
