import { join, relative, resolve } from 'node:path';
import { RootConstruct } from 'constructs';
import { Annotations, type Diagnostic } from './annotations.js';
import { invokeAspects } from './aspects.js';
import { assembleStack } from './assemble-stack.js';
import type { Assembly } from './assembly.js';
import { forgetDependents } from './dependencies.js';
import { Element } from './element.js';
import { formatDiagnostics, SynthesisError } from './errors.js';
import { attempt, forEach } from './failure.js';
import { ORPHAN, orphansOf } from './orphans.js';
import { OutputFile } from './output-file.js';
import { readRequest, reply } from './protocol.js';
import { type PublishPlan, publish } from './publish.js';
import { noteUnplacedRaw, startRaw } from './raw.js';
import { applyRules, type Rule } from './rule.js';
import { Stack } from './stack.js';
import { constructsOf, kindOf, walkingOnce } from './tree.js';

/** Turns the machines of a stack into files that something runs: Vagrant, cloud-init. */
export interface Target {
  /** What its machines run on, on the user's host, by Vagrant's names; empty for servers and clouds. */
  readonly providers?: readonly string[];
  /** Adds to `stack` the constructs that make the target's files. Called once, before the tree is checked. */
  prepare(stack: Stack): void;
  /** Adds to the annotations what the target misses in the whole tree. */
  check?(stack: Stack): void;
}

export interface BaseAppProps {
  /**
   * Folder that the stacks' folders are written to.
   *
   * @default - what `cdkv` was told (`--output`, or `output` in cdk.json), else "synth-out"
   */
  readonly outdir?: string;
  /**
   * Values that the app's constructs may ask for with `node.tryGetContext`. What `cdkv` was given (`--context key=value`, or
   * `context` in cdk.json) wins.
   *
   * @default - none
   */
  readonly context?: Readonly<Record<string, unknown>>;
}

export interface SynthOptions {
  /**
   * Whether files that were edited, or are not ours, are overwritten.
   *
   * @default - what `cdkv` was told, else false
   */
  readonly force?: boolean;
  /**
   * Whether warnings that nobody acknowledged stop the synthesis as errors do.
   *
   * @default - what `cdkv` was told, else false
   */
  readonly strict?: boolean;
}

/** What a synthesis did. */
export interface SynthesisResult {
  /** The folder that holds a folder a stack. */
  readonly outdir: string;
  /** Warnings nobody acknowledged. */
  readonly warnings: readonly Diagnostic[];
  /** Files written because their bytes differed, as paths below `outdir`. */
  readonly written: readonly string[];
  /** Files removed because the app makes them no longer. */
  readonly removed: readonly string[];
}

/** Whose a folder is among the apps of a process that `cdkv` runs. (A test may well make one app after the other.) */
const owners = new Map<string, BaseApp>();

/** The root of a tree, without a target. Most want `App`, which writes for Vagrant. */
export class BaseApp extends RootConstruct {
  /** The folder that holds a folder a stack, absolute. */
  public readonly outdir: string;
  private readonly prepared = new Set<Stack>();

  public constructor(
    props: BaseAppProps,
    private readonly targets: readonly Target[],
    private readonly rules: readonly Rule[] = [],
    /** Targets of every stack, whatever else it is written for. */
    private readonly common: readonly Target[] = [],
  ) {
    super();
    const request = readRequest();
    this.outdir = resolve(props.outdir ?? request.outdir ?? 'synth-out');
    for (const [key, value] of Object.entries({ ...props.context, ...request.context })) this.node.setContext(key, value);
  }

  /**
   * Checks the whole tree and renders its files, in memory.
   *
   * @throws SynthesisError with all errors
   */
  public assemble(): Assembly {
    const stacks = this.prepare();
    const assembled = Annotations.duringCheck(this, () =>
      walkingOnce(() => {
        for (const stack of stacks)
          for (const target of this.targetsOf(stack)) attempt(stack, 'the check for a target of', () => target.check?.(stack));
        this.check();
        // What has errors is rendered as well, if it can be: so those of raw text are told with all others.
        const isSound = this.errors().length === 0;
        if (isSound) applyRules(this, this.rules);
        startRaw();
        const files = stacks.map((stack) => assembleStack(stack, isSound));
        if (files.every((stack) => stack !== undefined)) noteUnplacedRaw(this);
        return files;
      }),
    );
    const errors = this.errors();
    if (errors.length > 0) throw new SynthesisError(errors);
    return { outdir: this.outdir, stacks: assembled.filter((stack) => stack !== undefined), diagnostics: Annotations.collect(this) };
  }

  /** Lets aspects and targets add what they do, until nothing is new. @returns the stacks */
  private prepare(): readonly Stack[] {
    for (;;) {
      invokeAspects(this);
      const stacks = Element.inOrder(this.node.children.filter(Stack.isStack));
      const added = stacks.filter((one) => !this.prepared.has(one));
      if (added.length === 0) return stacks;
      for (const stack of added) {
        for (const target of this.targetsOf(stack)) target.prepare(stack);
        this.prepared.add(stack);
      }
    }
  }

