import type { IConstruct } from 'constructs';
import { Annotations } from './annotations.js';
import type { Guard } from './class-guard.js';
import { noteFailure } from './failure.js';
import { constructsOf, kindOf } from './tree.js';

/** What a rule is about. */
export type RuleCategory = 'security' | 'availability' | 'capacity' | 'lifecycle' | 'network';

/** A judgement of what a tree may be and should rather not. */
export interface Rule<T extends IConstruct = IConstruct> {
  /** Stable name of its findings; they are acknowledged by it. */
  readonly id: string;
  readonly category: RuleCategory;
  /** Whether it warns, which `--strict` refuses, or only notes. */
  readonly severity: 'warning' | 'info';
  /**
   * Tells which constructs it looks at: `Machine.isMachine`, `WebServer.isWebServer`, or a guard of your own.
   *
   * @default - it looks at all
   */
  readonly of?: Guard<T>;
  /**
   * Looks at one construct. Called for each that `of` tells of a complete tree without errors, in the tree's order.
   *
   * @param note takes a finding: one sentence with the thing, its value and the remedy, and the construct it is of when that is another
   */
  check(construct: T, note: (message: string, on?: IConstruct) => void): void;
}

/** Adds to the annotations what the rules find in the tree below `root`. */
export function applyRules(root: IConstruct, rules: readonly Rule[]): void {
  for (const rule of rules) {
    let current = root;
    const note = (message: string, on = current) => {
      if (rule.severity === 'warning') Annotations.of(on).addWarning(rule.id, message);
      else Annotations.of(on).addInfo(rule.id, message);
    };
    const constructs = rule.of === undefined ? constructsOf(root) : kindOf(root, rule.of);
    // By number: to step through tens of thousands of constructs takes longer than most rules.
    for (let index = 0; index < constructs.length; index++) {
      current = constructs[index] as IConstruct;
      try {
        const promised: unknown = rule.check(current, note);
        if (promised instanceof Promise) {
          promised.catch(() => {});
          Annotations.of(current).addError(
            'failed',
            `rule "${rule.id}" is asynchronous, and nobody waits for it; let check() tell all before it returns`,
          );
          break;
        }
      } catch (error) {
        noteFailure(current, `rule "${rule.id}" on`, error);
      }
    }
  }
}
