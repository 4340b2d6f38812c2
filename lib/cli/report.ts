import type { AssembledStack } from '../core/index.js';
import type { TrialReport } from '../report/index.js';
import type { RunningSystem } from '../trials/index.js';
import { CommandFailed, version } from './command.js';
import { paint } from './paint.js';

/** What became of a report: the paths of its files, the page first, or why there are none. */
export type Reported = { readonly files: readonly string[] } | { readonly failed: string };

/** Writes the report of a trial, whose result is not lost when it cannot be written. */
export type Reporter = (told: Pick<TrialReport, 'begun' | 'system' | 'target' | 'passed' | 'trial' | 'versions'>) => Reported;

/**
 * What writes the report that --report asks for, or nothing. The folder is looked at now, for the trial is long.
 *
 * @param name `STACK/NAME`
 * @throws CommandFailed when the report cannot be written there
 */
export async function reporterTo(
  folder: string | undefined,
  name: string,
  kind: TrialReport['trial']['kind'],
  stack: AssembledStack,
): Promise<Reporter> {
  if (folder === undefined) return () => ({ files: [] });
  // Slow to load.
  const { ReportFolder, thisHost } = await import('../report/index.js');
  let files: InstanceType<typeof ReportFolder>;
  try {
    files = new ReportFolder(folder, name, kind);
  } catch (error) {
    throw new CommandFailed((error as Error).message);
  }
  const topology = stack.files.find(({ path }) => path === 'topology.svg');
  const picture = topology === undefined ? undefined : Buffer.from(topology.content).toString();
  return (told) => {
    try {
      return { files: files.write({ generator: `cdk-vagrant ${version()}`, name, ...told, host: thisHost() }, picture) };
    } catch (error) {
      return { failed: (error as Error).message };
    }
  };
}

/** What a trial ran on, in words. */
export function systemText({ kind }: Pick<RunningSystem, 'kind'>): string {
  return kind === 'rehearsal' ? 'a rehearsal on this host' : 'the machines';
}

/** The line that says where the report is. */
export function reportText(reported: Reported): string {
  if ('failed' in reported) return `${paint('red', reported.failed)}\n`;
  const [page] = reported.files;
  return page === undefined ? '' : `report: ${page}\n`;
}

/** The exit code of a trial that has a report. */
export function exitCode(passed: boolean, reported: Reported): number {
  if ('failed' in reported) return 2;
  return passed ? 0 : 1;
}
