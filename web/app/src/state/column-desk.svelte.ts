/** What is done with one column, and which columns are folded on this device. */

import type { Colour, ColumnRole, ColumnView } from "@warroom/sdk";

import { t } from "../i18n/strings.ts";
import { recall, remember } from "./local.ts";
import type { Session } from "./session.svelte.ts";

/** What can be set of a column. */
export interface ColumnSettings {
  readonly title: string;
  readonly role: ColumnRole | null;
  readonly wip: number | null;
  readonly colour: Colour | null;
}

/** The columns of one room. */
export class ColumnDesk {
  /** Columns that show their title only. */
  folded = $state.raw<readonly string[]>([]);
  readonly #session: Session;
  readonly #key: string;

  constructor(session: Session) {
    this.#session = session;
    this.#key = `folded.${session.board.room}`;
    this.folded = recall(this.#key, parse) ?? [];
  }

  /** Folds a column or unfolds it. */
  fold(id: string): void {
    const { columns } = this.#session.snapshot;
    const others = this.folded.filter((one) => one !== id && columns.some((column) => column.id === one));
    this.folded = this.folded.includes(id) ? others : [...others, id];
    remember(this.#key, this.folded.length === 0 ? undefined : this.folded);
  }

  /** Sets what differs from `before`, as one step to undo. */
  change(before: ColumnView, next: ColumnSettings): void {
    const { board } = this.#session;
    const { id } = before;
    const title = next.title.trim();
    const isRenamed = title !== "" && title !== before.title;
    if (!isRenamed && next.role === before.role && next.wip === before.wip && next.colour === before.colour) return;
    this.#session.run(board.transact(() => {
      if (isRenamed) board.renameColumn(id, title);
      if (next.role !== before.role) board.setColumnRole(id, next.role);
      if (next.wip !== before.wip) board.setColumnWip(id, next.wip);
      if (next.colour !== before.colour) board.setColumnColour(id, next.colour);
    }));
  }

  /** Puts a column to one of the ends. */
  toEnd(id: string, end: "start" | "end"): void {
    this.#session.run(this.#session.board.moveColumn(id, { at: end }));
  }

  /** Brings a deleted column back. */
  restore(id: string): void {
    this.#session.run(this.#session.board.restoreColumn(id));
  }

  /** Archives every card of a column. */
  archiveAll(id: string): void {
    const column = this.#session.column(id);
    if (column === undefined || column.cards.length === 0) return;
    const { board } = this.#session;
    const cards = column.cards.map((card) => card.id);
    this.#session.run(board.transact(() => { for (const card of cards) board.archiveCard(card); }));
    const back = (): void => { for (const card of cards) if (board.card(card)?.archived !== null) board.unarchiveCard(card); };
    this.#session.offerUndo(t.column.archivedAll(column.title, cards.length), () => board.transact(back));
  }
}

/** Whether a column holds more cards than it should. */
export function isOver(column: Pick<ColumnView, "wip"> | undefined, cards: number): boolean {
  return column?.wip !== null && column?.wip !== undefined && cards > column.wip;
}

function parse(value: unknown): readonly string[] | null {
  return Array.isArray(value) ? value.filter((one: unknown) => typeof one === "string") : null;
}
