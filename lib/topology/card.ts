import type { Owners } from '../core/index.js';
import { box, FONTS, type FontName, group, label, linkOf, path } from './svg.js';
import { widthOf } from './text.js';
import type { BackendNode } from './topology.js';

/** Between the edge of a card and what is in it. */
export const PADDING = 10;

/** A box, drawn from its own corner. */
export interface Card {
  readonly width: number;
  readonly height: number;
  /** What is in it. */
  readonly lines: readonly string[];
  readonly of: Owners;
  /** The backend whose colour its edge has. */
  readonly backend?: BackendNode | undefined;
}

/** The lines of a card at its place, perhaps higher than it needs to be. */
export function placed({ width, lines, of, backend }: Card, x: number, y: number, height: number): string[] {
  const edge = backend === undefined ? [] : [path(backend.of, `mark ${linkOf(backend.index, false)}`, `M6 10V${height - 10}`)];
  return group(x, y, [box(of, 'card', width, height), ...edge, ...lines]);
}

/** Text, one line below the other. */
export class TextBlock {
  public readonly lines: string[] = [];

  /** @param y where its first line stands */
  public constructor(
    private readonly left: number,
    private readonly right: number,
    private y: number,
  ) {}

  /** Adds a line. */
  public add(of: Owners, text: string, font: FontName): this {
    this.lines.push(label(of, text, { x: this.left, y: this.y, width: this.right - this.left, font }));
    this.y += 16;
    return this;
  }

  /**
   * Adds a line with more at its end.
   *
   * @param first which of the two takes the room it needs; the other is cut
   */
  public addBoth(of: Owners, text: string, font: FontName, end: string, first: 'text' | 'end', endOf = of): this {
    const { left, right, y } = this;
    const between = end === '' ? 0 : 8;
    const room = right - left - between;
    const wanted = first === 'text' ? room - Math.min(room, widthOf(text, FONTS[font])) : Math.min(room, widthOf(end, FONTS.muted));
    this.lines.push(label(of, text, { x: left, y, width: room - wanted, font }));
    if (end !== '') this.lines.push(label(endOf, end, { x: right, y, width: wanted, font: 'muted', atEnd: true }));
    this.y += 16;
    return this;
  }
}

/** 1 machine, 2 machines */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}
