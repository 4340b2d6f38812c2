import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { isProcess, sha256 } from '../core/index.js';
import { isListening } from './control.js';

// A rehearsal has a folder with all it writes and its sockets, /run/user/UID/cdkv/PROJECT-PID-XXXXXX. No variable of the environment
// says where, so that every terminal finds it. No two ever share one, so what a killed rehearsal left is removed without a lock.

/** A rehearsal that runs. */
export interface Found {
  readonly folder: string;
  readonly stack: string;
  readonly pid: number;
}

const UID = process.getuid?.() ?? 0;
const BASE = existsSync(`/run/user/${UID}`) ? `/run/user/${UID}/cdkv` : `/tmp/cdkv-${UID}`;

/** File in a rehearsal's folder with the name of its stack. */
const STACK = 'stack';

/** Where in its folder a rehearsal listens. */
export function controlSocket(folder: string): string {
  return join(folder, 'control.sock');
}

/** A new folder for a rehearsal of this process. */
export function makeFolder(project: string, stack: string): string {
  for (let tries = 0; ; tries++) {
    try {
      mkdirSync(BASE, { recursive: true, mode: 0o700 });
      const { uid, mode } = lstatSync(BASE);
      if (uid !== UID || (mode & 0o077) !== 0) throw new Error(`${BASE} is not a folder of yours alone; remove it`);
      const folder = mkdtempSync(join(BASE, `${mark(project)}-${process.pid}-`));
      writeFileSync(join(folder, STACK), stack);
      return folder;
    } catch (error) {
      // Another rehearsal ended, and removed what was empty.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || tries > 20) throw error;
    }
  }
}

/** Removes a rehearsal's folder, and the one that holds them all with the last. */
export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  try {
    rmdirSync(BASE);
  } catch {
    // it holds another
  }
}

/** The rehearsals of a project that run. What those that were killed left behind, of any project, is removed first. */
export async function findRehearsals(project: string): Promise<Found[]> {
  const names = (existsSync(BASE) ? readdirSync(BASE) : []).filter((name) => /^[0-9a-f]{8}-\d+-/.test(name));
  const found = await Promise.all(names.map(look));
  return found.flat().filter(({ folder }) => folder.startsWith(join(BASE, `${mark(project)}-`)));
}

async function look(name: string): Promise<Found[]> {
  const folder = join(BASE, name);
  const pid = Number(name.split('-')[1]);
  const socket = controlSocket(folder);
  // The kernel knows who listens, be that process busy or suspended.
  if (await isListening(socket)) {
    try {
      return [{ folder, stack: readFileSync(join(folder, STACK), 'utf8'), pid }];
    } catch {
      return []; // it has just ended, or is of a library that writes no such file
    }
  }
  // No socket: it is about to begin, or was killed before it did.
  if (!existsSync(socket) && isProcess(pid)) return [];
  await gone(folder);
  removeFolder(folder);
  return [];
}

/** Waits until what a killed rehearsal had started has ended as well, so that its ports are free. */
async function gone(folder: string): Promise<void> {
  const sockets = existsSync(folder) ? readdirSync(folder).filter((name) => /^haproxy\d+\.sock$/.test(name)) : [];
  for (let tries = 0; tries < 200; tries++) {
    const alive = await Promise.all(sockets.map((name) => isListening(join(folder, name))));
    if (!alive.includes(true)) return;
    await pause(10);
  }
}

function mark(project: string): string {
  return sha256(realpathSync(project)).slice(0, 8);
}
