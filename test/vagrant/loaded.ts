import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { output } from '../support.js';

export type Call = readonly unknown[];

/** The Ruby of a Vagrantfile runs for real; only the module Vagrant is a stub that writes down what it is asked for. */
export const STUB = fileURLToPath(new URL('stub.rb', import.meta.url));

/** What a Vagrantfile asks for, `config.vm` and the rest. */
export function loaded(folder: string, events: readonly string[] = [], env: Readonly<Record<string, string>> = {}): Call[] {
  return JSON.parse(output('ruby', ['-w', STUB, join(folder, 'Vagrantfile'), ...events], { env })) as Call[];
}

/** What it asks of `node.vm` (or another part of it), for a machine. */
export function loadedNode(folder: string, machine: string, part = 'vm'): Call[] {
  const within = (calls: readonly Call[], of: string) => calls.filter(([name]) => name === of).flatMap(([, inner]) => inner as Call[]);
  const defined = within(loaded(folder), 'vm').find((call) => call[0] === 'define' && (call[1] as string[])[0] === machine);
  return within(defined?.[2] as Call[], part);
}
