// Splices of a text as values: applying, comparing and transforming them. Positions are UTF-16 units.

import type { Splice } from "./generated.ts";

/** The text after the splice. */
export function apply(text: string, splice: Splice): string {
  return text.slice(0, splice.at) + splice.insert + text.slice(splice.at + splice.delete);
}

/** The text after all splices, each in the text that the one before left. */
export function applyAll(text: string, splices: readonly Splice[]): string {
  return splices.reduce(apply, text);
}

/** Whether it changes nothing. */
export function isEmpty(splice: Splice): boolean {
  return splice.delete === 0 && splice.insert === "";
}

const isHighSurrogate = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff;
const isLowSurrogate = (unit: number): boolean => unit >= 0xdc00 && unit <= 0xdfff;

/** The splice with its range inside the text, and widened where it would cut a surrogate pair in two. */
export function clamp(text: string, splice: Splice): Splice {
  const inside = (position: number): number => Math.min(Math.max(Math.trunc(position) || 0, 0), text.length);
  const cuts = (position: number): boolean =>
    isLowSurrogate(text.charCodeAt(position)) && isHighSurrogate(text.charCodeAt(position - 1));
  let start = inside(splice.at);
  let end = Math.max(start, inside(start + splice.delete));
  const isInsertion = end === start;
  if (cuts(start)) start -= 1;
  if (isInsertion) end = start;
  else if (cuts(end)) end += 1;
  return { at: start, delete: end - start, insert: splice.insert };
}

/**
 * The smallest single splice from one text to another; never cuts a surrogate pair in two.
 *
 * `caret` is where the caret stands in `to`: in a run of equal letters ("aa" → "aaa") only the caret tells which one was typed.
 */
export function difference(from: string, to: string, caret = to.length): Splice {
  const shorter = Math.min(from.length, to.length);
  let start = 0;
  let end = 0;
  const growEnd = (most: number): void => {
    while (end < most && from.charCodeAt(from.length - 1 - end) === to.charCodeAt(to.length - 1 - end)) end += 1;
  };
  growEnd(Math.min(shorter, to.length - caret));
  while (start < shorter - end && from.charCodeAt(start) === to.charCodeAt(start)) start += 1;
  growEnd(shorter - start);
  if (start > 0 && isHighSurrogate(from.charCodeAt(start - 1))) start -= 1;
  if (end > 0 && isLowSurrogate(from.charCodeAt(from.length - end))) end -= 1;
  return { at: start, delete: from.length - end - start, insert: to.slice(start, to.length - end) };
}

/**
 * `a` as it has to be applied after `b`, both made for the same text. What `b` inserted inside the range that `a` deletes stays,
 * so the result may be two splices (the second in the text that the first leaves). `aFirst`: of two insertions at one place
 * `a`'s comes first.
 */
function over(a: Splice, b: Splice, aFirst: boolean): Splice[] {
  const aEnd = a.at + a.delete;
  const bEnd = b.at + b.delete;
  const added = b.insert.length;
  const right = Math.max(0, aEnd - Math.max(a.at, bEnd));
  let parts: Splice[];
  if (a.at < b.at || (a.at === b.at && aFirst)) {
    const left = Math.max(0, Math.min(aEnd, b.at) - a.at);
    parts =
      added === 0
        ? [{ at: a.at, delete: left + right, insert: a.insert }]
        : [
            { at: a.at, delete: left, insert: a.insert },
            { at: b.at - left + a.insert.length + added, delete: right, insert: "" },
          ];
  } else {
    parts = [{ at: Math.max(a.at, bEnd) + added - b.delete, delete: right, insert: a.insert }];
  }
  return parts.filter((part) => !isEmpty(part));
}

/**
 * Two runs of splices made at the same time for the same text: each as it has to be applied after the other, so that both
 * orders give one text. Of two insertions at one place the local one comes first, as in the engine.
 */
export function transform(local: readonly Splice[], remote: readonly Splice[]): [local: Splice[], remote: Splice[]] {
  const [l, ...localRest] = local;
  const [r, ...remoteRest] = remote;
  if (l === undefined || r === undefined) return [[...local], [...remote]];
  if (localRest.length > 0) {
    const [firstLocal, remoteAfter] = transform([l], remote);
    const [restLocal, remoteLast] = transform(localRest, remoteAfter);
    return [[...firstLocal, ...restLocal], remoteLast];
  }
  if (remoteRest.length > 0) {
    const [localAfter, firstRemote] = transform(local, [r]);
    const [localLast, restRemote] = transform(localAfter, remoteRest);
    return [localLast, [...firstRemote, ...restRemote]];
  }
  return [over(l, r, true), over(r, l, false)];
}
