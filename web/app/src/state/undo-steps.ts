/** Undo and redo of one's own edits, and the words about what they did. */

import type { Board, BoardSnapshot } from "@warroom/sdk";

import { t } from "../i18n/strings.ts";
import { undone, type Undone } from "../lib/undone.ts";
import { toasts } from "./toasts.svelte.ts";

type Step = "undo" | "redo";

/** What a session lends: the board as it shows, and its words. */
interface Lent {
  readonly shown: () => BoardSnapshot;
  readonly titleOf: (card: string) => string;
  readonly laneTitle: (column: string) => string;
}

/** The steps of one board. */
export class UndoSteps {
  readonly #board: Board;
  readonly #lent: Lent;
  /** Steps that were asked for and do not show yet. */
  #asked: readonly Step[] = [];
  #before: BoardSnapshot;
  #toast: number | null = null;

  constructor(board: Board, lent: Lent) {
    this.#board = board;
    this.#lent = lent;
    this.#before = lent.shown();
  }

  /** Takes the last own edit back, or does it again. */
  take(step: Step): void {
    if (this.#asked.length === 0) this.#before = this.#lent.shown();
    this.#asked = [...this.#asked, step];
    // A refusal is told by a notice; here it only must not count as a bug.
    this.#board[step]().stored().catch(() => undefined);
  }

  /** The board is different now: the oldest step that waits is what did it, unless somebody else was quicker by a moment. */
  see(next: BoardSnapshot): void {
    const [step] = this.#asked;
    if (step === undefined) return;
    const what = undone(this.#before, next);
    this.#before = next;
    if (what === null) return;
    this.#asked = this.#asked.slice(1);
    this.#tell(`${step === "undo" ? t.undo.done : t.undo.again}: ${this.#say(what)}`, step === "undo" ? "redo" : "undo");
  }

  /** The oldest step that waits changed nothing. */
  failed(): void {
    this.#asked = this.#asked.slice(1);
  }

  /** There was nothing left to undo or redo. */
  ended(text: string): void {
    this.failed();
    this.#tell(text, null);
  }

  /** One message at a time: who holds the keys wants the last one. */
  #tell(text: string, opposite: Step | null): void {
    if (this.#toast !== null) toasts.dismiss(this.#toast);
    this.#toast = toasts.show(text, opposite === null ? null : { label: t.undo[opposite], run: () => { this.take(opposite); } });
  }

  #say(what: Undone): string {
    switch (what.kind) {
      case "many":
        return t.undo.many(what.cards);
      case "board":
        return t.undo.board;
      case "moved":
        return t.undo.moved(this.#lent.titleOf(what.card.id), this.#lent.laneTitle(what.card.column));
      case "back":
      case "archived":
      case "deleted":
      case "placed":
      case "titled":
      case "changed":
        return t.undo[what.kind](this.#lent.titleOf(what.card.id));
    }
  }
}
