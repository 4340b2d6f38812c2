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

  /** The line of the user's that is at work now, however deep in the library it is. */
  public static ofNow(): CreationSite {
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 100;
    try {
      return new CreationSite();
    } finally {
      Error.stackTraceLimit = limit;
    }
  }

  /** Where an error was thrown, when that is in the user's own code. */
  public static ofThrown({ stack = '' }: Error): CreationSite | undefined {
    const [place] = placesIn(stack);
    if (place === undefined || !isUsers(place)) return undefined;
    return Object.create(CreationSite.prototype, { stack: { value: stack } }) as CreationSite;
  }

  /** `file:line:column` of the first frame outside the library and its dependencies, or undefined when there is none. */
  public get userLine(): string | undefined {
    return placesIn(this.stack).find(isUsers);
  }
}

/** `file:line:column` of each frame that has one, the innermost first. */
function placesIn(stack: string): string[] {
  return stack.split('\n').flatMap((line) => {
    // The place is the rest of the line, alone or in parentheses; a folder's own name may hold some as well.
    const [, file, at] =
      /^at (?:async )?(?:.*? \((?=\/|file:|[A-Za-z]:[\\/]))?((?:\/|file:|[A-Za-z]:[\\/]).*)(:\d+:\d+)\)?$/.exec(line.trim()) ?? [];
    return file === undefined ? [] : [`${file.startsWith('file:') ? fileURLToPath(file) : file}${at}`];
  });
}

function isUsers(place: string): boolean {
  return !place.startsWith(LIBRARY) && !/[\\/]node_modules[\\/]/.test(place);
}
