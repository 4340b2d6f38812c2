import fs from 'node:fs';
import { dirname, join, sep } from 'node:path';
import {
  attempt,
  disk,
  isOurs,
  JOURNAL,
  type Look,
  linkOf,
  looking,
  lookingAfter,
  readIfPresent,
  removeEmptyFolders,
  spotOf,
  statOf,
  WORK,
} from './disk.js';
import { isPlainName } from './names.js';
import { draftName, isOwner, type Owner, thisOwner } from './owner.js';
import { patchOf } from './patch.js';
import type { PublishPlan } from './plan.js';
import { sha256 } from './sha256.js';

// A publish into a folder goes this way:
//
//   .cdkv-…/             Stage: new contents in files 0, 1, ..., and journal.json, which lists what is to be done.
//   .cdkv-… -> .cdkv     Commit, by one rename. It fails where a publish is under way: the journal is the lock as well.
//   .cdkv/0 -> a/b       Apply: operation 0 writes a/b ...
//   c -> .cdkv/1         ... and operation 1 removes c. So the files in .cdkv tell which operations were done.
//   .cdkv -> .cdkv-…     Close, by one rename; then that folder is removed.
//
// A publish into several folders commits in all of them before it applies in the first, and applies in all before it closes the first.
// So a journal of which nothing was done may be dropped where another one of the same publish is missing.
//
// Whoever finds a .cdkv whose owner is gone takes it over, with those of the same publish in the folders beside it (recover.ts).

/** One file to be written or removed; the n-th has the name n in the journal's folder. */
export interface Operation {
  readonly path: string;
  /** SHA-256 of what stood there when it was planned, or null. */
  readonly before: string | null;
  /** SHA-256 of what is to stand there, or null when nothing is. */
  readonly after: string | null;
}

/** What the journals of one publish have in common. */
export interface Group {
  /** No other publish has it. */
  readonly id: string;
  /** Names of all folders that it publishes into. They stand side by side. */
  readonly folders: readonly string[];
}

export interface Journal extends Group {
  readonly version: 2;
  readonly owner: Owner;
  readonly operations: readonly Operation[];
}

/** Reasons why a publish must not go on, each a sentence for a person. */
export class Refusal extends Error {
  public constructor(public readonly reasons: readonly string[]) {
    super(reasons.join('\n'));
  }
}

/** The operations of a plan: first what is removed, which may make room. The manifest comes last. */
function operationsOf(plan: PublishPlan): Operation[] {
  const before = (path: string) => plan.before.get(path) ?? null;
  return [
    ...plan.remove.map((path) => ({ path, before: before(path), after: null })),
    ...plan.write.map(({ path, content }) => ({ path, before: before(path), after: sha256(content) })),
  ];
}

/** One publish into one folder, until it is applied. */
export class Draft {
  public readonly operations: readonly Operation[];
  private readonly place: string;
  private made: string | undefined;
  private committed = false;

  public constructor(
    private readonly plan: PublishPlan,
    private readonly group: Group,
  ) {
    this.operations = operationsOf(plan);
    this.place = join(plan.folder, draftName());
  }

  /** Writes all that is to be written beside its place. Here a full disk is noticed. */
  public stage(): void {
    this.made = disk.makeFolder(this.plan.folder);
    disk.makeFolder(this.place);
    for (const [index, file] of this.plan.write.entries())
      disk.write(join(this.place, String(this.plan.remove.length + index)), file.content);
    const journal: Journal = { version: 2, ...this.group, owner: thisOwner(), operations: this.operations };
    disk.write(join(this.place, JOURNAL), JSON.stringify(journal));
  }

  /** @returns whether the folder is ours now, and not another publish's */
  public commit(): boolean {
    try {
      disk.rename(this.place, join(this.plan.folder, WORK));
      this.committed = true;
    } catch (error) {
      // The other publish may have ended in the meantime.
      const taken = ['ENOTEMPTY', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '');
      if (!taken && statOf(join(this.plan.folder, WORK)) === undefined) throw error;
    }
    return this.committed;
  }

  /** Leaves the folder as it was. What cannot be removed now, a later publish removes. */
  public withdraw(): void {
    if (this.committed) attempt(() => close(this.plan.folder));
    else attempt(() => disk.removeTree(this.place));
    if (this.made !== undefined) removeEmptyFolders(this.plan.folder, this.made);
  }
}

/** Ends a publish; only its owner may. */
export function close(folder: string): void {
  const passing = join(folder, draftName());
  disk.rename(join(folder, WORK), passing);
  attempt(() => disk.removeTree(passing));
}

/** Which of the operations were done: what is to be written is no longer beside the journal, what is to be removed is there. */
function doneOf(folder: string, operations: readonly Operation[]): boolean[] {
  const names = new Set(namesIn(join(folder, WORK)));
  return operations.map(({ after }, index) => names.has(String(index)) === (after === null));
}

