import { fileURLToPath } from 'node:url';

/** Everything below this folder is the library itself, never the user's code. */
const LIBRARY = fileURLToPath(new URL('..', import.meta.url));

/**
 * Where in the user's code something was made. Taking one costs about two microseconds; the text of the stack is made
 * only when somebody asks for the line.
 */
export class CreationSite {
  /** Whose site all elements have that are made until `shared` ends. */
  private static current: CreationSite | undefined;

  /** Where an element of this class is made that is made now. */
  public static of(made: NewableFunction): CreationSite {
    return CreationSite.current ?? new CreationSite(made);
  }

  /** Makes parts of something, which are made where it is: so only one site is taken for all of them. */
  public static shared<T>(site: CreationSite, make: () => T): T {
    const before = CreationSite.current;
    CreationSite.current = site;
    try {
      return make();
    } finally {
      CreationSite.current = before;
    }
  }

  declare readonly stack: string;

  /** @param above the class whose caller is the first that counts */
  public constructor(above: NewableFunction = CreationSite) {
    Error.captureStackTrace(this, above);
  }

  /** `file:line:column` of the first frame outside the library and its dependencies, or undefined when there is none. */
  public get userLine(): string | undefined {
    for (const frame of this.stack.split('\n').slice(1)) {
      // The place is the rest of the line, alone or in parentheses; a folder's own name may hold some as well.
      const [, file, at] =
        /^at (?:async )?(?:.*? \((?=\/|file:|[A-Za-z]:[\\/]))?((?:\/|file:|[A-Za-z]:[\\/]).*)(:\d+:\d+)\)?$/.exec(frame.trim()) ?? [];
      if (file === undefined) continue;
      const path = `${file.startsWith('file:') ? fileURLToPath(file) : file}${at}`;
      if (!path.startsWith(LIBRARY) && !/[\\/]node_modules[\\/]/.test(path)) return path;
    }
    return undefined;
  }
}
