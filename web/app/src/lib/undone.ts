/** What a step of undo or redo did to the board, told from the two snapshots around it. */

import type { BoardSnapshot, Card } from "@warroom/sdk";

/** What became of the board, for one sentence about it. */
export type Undone =
  /** A card is on the board that was not. */
  | { readonly kind: "back"; readonly card: Card }
  | { readonly kind: "archived"; readonly card: Card }
  | { readonly kind: "deleted"; readonly card: Card }
  /** A card is in another column. */
  | { readonly kind: "moved"; readonly card: Card }
  /** A card has another place in its column. */
  | { readonly kind: "placed"; readonly card: Card }
  | { readonly kind: "titled"; readonly card: Card }
  /** Something else about a card. */
  | { readonly kind: "changed"; readonly card: Card }
  | { readonly kind: "many"; readonly cards: number }
  /** A column, a label, the room. */
  | { readonly kind: "board" };

type OfCard = Exclude<Undone["kind"], "many" | "board">;

/** Deeds that are about the card itself; neighbours that made room for it are only placed anew. */
const PLACED: OfCard = "placed";

/** What differs between two snapshots; `null`: nothing that a step of undo does. */
export function undone(before: BoardSnapshot, after: BoardSnapshot): Undone | null {
  const changes = changedCards(before, after).map(([was, is]) => ({ kind: kindOf(was, is), card: is }));
  const telling = changes.some((one) => one.kind !== PLACED) ? changes.filter((one) => one.kind !== PLACED) : changes;
  const [first] = telling;
  if (first !== undefined) return telling.length === 1 ? first : { kind: "many", cards: telling.length };
  const isSame = before.columns === after.columns && before.title === after.title && before.labels === after.labels && before.deletedColumns === after.deletedColumns;
  return isSame ? null : { kind: "board" };
}

/** Cards that are other than they were, each with what it was; a list that kept its identity is not looked at. */
function changedCards(before: BoardSnapshot, after: BoardSnapshot): readonly (readonly [Card | undefined, Card])[] {
  const [old, fresh] = [listsOf(before), listsOf(after)];
  const same = new Set(old.filter((list) => fresh.includes(list)));
  const was = new Map(old.filter((list) => !same.has(list)).flatMap((list) => list.map((card) => [card.id, card] as const)));
  const is = fresh.filter((list) => !same.has(list)).flat();
  return is.filter((card) => was.get(card.id) !== card).map((card) => [was.get(card.id), card]);
}

function listsOf(board: BoardSnapshot): readonly (readonly Card[])[] {
  return [...board.columns.map((column) => column.cards), board.unsorted, board.archived, board.deletedCards];
}

function kindOf(was: Card | undefined, is: Card): OfCard {
  if (is.deleted !== null) return "deleted";
  if (is.archived !== null) return "archived";
  if (was === undefined || was.deleted !== null || was.archived !== null) return "back";
  if (was.column !== is.column) return "moved";
  if (was.title !== is.title) return "titled";
  return was.order === is.order ? "changed" : PLACED;
}
