import type { IConstruct } from 'constructs';
import { from, text } from '../core/index.js';
import { BUNDLE_ARCHIVE, GUEST_FOLDER } from '../machine/index.js';

const HEAD = new URL('./templates/head.sh.hbs', import.meta.url);

/** How the first script of a machine begins: it takes the machine's lock and unpacks the files that came with it. */
export function renderHead(of: IConstruct, { file, what }: { readonly file: string; readonly what: string }): string {
  return from(of, text.render(HEAD, { file, what, home: GUEST_FOLDER, archive: BUNDLE_ARCHIVE }));
}
