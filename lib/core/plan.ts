import fs from 'node:fs';
import { dirname, join } from 'node:path';
import { isOurs, JOURNAL, type Look, linkOf, listing, lookingAfter, readIfPresent, spotOf, statOf, WORK } from './disk.js';
import { inJson } from './json.js';
import { MANIFEST } from './output-file.js';
import { patchOf } from './patch.js';
import { sha256 } from './sha256.js';

/** A rendered file on its way to the disk. */
export interface RenderedFile {
  /** Path below the folder, with `/`. */
  readonly path: string;
  readonly content: Uint8Array;
  /** Path of the construct it is of. */
  readonly construct: string;
}

/** What `manifest.json` holds. */
export interface Manifest {
  readonly version: 1;
  readonly files: Readonly<Record<string, { readonly sha256: string; readonly construct: string }>>;
}

/** What a publish would do. `obstacles` are sentences that say why it must not happen. */
export interface PublishPlan {
  readonly folder: string;
  readonly write: readonly RenderedFile[];
  readonly remove: readonly string[];
  /** SHA-256 of what stands now at the paths to be written or removed; a path where nothing does is not in it. */
  readonly before: ReadonlyMap<string, string>;
  readonly obstacles: readonly string[];
}

/** So many obstacles show what was edited; the rest say so only. */
const SHOWN_PATCHES = 10;

/** The manifest, a `Manifest` as JSON, as a file of the output. */
export function renderManifest(files: readonly RenderedFile[], construct: string): RenderedFile {
  const entries = files
    .toSorted((a, b) => (a.path < b.path ? -1 : 1))
    .map(
      (file) => `
    "${inJson(file.path)}": {
      "sha256": "${sha256(file.content)}",
      "construct": "${inJson(file.construct)}"
    }`,
    );
  const content = Buffer.from(`{\n  "version": 1,\n  "files": {${entries.join(',')}${entries.length === 0 ? '' : '\n  '}}\n}\n`);
  return { path: MANIFEST, content, construct };
}

/**
 * Compares the files with the folder, writing nothing. Files that somebody else made or edited are never overwritten or
 * removed unless `force`; files that are not in the folder's manifest are never removed.
 */
export function planPublish(folder: string, files: readonly RenderedFile[], force: boolean): PublishPlan {
  if (linkOf(folder) !== undefined || !isPending(folder)) return planFiles(folder, files, force);
  return refusedPlan(folder, [`a publish into "${folder}" was interrupted, or is under way; run "npx cdkv synth", which completes it`]);
}

/** Whether a publish into the folder has begun and not ended. Where it has not ended beside this folder only, this one is whole. */
export function isPending(folder: string): boolean {
  return statOf(join(folder, WORK, JOURNAL)) !== undefined;
}

export function refusedPlan(folder: string, obstacles: readonly string[]): PublishPlan {
  return { folder, write: [], remove: [], before: new Map(), obstacles };
}

