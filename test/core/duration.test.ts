import { describe, expect, it } from 'vitest';
import { Duration } from '../../lib/core/index.js';

describe('Duration', () => {
  it('knows its length', () => {
    expect(Duration.millis(1500).toMilliseconds()).toBe(1500);
    expect(Duration.seconds(10).toMilliseconds()).toBe(10_000);
    expect(Duration.minutes(0.5).toMilliseconds()).toBe(30_000);
  });

  it('rounds up to whole seconds', () => {
    expect([1, 1000, 1001].map((millis) => Duration.millis(millis).toSeconds())).toEqual([1, 1, 2]);
  });

  it('takes every whole number of milliseconds, written in seconds', () => {
    for (let millis = 1; millis < 10_000; millis++) expect(Duration.seconds(millis / 1000).toMilliseconds()).toBe(millis);
  });

  it('refuses what is none', () => {
    for (const make of [() => Duration.millis(0), () => Duration.millis(-1), () => Duration.millis(1.5), () => Duration.seconds(0.0001)])
      expect(make).toThrow(RangeError);
    expect(() => Duration.seconds(Number.NaN)).toThrow("a whole number of milliseconds, from 1 to 24 days' worth, got NaN");
    expect(() => Duration.minutes(Number.POSITIVE_INFINITY)).toThrow(RangeError);
  });
});
