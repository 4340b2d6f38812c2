import { type Card, placed } from './card.js';

/** A card and where it is. */
export interface Place<T extends Card = Card> {
  readonly card: T;
  readonly x: number;
  readonly y: number;
  /** As high as its neighbours. */
  readonly height: number;
}

/** Cards in rows. A row is as high as its highest card. */
export function grid<T extends Card>(cards: readonly T[], x: number, y: number, columns: number, gapX: number, gapY = 14): Place<T>[] {
  const places: Place<T>[] = [];
  let top = y;
  for (let from = 0; from < cards.length; from += columns) {
    const row = cards.slice(from, from + columns);
    const height = row.reduce((most, card) => Math.max(most, card.height), 0);
    places.push(...row.map((card, n) => ({ card, x: x + n * (card.width + gapX), y: top, height })));
    top += height + gapY;
  }
  return places;
}

/** Where the lowest of them ends. */
export function bottomOf(places: readonly Place[], none: number): number {
  return places.reduce((most, { y, height }) => Math.max(most, y + height), none);
}

export function drawn(places: readonly Place[]): string[] {
  return places.flatMap(({ card, x, y, height }) => placed(card, x, y, height));
}
