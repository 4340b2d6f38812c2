import { basename, dirname, join } from 'node:path';
import { reasonOf, statOf } from './disk.js';
import { SynthesisError } from './errors.js';
import { apply, close, Draft, isUntouched, Refusal } from './journal.js';
import { MANIFEST } from './output-file.js';
import { draftName } from './owner.js';
import { isPending, type PublishPlan, planFiles, type RenderedFile, refusedPlan } from './plan.js';
import { pause, type Reason, recover, removeAbandoned } from './recover.js';
import { makeWhole } from './whole-folder.js';

export { type Manifest, type PublishPlan, planPublish, type RenderedFile, renderManifest } from './plan.js';

/** What is to stand in a folder. */
export interface Output {
  /** Absolute. */
  readonly folder: string;
  /** The manifest is the last. */
  readonly files: readonly RenderedFile[];
}

export interface PublishOptions {
  /** Whether files that were edited, or are not ours, are overwritten. */
  readonly force: boolean;
  /**
   * How long to wait for a publish that is under way.
   *
   * @default 30000
   */
  readonly patienceMs?: number;
}

/** A publish was stopped half-way. The next one completes it. */
export class HalfPublishedError extends SynthesisError {
  public constructor(folder: string, error: unknown) {
    const message =
      error instanceof Refusal
        ? `output folder "${folder}" is half written: ${error.message}`
        : `output folder "${folder}" is half written: ${reasonOf(error)}, then run "npx cdkv synth", which completes it`;
    super([{ severity: 'error', id: 'half-published', message, path: '', userLine: undefined }]);
    this.name = 'HalfPublishedError';
  }
}

/** What a publish did. */
export interface Published {
  /** For each output. When one has an obstacle, none was carried out. */
  readonly plans: readonly PublishPlan[];
  /** Folders in which files were changed before that, as an earlier publish had not ended there. */
  readonly completed: readonly string[];
}

/**
 * Brings folders, which stand side by side, to what they are to hold: all of them, or, when a plan that is returned has an obstacle,
 * none. First completes what an earlier publish left.
 *
 * @throws HalfPublishedError when only a part was done
 */
export function publish(outputs: readonly Output[], { force, patienceMs = 30_000 }: PublishOptions): Published {
  const deadline = Date.now() + patienceMs;
  const completed = new Set<string>();
  for (;;) {
    const plans = planInPeace(outputs, force, deadline, completed);
    const isDecided = plans === 'again' || plans.some(isBlocked) || plans.every(isNothing);
    const done = isDecided ? plans : (makeFirst(outputs, plans) ?? carryOut(outputs, plans, force));
    if (done !== 'again') return { plans: done, completed: [...completed] };
    if (Date.now() >= deadline) {
      const wait = (folder: string) => `"${folder}" is written to all the time; end what else publishes there`;
      return { plans: outputs.map(({ folder }) => refusedPlan(folder, [wait(folder)])), completed: [...completed] };
    }
    pause(5);
  }
}

const isBlocked = ({ obstacles }: PublishPlan) => obstacles.length > 0;

const isNothing = ({ write, remove }: PublishPlan) => write.length === 0 && remove.length === 0;

/**
 * Plans that no publish of another came across.
 *
 * @param completed takes the folders in which files were changed
 */
function planInPeace(outputs: readonly Output[], force: boolean, deadline: number, completed: Set<string>): PublishPlan[] | 'again' {
  // Beside a folder stands what was to become the folder itself.
  for (const parent of new Set(outputs.map(({ folder }) => dirname(folder)))) removeAbandoned(parent);
  const stuck = outputs.flatMap((output) => recover(output.folder, force, deadline, completed));
  if (stuck.length > 0) return refusedFor(outputs, stuck);
  const before = outputs.map(stampOf);
  const plans = outputs.map(({ folder, files }) => planFiles(folder, files, force));
  const disturbed = outputs.some((output, index) => isPending(output.folder) || stampOf(output) !== before[index]);
  return disturbed ? 'again' : plans;
}

/** Each reason is told once, of its own folder, or of the first where the app does not make that one any more. */
function refusedFor(outputs: readonly Output[], reasons: readonly Reason[]): PublishPlan[] {
  const folders = outputs.map(({ folder }) => folder);
  const texts = new Map(reasons.map(({ folder, text }) => [text, Math.max(folders.indexOf(folder), 0)]));
  return folders.map((folder, index) =>
    refusedPlan(
      folder,
      [...texts.keys()].filter((text) => texts.get(text) === index),
    ),
  );
}

/** Changes with every publish that changes what we know of the folder. */
function stampOf({ folder }: Output): string {
  const stat = statOf(join(folder, MANIFEST));
  return stat === undefined ? '' : `${stat.ino} ${stat.ctimeMs} ${stat.size}`;
}

/** The folder of an app's only stack, when there is none yet. @returns undefined when that is not so */
function makeFirst(outputs: readonly Output[], plans: PublishPlan[]): PublishPlan[] | 'again' | undefined {
  const [output, ...others] = outputs;
  if (output === undefined || others.length > 0 || statOf(output.folder) !== undefined) return undefined;
  try {
    return makeWhole(output.folder, output.files) ? plans : 'again';
  } catch (error) {
    return [refusedPlan(output.folder, [unwritten(output.folder, error)])];
  }
}

const unwritten = (folder: string, error: unknown) =>
  `output folder "${folder}" cannot be written: ${reasonOf(error)} and synthesise again`;

/** All folders are locked before the first is changed, those too that need no change: so two publishes never mix. */
function carryOut(outputs: readonly Output[], plans: PublishPlan[], force: boolean): PublishPlan[] | 'again' {
  const group = { id: draftName(), folders: plans.map(({ folder }) => basename(folder)) };
  const drafts = plans.map((plan) => ({ folder: plan.folder, draft: new Draft(plan, group) }));
  const withdraw = () => {
    // The first made the folder that holds them all.
    for (const { draft } of drafts.toReversed()) draft.withdraw();
  };
  let current = '';
  let applying = false;
  try {
    for (const { folder, draft } of drafts) {
      current = folder;
      draft.stage();
    }
    for (const { folder, draft } of drafts) {
      current = folder;
      if (draft.commit()) continue;
      withdraw();
      return 'again';
    }
    // From here nobody else publishes; until now, somebody may have.
    const now = outputs.map(({ folder, files }) => planFiles(folder, files, force));
    if (!now.every((plan, index) => isSame(plan, plans[index]))) {
      withdraw();
      return 'again';
    }
    applying = true;
    for (const { folder, draft } of drafts) {
      current = folder;
      apply(folder, draft.operations, force);
    }
    for (const { folder } of drafts) {
      current = folder;
      close(folder);
    }
    return plans;
  } catch (error) {
    if (applying && !drafts.every(({ folder, draft }) => isUntouched(folder, draft.operations)))
      throw new HalfPublishedError(current, error);
    withdraw();
    const why = error instanceof Refusal ? error.reasons : [unwritten(current, error)];
    return plans.map(({ folder }) => refusedPlan(folder, folder === current ? why : []));
  }
}

function isSame(one: PublishPlan, other: PublishPlan | undefined): boolean {
  const text = ({ write, remove, before, obstacles }: PublishPlan) =>
    JSON.stringify([write.map(({ path }) => path), remove, [...before], obstacles]);
  return other !== undefined && text(one) === text(other);
}
