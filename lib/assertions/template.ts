import { BaseApp, type Stack } from '../core/index.js';
import { compare, occurs } from './compare.js';
import { AssertionError } from './error.js';
import * as failure from './failure.js';
import { Matcher, type MatchResult, together } from './matcher.js';
import {
  byName,
  type FoundResource,
  type NamePattern,
  type Pattern,
  type Properties,
  type ResourceType,
  resourcesOf,
} from './resources.js';

/**
 * What a stack is synthesised to, to make assertions about: its resources (machines, containers, ...) and its files. It is a picture of
 * the moment it was taken: what is added to the stack later is not in it.
 *
 * Properties are compared as `Match.objectLike` does: in part, at any depth. An assertion that does not hold throws an
 * {@link AssertionError} that says what is there instead, so any test runner will do.
 */
export class Template {
  /**
   * Checks the whole app that the stack is of and renders it in memory, as `App.synth()` does. Nothing is written.
   *
   * @throws SynthesisError when anything in the app is wrong, with all errors
   * @throws Error when there is no App above the stack
   */
  public static fromStack(stack: Stack): Template {
    const app = stack.node.root;
    if (!(app instanceof BaseApp)) {
      throw new Error(`stack "${stack.stackName}" has no App above it; make it below one: new Stack(new App(), '${stack.stackName}')`);
    }
    const assembled = app.assemble().stacks.find(({ path }) => path === stack.node.path);
    const files = (assembled?.files ?? []).map(({ path, content }) => [path, Buffer.from(content).toString('utf8')] as const);
    return new Template(stack.stackName, resourcesOf(stack), new Map(files));
  }

  private constructor(
    private readonly stackName: string,
    private readonly resources: readonly FoundResource[],
    private readonly texts: ReadonlyMap<string, string>,
  ) {}

  /** @throws AssertionError when there is no such machine */
  public hasMachine(name: NamePattern, props?: Pattern<Properties<'Machine'>>): void {
    this.hasResource('Machine', name, props);
  }

  /** @throws AssertionError when the cluster has no such member */
  public hasMember(name: NamePattern, props?: Pattern<Properties<'Member'>>): void {
    this.hasResource('Member', name, props);
  }

  /** @throws AssertionError when there is no such container. Servers and balancers are in one of their own name */
  public hasContainer(name: NamePattern, props?: Pattern<Properties<'Container'>>): void {
    this.hasResource('Container', name, props);
  }

  /** @throws AssertionError when there is no such frontend */
  public hasFrontend(name: NamePattern, props?: Pattern<Properties<'HaproxyFrontend'>>): void {
    this.hasResource('HaproxyFrontend', name, props);
  }

  /** @throws AssertionError when there is no such backend */
  public hasBackend(name: NamePattern, props?: Pattern<Properties<'WebBackend'>>): void {
    this.hasResource('WebBackend', name, props);
  }

  /**
   * A primary or a backup of a backend.
   *
   * @throws AssertionError when there is no such server in it
   */
  public hasServer(backend: NamePattern, name: NamePattern, props: Pattern<Properties<'WebServer'>> = {}): void {
    this.expectResource('WebServer', name, [{ backend }, props]);
  }

  /**
   * A resource of any type.
   *
   * @param type name of the construct's class, e.g. `BackupPool`
   * @param name its name, or what the name is like; then one that is as expected is enough
   * @param props part of its properties, or a matcher of them all
   * @throws AssertionError when there is none
   */
  public hasResource<T extends ResourceType>(type: T, name: NamePattern, props?: Pattern<Properties<T>>): void {
    this.expectResource(type, name, props === undefined ? [] : [props]);
  }

