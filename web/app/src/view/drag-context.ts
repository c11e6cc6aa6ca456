/** Hands the board's drag down to the cards. */

import { getContext, setContext } from "svelte";

import type { BoardDrag } from "../state/board-drag.svelte.ts";

const KEY = Symbol("drag");

/** Makes the drag known to the components below. */
export function provideDrag(drag: BoardDrag): void {
  setContext(KEY, drag);
}

/** The drag of the board that this component is in. */
export function useDrag(): BoardDrag {
  return getContext<BoardDrag>(KEY);
}
