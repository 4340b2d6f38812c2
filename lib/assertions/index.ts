export { Capture } from './capture.js';
export { AssertionError } from './error.js';
export { Match } from './match.js';
export { type Catcher, type Difference, Matcher, type MatchResult } from './matcher.js';
export type { NamePattern, Pattern, Properties, ResourceType, ResourceTypes } from './resources.js';
export { Template } from './template.js';
