/**
 * Undo of one's own typing in a text that others type in too.
 *
 * Own code, because a browser forgets a control's history as soon as a program writes into it, which each remote edit does; and what
 * it remembers would take back the others' words along with one's own.
 */

import { TYPING_STEP_MS_MAX, UNDO_STEPS_MAX } from "./limits.ts";
import { over, type Splice } from "./splice.ts";

/** Steps back, the latest last; each is made for the text as it is after the ones behind it were taken. */
export class TextHistory {
  #done: Splice[] = [];
  #undone: Splice[] = [];
  /** When and how the latest step grew; `null`: the next edit begins a new one. */
  #latest: { readonly at: number; readonly edit: Splice } | null = null;

  /** An own edit is about to be made on `before`, at the moment `now` (milliseconds). */
  own(before: string, edit: Splice, now: number): void {
    this.#undone = [];
    const back = inverse(before, edit);
    const step = this.#done.at(-1);
    const joined = step === undefined || this.#latest === null || now - this.#latest.at > TYPING_STEP_MS_MAX ? null : join(step, this.#latest.edit, back, edit);
    if (joined === null) this.#done.push(back);
    else this.#done[this.#done.length - 1] = joined;
    if (this.#done.length > UNDO_STEPS_MAX) this.#done.shift();
    this.#latest = { at: now, edit };
  }

  /** Somebody else's edit was made: the steps are carried over it, so that they touch one's own words alone. */
  theirs(edit: Splice): void {
    this.#latest = null;
    this.#done = carried(this.#done, edit);
    this.#undone = carried(this.#undone, edit);
  }

  /** The text is another one. */
  clear(): void {
    this.#done = [];
    this.#undone = [];
    this.#latest = null;
  }

  /** The edit that takes the latest step back on `text`, or `null`; it counts as made. */
  undo(text: string): Splice | null {
    return this.#take(text, this.#done, this.#undone);
  }

  /** The edit that makes the latest undone step again on `text`, or `null`; it counts as made. */
  redo(text: string): Splice | null {
    return this.#take(text, this.#undone, this.#done);
  }

  #take(text: string, from: Splice[], to: Splice[]): Splice | null {
    this.#latest = null;
    for (;;) {
      const step = from.pop();
      if (step === undefined) return null;
      // Of some steps others have left nothing.
      if (step.delete === 0 && step.insert === "") continue;
      to.push(inverse(text, step));
      return step;
    }
  }
}

/** The edit that takes `edit`, made on `before`, back. */
function inverse(before: string, edit: Splice): Splice {
  return { at: edit.at, delete: edit.insert.length, insert: before.slice(edit.at, edit.at + edit.delete) };
}

/** One step back for typing on, or deleting on, where the last edit ended; `null` when that is something new. */
function join(step: Splice, last: Splice, back: Splice, edit: Splice): Splice | null {
  const isTyping = edit.delete === 0 && edit.at === last.at + last.insert.length && last.insert !== "" && !last.insert.endsWith("\n");
  if (isTyping) return { ...step, delete: step.delete + edit.insert.length };
  const deletes = edit.insert === "" && last.insert === "" && step.delete === 0;
  if (deletes && edit.at + edit.delete === last.at) return { at: edit.at, delete: 0, insert: back.insert + step.insert };
  if (deletes && edit.at === last.at) return { at: edit.at, delete: 0, insert: step.insert + back.insert };
  return null;
}

/** Steps for the text without `edit` as they are for the text with it. */
function carried(steps: readonly Splice[], edit: Splice): Splice[] {
  let other = edit;
  const next: Splice[] = [];
  for (const step of steps.toReversed()) {
    next.push(over(step, other, true));
    other = over(other, step, false);
  }
  return next.reverse();
}
