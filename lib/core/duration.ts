import { shown } from './shown.js';

/** A length of time. */
export class Duration {
  /** @param amount whole milliseconds, at least 1 */
  public static millis(amount: number): Duration {
    return new Duration(amount);
  }

  /** @param amount seconds, at least 0.001 */
  public static seconds(amount: number): Duration {
    return new Duration(whole(amount, 1000));
  }

  /** @param amount minutes */
  public static minutes(amount: number): Duration {
    return new Duration(whole(amount, 60_000));
  }

  private constructor(private readonly millis: number) {
    if (!Number.isInteger(millis) || millis < 1 || millis >= 2 ** 31) {
      throw new RangeError(
        `a duration is a whole number of milliseconds, from 1 to 24 days' worth, got ${shown(millis)}; write it like Duration.seconds(5)`,
      );
    }
  }

  public toMilliseconds(): number {
    return this.millis;
  }

  /** Whole seconds, rounded up: for consumers that know no smaller unit. */
  public toSeconds(): number {
    return Math.ceil(this.millis / 1000);
  }
}

/** 1.001 * 1000 is 1000.9999999999999. */
function whole(amount: number, unit: number): number {
  // A text would be multiplied as well.
  if (typeof amount !== 'number') return amount;
  const millis = amount * unit;
  const rounded = Math.round(millis);
  return Math.abs(millis - rounded) < 1e-6 ? rounded : millis;
}
