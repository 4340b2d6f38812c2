import type { AssembledStack } from '../core/index.js';
import type { TrialReport } from '../report/index.js';
import type { RunningSystem } from '../trials/index.js';
import { CommandFailed, version } from './command.js';

/** Writes the report of a trial. @returns the paths of its files, the page first */
export type Reporter = (told: Pick<TrialReport, 'system' | 'target' | 'passed' | 'trial' | 'versions'>) => readonly string[];

/**
 * What writes the report that --report asks for, or nothing. The folder is looked at now, for the trial is long.
 *
 * @param name `STACK/NAME`
 * @throws CommandFailed when the report cannot be written there
 */
export async function reporterTo(folder: string | undefined, name: string, stack: AssembledStack): Promise<Reporter> {
  if (folder === undefined) return () => [];
  if (folder === '') throw new CommandFailed('--report names no folder');
  // Slow to load.
  const { ReportFolder, thisHost } = await import('../report/index.js');
  let files: InstanceType<typeof ReportFolder>;
  try {
    files = new ReportFolder(folder, name);
  } catch (error) {
    throw new CommandFailed((error as Error).message);
  }
  const topology = stack.files.find(({ path }) => path === 'topology.svg');
  const picture = topology === undefined ? undefined : Buffer.from(topology.content).toString();
  const begun = new Date().toISOString();
  return (told) => files.write({ generator: `cdk-vagrant ${version()}`, name, begun, ...told, host: thisHost() }, picture);
}

/** What a trial ran on, in words. */
export function systemText({ kind }: Pick<RunningSystem, 'kind'>): string {
  return kind === 'rehearsal' ? 'a rehearsal on this host' : 'the machines';
}

/** The line that says where the report is. */
export function reportText([page]: readonly string[]): string {
  return page === undefined ? '' : `report: ${page}\n`;
}
