import { join, resolve } from 'node:path';
import { type IConstruct, RootConstruct } from 'constructs';
import { Annotations, type Diagnostic } from './annotations.js';
import { Element } from './element.js';
import { formatDiagnostic, SynthesisError } from './errors.js';
import { OutputFile, TREE } from './output-file.js';
import { type PublishPlan, planPublish, publish, type RenderedFile, renderManifest } from './publish.js';
import { Stack } from './stack.js';
import { UnquotableError } from './text.js';

/** Turns the machines of a stack into files that something runs: Vagrant, cloud-init. */
export interface Target {
  /** Adds to `stack` the constructs that make the target's files. Called once, before the tree is checked. */
  prepare(stack: Stack): void;
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

/** The root of a tree, without a target. Most want `App`, which writes for Vagrant. */
export class BaseApp extends RootConstruct {
  /** The folder that holds a folder a stack, absolute. */
  public readonly outdir: string;
  private prepared = false;

  public constructor(
    props: BaseAppProps,
    private readonly targets: readonly Target[],
  ) {
    super();
    this.outdir = resolve(props.outdir ?? process.env.CDKV_OUTDIR ?? 'synth-out');
    const given = process.env.CDKV_CONTEXT;
    const context = { ...props.context, ...(given === undefined ? {} : (JSON.parse(given) as Record<string, unknown>)) };
    for (const [key, value] of Object.entries(context)) this.node.setContext(key, value);
  }

  /**
   * Checks the whole tree and writes its files. Nothing is written when anything is wrong.
   *
   * @throws SynthesisError with all errors. Run by `cdkv`, it prints them and ends the process with exit code 1 instead.
   */
  public synth(): SynthesisResult {
    try {
      const result = this.synthesise();
      for (const warning of result.warnings) process.stderr.write(`${formatDiagnostic(warning)}\n\n`);
      return result;
    } catch (error) {
      if (process.env.CDKV_CLI === undefined || !(error instanceof SynthesisError)) throw error;
      process.stderr.write(`${error.message}\n`);
      process.exit(1);
    }
  }

  private synthesise(): SynthesisResult {
    const stacks = this.node.children.filter(Stack.isStack);
    if (!this.prepared) {
      for (const target of this.targets) for (const stack of stacks) target.prepare(stack);
      this.prepared = true;
    }
    this.check();
    const rendered = stacks.map((stack) => ({ stack, files: renderStack(stack) }));
    this.refuseErrors();

    const force = Boolean(process.env.CDKV_FORCE);
    // Not noted in the tree, which has no fault: once they are gone, the same app may be synthesised.
    const obstacles: Diagnostic[] = [];
    const plans = rendered.map(({ stack, files }) => {
      const plan = planPublish(stack.folder, files, force);
      obstacles.push(...plan.obstacles.map((message) => blocked(stack, message)));
      return plan;
    });
    if (obstacles.length > 0) throw new SynthesisError(obstacles);

    for (const plan of plans) publish(plan);
    const below = (plan: PublishPlan, path: string) => join(plan.folder.slice(this.outdir.length + 1), path);
    return {
      outdir: this.outdir,
      warnings: Annotations.collect(this).filter((finding) => finding.severity === 'warning'),
      written: plans.flatMap((plan) => plan.write.map((file) => below(plan, file.path))),
      removed: plans.flatMap((plan) => plan.remove.map((path) => below(plan, path))),
    };
  }

  private check(): void {
    // Stacks last: they look at the files of constructs without an error of their own.
    const elements = this.node.findAll().filter(Element.isElement);
    for (const element of elements) if (!Stack.isStack(element)) element.checkTree();
    for (const stack of elements.filter(Stack.isStack)) stack.checkTree();
    for (const construct of this.node.findAll()) {
      for (const message of construct.node.validate()) Annotations.of(construct).addError('validation', message);
    }
    this.refuseErrors();
  }

  private refuseErrors(): void {
    const errors = Annotations.collect(this).filter((finding) => finding.severity === 'error');
    if (errors.length > 0) throw new SynthesisError(errors);
  }
}

function blocked(stack: Stack, message: string): Diagnostic {
  return { severity: 'error', id: 'output-blocked', message, path: stack.node.path, userLine: stack.createdAt.userLine };
}

function renderStack(stack: Stack): RenderedFile[] {
  const files: RenderedFile[] = [];
  for (const file of stack.files) {
    try {
      files.push({ path: file.path, content: Buffer.from(file.render()), construct: file.owner.node.path });
    } catch (error) {
      if (!(error instanceof UnquotableError)) throw error;
      Annotations.of(file.owner).addError('unquotable-text', `${error.message}, which "${file.path}" cannot carry; take it out`);
    }
  }
  const tree = { path: TREE, content: Buffer.from(`${JSON.stringify(describe(stack), undefined, 2)}\n`), construct: stack.node.path };
  files.push(tree);
  files.push(renderManifest(files, stack.node.path));
  return files;
}

interface TreeNode {
  readonly id: string;
  readonly path: string;
  readonly type: string;
  readonly file?: string;
  readonly children?: readonly TreeNode[];
}

function describe(construct: IConstruct): TreeNode {
  const children = construct.node.children.map(describe);
  return {
    id: construct.node.id,
    path: construct.node.path,
    type: construct.constructor.name,
    ...(OutputFile.isOutputFile(construct) ? { file: construct.path } : {}),
    ...(children.length > 0 ? { children } : {}),
  };
}
