/** A length of time. */
export class Duration {
  /** @param amount whole milliseconds, at least 1 */
  public static millis(amount: number): Duration {
    return new Duration(amount);
  }

  /** @param amount seconds, at least 0.001 */
  public static seconds(amount: number): Duration {
    return new Duration(amount * 1000);
  }

  /** @param amount minutes */
  public static minutes(amount: number): Duration {
    return new Duration(amount * 60_000);
  }

  private constructor(private readonly millis: number) {
    if (!Number.isInteger(millis) || millis < 1) {
      throw new RangeError(`a duration is a whole number of milliseconds, at least 1, got ${millis}`);
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
