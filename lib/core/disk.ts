import { hash } from 'node:crypto';
import fs from 'node:fs';
import { join, relative, sep } from 'node:path';
import { isOutputPath } from './output-file.js';

/** Stands in an output folder while a publish is under way, and after one that was interrupted. */
export const WORK = '.cdkv';
/** What that publish does; the Vagrantfile refuses to run beside it. */
export const JOURNAL = 'journal.json';

/**
 * Every change that publishing makes to the disk goes through here, so that the tests can let each one fail. Nothing is flushed
 * (fsync): a publish withstands the end of its process at any point, not that of the power.
 */
export const disk = {
  /** Makes a folder and those above it. @returns the topmost that it made */
  makeFolder: (path: string): string | undefined => fs.mkdirSync(path, { recursive: true }),
  /** Writes a file that is not there yet. */
  write: (path: string, content: string | Uint8Array): void => fs.writeFileSync(path, content, { flag: 'wx' }),
  rename: (from: string, to: string): void => fs.renameSync(from, to),
  /** Removes a folder, which must be empty. */
  removeFolder: (path: string): void => fs.rmdirSync(path),
  removeTree: (path: string): void => fs.rmSync(path, { recursive: true, force: true }),
};

/** Does what may fail without harm. @returns whether it was done */
export function attempt(change: () => void): boolean {
  try {
    change();
    return true;
  } catch {
    return false;
  }
}

/** Removes folders from `path` up to `top`, as long as they are empty. */
export function removeEmptyFolders(path: string, top: string): void {
  for (let place = path; place.startsWith(top) && attempt(() => disk.removeFolder(place)); ) place = join(place, '..');
}

/** Of contents that were hashed already. */
const hashes = new WeakMap<Uint8Array, string>();

export function sha256(content: Uint8Array): string {
  const known = hashes.get(content) ?? hash('sha256', content);
  hashes.set(content, known);
  return known;
}

/** Whether a path, of a manifest or a journal on disk, names a file that the app may write or remove. */
export function isOurs(path: string): boolean {
  return isOutputPath(path) && !path.toLowerCase().startsWith(WORK);
}

/** What stands at a path, links not followed; undefined when nothing does. */
export function statOf(path: string): fs.Stats | undefined {
  try {
    return fs.lstatSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

export function readIfPresent(path: string): Buffer | undefined {
  try {
    // To make an error for each file that is not there costs more than to look.
    return fs.lstatSync(path, { throwIfNoEntry: false }) === undefined ? undefined : fs.readFileSync(path);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}

/**
 * Why a file cannot stand at this path, or undefined when it can: links, folders in its place, files in place of its folders.
 *
 * @param folders remembers the folders that were seen to be some
 */
export function inTheWay(folder: string, path: string, folders = new Set<string>()): string | undefined {
  const parts = path.split('/');
  let place = folder;
  for (const [index, part] of parts.entries()) {
    place = join(place, part);
    const last = index === parts.length - 1;
    if (!last && folders.has(place)) continue;
    const stat = statOf(place);
    if (stat === undefined) return undefined;
    if (stat.isSymbolicLink()) {
      const link = relative(folder, place).split(sep).join('/');
      return `"${link}" is a symbolic link, so "${path}" would leave the output folder; remove the link`;
    }
    if (last && !stat.isFile()) return `"${place}" is not a file, so "${path}" cannot be written; move it away`;
    if (!last && !stat.isDirectory()) return `"${place}" is not a folder, so "${path}" cannot be written; move it away`;
    if (!last) folders.add(place);
  }
  return undefined;
}

/** What went wrong, and how to put it right, without the full stop. */
export function reasonOf(error: unknown): string {
  const { code = '', message } = error as NodeJS.ErrnoException;
  if (['ENOSPC', 'EDQUOT'].includes(code)) return `no room is left (${message}); make room`;
  if (['EACCES', 'EPERM', 'EROFS'].includes(code)) return `the right to write is missing (${message}); grant it`;
  return `${message}; see to that`;
}
