/** Replacements in a plain text, in UTF-16 units as the DOM counts: found, applied, carried over others. */

/** A replacement: at `at`, `delete` units go and `insert` takes their place. */
export interface Splice {
  readonly at: number;
  readonly delete: number;
  readonly insert: string;
}

/**
 * The smallest replacement that turns `before` into `after`, or `null` when they are equal.
 *
 * `caret` is where the caret stands in `after`: in a run of equal letters ("aa" → "aaa") only the caret tells which one
 * was typed. Never cuts a surrogate pair in half.
 */
export function difference(before: string, after: string, caret: number): Splice | null {
  if (before === after) return null;
  const room = Math.min(before.length, after.length);
  const tailMax = Math.min(room, Math.max(0, after.length - caret));
  let tail = 0;
  while (tail < tailMax && before.charCodeAt(before.length - 1 - tail) === after.charCodeAt(after.length - 1 - tail)) tail += 1;
  let head = 0;
  while (head < room - tail && before.charCodeAt(head) === after.charCodeAt(head)) head += 1;
  while (tail < room - head && before.charCodeAt(before.length - 1 - tail) === after.charCodeAt(after.length - 1 - tail)) tail += 1;
  if (head > 0 && isHigh(before.charCodeAt(head - 1))) head -= 1;
  if (tail > 0 && isLow(before.charCodeAt(before.length - tail))) tail -= 1;
  return { at: head, delete: before.length - head - tail, insert: after.slice(head, after.length - tail) };
}

/** The text after a replacement. Ends beyond the text are cut. */
export function apply(text: string, splice: Splice): string {
  return text.slice(0, splice.at) + splice.insert + text.slice(splice.at + splice.delete);
}

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

/**
 * A replacement made on the text before `other`, as it reads after `other`. Of two insertions at one place `other`'s
 * comes first when `otherFirst`. Units that `other` has deleted already are not deleted again; what `other` put into
 * the middle of the deleted range stays, in front of the insertion.
 */
export function over(mine: Splice, other: Splice, otherFirst: boolean): Splice {
  const grow = other.insert.length - other.delete;
  const mineEnd = mine.at + mine.delete;
  const otherEnd = other.at + other.delete;
  const pureTie = mine.at === other.at && mine.delete === 0 && other.delete === 0;
  if (pureTie) return otherFirst ? { ...mine, at: mine.at + other.insert.length } : mine;
  if (mineEnd <= other.at) return mine;
  if (mine.at >= otherEnd) return { ...mine, at: mine.at + grow };
  const lost = Math.min(mineEnd, otherEnd) - Math.max(mine.at, other.at);
  if (mine.at < other.at && mineEnd > otherEnd) return splitAround(mine, other);
  if (mine.at < other.at) return { ...mine, delete: mine.delete - lost };
  return { at: other.at + other.insert.length, delete: mine.delete - lost, insert: mine.insert };
}

/** `mine` deletes on both sides of `other`: the other's words are kept by putting them in again. */
function splitAround(mine: Splice, other: Splice): Splice {
  const grow = other.insert.length - other.delete;
  return { at: mine.at, delete: mine.delete + grow, insert: other.insert + mine.insert };
}

function isHigh(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

function isLow(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}
