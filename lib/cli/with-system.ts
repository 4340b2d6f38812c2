import { Interrupted, SIGNALS } from './child.js';
import { CommandFailed } from './command.js';

/**
 * Starts a running system, works on it and closes it, also when this command is told to end meanwhile.
 *
 * @param work gets the system, and what is aborted when the command is told to end
 * @throws Interrupted when it was; CommandFailed when the system did not start or the work failed
 */
export async function withSystem<System extends { close(): Promise<void> }, Result>(
  start: () => Promise<System>,
  work: (system: System, signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const told = new AbortController();
  const tell = (signal: NodeJS.Signals) => told.abort(new Interrupted(signal));
  for (const signal of SIGNALS) process.on(signal, tell);
  let system: System | undefined;
  try {
    system = await start();
    return await work(system, told.signal);
  } catch (error) {
    if (told.signal.aborted) throw told.signal.reason;
    throw new CommandFailed((error as Error).message);
  } finally {
    await system?.close();
    for (const signal of SIGNALS) process.off(signal, tell);
  }
}
