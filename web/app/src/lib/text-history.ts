/**
 * Undo of one's own typing in a text that others type in too.
 *
 * Own code, because a browser forgets a control's history as soon as a program writes into it, which each remote edit does; and what
 * it remembers would take back the others' words along with one's own.
 */

import { apply, transform, type Splice } from "@warroom/sdk";

import { TYPING_STEP_MS_MAX, UNDO_STEPS_MAX } from "./limits.ts";

/** One step: splices, each made for the text that the one before leaves. More than one where others typed into what it takes back. */
type Step = readonly Splice[];

/** Steps back, the latest last; each is made for the text as it is after the ones behind it were taken. */
export class TextHistory {
  #done: Step[] = [];
  #undone: Step[] = [];
  /** When and how the latest step grew; `null`: the next edit begins a new one. */
  #latest: { readonly at: number; readonly edit: Splice } | null = null;

  /** An own edit is about to be made on `before`, at the moment `now` (milliseconds). */
  own(before: string, edit: Splice, now: number): void {
    this.#undone = [];
    const [back, step] = [inverse(before, edit), this.#done.at(-1)?.[0]];
    const joined = step === undefined || this.#latest === null || now - this.#latest.at > TYPING_STEP_MS_MAX ? null : join(step, this.#latest.edit, back, edit);
    if (joined === null) this.#done.push([back]);
    else this.#done[this.#done.length - 1] = [joined];
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

  /** The splices that take the latest step back on `text`, none when there is nothing to take back; they count as made. */
  undo(text: string): Step {
    return this.#take(text, this.#done, this.#undone);
  }

  /** The splices that make the latest undone step again on `text`, none when there is none; they count as made. */
  redo(text: string): Step {
    return this.#take(text, this.#undone, this.#done);
  }

  #take(text: string, from: Step[], to: Step[]): Step {
    this.#latest = null;
    for (;;) {
      const step = from.pop();
      if (step === undefined) return [];
      // Of some steps others have left nothing.
      if (step.length === 0) continue;
      to.push(inverseAll(text, step));
      return step;
    }
  }
}

/** The edit that takes `edit`, made on `before`, back. */
function inverse(before: string, edit: Splice): Splice {
  return { at: edit.at, delete: edit.insert.length, insert: before.slice(edit.at, edit.at + edit.delete) };
}

/** The step that takes `step`, made on `before`, back. */
function inverseAll(before: string, step: Step): Step {
  let text = before;
  const back: Splice[] = [];
  for (const splice of step) {
    back.unshift(inverse(text, splice));
    text = apply(text, splice);
  }
  return back;
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
function carried(steps: readonly Step[], edit: Splice): Step[] {
  let others: Splice[] = [edit];
  const next: Step[] = [];
  for (const step of steps.toReversed()) {
    const [mine, theirs] = transform(step, others);
    next.push(mine);
    others = theirs;
  }
  return next.reverse();
}
