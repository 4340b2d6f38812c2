import type { IConstruct } from 'constructs';
import { Annotations, need, shown, TEXT } from '../core/index.js';
import { formatAddress, parseAddress } from './address.js';

/** More than that are a slip of the finger. */
const MOST = 10_000;

/** Machines by their number. */
export interface GroupCount {
  /** How many, 1 to 10,000. */
  readonly count: number;
  /** Static IPv4 address of the first; those of the others are counted up from it. */
  readonly firstAddress: string;
}

/** Names and addresses of a group: NAME1 with the first address, NAME2 with the next. Notes a count that is none. */
export function placesOf(name: string, { count, firstAddress }: GroupCount, of: IConstruct): { name: string; address: string }[] {
  need(TEXT, name, 'name', of, 'a group of machines in', of.node.path);
  const isCount = Number.isInteger(count) && count >= 1 && count <= MOST;
  if (!isCount)
    Annotations.of(of).addError(
      'bad-count',
      `group ${JSON.stringify(name)} has ${shown(count)} machines; give a whole number from 1 to ${MOST}`,
    );
  const first = parseAddress(firstAddress);
  return Array.from({ length: isCount ? count : 1 }, (_, n) => ({
    name: `${name}${n + 1}`,
    address: first === undefined ? firstAddress : formatAddress(first + n),
  }));
}
