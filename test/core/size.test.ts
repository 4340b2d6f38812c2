import { describe, expect, it } from 'vitest';
import { Size } from '../../lib/core/index.js';

describe('Size', () => {
  it('knows its mebibytes', () => {
    expect([Size.mebibytes(512), Size.gibibytes(2), Size.gibibytes(0.5)].map((size) => size.toMebibytes())).toEqual([512, 2048, 512]);
  });

  it('refuses what is none', () => {
    for (const amount of [0, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY]) expect(() => Size.mebibytes(amount)).toThrow(`got ${amount}`);
    expect(() => Size.gibibytes(0.0001)).toThrow(RangeError);
  });
});
