import fs from 'node:fs';
import { join } from 'node:path';
import type { Diagnostic } from './annotations.js';
import type { Assembly } from './assembly.js';
import { looking, statOf } from './disk.js';
import { isPlainName } from './names.js';
import { TREE } from './output-file.js';
import { readManifest } from './plan.js';

/** Id of what is noted here, acknowledged on the app. */
export const ORPHAN = 'orphan-stack';

/**
 * Notes the folders of stacks that the app does not make: of those that left it or have another name now, or of another app. Nobody
 * else would say that they are still there, with the machines that run from them.
 */
export function orphansOf({ outdir, stacks }: Assembly): Diagnostic[] {
  // A folder whose name differs in case only is the stack's own on macOS and Windows.
  const made = new Set(stacks.map(({ name }) => name.toLowerCase()));
  return namesIn(outdir).flatMap((name) => {
    if (made.has(name.toLowerCase()) || !isPlainName(name)) return [];
    const folder = join(outdir, name);
    const files = statOf(folder)?.isDirectory() ? readManifest(folder, looking(folder)) : undefined;
    // Every synthesis lists it; a manifest of this name is made by others, too.
    if (!files?.has(TREE)) return [];
    const ending = files.has('Vagrantfile') ? 'run "vagrant destroy" in it' : 'end its machines';
    const message = `"${folder}" is of a stack that this app does not make, and is left as its machines may still run; unless another app makes it, ${ending}, then delete it`;
    return [{ severity: 'info', id: ORPHAN, message, path: '', userLine: undefined }];
  });
}

/** None where there is nothing yet, or nothing to be seen. */
function namesIn(folder: string): string[] {
  try {
    return fs.readdirSync(folder).sort();
  } catch {
    return [];
  }
}
