import fs from 'node:fs';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { attempt, disk, reasonOf, statOf, WORK } from './disk.js';
import { apply, close, conflictsOf, countLeft, damageOf, isUntouched, type Journal, Refusal, readJournal } from './journal.js';
import { draftName, isAbandonedDraft, isAlive, isOwner, type Owner, thisOwner } from './owner.js';

const OWNER = 'owner.json';

/** Why a folder cannot be published to. */
export interface Reason {
  readonly folder: string;
  readonly text: string;
}

/** One folder of a publish that has not ended. */
interface Part {
  readonly folder: string;
  readonly journal: Journal;
  /** Who does it, or was the last to do it. */
  readonly owner: Owner;
  readonly claims: number;
}

/** Why an interrupted publish must not be completed. */
class Blocked extends Error {
  public constructor(public readonly reasons: readonly Reason[]) {
    super();
  }
}

/**
 * Completes what an interrupted publish left in a folder and in those beside it, or undoes it when it had changed nothing yet; waits
 * for one that is under way.
 *
 * @param deadline when to give up waiting, in ms since the epoch
 * @param changed takes the folders in which it changes files
 * @returns why these folders cannot be published to; empty when they can
 */
export function recover(folder: string, force: boolean, deadline: number, changed: Set<string>): readonly Reason[] {
  const because = (text: string, at = folder) => [{ folder: at, text }];
  try {
    for (let parts = partsOf(folder); parts.length > 0; parts = partsOf(folder)) {
      const elsewhere = parts.find(({ owner }) => owner.host !== hostname());
      const alive = parts.find(({ owner }) => owner.host === hostname() && isAlive(owner));
      if (elsewhere !== undefined && !force) {
        const { pid, host } = elsewhere.owner;
        return because(
          `a publish into "${elsewhere.folder}" by process ${pid} of host "${host}" has not ended; let "npx cdkv synth" end it there, or, when nothing publishes there any more, complete it here with --force`,
          elsewhere.folder,
        );
      }
      if (alive !== undefined) {
        if (Date.now() >= deadline) {
          const text = `process ${alive.owner.pid} is publishing into "${alive.folder}"; wait for it, or end it, and synthesise again`;
          return because(text, alive.folder);
        }
        pause(20);
      } else if (takeOver(folder, parts, force, changed)) {
        for (const part of parts) removeAbandoned(part.folder);
      } else {
        pause(20);
      }
    }
  } catch (error) {
    if (error instanceof Blocked) return error.reasons;
    if (error instanceof Refusal) return error.reasons.flatMap((text) => because(text));
    return because(
      `a publish into "${folder}" was interrupted and cannot be completed: ${reasonOf(error)}, then run "npx cdkv synth" again`,
    );
  }
  removeAbandoned(folder);
  return [];
}

/**
 * The publish that has not ended in a folder: this folder and those beside it where it has not ended either, in an order that is the
 * same for all who look.
 */
function partsOf(folder: string): Part[] {
  const journal = patientlyRead(folder);
  if (journal === undefined) return [];
  const names = new Set([...journal.folders, basename(folder)]);
  return [...names].sort().flatMap((name) => {
    const place = join(dirname(folder), name);
    const found = place === folder ? journal : patientlyRead(place);
    return found?.id === journal.id ? [{ folder: place, journal: found, ...ownerOf(place, found) }] : [];
  });
}

/** Stops this thread. */
export function pause(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

/** Reads once more what may have been read while it was moved. */
function patientlyRead(folder: string): Journal | undefined {
  for (let reads = 1; ; reads++) {
    try {
      return readJournal(folder);
    } catch (error) {
      if (reads === 3) throw error;
      pause(20);
    }
  }
}

// Two may find the same dead owner. Each claims the journal, by a folder that only one of them can put there; should the one who
// did so die as well, the next claim follows it.

const claim = (folder: string, number: number) => join(folder, WORK, `claim-${number}`);

/** Whose a journal is: its owner's, or that of the last who claimed it. */
function ownerOf(folder: string, { owner }: Journal): { readonly owner: Owner; readonly claims: number } {
  let claims = 0;
  let last = owner;
  while (statOf(claim(folder, claims + 1)) !== undefined) {
    claims++;
    let read: unknown;
    attempt(() => {
      read = JSON.parse(fs.readFileSync(join(claim(folder, claims), OWNER), 'utf8'));
    });
    if (isOwner(read)) last = read;
  }
  return { owner: last, claims };
}

/** @returns whether it was ours to complete */
function takeOver(folder: string, parts: readonly Part[], force: boolean, changed: Set<string>): boolean {
  const held: (() => void)[] = [];
  let completed = false;
  try {
    // All who come claim in the same order, so no two hold what the other waits for.
    for (const part of parts) {
      const release = hold(part);
      if (release === undefined) return false;
      held.push(release);
    }
    // Until the claims, its owner may have gone on, or another have completed it, and even a new publish have begun.
    if (!isSame(partsOf(folder), parts)) return false;
    complete(parts, force, changed);
    completed = true;
  } finally {
    if (!completed) for (const release of held.toReversed()) release();
  }
  return completed;
}

function isSame(one: readonly Part[], other: readonly Part[]): boolean {
  const text = (parts: readonly Part[]) => JSON.stringify(parts.map(({ folder, journal }) => [folder, journal.id]));
  return text(one) === text(other);
}

/** Claims one folder. @returns what gives it back; undefined when another was first */
function hold({ folder, claims }: Part): (() => void) | undefined {
  const place = claim(folder, claims + 1);
  const draft = join(folder, draftName());
  try {
    disk.makeFolder(draft);
    disk.write(join(draft, OWNER), JSON.stringify(thisOwner()));
    disk.rename(draft, place);
  } catch (error) {
    attempt(() => disk.removeTree(draft));
    if (statOf(place) !== undefined || statOf(join(folder, WORK)) === undefined) return undefined;
    throw error;
  }
  return () => {
    if (attempt(() => disk.rename(place, draft))) attempt(() => disk.removeTree(draft));
  };
}

/** Nothing is changed in any folder before it is clear that all can be completed, and none is closed before all are. */
function complete(parts: readonly Part[], force: boolean, changed: Set<string>): void {
  if (!parts.every(({ folder, journal }) => isUntouched(folder, journal.operations))) {
    const reasons = parts.flatMap(({ folder, journal: { operations } }) =>
      [...damageOf(folder, operations), ...conflictsOf(folder, operations, force)].map((text) => ({ folder, text })),
    );
    if (reasons.length > 0) throw new Blocked(reasons);
    for (const { folder, journal } of parts) {
      const left = countLeft(folder, journal.operations);
      try {
        apply(folder, journal.operations, force);
      } finally {
        if (countLeft(folder, journal.operations) < left) changed.add(folder);
      }
    }
  }
  for (const { folder } of parts) close(folder);
}

/** Removes what publishes that were killed before their commit left. */
export function removeAbandoned(folder: string): void {
  let names: string[] = [];
  attempt(() => {
    names = fs.readdirSync(folder).filter((name) => name.startsWith(`${WORK}-`));
  });
  for (const name of names) {
    const stat = statOf(join(folder, name));
    if (stat?.isDirectory() && isAbandonedDraft(name, () => Date.now() - stat.mtimeMs)) attempt(() => disk.removeTree(join(folder, name)));
  }
}
