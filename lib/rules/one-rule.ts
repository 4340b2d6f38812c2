import type { IConstruct } from 'constructs';
import type { Rule } from '../core/index.js';

/** A rule for one kind of construct. */
export const rule = <T extends IConstruct>(one: Rule<T>): Rule => one;
