import { shown } from './shown.js';

/** An amount of memory or storage. */
export class Size {
  /** @param amount whole mebibytes, at least 1 */
  public static mebibytes(amount: number): Size {
    return new Size(amount);
  }

  /** @param amount gibibytes, at least one mebibyte's worth and a whole number of mebibytes */
  public static gibibytes(amount: number): Size {
    return new Size(typeof amount === 'number' ? amount * 1024 : amount);
  }

  private constructor(private readonly mebibytes: number) {
    if (!Number.isInteger(mebibytes) || mebibytes < 1) {
      throw new RangeError(
        `a size is a whole number of mebibytes, at least 1, got ${shown(mebibytes)}; write it like Size.mebibytes(1024)`,
      );
    }
  }

  public toMebibytes(): number {
    return this.mebibytes;
  }
}