  /**
   * Checks the whole tree and writes its files. Nothing is written when anything is wrong. Run by `cdkv`, it does what the
   * command line asks for, tells `cdkv` (see protocol.ts), and ends the process with exit code 1 when the tree is refused.
   *
   * @throws SynthesisError with all errors
   */
  public synth(options: SynthOptions = {}): SynthesisResult {
    const request = readRequest();
    try {
      if (request.reply !== undefined) this.claimFolders();
      const assembly = this.assemble();
      const strict = options.strict ?? request.strict;
      const warnings = assembly.diagnostics.filter(({ severity }) => severity === 'warning');
      if (strict && warnings.length > 0) throw new SynthesisError(warnings);
      const result = request.action === 'assemble' ? { written: [], removed: [] } : write(this, assembly, options.force ?? request.force);
      // They are of the disk and not of the tree, so another synthesis may not find them.
      const orphans = Annotations.of(this).isAcknowledged(ORPHAN) ? [] : orphansOf(assembly);
      const diagnostics = [...assembly.diagnostics, ...orphans];
      if (request.reply === undefined) {
        if (diagnostics.length > 0) process.stderr.write(`${formatDiagnostics(diagnostics)}\n\n`);
      } else {
        reply(request.reply, request, request.action === 'assemble' ? 'assembled' : 'written', { ...assembly, diagnostics }, result);
      }
      return { outdir: this.outdir, warnings, ...result };
    } catch (error) {
      if (request.reply === undefined || !(error instanceof SynthesisError)) throw error;
      reply(
        request.reply,
        request,
        'refused',
        { outdir: this.outdir, stacks: [], diagnostics: error.diagnostics },
        { written: [], removed: [] },
      );
      process.exit(1);
    }
  }

  /** What a stack is written for, whether it says so or the app does. */
  public writtenFor(stack: Stack): readonly Target[] {
    return stack.targets ?? this.targets;
  }

  private claimFolders(): void {
    for (const stack of this.node.children.filter(Stack.isStack)) {
      const owner = owners.get(stack.folder) ?? this;
      owners.set(stack.folder, owner);
      if (owner !== this)
        Annotations.of(stack).addError(
          'duplicate-stack',
          `another App of this process has written a stack "${stack.stackName}" to "${this.outdir}" already; rename one, or give one App another outdir`,
        );
    }
  }

  private targetsOf(stack: Stack): readonly Target[] {
    return [...this.writtenFor(stack), ...this.common];
  }

  private check(): void {
    const all = constructsOf(this);
    const stacks = kindOf(this, Stack.isStack);
    if (stacks.length === 0) {
      Annotations.of(this).addError('no-stacks', "the app has no stack, so there is nothing to write; make one: new Stack(app, 'name')");
    }
    const inStacks = new Set(stacks.flatMap((stack) => stack.files));
    for (const file of kindOf(this, OutputFile.isOutputFile)) {
      if (inStacks.has(file)) continue;
      Annotations.of(file).addError('file-without-stack', `output file "${file.path}" is in no stack, so in no folder; make it below one`);
    }
    forEach(all, 'the check of', (construct) => {
      if (Element.isElement(construct) && !Stack.isStack(construct)) construct.checkTree();
    });
    // Stacks last: they look at the files of constructs without an error of their own, and at the dependencies that are there by then.
    forgetDependents();
    forEach(stacks, 'the check of', (stack) => stack.checkTree());
    forEach(all, 'the validation of', (construct) => {
      const messages = construct.node.validate();
      if (messages.length > 0) for (const message of messages) Annotations.of(construct).addError('validation', message);
    });
    forgetDependents();
  }

  private errors(): Diagnostic[] {
    return Annotations.collect(this).filter(({ severity }) => severity === 'error');
  }
}

/** Brings the folders of the stacks to what was assembled. */
function write(app: BaseApp, assembly: Assembly, force: boolean): Pick<SynthesisResult, 'written' | 'removed'> {
  // Not noted in the tree, which has no fault: once they are gone, the same app may be synthesised.
  const obstacles: Diagnostic[] = [];
  const { plans, completed } = publish(assembly.stacks, { force });
  for (const [index, { path, userLines }] of assembly.stacks.entries()) {
    for (const message of plans[index]?.obstacles ?? []) {
      obstacles.push({ severity: 'error', id: 'output-blocked', message, path, userLine: userLines()[path] });
    }
  }
  if (obstacles.length > 0) {
    const folders = completed.map((folder) => `"${folder}"`).join(' and ');
    const message = `an interrupted synthesis was gone on with first, so files in ${folders} were changed; the rest was refused, so remove what it was refused for`;
    if (completed.length > 0) obstacles.push({ severity: 'error', id: 'half-published', message, path: '', userLine: undefined });
    throw new SynthesisError(obstacles);
  }
  const below = (paths: (plan: PublishPlan) => readonly string[]) =>
    plans.flatMap((plan) => {
      const folder = relative(app.outdir, plan.folder);
      return paths(plan).map((path) => join(folder, path));
    });
  return { written: below(({ write }) => write.map(({ path }) => path)), removed: below(({ remove }) => remove) };
}