/** Names in a folder, which may be gone. Not to know them is no sign that nothing is there. */
function namesIn(folder: string): string[] {
  try {
    return fs.readdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** How many of the operations are still to be done. */
export function countLeft(folder: string, operations: readonly Operation[]): number {
  return doneOf(folder, operations).filter((done) => !done).length;
}

/** Whether it is certain that none of the operations was done yet. */
export function isUntouched(folder: string, operations: readonly Operation[]): boolean {
  try {
    return countLeft(folder, operations) === operations.length;
  } catch {
    return false;
  }
}

/** What in the journal's folder is not what was staged there; empty when all is. */
export function damageOf(folder: string, operations: readonly Operation[]): string[] {
  const work = join(folder, WORK);
  return operations.flatMap(({ after }, index) => {
    const place = join(work, String(index));
    const stat = statOf(place);
    if (after === null || stat === undefined || (stat.isFile() && sha256(fs.readFileSync(place)) === after)) return [];
    return [`"${place}" is not what the publish put there; move "${work}" away`];
  });
}

/** Why operations that were not done yet must not be done; empty when they may. */
export function conflictsOf(folder: string, operations: readonly Operation[], force: boolean): string[] {
  const done = doneOf(folder, operations);
  const pathsOf = (isMeant: (index: number) => boolean) =>
    operations.flatMap(({ path, after }, index) => (after === null && isMeant(index) ? [path] : []));
  // What is to be removed makes room for what is to be written.
  const after = lookingAfter(
    folder,
    pathsOf(() => true),
    pathsOf((index) => !done[index]),
    looking(folder),
  );
  const look = (operation: Operation) => (operation.after === null ? looking(folder) : after);
  return operations.flatMap((operation, index) =>
    done[index] ? [] : (conflictOf(folder, operation, index, force, look(operation)) ?? []),
  );
}

/** What stands there is neither what was planned for nor what is to be. */
function conflictOf(folder: string, { path, before, after }: Operation, index: number, force: boolean, look: Look): string | undefined {
  const { taken, obstacle } = spotOf(folder, path, look);
  if (obstacle !== undefined) return obstacle;
  const place = join(folder, path);
  const present = force || !taken ? undefined : readIfPresent(place);
  if (present === undefined || [before, after].includes(sha256(present))) return undefined;
  const [verb, wanted] = after === null ? ['remove', undefined] : ['overwrite', fs.readFileSync(join(folder, WORK, String(index)))];
  return `"${place}" was edited while a publish was under way; move it away, or ${verb} it with --force\n${patchOf(present, wanted)}`;
}

/** Does the operations that were not done yet. */
export function apply(folder: string, operations: readonly Operation[], force: boolean): void {
  const done = doneOf(folder, operations);
  const parked = (index: number) => join(folder, WORK, String(index));
  const check = (operation: Operation, index: number) => {
    const conflict = conflictOf(folder, operation, index, force, looking(folder));
    if (conflict !== undefined) throw new Refusal([conflict]);
  };
  const left = new Set<string>();
  for (const [index, operation] of operations.entries()) {
    if (operation.after !== null) continue;
    const place = join(folder, operation.path);
    if (!done[index]) {
      check(operation, index);
      if (statOf(place) !== undefined) disk.rename(place, parked(index));
    }
    if (spotOf(folder, operation.path, looking(folder)).obstacle === undefined) left.add(dirname(place));
  }
  for (const place of left) removeEmptyFolders(place, folder + sep);
  const present = new Set<string>();
  for (const [index, operation] of operations.entries()) {
    if (operation.after === null || done[index]) continue;
    check(operation, index);
    moveTo(join(folder, operation.path), parked(index), present);
  }
}

/** @param present folders that were seen to be there */
function moveTo(place: string, from: string, present: Set<string>): void {
  const folder = dirname(place);
  const made = !present.has(folder) && statOf(folder) === undefined ? disk.makeFolder(folder) : undefined;
  try {
    disk.rename(from, place);
    present.add(folder);
  } catch (error) {
    if (made !== undefined) removeEmptyFolders(folder, made);
    throw error;
  }
}

/**
 * The journal in a folder; undefined when no publish is under way there.
 *
 * @throws Refusal when what stands in its place is none, or the folder is a link
 */
export function readJournal(folder: string): Journal | undefined {
  const link = linkOf(folder);
  if (link !== undefined) throw new Refusal([link]);
  const work = join(folder, WORK);
  const found = statOf(work);
  if (found === undefined) return undefined;
  if (!found.isDirectory()) throw new Refusal([`"${work}" is not a folder, so no publish made it; move it away`]);
  const place = join(work, JOURNAL);
  const refuse = (why: string) => new Refusal([`"${place}" ${why}, so no publish made it; move "${work}" away`]);
  const stat = statOf(place);
  if (stat === undefined) {
    // A commit renames over an empty folder. Another one with no journal is not a publish's, unless that ended just now.
    if (statOf(work) === undefined || fs.readdirSync(work).length === 0) return undefined;
    throw refuse('is missing');
  }
  if (!stat.isFile()) throw refuse('is not a file');
  const text = readIfPresent(place)?.toString();
  if (text === undefined) return undefined;
  let journal: Journal;
  try {
    journal = JSON.parse(text) as Journal;
  } catch {
    throw refuse('is no JSON');
  }
  if (!isJournal(journal)) throw refuse('is no journal');
  const outside = journal.operations.find(({ path }) => !isOurs(path));
  if (outside !== undefined) throw refuse(`names ${JSON.stringify(outside.path)}, which no app may write`);
  return journal;
}

function isJournal(value: unknown): value is Journal {
  const { version, id, folders, owner, operations } = (value ?? {}) as Partial<Journal>;
  const isFolder = (name: unknown) => typeof name === 'string' && isPlainName(name);
  const isHash = (hash: unknown) => hash === null || (typeof hash === 'string' && /^[0-9a-f]{64}$/.test(hash));
  const isOperation = (operation: unknown) => {
    const { path, before, after } = (operation ?? {}) as Partial<Operation>;
    return typeof path === 'string' && isHash(before) && isHash(after);
  };
  const isGroup = typeof id === 'string' && Array.isArray(folders) && folders.every(isFolder);
  return version === 2 && isGroup && isOwner(owner) && Array.isArray(operations) && operations.every(isOperation);
}
