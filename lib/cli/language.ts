import { basename } from 'node:path';
import type { RenderedFile } from '../core/index.js';

/** What a file is written in, as far as `cdkv check` knows a program that reads it. */
export type Language = 'Vagrantfile' | 'haproxy' | 'python' | 'ruby' | 'shell' | 'yaml';

const BY_PATH: readonly (readonly [RegExp, Language])[] = [
  [/^Vagrantfile$/, 'Vagrantfile'],
  [/\.sh$/, 'shell'],
  [/\.cfg$/, 'haproxy'],
  [/\.ya?ml$/, 'yaml'],
  [/^cloud-init\/[^/]+\/(user-data|meta-data|network-config)$/, 'yaml'],
];

const BY_INTERPRETER: readonly (readonly [RegExp, Language])[] = [
  [/^(ba|da)?sh$/, 'shell'],
  [/^ruby[\d.]*$/, 'ruby'],
  [/^python(3[\d.]*)?$/, 'python'],
];

export function languageOf(file: RenderedFile): Language | undefined {
  if (/^(sites|pages)\//.test(file.path)) return undefined; // what users serve is their own matter
  const interpreter = interpreterOf(file);
  if (interpreter !== undefined) return BY_INTERPRETER.find(([pattern]) => pattern.test(interpreter))?.[1];
  // The shell that a machine starts such a script by runs it itself, unless it is a program.
  if (isProvisioner(file.path)) return file.content.includes(0) ? undefined : 'shell';
  return BY_PATH.find(([pattern]) => pattern.test(file.path))?.[1];
}

/** What the file's `#!` line names, if it has one. */
export function interpreterOf({ content }: RenderedFile): string | undefined {
  const [, line = ''] = /^#!(.*)/.exec(Buffer.from(content).toString()) ?? [];
  const [program, ...words] = line.trim().split(/\s+/);
  // Options and variables of "env" come before what it runs.
  return basename((program?.endsWith('/env') ? words.find((word) => !/^-|=/.test(word)) : program) ?? '') || undefined;
}

/** Whether it is a script of the user's that a machine runs, by its path. */
export function isProvisioner(path: string): boolean {
  return path.startsWith('provisioners/');
}
