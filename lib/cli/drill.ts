import type { AssembledStack, Assembly } from '../core/index.js';
import { Rehearsal } from '../rehearsal/index.js';
import { VagrantSystem } from '../running/index.js';
import { type DrillEvent, type DrillResult, type FailoverDrill, type RunningSystem, runDrill } from '../trials/index.js';
import { assembleApp } from './app-process.js';
import { chooseResource, type Kind } from './choose.js';
import type { Command } from './command.js';
import { eventLine, summary } from './drill-text.js';
import { paint } from './paint.js';
import { exitCode, reporterTo, reportText, systemText } from './report.js';
import { withSystem } from './with-system.js';

type Drill = NonNullable<ReturnType<FailoverDrill['toResource']>>['properties'];

const DRILL: Kind = { type: 'FailoverDrill', word: 'drill', example: 'new FailoverDrill(stack, name, { target: frontend })' };

/** A drill of an assembly. */
export interface FoundDrill {
  readonly name: string;
  readonly stack: AssembledStack;
  readonly drill: Drill;
}

/**
 * The drill of a name, `NAME` or `STACK/NAME`.
 *
 * @throws CommandFailed when there is none, or more than one
 */
export function findDrill(assembly: Assembly, name: string): FoundDrill {
  const { stack, resource } = chooseResource(assembly, DRILL, name);
  return { name: resource.name, stack, drill: resource.properties as unknown as Drill };
}

/** Runs a drill against a system, which must be that of its stack. */
export async function drillOn(
  system: RunningSystem,
  { drill }: FoundDrill,
  options: { readonly onEvent?: (event: DrillEvent) => void; readonly signal?: AbortSignal } = {},
): Promise<DrillResult> {
  const url = system.urls[drill.target];
  if (url === undefined) throw new Error(`nothing leads to frontend "${drill.target}"`);
  return await runDrill(system, drill.steps, { rate: drill.rate, path: drill.path, urls: [url], ...options });
}

/** `cdkv drill` */
export const drill: Command = async ({ words, options, app }) => {
  const found = findDrill(await assembleApp(app()), words[0] ?? '');
  const name = `${found.stack.name}/${found.name}`;
  const report = await reporterTo(options.report as string | undefined, name, 'drill', found.stack);
  const start = (): Promise<VagrantSystem | Rehearsal> => (options.running ? VagrantSystem.of(found.stack) : Rehearsal.start(found.stack));
  return await withSystem(start, async (system, signal) => {
    const versions = await system.versions();
    if (!options.json) process.stdout.write(`${paint('bold', name)} on ${systemText(system)}\n`);
    const onEvent = (event: DrillEvent) => options.json || process.stdout.write(eventLine(event));
    const begun = new Date().toISOString();
    const result = await drillOn(system, found, { onEvent, signal });
    const { met, ...course } = result;
    const reported = report({
      begun,
      system: systemText(system),
      target: found.drill.target,
      passed: met,
      trial: { kind: 'drill', result },
      versions,
    });
    const answer = {
      outcome: met ? 'met' : 'unmet',
      stack: system.stack,
      drill: found.name,
      system: system.kind,
      versions,
      ...course,
      report: reported,
    };
    process.stdout.write(options.json ? `${JSON.stringify(answer, undefined, 2)}\n` : summary(result) + reportText(reported));
    return exitCode(met, reported);
  });
};
