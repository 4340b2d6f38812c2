/** How a text is set. */
export interface Font {
  readonly size: number;
  readonly bold?: boolean;
}

// Widths in em of DejaVu Sans, the widest font that a system has for itself, rounded up. Bold is 0.07 em and a twentieth wider.
const WIDTHS = new Map(
  Object.entries({
    0.3: "'IJijl",
    0.35: ' ,./:;\\|',
    0.4: '()-[]ft',
    0.45: '!r',
    0.5: '"*_`',
    0.55: '?csz',
    0.6: 'FLkvxy',
    0.65: '$0123456789EPSTYabdeghnopqu{}',
    0.7: 'ABCKRVXZ',
    0.75: 'NU',
    0.8: '&DGHOQ',
    0.85: '#+<=>^w~',
    0.9: 'M',
    1: '%@Wm…',
  }).flatMap(([width, characters]) => [...characters].map((character) => [character.charCodeAt(0), Number(width)] as const)),
);

/** By the character's code; what is not here is none of Latin. */
const EMS = Array.from({ length: 0x100 }, (_, code) => WIDTHS.get(code) ?? 1);

/** A text's width, with fractions. One loop over plain numbers: all that a picture shows passes here, several times. */
function measured(text: string, { size, bold = false }: Font): number {
  let width = 0;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    // The second half of a character counts as nothing.
    if (code >= 0xdc00 && code < 0xe000) continue;
    const ems = EMS[code] ?? WIDTHS.get(code) ?? 1.2;
    width += size * (bold ? ems * 1.05 + 0.07 : ems);
  }
  return width;
}

/** The width that a text needs at most, in any common font. */
export function widthOf(text: string, font: Font): number {
  return Math.ceil(measured(text, font));
}

/** The text, or as much of its beginning as goes into the width. */
export function cut(text: string, width: number, font: Font): string {
  if (widthOf(text, font) <= width) return text;
  let left = width - measured('…', font);
  let kept = '';
  for (const character of text) {
    left -= measured(character, font);
    if (left < 0) break;
    kept += character;
  }
  return `${kept.trimEnd()}…`;
}

/** Whether the estimate cannot be relied on, for the glyphs of a script that no table is at hand for. */
export function isUnmeasured(text: string): boolean {
  return /[^\0-\xff\u2026]/.test(text);
}

/** Text of XML, on one line. What XML cannot hold becomes U+FFFD. */
export function xml(text: string): string {
  if (!/[^ !#-%'-;=?-~]/.test(text)) return text;
  return text
    .replace(/[\p{Cc}\p{Cs}\u2028\u2029\ufffe\uffff]/gu, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
