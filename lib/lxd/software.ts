import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { text } from '../core/index.js';

const RECIPE = new URL('./templates/recipe.sh.hbs', import.meta.url);

/** Packages and settings that containers have in common: installed once into an image, which is then copied. */
export class Software {
  /**
   * @param name names its recipe; lower-case letters, digits and `-`
   * @param packages packages of the image's distribution
   * @param configure a shell script that runs after they are installed, as root, in the container
   */
  public constructor(
    public readonly name: string,
    public readonly packages: readonly string[],
    private readonly configure: URL,
  ) {}

  /** The shell script that runs in a container. */
  public get recipe(): string {
    return text.render(RECIPE, { name: this.name, packages: this.packages }) + readFileSync(this.configure, 'utf8');
  }

  /**
   * Name of the container that this software is prepared in, to be copied: another recipe or base makes another.
   *
   * @param base what it is made from
   * @param member names are unique in a cluster, and each member prepares its own
   */
  public templateName(base: string, member: string): string {
    const version = createHash('sha256').update(`${base}\n${this.recipe}\n${member}`).digest('hex').slice(0, 12);
    return `${this.name}-${version}`;
  }
}
