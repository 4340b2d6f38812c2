// Publishes in a process of its own, and goes wrong where it is told to. Usage: node child.js TASK, which is JSON.
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { disk } from '../../lib/core/disk.js';
import { publish } from '../../lib/core/publish.js';
import { outputsOf, type Version } from './scene.js';

export interface Task {
  readonly outdir: string;
  readonly version: Version;
  /** Kills itself at this change of the disk: before it, or amid it. */
  readonly killAt?: number;
  readonly torn?: boolean;
  /** Begins at this moment, in ms since the epoch. */
  readonly at?: number;
  /** Whose rights it has. */
  readonly uid?: number;
}

const task = JSON.parse(process.argv[2] ?? '') as Task;

let changes = 0;
const real = { ...disk };
for (const name of Object.keys(real) as (keyof typeof disk)[]) {
  (disk as Record<string, unknown>)[name] = (path: string, content: string | Uint8Array) => {
    if (++changes === task.killAt) {
      if (task.torn && name === 'write') writeFileSync(path, content.slice(0, content.length / 2));
      if (task.torn && name === 'removeTree')
        for (const entry of readdirSync(path).slice(0, 1)) rmSync(join(path, entry), { recursive: true });
      process.kill(process.pid, 'SIGKILL');
    }
    return (real[name] as (path: string, content: string | Uint8Array) => unknown)(path, content);
  };
}

if (task.uid !== undefined) process.setuid?.(task.uid);
while (Date.now() < (task.at ?? 0));
try {
  const { plans } = publish(outputsOf(task.outdir, task.version), { force: false });
  process.stdout.write(JSON.stringify({ obstacles: plans.flatMap(({ obstacles }) => obstacles), changes }));
} catch (error) {
  process.stdout.write(JSON.stringify({ error: (error as Error).message, changes }));
}
