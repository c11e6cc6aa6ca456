/** Places on the board: what the keyboard's next place is, and how a place is said. */

import type { Direction, Target } from "./drag-controller.ts";

/** The order of one column, as much as placing needs. */
export interface Lane {
  readonly id: string;
  readonly cards: readonly string[];
}

/** Where a card lies now; `null` when it is not on the board. */
export function placeOf(lanes: readonly Lane[], card: string): Target | null {
  for (const lane of lanes) {
    const index = lane.cards.indexOf(card);
    if (index >= 0) return { column: lane.id, before: lane.cards[index + 1] ?? null };
  }
  return null;
}

/** Whether putting the card there leaves the board as it is. */
export function isAtHome(lanes: readonly Lane[], card: string, target: Target): boolean {
  const home = placeOf(lanes, card);
  if (home?.column !== target.column) return false;
  return home.before === target.before || target.before === card;
}

/** The index that the card would have at the target, and how many cards the column would hold. */
export function ordinal(lanes: readonly Lane[], card: string, target: Target): { index: number; count: number } {
  const others = othersOf(lanes, card, target.column);
  const at = target.before === null ? -1 : others.indexOf(target.before);
  return { index: at < 0 ? others.length : at, count: others.length + 1 };
}

/** One step of the keyboard from a target; `null` at the edge of the board or column. */
export function stepFrom(lanes: readonly Lane[], card: string, from: Target, direction: Direction): Target | null {
  const { index } = ordinal(lanes, card, from);
  const others = othersOf(lanes, card, from.column);
  const inColumn = (next: number): Target | null =>
    next < 0 || next > others.length || next === index ? null : { column: from.column, before: others[next] ?? null };
  switch (direction) {
    case "up":
      return inColumn(index - 1);
    case "down":
      return inColumn(index + 1);
    case "top":
      return inColumn(0);
    case "bottom":
      return inColumn(others.length);
    case "left":
      return beside(lanes, card, from, index, -1);
    case "right":
      return beside(lanes, card, from, index, 1);
  }
}

function beside(lanes: readonly Lane[], card: string, from: Target, index: number, by: -1 | 1): Target | null {
  const lane = lanes[lanes.findIndex((one) => one.id === from.column) + by];
  if (lane === undefined) return null;
  return { column: lane.id, before: othersOf(lanes, card, lane.id)[index] ?? null };
}

function othersOf(lanes: readonly Lane[], card: string, column: string): readonly string[] {
  const cards = lanes.find((lane) => lane.id === column)?.cards ?? [];
  return cards.includes(card) ? cards.filter((one) => one !== card) : cards;
}
