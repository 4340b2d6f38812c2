import { createHash, randomBytes } from 'node:crypto';
import { dirname, join, relative, sep } from 'node:path';
import fs from 'fs-extra';
import { isOutputPath, MANIFEST } from './output-file.js';

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
  readonly obstacles: readonly string[];
}

/** The manifest as a file of the output. */
export function renderManifest(files: readonly RenderedFile[], construct: string): RenderedFile {
  const entries = files
    .map((file) => [file.path, { sha256: sha256(file.content), construct: file.construct }] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const manifest: Manifest = { version: 1, files: Object.fromEntries(entries) };
  return { path: MANIFEST, content: Buffer.from(`${JSON.stringify(manifest, undefined, 2)}\n`), construct };
}

/**
 * Compares the files with the folder, writing nothing. Files that somebody else made or edited are never overwritten or
 * removed unless `force`; files that are not in the folder's manifest are never removed.
 */
export function planPublish(folder: string, files: readonly RenderedFile[], force: boolean): PublishPlan {
  const obstacles: string[] = [];
  const blocked = unwritable(folder);
  if (blocked !== undefined) return { folder, write: [], remove: [], obstacles: [blocked] };

  const manifest = readManifest(folder);
  const known = manifest ?? new Map<string, string>();
  const write: RenderedFile[] = [];
  for (const file of files) {
    const place = join(folder, file.path);
    const obstacle = inTheWay(folder, file.path);
    if (obstacle !== undefined) {
      obstacles.push(obstacle);
      continue;
    }
    const present = readIfPresent(place);
    if (present !== undefined && Buffer.compare(present, file.content) === 0) continue;
    const ours = (file.path === MANIFEST && manifest !== undefined) || present === undefined || known.get(file.path) === sha256(present);
    if (!ours && !force) {
      const why = known.has(file.path) ? 'was edited after it was written' : 'is there already and was not written by this app';
      obstacles.push(`"${place}" ${why}; move it away, or overwrite it with --force`);
      continue;
    }
    write.push(file);
  }

  const current = new Set(files.map((file) => file.path));
  const remove: string[] = [];
  for (const [path, hash] of known) {
    if (current.has(path) || inTheWay(folder, path) !== undefined) continue;
    const present = readIfPresent(join(folder, path));
    if (present === undefined) continue;
    if (sha256(present) === hash || force) remove.push(path);
    else obstacles.push(`"${join(folder, path)}" is no longer made by the app but was edited; move it away, or remove it with --force`);
  }
  return { folder, write, remove, obstacles };
}

/** Carries out a plan without obstacles. Each file is replaced whole; the manifest comes last. */
export function publish(plan: PublishPlan): void {
  fs.ensureDirSync(plan.folder);
  for (const path of plan.remove) {
    fs.removeSync(join(plan.folder, path));
    removeEmptyFolders(plan.folder, dirname(path));
  }
  for (const file of plan.write) {
    const place = join(plan.folder, file.path);
    fs.ensureDirSync(dirname(place));
    const passing = `${place}.${randomBytes(4).toString('hex')}.tmp`;
    fs.writeFileSync(passing, file.content);
    fs.renameSync(passing, place);
  }
}

function sha256(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/** The hashes of the files that we wrote; undefined when there is no manifest of ours. */
function readManifest(folder: string): Map<string, string> | undefined {
  if (inTheWay(folder, MANIFEST) !== undefined) return undefined;
  const text = readIfPresent(join(folder, MANIFEST))?.toString('utf8');
  if (text === undefined) return undefined;
  try {
    const manifest = JSON.parse(text) as Manifest;
    return new Map(Object.entries(manifest.files).flatMap(([path, entry]) => (isOutputPath(path) ? [[path, entry.sha256]] : [])));
  } catch {
    return undefined;
  }
}

function readIfPresent(path: string): Buffer | undefined {
  try {
    return fs.readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' || (error as NodeJS.ErrnoException).code === 'ENOTDIR') return undefined;
    throw error;
  }
}

/** Why nothing can be written below `folder`, or undefined when it can. Makes nothing. */
function unwritable(folder: string): string | undefined {
  let nearest = folder;
  while (statOf(nearest) === undefined && dirname(nearest) !== nearest) nearest = dirname(nearest);
  if (!fs.statSync(nearest, { throwIfNoEntry: false })?.isDirectory()) {
    const what = fs.existsSync(nearest) ? 'a file' : 'a link to nowhere';
    return `output folder "${folder}" cannot be made: "${nearest}" is ${what}; choose another output folder`;
  }
  try {
    fs.accessSync(nearest, fs.constants.W_OK);
  } catch {
    return `output folder "${folder}" is not writable; grant the right to "${nearest}" or choose another output folder`;
  }
  return undefined;
}

/** What stands at a path, links not followed; undefined when nothing does. */
function statOf(path: string): fs.Stats | undefined {
  try {
    return fs.lstatSync(path);
  } catch {
    return undefined;
  }
}

/** Why a file cannot stand at this path, or undefined when it can: links, folders in its place, files in place of its folders. */
function inTheWay(folder: string, path: string): string | undefined {
  const parts = path.split('/');
  let place = folder;
  for (const [index, part] of parts.entries()) {
    place = join(place, part);
    const stat = statOf(place);
    if (stat === undefined) return undefined;
    if (stat.isSymbolicLink()) {
      const link = relative(folder, place).split(sep).join('/');
      return `"${link}" is a symbolic link, so "${path}" would leave the output folder; remove the link`;
    }
    const last = index === parts.length - 1;
    if (last && !stat.isFile()) return `"${place}" is not a file, so "${path}" cannot be written; move it away`;
    if (!last && !stat.isDirectory()) return `"${place}" is not a folder, so "${path}" cannot be written; move it away`;
  }
  return undefined;
}

function removeEmptyFolders(folder: string, path: string): void {
  for (let dir = path; dir !== '.' && dir !== ''; dir = dirname(dir)) {
    const place = join(folder, dir);
    if (!fs.pathExistsSync(place) || fs.readdirSync(place).length > 0) return;
    fs.rmdirSync(place);
  }
}
