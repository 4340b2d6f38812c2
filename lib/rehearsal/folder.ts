import { createHash } from 'node:crypto';
import { existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { ask, isListening, isRefused } from './control.js';

// A rehearsal has a folder with all it writes and its sockets, /run/user/UID/cdkv/PROJECT-PID-XXXXXX. No variable of the environment
// says where, so that every terminal finds it. No two ever share one, so what a killed rehearsal left is removed without a lock.

/** A rehearsal that runs. */
export interface Found {
  readonly folder: string;
  readonly stack: string;
  readonly pid: number;
}

/** Where in its folder a rehearsal listens. */
export function controlSocket(folder: string): string {
  return join(folder, 'control.sock');
}

/** A new folder for a rehearsal of this process. */
export function makeFolder(project: string): string {
  return mkdtempSync(join(base(), `${mark(project)}-${process.pid}-`));
}

/** The rehearsals of a project that run. What those that were killed left behind, of any project, is removed first. */
export async function findRehearsals(project: string): Promise<Found[]> {
  const names = readdirSync(base()).filter((name) => /^[0-9a-f]{8}-\d+-/.test(name));
  const found = await Promise.all(names.map(look));
  return found.flat().filter(({ folder }) => folder.startsWith(join(base(), `${mark(project)}-`)));
}

async function look(name: string): Promise<Found[]> {
  const folder = join(base(), name);
  const pid = Number(name.split('-')[1]);
  try {
    const { stack } = await ask(controlSocket(folder), { ask: 'who' });
    return stack === undefined ? [] : [{ folder, stack, pid }];
  } catch (error) {
    // No socket: it is about to begin, or was killed before it did.
    if (!isRefused(error) && (existsSync(controlSocket(folder)) || isProcess(pid))) return [];
  }
  await gone(folder);
  rmSync(folder, { recursive: true, force: true });
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

function base(): string {
  const { uid } = userInfo();
  const runtime = `/run/user/${uid}`;
  const folder = existsSync(runtime) ? `${runtime}/cdkv` : `/tmp/cdkv-${uid}`;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const found = lstatSync(folder);
  if (!found.isDirectory() || found.uid !== uid || (found.mode & 0o077) !== 0)
    throw new Error(`${folder} is not a folder of yours alone; remove it`);
  return folder;
}

function mark(project: string): string {
  return createHash('sha256').update(realpathSync(project)).digest('hex').slice(0, 8);
}

function isProcess(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
