/** Where on the board a point is: over which column and before which card. Reads the layout, ignores running flights. */

import type { Point, Target } from "./drag-controller.ts";
import { AUTOSCROLL_EDGE_PX, AUTOSCROLL_STEP_PX_MAX } from "./limits.ts";
import type { Lane } from "./order.ts";

/** The target at a point; `null` when the board has no column to land in. */
export function targetAt(board: HTMLElement, lanes: readonly Lane[], carried: string, at: Point): Target | null {
  const tab = tabAt(at);
  if (tab !== null) return { column: tab, before: lanes.find((lane) => lane.id === tab)?.cards.find((id) => id !== carried) ?? null };
  const column = columnAt(board, at.x);
  const id = column?.dataset["column"];
  const list = column?.querySelector<HTMLElement>("[data-list]");
  if (id === undefined || list === undefined) return null;
  // A folded column has no places: the card goes to its end.
  if (list === null) return { column: id, before: null };
  return { column: id, before: cardBelow(list, lanes.find((lane) => lane.id === id)?.cards ?? [], carried, at.y) };
}

function tabAt(at: Point): string | null {
  for (const element of document.elementsFromPoint(at.x, at.y)) {
    const tab = element.closest<HTMLElement>("[data-drop-column]")?.dataset["dropColumn"];
    if (tab !== undefined) return tab;
  }
  return null;
}

function columnAt(board: HTMLElement, x: number): HTMLElement | null {
  let nearest: HTMLElement | null = null;
  let least = Infinity;
  for (const column of board.querySelectorAll<HTMLElement>("[data-column]")) {
    const { left, right } = column.getBoundingClientRect();
    const way = Math.max(left - x, x - right, 0);
    if (way < least) [nearest, least] = [column, way];
  }
  return nearest;
}

/** The first card whose middle is below the point. Layout offsets are used, because a flying card is drawn elsewhere. */
function cardBelow(list: HTMLElement, cards: readonly string[], carried: string, y: number): string | null {
  const inList = y - list.getBoundingClientRect().top + list.scrollTop;
  let last: string | null = null;
  for (const item of list.querySelectorAll<HTMLElement>("[data-card]:not([data-pinned])")) {
    const id = item.dataset["card"];
    if (id === undefined || id === carried) continue;
    if (inList < item.offsetTop + item.offsetHeight / 2) return id;
    last = id;
  }
  if (last === null) return null;
  const next = cards.slice(cards.indexOf(last) + 1).find((id) => id !== carried);
  return next ?? null;
}

/** Scrolls what is near the edge that a carried card touches. Answers whether anything moved. */
export function autoscroll(board: HTMLElement, at: Point): boolean {
  let moved = push(board, "scrollLeft", at.x, board.getBoundingClientRect().left, board.getBoundingClientRect().right);
  const list = columnAt(board, at.x)?.querySelector<HTMLElement>("[data-list]");
  if (list !== null && list !== undefined) {
    const { top, bottom } = list.getBoundingClientRect();
    moved = push(list, "scrollTop", at.y, top, bottom) || moved;
  }
  return moved;
}

function push(element: HTMLElement, side: "scrollLeft" | "scrollTop", at: number, from: number, to: number): boolean {
  const edge = Math.min(AUTOSCROLL_EDGE_PX, (to - from) / 4);
  const beyond = at < from + edge ? at - from - edge : at > to - edge ? at - to + edge : 0;
  if (beyond === 0) return false;
  const before = element[side];
  element[side] = before + Math.max(-1, Math.min(1, beyond / edge)) * AUTOSCROLL_STEP_PX_MAX;
  return element[side] !== before;
}
