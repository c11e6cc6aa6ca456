/** Where carets go when others type. Positions are UTF-16 units, as the DOM counts. */

import type { Splice } from "@warroom/sdk";

/**
 * Where a caret stands after somebody else's replacement. Text put in exactly at the caret goes behind it, so that
 * one's own next letter follows one's own last.
 */
export function moveCaret(caret: number, splice: Splice): number {
  if (caret <= splice.at) return caret;
  const end = splice.at + splice.delete;
  if (caret >= end) return caret + splice.insert.length - splice.delete;
  return splice.at + splice.insert.length;
}
