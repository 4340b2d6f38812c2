import { join } from 'node:path';
import type { Construct, IConstruct } from 'constructs';
import { Annotations } from './annotations.js';
import type { BaseApp, Target } from './app.js';
import { toldByClass } from './class-guard.js';
import { inDependencyOrder, isDependent } from './dependencies.js';
import { Element } from './element.js';
import { isPlainName } from './names.js';
import { OutputFile } from './output-file.js';
import { constructsOf, kindOf } from './tree.js';
import { has, kind, listOf, options } from './typed.js';

const STACK = Symbol.for('cdk-vagrant.Stack');

export interface StackProps {
  /**
   * What it is written for.
   *
   * @default - what the app's stacks are
   */
  readonly targets?: readonly Target[];
}

const PROPS = options<StackProps>('{ targets: [new VagrantTarget()] }', () => ({
  targets: listOf(
    kind<Target>(
      'a target',
      (value) => has(value, 'prepare'),
      () => 'new VagrantTarget()',
    ),
  ),
}));

/** A set of machines that is brought up and down together. It is synthesised into a folder of its own name. */
export class Stack extends Element {
  public static isStack(x: unknown): x is Stack {
    return x !== null && typeof x === 'object' && (x as { [STACK]?: true })[STACK] === true;
  }

  /**
   * The stack a construct belongs to.
   *
   * @throws when there is none above it
   */
  public static of(construct: IConstruct): Stack {
    for (let scope: IConstruct | undefined = construct; scope !== undefined; scope = scope.node.scope) {
      if (Stack.isStack(scope)) return scope;
    }
    throw new Error(`construct "${construct.node.path}" is in no Stack; make it below one: new Stack(app, 'name')`);
  }

  /** Name of the stack and of its folder: the id. */
  public readonly stackName: string;
  /** What it is written for; undefined when the app says so. */
  public readonly targets: readonly Target[] | undefined;
  private readonly libraryFiles = new Map<string, OutputFile>();
  private ignoring: OutputFile | undefined;
  private readonly claims = new Map<string | IConstruct, Map<string, IConstruct>>();

  /**
   * @param scope the app
   * @param id name of the stack: letters, digits, `.`, `_` and `-`, beginning with a letter or digit
   */
  public constructor(scope: Construct, id: string, props: StackProps = {}) {
    super(scope, id);
    this.stackName = id;
    this.targets = PROPS.of(this, 'stack', id, props).targets;
    if (scope.node.scope !== undefined) {
      Annotations.of(this).addError(
        'nested-stack',
        `stack "${id}" is below "${scope.node.path}", where it would not be written; make it directly below the app: new Stack(app, '${id}')`,
      );
    }
    if (!isPlainName(id)) {
      Annotations.of(this).addError(
        'bad-stack-name',
        `stack name ${JSON.stringify(id)} cannot name a folder; use at most 63 letters, digits, ".", "_" and "-", beginning with a letter or digit`,
      );
    }
  }

  /**
   * Takes a name that only one construct of the stack may have.
   *
   * @param kind what it names, e.g. `container`; or a construct that it names something of, e.g. a member for addresses on its bridge
   * @returns the construct that has the name already, when another does
   */
  public claim(kind: string | IConstruct, name: string, owner: IConstruct): IConstruct | undefined {
    let claimed = this.claims.get(kind);
    if (claimed === undefined) {
      claimed = new Map();
      this.claims.set(kind, claimed);
    }
    const other = claimed.get(name);
    if (other === undefined) claimed.set(name, owner);
    return other;
  }

  /** A file of the library's own in the output, made when it is first asked for. */
  public libraryFile(path: string, source: URL): OutputFile {
    let file = this.libraryFiles.get(path);
    if (file === undefined) {
      file = OutputFile.copyOf(this, path, source);
      this.libraryFiles.set(path, file);
    }
    return file;
  }

  /** @internal Keeps out of git what is in its folder and is not synthesised: keys, once machines are up, and a synthesis under way. */
  public ignoreSecrets(): void {
    this.ignoring ??= new OutputFile(this, 'GitIgnore', { path: '.gitignore', render: () => '.vagrant/\n.cdkv*/\n' });
  }

  /** The folder that this stack is written to, absolute. */
  public get folder(): string {
    return join((this.node.root as BaseApp).outdir, this.stackName);
  }

  /** What it is written for, whether it says so or the app does. */
  public get writtenFor(): readonly Target[] {
    return (this.node.root as BaseApp).writtenFor(this);
  }

  /** All files that the constructs of this stack make, in tree order. */
  public get files(): OutputFile[] {
    return [...kindOf(this, OutputFile.isOutputFile)];
  }

  public override checkTree(): void {
    this.checkDependencies();
    const folder = this.stackName.toLowerCase();
    const first = this.node.root.node.children.filter(Stack.isStack).find((stack) => stack.stackName.toLowerCase() === folder);
    if (first !== undefined && first !== this) {
      Annotations.of(this).addError(
        'duplicate-stack',
        `stack "${this.stackName}" would share its folder with "${first.stackName}" where case does not count, as on macOS and Windows; rename one`,
      );
    }
    const taken = new Map<string, OutputFile>();
    const folders = new Map<string, OutputFile>();
    for (const file of this.files) {
      // As macOS compares them, which takes neither case nor the way an accent is written into account.
      const parts = file.path.normalize('NFC').toLowerCase().split('/');
      const parents = parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('/'));
      const key = parts.join('/');
      const other = taken.get(key) ?? folders.get(key) ?? parents.map((parent) => taken.get(parent)).find((one) => one !== undefined);
      // Two things of one name, which are refused already, make files of one name.
      if (other !== undefined && !refused(file.owner) && !refused(other.owner)) {
        Annotations.of(file).addError(
          'duplicate-output-file',
          `file "${file.path}" cannot be beside "${other.path}" of ${other.owner.node.path}; rename one of them`,
        );
      }
      taken.set(key, file);
      for (const parent of parents) folders.set(parent, file);
    }
  }

  private checkDependencies(): void {
    const dependents = constructsOf(this).filter(isDependent);
    for (const dependent of dependents) {
      for (const other of dependent.node.dependencies) {
        if (other.node.scopes.includes(this)) continue;
        Annotations.of(dependent).addError(
          'other-stack',
          `${dependent.node.path} depends on ${other.node.path || 'the app'}, which is not in stack "${this.stackName}"; stacks are brought up one by one, so keep both in one`,
        );
      }
    }
    inDependencyOrder(dependents, (cycle) => {
      const [first] = cycle;
      const names = [...cycle, first].map((one) => one?.node.path).join(' -> ');
      Annotations.of(first ?? this).addError('dependency-cycle', `dependencies go in a circle: ${names}; take one of them out`);
    });
  }
}

Object.defineProperty(Stack.prototype, STACK, { value: true });
toldByClass(Stack.isStack);

/** Whether an error says already that this thing cannot be, or a part of it. */
function refused(construct: IConstruct): boolean {
  // Most of what is in a stack is no part of the files that are the stack's own.
  const parts = Stack.isStack(construct) ? [] : construct.node.children;
  return [construct, ...parts].some((part) => Annotations.of(part).hasErrors);
}
