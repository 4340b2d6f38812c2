import { Element, type Stack } from '../core/index.js';
import type { Cluster, Container, Member } from '../lxd/index.js';
import type { Machine } from '../machine/index.js';
import type { LoadTest } from '../trials/index.js';
import type { BackupPool, HaproxyBalancer, HaproxyFrontend, WebBackend, WebServer } from '../web/index.js';
import type { Matcher } from './matcher.js';

/** What there is to know of each kind of construct. Times end in `Ms`, memory in `MiB`; what was left open is not there. */
export interface ResourceTypes {
  readonly Machine: PropertiesOf<Machine>;
  readonly Cluster: PropertiesOf<Cluster>;
  readonly Member: PropertiesOf<Member>;
  readonly Container: PropertiesOf<Container>;
  readonly WebBackend: PropertiesOf<WebBackend>;
  readonly WebServer: PropertiesOf<WebServer>;
  readonly BackupPool: PropertiesOf<BackupPool>;
  readonly HaproxyBalancer: PropertiesOf<HaproxyBalancer>;
  readonly HaproxyFrontend: PropertiesOf<HaproxyFrontend>;
  readonly LoadTest: PropertiesOf<LoadTest>;
}

/** Name of a construct's class, as in `tree.json`. Constructs of one's own may bring others. */
export type ResourceType = keyof ResourceTypes | (string & {});

type PropertiesOf<T extends Element> = Readonly<NonNullable<ReturnType<T['toResource']>>['properties']>;

/** The properties of a type of resource. */
export type Properties<T extends ResourceType> = T extends keyof ResourceTypes ? ResourceTypes[T] : Readonly<Record<string, unknown>>;

/** What something is compared with: part of it, or all, with matchers anywhere and regular expressions for text. */
export type Pattern<T> =
  | Matcher
  | (T extends string
      ? T | RegExp
      : T extends readonly (infer E)[]
        ? readonly Pattern<E>[]
        : T extends object
          ? { readonly [K in keyof T]?: Pattern<Exclude<T[K], undefined>> | undefined }
          : T);

/** A name, or what it is like. */
export type NamePattern = string | RegExp | Matcher;

/** A resource of a stack, as plain JSON. */
export interface FoundResource {
  readonly type: string;
  readonly name: string;
  /** Path of its construct in the tree. */
  readonly path: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** All resources of a stack, in tree order. */
export function resourcesOf(stack: Stack): FoundResource[] {
  return stack.node.findAll().flatMap((construct) => {
    const resource = Element.isElement(construct) ? construct.toResource() : undefined;
    // Through JSON, so that what is undefined is not there.
    return resource === undefined ? [] : [{ ...JSON.parse(JSON.stringify(resource)), path: construct.node.path }];
  });
}

/** By name; where two have the same, which only constructs of one's own can, the later ones by path. */
export function byName(resources: readonly FoundResource[]): Record<string, FoundResource['properties']> {
  const named: Record<string, FoundResource['properties']> = {};
  for (const { name, path, properties } of resources) named[Object.hasOwn(named, name) ? path : name] = properties;
  return named;
}