/** `planPublish` for who publishes, and knows that nobody else does. */
export function planFiles(folder: string, files: readonly RenderedFile[], force: boolean): PublishPlan {
  const blocked = linkOf(folder) ?? cannotBe(folder);
  if (blocked !== undefined) return refusedPlan(folder, [blocked]);
  if (statOf(folder) === undefined) {
    // Nothing is in the way of any file.
    const strange = files.find((file) => !isOurs(file.path));
    const reason = strange === undefined ? unwritable(folder, ['.']) : notOurs(strange.path);
    if (reason !== undefined) return refusedPlan(folder, [reason]);
    return { folder, write: files, remove: [], before: new Map(), obstacles: [] };
  }
  const obstacles: string[] = [];
  const before = new Map<string, string>();
  const look = listing(folder);
  let shown = 0;
  const patch = (present: Buffer, wanted?: Uint8Array) => (++shown > SHOWN_PATCHES ? '' : `\n${patchOf(present, wanted)}`);
  /** The file there, unless it cannot be read, which is noted. */
  const read = (place: string): Buffer | undefined | 'unreadable' => {
    try {
      return readIfPresent(place);
    } catch (error) {
      obstacles.push(`"${place}" cannot be read (${(error as Error).message}); grant the right to, or move it away`);
      return 'unreadable';
    }
  };

  const manifest = readManifest(folder, look);
  const known = manifest ?? new Map<string, string>();
  const current = new Set(files.map((file) => file.path));
  const remove: string[] = [];
  for (const [path, hash] of known) {
    if (current.has(path)) continue;
    const { taken, obstacle } = spotOf(folder, path, look);
    if (!taken || obstacle !== undefined) continue;
    const place = join(folder, path);
    const present = read(place);
    if (present === undefined || present === 'unreadable') continue;
    before.set(path, sha256(present));
    if (before.get(path) === hash || force) remove.push(path);
    else obstacles.push(`"${place}" is no longer made by the app but was edited; move it away, or remove it with --force${patch(present)}`);
  }

  // What is removed makes room for what is written.
  const lookAfter = lookingAfter(folder, remove, remove, look);
  const write: RenderedFile[] = [];
  for (const file of files) {
    const { taken, obstacle } = isOurs(file.path) ? spotOf(folder, file.path, lookAfter) : { taken: true, obstacle: notOurs(file.path) };
    if (obstacle !== undefined) {
      obstacles.push(obstacle);
      continue;
    }
    if (!taken) {
      write.push(file);
      continue;
    }
    const place = join(folder, file.path);
    const present = read(place);
    if (present === 'unreadable' || (present !== undefined && Buffer.compare(present, file.content) === 0)) continue;
    if (present !== undefined) {
      const hash = sha256(present);
      before.set(file.path, hash);
      const ours = (file.path === MANIFEST && manifest !== undefined) || known.get(file.path) === hash;
      if (!ours && !force) {
        const why = known.has(file.path) ? 'was edited after it was written' : 'is there already and was not written by this app';
        obstacles.push(`"${place}" ${why}; move it away, or overwrite it with --force${patch(present, file.content)}`);
        continue;
      }
    }
    write.push(file);
  }
  const denied = unwritable(folder, [...write.map((file) => file.path), ...remove]);
  if (denied !== undefined) obstacles.push(denied);
  return { folder, write, remove, before, obstacles };
}

const notOurs = (path: string) => `"${path}" is not for apps to write; choose another name`;

/** @internal The hashes of the files that we wrote; undefined when there is no manifest of ours. */
export function readManifest(folder: string, look: Look): Map<string, string> | undefined {
  const { taken, obstacle } = spotOf(folder, MANIFEST, look);
  if (!taken || obstacle !== undefined) return undefined;
  try {
    const manifest = JSON.parse(fs.readFileSync(join(folder, MANIFEST), 'utf8')) as Manifest;
    if (manifest.version !== 1) return undefined;
    return new Map(Object.entries(manifest.files).flatMap(([path, entry]) => (isOurs(path) ? [[path, entry.sha256]] : [])));
  } catch {
    return undefined;
  }
}

/** Why there can be no such folder, or undefined when there can. */
function cannotBe(folder: string): string | undefined {
  const nearest = nearestPresent(folder);
  if (fs.statSync(nearest, { throwIfNoEntry: false })?.isDirectory()) return undefined;
  const what = fs.existsSync(nearest) ? 'a file' : 'a link to nowhere';
  return `output folder "${folder}" cannot be made: "${nearest}" is ${what}; choose another output folder`;
}

/** Why the files at these paths cannot be changed, or undefined when they can. */
function unwritable(folder: string, paths: readonly string[]): string | undefined {
  if (paths.length === 0) return undefined;
  const parents = new Set(['.', ...paths.map((path) => dirname(path))]);
  const present = new Set(
    [...parents].map((parent) => {
      const place = nearestPresent(join(folder, parent));
      // A file that is to be removed, where a folder is to be.
      return statOf(place)?.isFile() ? dirname(place) : place;
    }),
  );
  const device = fs.statSync(nearestPresent(folder)).dev;
  for (const place of present) {
    try {
      fs.accessSync(place, fs.constants.W_OK | fs.constants.X_OK);
    } catch {
      return `output folder "${folder}" is not writable; grant the right to "${place}" or choose another output folder`;
    }
    // What is staged must reach its place by a rename.
    if (fs.statSync(place).dev !== device) return `"${place}" is on another disk than output folder "${folder}"; unmount it`;
  }
  return undefined;
}

/** The path itself, or the nearest above it, where anything stands. */
function nearestPresent(path: string): string {
  let nearest = path;
  while (statOf(nearest) === undefined && dirname(nearest) !== nearest) nearest = dirname(nearest);
  return nearest;
}
