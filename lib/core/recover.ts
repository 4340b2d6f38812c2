import fs from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { attempt, disk, reasonOf, statOf, WORK } from './disk.js';
import { apply, close, conflictsOf, isUntouched, type Journal, Refusal, readJournal } from './journal.js';
import { draftName, isAbandonedDraft, isAlive, isOwner, type Owner, thisOwner } from './owner.js';
import { sha256 } from './sha256.js';

const OWNER = 'owner.json';

/**
 * Completes what an interrupted publish left in a folder, or undoes it when it had changed nothing yet; waits for one that is
 * under way.
 *
 * @param deadline when to give up waiting, in ms since the epoch
 * @returns why the folder cannot be published to; empty when it can
 */
export function recover(folder: string, force: boolean, deadline: number): readonly string[] {
  try {
    for (let journal = patientlyRead(folder); journal !== undefined; journal = patientlyRead(folder)) {
      const { owner, claims } = ownerOf(folder, journal);
      if (owner.host !== hostname() && !force) {
        return [
          `a publish into "${folder}" by process ${owner.pid} of host "${owner.host}" has not ended; let "npx cdkv synth" end it there, or, when nothing publishes there any more, complete it here with --force`,
        ];
      }
      if (owner.host === hostname() && isAlive(owner)) {
        if (Date.now() >= deadline)
          return [`process ${owner.pid} is publishing into "${folder}"; wait for it, or end it, and synthesise again`];
        pause(20);
      } else if (!takeOver(folder, journal, claims, force)) {
        pause(20);
      }
    }
  } catch (error) {
    if (error instanceof Refusal) return error.reasons;
    return [`a publish into "${folder}" was interrupted and cannot be completed: ${reasonOf(error)}, then run "npx cdkv synth" again`];
  }
  removeAbandoned(folder);
  return [];
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
function takeOver(folder: string, { id }: Journal, claims: number, force: boolean): boolean {
  const place = claim(folder, claims + 1);
  const draft = join(folder, draftName());
  try {
    disk.makeFolder(draft);
    disk.write(join(draft, OWNER), JSON.stringify(thisOwner()));
    disk.rename(draft, place);
  } catch (error) {
    attempt(() => disk.removeTree(draft));
    if (statOf(place) !== undefined || statOf(join(folder, WORK)) === undefined) return false;
    throw error;
  }
  let completed = false;
  try {
    // Another may have completed it just before the claim, and even a new publish have begun.
    const journal = readJournal(folder);
    if (journal?.id === id) {
      complete(folder, journal, force);
      completed = true;
    }
  } finally {
    if (!completed && attempt(() => disk.rename(place, draft))) attempt(() => disk.removeTree(draft));
  }
  return completed;
}

function complete(folder: string, { operations }: Journal, force: boolean): void {
  if (!isUntouched(folder, operations)) {
    for (const [index, { after }] of operations.entries()) {
      const place = join(folder, WORK, String(index));
      const stat = statOf(place);
      if (after === null || stat === undefined) continue;
      if (!stat.isFile() || sha256(fs.readFileSync(place)) !== after)
        throw new Refusal([`"${place}" is not what the publish put there; move "${join(folder, WORK)}" away`]);
    }
    const conflicts = conflictsOf(folder, operations, force);
    if (conflicts.length > 0) throw new Refusal(conflicts);
    apply(folder, operations, force);
  }
  close(folder);
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
