import { readFileSync } from 'node:fs';
import { has, type Kind, kind, listOf, options, sha256, shown, TEXT, text } from '../core/index.js';

const RECIPE = new URL('./templates/recipe.sh.hbs', import.meta.url);
const INSTALL = new URL('./templates/install.sh.hbs', import.meta.url);

export interface SoftwareProps {
  /** Packages of the image's distribution, by name: `curl`, also `curl:amd64` or `curl=7.88.1-10`. */
  readonly packages: readonly string[];
  /**
   * A shell script that runs there before they are installed.
   *
   * @default - nothing
   */
  readonly before?: URL;
  /** A shell script that runs there after they are installed. */
  readonly configure: URL;
}

const SCRIPT: Kind<URL> = kind(
  'a URL',
  (value) => value instanceof URL,
  () => "new URL('./configure.sh', import.meta.url)",
);
const PROPS = options<SoftwareProps>("{ packages: ['curl'], configure: new URL('./configure.sh', import.meta.url) }", () => ({
  packages: listOf(TEXT),
  before: SCRIPT,
  configure: SCRIPT,
}));

/**
 * Packages and settings of a service: installed on a machine itself, or into containers. What several of a member have in common is installed
 * once, into a container that is then copied.
 */
export class Software {
  private made: string | undefined;
  private readonly templateNames = new Map<string, string>();

  /**
   * @param name names its recipe, and the container that it is prepared in: lower-case letters, digits and `-`, beginning with a
   * letter, at most 50
   * @throws RangeError when it is none, or a package is none
   * @throws SynthesisError when something of it is of another type
   */
  public constructor(
    public readonly name: string,
    private readonly props: SoftwareProps,
  ) {
    if (!TEXT.is(name) || !/^[a-z][a-z0-9-]{0,49}$/.test(name)) {
      throw new RangeError(`${shown(name)} is no name of a software; use lower-case letters, digits and "-", at most 50`);
    }
    PROPS.ofNone(`software "${name}"`, props, 'packages', 'configure');
    for (const item of props.packages) {
      if (!/^[a-z0-9][a-z0-9+.-]*(:[a-z0-9-]+)?(=[A-Za-z0-9.+:~-]+)?$/.test(item)) {
        throw new RangeError(`${JSON.stringify(item)} of software "${name}" is no package; use its name, like "curl"`);
      }
    }
  }

  /** The shell script that installs it, as root. */
  public get recipe(): string {
    const { packages, before, configure } = this.props;
    this.made ??= [
      text.render(RECIPE, { name: this.name }),
      ...(before === undefined ? [] : [readFileSync(before, 'utf8')]),
      text.render(INSTALL, { packages }),
      readFileSync(configure, 'utf8'),
    ]
      .map((part) => part.replace(/^# shellcheck .*\n/, ''))
      .join('\n');
    return this.made;
  }

  /**
   * Name of the container that this software is prepared in, to be copied: another recipe or base makes another.
   *
   * @param base what it is made from
   * @param member names are unique in a cluster, and each member prepares its own
   */
  public templateName(base: string, member: string): string {
    const key = `${base}\n${member}`;
    let name = this.templateNames.get(key);
    if (name === undefined) {
      const version = sha256(`${base}\n${this.recipe}\n${member}`).slice(0, 12);
      name = `${this.name}-${version}`;
      this.templateNames.set(key, name);
    }
    return name;
  }
}

export const SOFTWARE: Kind<Software> = kind(
  'a Software',
  (value) => has(value, 'templateName'),
  (value) => `new Software(${TEXT.is(value) ? shown(value) : "'tools'"}, { packages: ['curl'], configure: ... })`,
);
