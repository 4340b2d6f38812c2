import { isPlain, type Kind, kind, shown, TEXT } from '../core/index.js';

/** The password of the statistics page. It is in no synthesised file. */
export class Password {
  /** One that the balancer's machine makes at the first `up` and keeps where only its root can read it. */
  public static generated(): Password {
    return new Password(undefined);
  }

  /**
   * What a variable of the environment holds on the host at `up`: a password, or the hash of one as `openssl passwd -6` prints it.
   *
   * @param variable name of the variable: capitals, digits and `_`
   */
  public static fromEnvironment(variable: string): Password {
    if (!TEXT.is(variable) || !/^[A-Z_][A-Z0-9_]*$/.test(variable)) {
      throw new RangeError(`${shown(variable)} is no name of an environment variable; use capitals, digits and "_"`);
    }
    return new Password(variable);
  }

  private constructor(
    /** Variable of the host's environment; undefined when the machine makes the password. */
    public readonly variable: string | undefined,
  ) {}
}

/** A plain object is none: its variable would not have been checked. */
const isPassword = (value: unknown) => isPlain(value) && 'variable' in value && Object.getPrototypeOf(value) !== Object.prototype;

export const PASSWORD: Kind<Password> = {
  ...kind<Password>('a Password', isPassword, () => "Password.fromEnvironment('STATISTICS_PASSWORD')"),
  isSecret: true,
};
