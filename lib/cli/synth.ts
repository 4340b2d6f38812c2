import { formatDiagnostic, SynthesisError } from '../core/index.js';
import { runApp } from './app-process.js';
import type { Command } from './command.js';

/** `cdkv synth` */
export const synth: Command = async ({ options, app }) => {
  const { outcome, outdir, diagnostics, written, removed } = await runApp('synth', app());
  if (options.json) {
    process.stdout.write(`${JSON.stringify({ outcome, outdir, diagnostics, written, removed }, undefined, 2)}\n`);
    return outcome === 'refused' ? 1 : 0;
  }
  if (outcome === 'refused') throw new SynthesisError(diagnostics);
  if (options.quiet) return 0;
  for (const finding of diagnostics) process.stderr.write(`${formatDiagnostic(finding)}\n\n`);
  const done = [...written.map((path) => `wrote ${path}`), ...removed.map((path) => `removed ${path}`)];
  // A first synthesis writes everything, which is no news a file at a time.
  const shown = done.length > 12 ? [`wrote ${written.length} files, removed ${removed.length}`] : done;
  process.stdout.write(`${outdir}: ${done.length === 0 ? 'nothing to change' : shown.join(', ')}\n`);
  return 0;
};
