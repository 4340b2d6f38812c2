import { formatDiagnostics, SynthesisError } from '../core/index.js';
import { runApp } from './app-process.js';
import type { Command } from './command.js';

/** `cdkv synth` */
export const synth: Command = async ({ options, app }) => {
  const { outcome, diagnostics, outputs } = await runApp('synth', app());
  const changed = outputs.some(({ written, removed }) => written.length + removed.length > 0);
  if (options.json) {
    process.stdout.write(`${JSON.stringify({ outcome, diagnostics, outputs }, undefined, 2)}\n`);
    return outcome === 'refused' ? 1 : 0;
  }
  if (outcome === 'refused') {
    const { message } = new SynthesisError(diagnostics.filter(({ severity }) => severity !== 'info'));
    // Of several apps in one process, one may have written before another was refused.
    process.stderr.write(`${changed ? message.replace('nothing was written', 'a part was written') : message}\n`);
    return 1;
  }
  if (options.quiet) return 0;
  if (diagnostics.length > 0) process.stderr.write(`${formatDiagnostics(diagnostics)}\n\n`);
  for (const { outdir, written, removed } of outputs) {
    const done = [...written.map((path) => `wrote ${path}`), ...removed.map((path) => `removed ${path}`)];
    // A first synthesis writes everything, which is no news a file at a time.
    const shown = done.length > 12 ? [`wrote ${written.length} files, removed ${removed.length}`] : done;
    process.stdout.write(`${outdir}: ${done.length === 0 ? 'nothing to change' : shown.join(', ')}\n`);
  }
  return 0;
};
