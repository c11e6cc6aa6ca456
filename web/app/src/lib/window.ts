/**
 * Which cards of a long column are in the page.
 *
 * Own code instead of a list library: list items need `aria-posinset`/`aria-setsize`, the focused and the carried card
 * stay mounted wherever the column is scrolled to, and a slot opens between cards while one is carried.
 */

import { CARD_GAP_PX, OVERSCAN_PX } from "./limits.ts";

/** The part of a list that is in the page. */
export interface ListWindow {
  /** Index of the first item in the page. */
  readonly from: number;
  /** Index behind the last item in the page. */
  readonly to: number;
  /** Pixels that the items above take. */
  readonly above: number;
  /** Pixels that the items below take. */
  readonly below: number;
}

/** The window of a list of `count` items, seen through `viewPx` pixels at `scrolledPx`. */
export function windowOf(count: number, heightAt: (index: number) => number, scrolledPx: number, viewPx: number): ListWindow {
  const [top, bottom] = [scrolledPx - OVERSCAN_PX, scrolledPx + viewPx + OVERSCAN_PX];
  let [from, above] = [0, 0];
  while (from < count && above + heightAt(from) + CARD_GAP_PX < top) {
    above += heightAt(from) + CARD_GAP_PX;
    from += 1;
  }
  let [to, offset] = [from, above];
  while (to < count && offset < bottom) {
    offset += heightAt(to) + CARD_GAP_PX;
    to += 1;
  }
  let below = 0;
  for (let index = to; index < count; index += 1) below += heightAt(index) + CARD_GAP_PX;
  return { from, to, above, below };
}

/** Pixels from the top of the list to an item. */
export function offsetOf(index: number, heightAt: (index: number) => number): number {
  let offset = 0;
  for (let above = 0; above < index; above += 1) offset += heightAt(above) + CARD_GAP_PX;
  return offset;
}
