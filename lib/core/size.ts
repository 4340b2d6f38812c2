/** An amount of memory or storage. */
export class Size {
  /** @param amount whole mebibytes, at least 1 */
  public static mebibytes(amount: number): Size {
    return new Size(amount);
  }

  /** @param amount gibibytes, at least one mebibyte's worth and a whole number of mebibytes */
  public static gibibytes(amount: number): Size {
    return new Size(amount * 1024);
  }

  private constructor(private readonly mebibytes: number) {
    if (!Number.isInteger(mebibytes) || mebibytes < 1) {
      throw new RangeError(`a size is a whole number of mebibytes, at least 1, got ${mebibytes}`);
    }
  }

  public toMebibytes(): number {
    return this.mebibytes;
  }
}
