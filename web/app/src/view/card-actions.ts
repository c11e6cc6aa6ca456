/** What a key or a menu entry does to a card or to the focus. */

import { placeOf, stepFrom, type Lane } from "../lib/order.ts";
import { router } from "../state/route.svelte.ts";
import { UNSORTED, type Session } from "../state/session.svelte.ts";

/** Opens a card's panel; `title`: with the caret in its title. */
export function openCard(session: Session, card: string, title: boolean): void {
  if (router.route.name !== "board") return;
  session.titleWanted = title;
  router.go({ name: "board", room: router.route.room, card });
}

/** Moves a card to the column beside its own, at the same height. */
export function shiftCard(session: Session, card: string, direction: "left" | "right"): void {
  const mover = session.doings.movers.get(card);
  if (mover !== undefined) {
    session.refuse(card, mover);
    return;
  }
  const home = placeOf(session.lanes, card);
  const next = home === null ? null : stepFrom(session.lanes, card, home, direction);
  if (next === null || next.column === UNSORTED) return;
  session.move(card, next);
  session.focusWanted = card;
}

/** Archives a card; the focus goes to the one that is nearest then. */
export function archiveCard(session: Session, card: string): void {
  session.focusWanted = successor(session.lanes, card);
  session.archive(card);
}

/** Deletes a card; the focus goes to the one that is nearest then. */
export function removeCard(session: Session, card: string): void {
  session.focusWanted = successor(session.lanes, card);
  session.remove(card);
}

/** The card that a key leads the focus to; `null`: none. */
export function neighbour(lanes: readonly Lane[], card: string, key: string): string | null {
  const at = lanes.findIndex((lane) => lane.cards.includes(card));
  const lane = lanes[at];
  if (lane === undefined) return null;
  const index = lane.cards.indexOf(card);
  switch (key) {
    case "ArrowUp":
      return lane.cards[index - 1] ?? null;
    case "ArrowDown":
      return lane.cards[index + 1] ?? null;
    case "Home":
      return lane.cards[0] ?? null;
    case "End":
      return lane.cards.at(-1) ?? null;
    case "ArrowLeft":
      return beside(lanes, at, -1, index);
    case "ArrowRight":
      return beside(lanes, at, 1, index);
    default:
      return null;
  }
}

/** The card at the same height in the next column that has any. */
function beside(lanes: readonly Lane[], from: number, by: -1 | 1, index: number): string | null {
  for (let at = from + by; at >= 0 && at < lanes.length; at += by) {
    const cards = lanes[at]?.cards ?? [];
    if (cards.length > 0) return cards[Math.min(index, cards.length - 1)] ?? null;
  }
  return null;
}

/** The card that takes the focus when this one leaves the board. */
function successor(lanes: readonly Lane[], card: string): string | null {
  return neighbour(lanes, card, "ArrowDown") ?? neighbour(lanes, card, "ArrowUp") ?? neighbour(lanes, card, "ArrowRight") ?? neighbour(lanes, card, "ArrowLeft");
}
