import { type Construct, type IConstruct, Node } from 'constructs';
import { Element } from './element.js';
import { shared } from './shared.js';
import { CreationSite } from './site.js';
import { constructsOf } from './tree.js';
import { TreeMark } from './tree-mark.js';

/** Errors stop a synthesis; warnings and notes are printed. */
export type Severity = 'error' | 'warning' | 'info';

/** What is wrong, or doubtful, or worth a note, in a tree. */
export interface Diagnostic {
  readonly severity: Severity;
  /** Stable name of the finding, e.g. `address-outside-subnet`. A warning or a note is acknowledged by it. */
  readonly id: string;
  /** One sentence: the thing, its value and the remedy. */
  readonly message: string;
  /** Path of the construct, e.g. `balanceador/Cluster/vmServidor1`. */
  readonly path: string;
  /** The user's `file:line:column` that made the construct. */
  readonly userLine: string | undefined;
}

interface Finding {
  readonly severity: Severity;
  readonly id: string;
  readonly message: string;
  readonly site: CreationSite | undefined;
  /** Whether a check of the tree found it: then the next check may come to another end. */
  readonly ofCheck: boolean;
}

const check = shared('check', () => ({ isRunning: false }));

const FINDINGS = Symbol.for('cdk-vagrant.findings');
const ACKNOWLEDGED = Symbol.for('cdk-vagrant.acknowledged');

interface Annotated extends IConstruct {
  [FINDINGS]?: Finding[];
  [ACKNOWLEDGED]?: Map<string, string>;
}

const TREE_HAS_FINDINGS = new TreeMark('findings');

/** The constructs that have findings, in tree order. */
function annotated(root: IConstruct): Annotated[] {
  return TREE_HAS_FINDINGS.isSet(root) ? constructsOf(root).filter((construct) => (construct as Annotated)[FINDINGS] !== undefined) : [];
}

/** Findings on a construct. Errors stop the synthesis, all reported together; warnings and notes are printed. */
export class Annotations {
  public static of(scope: IConstruct): Annotations {
    return new Annotations(scope);
  }

  /** All findings in the tree below `root`, in tree order, without what was acknowledged. */
  public static collect(root: IConstruct): Diagnostic[] {
    const all: Diagnostic[] = [];
    for (const construct of annotated(root)) {
      for (const finding of construct[FINDINGS] ?? []) {
        if (finding.severity !== 'error' && isAcknowledged(construct, finding.id)) continue;
        const site = finding.site ?? siteOf(construct);
        all.push({
          severity: finding.severity,
          id: finding.id,
          message: finding.message,
          path: construct.node.path,
          userLine: site?.userLine,
        });
      }
    }
    return all;
  }

  /** Runs a check of the tree below `root`. What the check before found is forgotten, for the tree may have changed. */
  public static duringCheck<T>(root: IConstruct, judge: () => T): T {
    for (const construct of annotated(root)) construct[FINDINGS] = (construct[FINDINGS] ?? []).filter(({ ofCheck }) => !ofCheck);
    check.isRunning = true;
    try {
      return judge();
    } finally {
      check.isRunning = false;
    }
  }

  private constructor(private readonly scope: Annotated) {}

  /** Whether an error was noted on this very construct. */
  public get hasErrors(): boolean {
    return this.scope[FINDINGS]?.some(({ severity }) => severity === 'error') ?? false;
  }

  /** @internal Whether warnings and notes of this id are accepted on this construct. */
  public isAcknowledged(id: string): boolean {
    return isAcknowledged(this.scope, id);
  }

  /**
   * Notes an error; `App.synth()` will refuse the tree.
   *
   * @param id stable name of the error
   * @param message one sentence: the thing, its value, the remedy
   */
  public addError(id: string, message: string): void {
    this.add('error', id, message);
  }

  /** @internal An error that another line of the user's than the construct's own is to blame for. */
  public addErrorAt(site: CreationSite, id: string, message: string): void {
    this.add('error', id, message, site);
  }

  /**
   * Notes a warning, which {@link acknowledge} silences.
   *
   * @param id stable name of the warning
   * @param message one sentence: the thing, its value, the remedy
   */
  public addWarning(id: string, message: string): void {
    this.add('warning', id, message);
  }

  /**
   * Notes something worth knowing, which {@link acknowledge} silences.
   *
   * @param id stable name of the note
   * @param message one sentence
   */
  public addInfo(id: string, message: string): void {
    this.add('info', id, message);
  }

  /**
   * Accepts the warnings and notes of this id on this construct and all below it.
   *
   * @param reason why it is accepted, for those who read the code later; not empty
   */
  public acknowledge(id: string, reason: string): void {
    if (typeof reason !== 'string' || reason.trim() === '') {
      this.addErrorAt(
        CreationSite.ofNow(),
        'acknowledge-without-reason',
        `warning "${id}" is acknowledged without a reason; say why it is accepted`,
      );
    }
    this.scope[ACKNOWLEDGED] ??= new Map();
    this.scope[ACKNOWLEDGED].set(id, reason);
  }

  private add(severity: Severity, id: string, message: string, at?: CreationSite): void {
    this.scope[FINDINGS] ??= [];
    TREE_HAS_FINDINGS.set(this.scope);
    if (this.scope[FINDINGS].some((known) => known.id === id && known.message === message)) return;
    // A construct that has no line of its own (the App, a user's Construct) is best served by the line that calls now.
    const site = at ?? (Element.isElement(this.scope) ? undefined : CreationSite.ofNow());
    this.scope[FINDINGS].push({ severity, id, message, site, ofCheck: check.isRunning });
  }
}

function isAcknowledged(construct: IConstruct, id: string): boolean {
  return construct.node.scopes.some((scope) => (scope as Annotated)[ACKNOWLEDGED]?.has(id));
}

/** Where the user made a construct, or the nearest above it of which that is known. */
export function siteOf(construct: IConstruct): CreationSite | undefined {
  for (let scope: IConstruct | undefined = construct; scope !== undefined; scope = Node.of(scope as Construct).scope) {
    if (Element.isElement(scope)) return scope.createdAt;
  }
  return undefined;
}
