import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AppOptions } from './app-process.js';

// Loaded by every command line, so it knows nothing that is slow to load.

/** A command that cannot be run at all: exit code 2. */
export class CommandFailed extends Error {}

/** What a command's function gets. */
export interface CommandLine {
  /** Words that are no options. */
  readonly words: readonly string[];
  readonly options: Readonly<Record<string, unknown>>;
  /** The app, from cdk.json and the options. Throws when there is none. */
  readonly app: () => AppOptions;
}

/** @returns the exit code */
export type Command = (line: CommandLine) => Promise<number>;

/** The library's. */
export function version(): string {
  // One folder up in the package, two in the repository.
  for (const place of ['../package.json', '../../package.json']) {
    try {
      const found = JSON.parse(readFileSync(join(import.meta.dirname, place), 'utf8')) as { name?: string; version: string };
      if (found.name === 'cdk-vagrant') return found.version;
    } catch {
      // the other one, then
    }
  }
  return 'unknown';
}
