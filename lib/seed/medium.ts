import { execFileSync } from 'node:child_process';
import { chmodSync, renameSync, rmSync } from 'node:fs';

/** What makes a CD image of a folder: a program, and its words. */
type Maker = readonly [program: string, words: (folder: string, image: string) => readonly string[]];

const ISO = (folder: string, image: string) => ['-quiet', '-volid', 'CIDATA', '-joliet', '-rock', '-output', image, folder];
const MAKERS: readonly Maker[] = [
  ['xorriso', (folder, image) => ['-as', 'mkisofs', ...ISO(folder, image)]],
  ['genisoimage', ISO],
  ['mkisofs', ISO],
  ['hdiutil', (folder, image) => ['makehybrid', '-quiet', '-iso', '-joliet', '-default-volume-name', 'CIDATA', '-o', image, folder]],
];

/**
 * A medium for cloud-init's NoCloud of the files in a folder, which only its owner may read.
 *
 * @throws Error when no program is installed that makes one
 */
export function makeMedium(folder: string, image: string): void {
  // hdiutil wants a name that ends so.
  const passing = `${image}.${process.pid}.iso`;
  for (const [program, words] of MAKERS) {
    try {
      execFileSync(program, words(folder, passing), { stdio: ['ignore', 'ignore', 'pipe'] });
    } catch (error) {
      rmSync(passing, { force: true });
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') continue;
      throw new Error(`${program} makes no medium: ${(error as Error).message}`);
    }
    chmodSync(passing, 0o600);
    renameSync(passing, image);
    return;
  }
  throw new Error(`nothing is installed that makes a medium; install xorriso, or hand the archives over: --archive`);
}
