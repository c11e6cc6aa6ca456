/** A plain text control on a text that others type in too: sends the smallest splices, keeps caret and scroll in place. */

import { difference, isEmpty, transform, type Splice, type TextChange, type TextHandle } from "@warroom/sdk";

import { moveCaret } from "./caret.ts";
import { TextHistory } from "./text-history.ts";

/** What the binding needs of an `<input>` or `<textarea>`. */
export interface TextControl {
  value: string;
  selectionStart: number | null;
  selectionEnd: number | null;
  scrollTop: number;
  setSelectionRange(start: number, end: number): void;
}

/** What the binding needs of an open text. */
export type TextSource = Pick<TextHandle, "content" | "splice" | "onChange">;

/** Binds one control to one text; the owner forwards the control's events. */
export class TextField {
  readonly #control: TextControl;
  readonly #text: TextSource;
  readonly #isFocused: () => boolean;
  readonly #now: () => number;
  readonly #history = new TextHistory();
  readonly #stop: () => void;
  /** What the control showed when it last agreed with the text. */
  #shown: string;
  /** What others did since, while an input method composes and the control must be left alone. */
  #held: Splice[] = [];
  #composing = false;
  #sending = false;

  /** `isFocused`: whether the control has the caret; only then is it worth keeping. `now`: milliseconds, to tell pauses by. */
  constructor(control: TextControl, text: TextSource, isFocused: () => boolean, now: () => number) {
    this.#control = control;
    this.#text = text;
    this.#isFocused = isFocused;
    this.#now = now;
    this.#shown = text.content;
    control.value = text.content;
    this.#stop = text.onChange((change) => { this.#take(change); });
  }

  /** The control's `input` event. */
  input(): void {
    if (!this.#composing) this.#send();
  }

  /** The control's `compositionstart` event. */
  compositionStart(): void {
    this.#composing = true;
  }

  /** The control's `compositionend` event. */
  compositionEnd(): void {
    this.#composing = false;
    this.#send();
  }

  /** Takes back what was typed last. */
  undo(): void {
    if (!this.#composing) this.#step(this.#history.undo(this.#text.content));
  }

  /** Types again what was taken back last. */
  redo(): void {
    if (!this.#composing) this.#step(this.#history.redo(this.#text.content));
  }

  /** Sends what is in the control now, a word that is still being composed included: there may be no later. */
  commit(): void {
    this.#send();
  }

  /** Stops following the text. */
  close(): void {
    this.#stop();
  }

  #send(): void {
    const caret = this.#control.selectionStart ?? this.#control.value.length;
    const typed = [difference(this.#shown, this.#control.value, caret)].filter((splice) => !isEmpty(splice));
    const [mine, theirs] = transform(typed, this.#held);
    const move = (position: number): number => theirs.reduce(moveCaret, position);
    const [start, end] = [move(caret), move(this.#control.selectionEnd ?? caret)];
    const merged = this.#held.length > 0;
    this.#held = [];
    this.#sending = true;
    for (const splice of mine) {
      this.#history.own(this.#text.content, splice, this.#now());
      this.#text.splice(splice.at, splice.delete, splice.insert);
    }
    this.#sending = false;
    this.#shown = this.#text.content;
    if (merged || this.#control.value !== this.#shown) this.#show(start, end);
  }

  #step(step: readonly Splice[]): void {
    const [first] = step;
    if (first === undefined) return;
    this.#sending = true;
    for (const splice of step) this.#text.splice(splice.at, splice.delete, splice.insert);
    this.#sending = false;
    this.#shown = this.#text.content;
    const caret = step.slice(1).reduce(moveCaret, first.at + first.insert.length);
    this.#show(caret, caret);
  }

  #take(change: TextChange): void {
    if (this.#sending) return;
    if (change.origin === "reset") this.#history.clear();
    else this.#history.theirs(change.splice);
    if (this.#composing) {
      this.#held.push(change.splice);
      return;
    }
    const start = this.#control.selectionStart ?? 0;
    const end = this.#control.selectionEnd ?? start;
    this.#shown = this.#text.content;
    if (change.origin === "reset") this.#show(Math.min(start, this.#shown.length), Math.min(end, this.#shown.length));
    else this.#show(moveCaret(start, change.splice), moveCaret(end, change.splice));
  }

  #show(start: number, end: number): void {
    if (this.#control.value === this.#shown) return;
    const scrolled = this.#control.scrollTop;
    this.#control.value = this.#shown;
    if (this.#isFocused()) this.#control.setSelectionRange(start, end);
    this.#control.scrollTop = scrolled;
  }
}
