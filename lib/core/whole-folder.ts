import { dirname, join } from 'node:path';
import { attempt, disk, removeEmptyFolders, statOf } from './disk.js';
import { draftName } from './owner.js';
import type { RenderedFile } from './plan.js';

/**
 * Makes a folder that is not there with all that is to be in it: beside its place first, then there by one rename. So it needs no
 * journal, and no look at each file's place.
 *
 * @returns whether it was made; not when another made it meanwhile
 */
export function makeWhole(folder: string, files: readonly RenderedFile[]): boolean {
  const parent = dirname(folder);
  const draft = join(parent, draftName());
  const madeParent = disk.makeFolder(parent);
  try {
    disk.makeFolder(draft);
    const present = new Set([draft]);
    for (const { path, content } of files) {
      const place = join(draft, path);
      const within = dirname(place);
      if (!present.has(within)) disk.makeFolder(within);
      present.add(within);
      disk.write(place, content);
    }
    // A rename would take the place of an empty folder, too.
    if (statOf(folder) !== undefined) throw new Error(`"${folder}" is there meanwhile`);
    disk.rename(draft, folder);
    return true;
  } catch (error) {
    attempt(() => disk.removeTree(draft));
    if (madeParent !== undefined) removeEmptyFolders(parent, madeParent);
    if (statOf(folder) !== undefined) return false;
    throw error;
  }
}