  /**
   * All resources of a type are like this, and there is at least one.
   *
   * @throws AssertionError with all that are not
   */
  public allResources<T extends ResourceType>(type: T, props: Pattern<Properties<T>>): void {
    const compared = this.compared(type, [props]);
    if (compared.length === 0) throw new AssertionError(failure.otherCount(type, 'at least 1', [], this.resources));
    const failed = compared.filter(({ differences }) => differences.length > 0);
    if (failed.length > 0) throw new AssertionError(failure.notAllAsExpected(type, failed, compared.length));
    capture(compared);
  }

  /** @throws AssertionError when there are more or fewer resources of this type */
  public resourceCountIs(type: ResourceType, count: number): void {
    const names = this.ofType(type).map(({ name }) => name);
    if (names.length !== count) throw new AssertionError(failure.otherCount(type, count, names, this.resources));
  }

  /**
   * The resources of a type that are like this.
   *
   * @returns their properties by their names, in tree order; empty when there is none
   */
  public findResources<T extends ResourceType>(type: T, props?: Pattern<Properties<T>>): Record<string, Properties<T>> {
    const found = this.compared(type, props === undefined ? [] : [props]).filter(({ differences }) => differences.length === 0);
    capture(found);
    return byName(found.map(({ resource }) => resource)) as Record<string, Properties<T>>;
  }

  /**
   * What a file holds.
   *
   * @param path below the stack's folder, e.g. `haproxy.cfg`
   * @param expected text that must be in it, a regular expression that must be found in it, or a matcher of its whole text;
   *   `Match.absent()` is satisfied when there is no such file
   * @throws AssertionError with the nearest line, or the nearest names when there is no such file
   */
  public fileMatches(path: string, expected: string | RegExp | Matcher): void {
    const text = this.texts.get(path);
    const noFile = () => new AssertionError(failure.noFile(this.stackName, path, [...this.texts.keys()]));
    if (Matcher.isMatcher(expected)) {
      const result = expected.test(text);
      if (result.differences.length > 0)
        throw text === undefined ? noFile() : new AssertionError(failure.fileNotAsExpected(path, result.differences));
      capture([result]);
      return;
    }
    if (text === undefined) throw noFile();
    const holds = typeof expected === 'string' ? text.includes(expected) : occurs(expected, text);
    if (!holds) throw new AssertionError(failure.notInFile(path, expected, text));
  }

  /** The text of every file, by its path below the stack's folder. */
  public files(): Record<string, string> {
    return Object.fromEntries(this.texts);
  }

  /** All resources by type and name, and the paths of the files: plain data, the same for the same stack, e.g. for a snapshot. */
  public toJSON(): { resources: Record<string, Record<string, Readonly<Record<string, unknown>>>>; files: string[] } {
    const types = [...new Set(this.resources.map(({ type }) => type))].sort();
    const resources = Object.fromEntries(types.map((type) => [type, byName(this.ofType(type))]));
    return { resources, files: [...this.texts.keys()].sort() };
  }

  private ofType(type: string): FoundResource[] {
    return this.resources.filter((resource) => resource.type === type);
  }

  private compared(type: string, patterns: readonly unknown[]): (MatchResult & { readonly resource: FoundResource })[] {
    return this.ofType(type).map((resource) => ({
      resource,
      ...together(patterns.map((pattern) => compare(pattern, resource.properties, 'like'))),
    }));
  }

  private expectResource(type: string, name: NamePattern, patterns: readonly unknown[]): void {
    const all = this.compared(type, patterns).map((one) => ({ ...one, naming: compare(name, one.resource.name, 'like') }));
    const named = all.filter(({ naming }) => naming.differences.length === 0);
    if (named.length === 0) throw new AssertionError(failure.nobodyNamed(this.stackName, type, name, all, this.resources));
    const found = named.filter(({ differences }) => differences.length === 0);
    if (found.length === 0) throw new AssertionError(failure.noneAsExpected(type, name, named));
    capture(found.flatMap((one) => [one.naming, one]));
  }
}

/** The assertion holds: captures keep what they found. */
function capture(results: readonly MatchResult[]): void {
  for (const { captured } of results) for (const { by, value } of captured) by.keep(value);
}
