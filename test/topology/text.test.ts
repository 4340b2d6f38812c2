import { describe, expect, it } from 'vitest';
import { cut, isUnmeasured, widthOf, xml } from '../../lib/topology/text.js';
import { parse, textOf } from './xml.js';

const font = { size: 12 };

describe('widthOf', () => {
  it('tells narrow letters from wide ones, and bold from plain', () => {
    expect(widthOf('iiii', font)).toBeLessThan(widthOf('WWWW', font));
    expect(widthOf('web', { ...font, bold: true })).toBeGreaterThan(widthOf('web', font));
    expect(widthOf('', font)).toBe(0);
  });

  it('knows all of ASCII, and takes what it does not know for wide', () => {
    for (let code = 32; code < 127; code++) expect(widthOf(String.fromCharCode(code), { size: 100 })).toBeLessThanOrEqual(100);
    expect(widthOf('\u6f22', { size: 100 })).toBe(120);
  });
});

describe('cut', () => {
  it('leaves a text that has room', () => {
    expect(cut('web-backend', widthOf('web-backend', font), font)).toBe('web-backend');
  });

  it.each(['web-backend', 'W'.repeat(63), 'a b c d e f', '\u{1f600}'.repeat(20)])('makes %s fit', (text) => {
    for (let width = widthOf('\u2026', font); width < widthOf(text, font); width += 3) {
      const shown = cut(text, width, font);
      expect(widthOf(shown, font)).toBeLessThanOrEqual(width);
      expect(shown).toMatch(/^.*[^ ]?\u2026$/u);
      expect(text.startsWith(shown.slice(0, -1))).toBe(true);
    }
  });
});

describe('xml', () => {
  it.each(['<a b="c">&amp;\'', ']]>', '<!--', '<![CDATA[', 'ñ\u6f22\u{1f600}', '\u202eabc'])('carries %s', (text) => {
    expect(textOf(parse(`<a>${xml(text)}</a>`))).toBe(text);
    expect(parse(`<a b="${xml(text)}"/>`).attributes.b).toBe(text);
  });

  it.each(['\0', '\u0007', '\n', '\r\n', '\t', '\u0085', '\u2028', '\ufffe', '\ud800', 'a\udfffb'])('replaces %j', (text) => {
    expect(textOf(parse(`<a>${xml(text)}</a>`))).toMatch(/^[ab\ufffd]+$/);
  });
});

describe('isUnmeasured', () => {
  it.each([
    ['web-backend', false],
    ['caf\u00e9\u2026', false],
    ['\u6f22', true],
    ['\u{1f600}', true],
    ['\ufdfd', true],
  ])('%s: %s', (text, expected) => expect(isUnmeasured(text)).toBe(expected));
});
