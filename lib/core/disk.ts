import fs from 'node:fs';
import { join } from 'node:path';
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

/** Removes folders from `path` up to `top`, as long as they are empty. Some may be gone already. */
export function removeEmptyFolders(path: string, top: string): void {
  const isGone = (place: string) => attempt(() => disk.removeFolder(place)) || statOf(place) === undefined;
  for (let place = path; place.startsWith(top) && isGone(place); ) place = join(place, '..');
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

/** Why nothing may be written to a stack's folder: it is a link. The folder that holds it may be one. */
export function linkOf(folder: string): string | undefined {
  if (!statOf(folder)?.isSymbolicLink()) return undefined;
  return `"${folder}" is a symbolic link, so what is in it would stand outside the output folder; remove the link`;
}

/** What tells of a path what stands there. */
export type Entry = Pick<fs.Stats, 'isFile' | 'isDirectory' | 'isSymbolicLink'>;

/** Tells what stands below a folder, links not followed. */
export type Look = (parent: string, name: string) => Entry | undefined;

/** As it is when it is asked. */
export function looking(folder: string): Look {
  return (parent, name) => statOf(join(folder, parent, name));
}

/** As it was when it was first asked. Each folder is listed once: to look at each path by itself takes much longer. */
export function listing(folder: string): Look {
  const listed = new Map<string, ReadonlyMap<string, Entry>>();
  const look = looking(folder);
  return (parent, name) => {
    const names = listed.get(parent) ?? namesIn(join(folder, parent));
    listed.set(parent, names);
    // Where case does not count, a file may be there by another name.
    return names.size === 0 ? undefined : (names.get(name) ?? look(parent, name));
  };
}

/**
 * As it will be once files were removed, and the folders that are empty then.
 *
 * @param still those of the files that are still there
 */
export function lookingAfter(folder: string, removed: readonly string[], still: readonly string[], look: Look): Look {
  if (removed.length === 0) return look;
  const files = new Set(still);
  const folders = new Map<string, boolean | undefined>();
  for (const path of removed)
    for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) folders.set(path.slice(0, end), undefined);
  const isEmptied = (path: string): boolean => {
    const known = folders.get(path);
    if (known !== undefined) return known;
    const entries = [...namesIn(join(folder, path))];
    const emptied = entries.every(([name, entry]) => goes(`${path}/${name}`, entry));
    folders.set(path, emptied);
    return emptied;
  };
  const goes = (path: string, entry: Entry) =>
    files.has(path) ? entry.isFile() : folders.has(path) && entry.isDirectory() && isEmptied(path);
  return (parent, name) => {
    const entry = look(parent, name);
    return entry === undefined || goes(below(parent, name), entry) ? undefined : entry;
  };
}

const below = (parent: string, name: string) => (parent === '' ? name : `${parent}/${name}`);

const UNLISTED: ReadonlyMap<string, Entry> = new Map([['', {} as Entry]]);

function namesIn(folder: string): ReadonlyMap<string, Entry> {
  try {
    return new Map(fs.readdirSync(folder, { withFileTypes: true }).map((entry) => [entry.name, entry]));
  } catch (error) {
    // One that may be passed but not listed has to be asked for each name.
    return isAbsence(error) ? new Map() : UNLISTED;
  }
}

export function readIfPresent(path: string): Buffer | undefined {
  try {
    return fs.readFileSync(path);
  } catch (error) {
    if (isAbsence(error)) return undefined;
    throw error;
  }
}

const isAbsence = (error: unknown) => ['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '');

/** Where a file is to stand. */
export interface Spot {
  /** Whether something stands there. */
  readonly taken: boolean;
  /** Why no file of ours can stand there: a link on the way, a folder in its place, a file in place of a folder. */
  readonly obstacle?: string;
}

/** What is at a path below a folder. */
export function spotOf(folder: string, path: string, look: Look): Spot {
  const parts = path.split('/');
  let parent = '';
  for (const [index, name] of parts.entries()) {
    const last = index === parts.length - 1;
    const entry = look(parent, name);
    const here = below(parent, name);
    if (entry === undefined) return { taken: false };
    if (entry.isSymbolicLink())
      return { taken: true, obstacle: `"${here}" is a symbolic link, so "${path}" would leave the output folder; remove the link` };
    const place = () => join(folder, here);
    if (last && !entry.isFile())
      return { taken: true, obstacle: `"${place()}" is not a file, so "${path}" cannot be written; move it away` };
    if (!last && !entry.isDirectory())
      return { taken: true, obstacle: `"${place()}" is not a folder, so "${path}" cannot be written; move it away` };
    parent = here;
  }
  return { taken: true };
}

/** What went wrong, and how to put it right, without the full stop. */
export function reasonOf(error: unknown): string {
  const { code = '', message } = error as NodeJS.ErrnoException;
  if (['ENOSPC', 'EDQUOT'].includes(code)) return `no room is left (${message}); make room`;
  if (['EACCES', 'EPERM', 'EROFS'].includes(code)) return `the right to write is missing (${message}); grant it`;
  return `${message}; see to that`;
}
