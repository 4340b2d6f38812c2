import type { QuotingHelper } from './text.js';

/** How templates are compiled, here and by the build. */
export const TEMPLATE_OPTIONS = {
  noEscape: true,
  strict: true,
  knownHelpers: {
    sh: true,
    rb: true,
    hap: true,
    xml: true,
    js: true,
    note: true,
    num: true,
    from: true,
    block: true,
  } satisfies Readonly<Record<QuotingHelper | 'from' | 'block', true>>,
  knownHelpersOnly: true,
};
