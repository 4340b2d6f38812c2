import { from, type Owners } from '../core/index.js';
import { cut, type Font, isUnmeasured, widthOf, xml } from './text.js';

/** The fonts, by the class that the style sheet knows them by. */
export const FONTS = {
  heading: { size: 20, bold: true },
  section: { size: 13, bold: true },
  name: { size: 14, bold: true },
  strong: { size: 12, bold: true },
  plain: { size: 12 },
  muted: { size: 12 },
} as const satisfies Readonly<Record<string, Font>>;

export type FontName = keyof typeof FONTS;

/** Colours for backends; those after take them again. */
export const COLOURS = 6;

export interface Label {
  readonly x: number;
  /** Of the line that it stands on. */
  readonly y: number;
  /** Room that there is. */
  readonly width: number;
  readonly font: FontName;
  /** Whether it ends at `x`. */
  readonly atEnd?: boolean;
}

/** A line of text, cut where its room ends; all of it is told then by a tooltip. */
export function label(of: Owners, text: string, { x, y, width, font, atEnd = false }: Label): string {
  const shown = cut(text, width, FONTS[font]);
  const title = shown === text ? '' : `<title>${xml(text)}</title>`;
  const forced = isUnmeasured(shown) ? ` textLength="${widthOf(shown, FONTS[font])}" lengthAdjust="spacingAndGlyphs"` : '';
  return from(of, `<text class="${font}${atEnd ? ' end' : ''}" x="${x}" y="${y}"${forced}>${xml(shown)}${title}</text>`);
}

/** A tooltip for what stands in the same group. */
export function tooltip(of: Owners, text: string): string {
  return from(of, `<title>${xml(text)}</title>`);
}

export function box(of: Owners, kind: string, width: number, height: number, radius = 6): string {
  return from(of, `<rect class="${kind}" width="${width}" height="${height}" rx="${radius}"/>`);
}

/** Lines of an element's inside, moved to their place. */
export function group(x: number, y: number, lines: readonly string[]): string[] {
  return [`<g transform="translate(${x} ${y})">`, ...lines, '</g>'];
}

export function path(of: Owners, kind: string, data: string): string {
  return from(of, `<path class="${kind}" d="${data}"/>`);
}

/** The class of a line to servers of a backend: its colour, and dashes for backups. */
export function linkOf(backend: number, isBackup: boolean): string {
  return `link ${isBackup ? 'backup' : 'primary'} line${backend % COLOURS}`;
}
