/** One room that is open on this page: the board as it is now, and what a person does to it. */

import type { Board, BoardSnapshot, Card, ColumnView, Edit, Notice, Peer, Person } from "@warroom/sdk";
import { getContext, setContext, tick } from "svelte";

import { t } from "../i18n/strings.ts";
import type { Target } from "../lib/drag-controller.ts";
import { fly, placesOf, type Places } from "../lib/flip.ts";
import { isAtHome, placeOf, type Lane } from "../lib/order.ts";
import { CardFilter } from "./card-filter.svelte.ts";
import { CardDesk } from "./card-desk.svelte.ts";
import { ColumnDesk, isOver } from "./column-desk.svelte.ts";
import { Connection } from "./connection.svelte.ts";
import { AwayWatch } from "./away.svelte.ts";
import { watchIdle } from "./presence-watch.ts";
import { recall, remember } from "./local.ts";
import { announcer, toasts } from "./toasts.svelte.ts";
import { UndoSteps } from "./undo-steps.ts";
import { TypingSignal } from "./typing.ts";
import { callName, doingsOf, everyone, type Doings, type Someone } from "./who.ts";

/** The id of the lane of cards whose column is gone. Not a column id: it has a character that ids do not have. */
export const UNSORTED = "~unsorted";

/** The element in which the title of a board's first card is typed. */
export const FIRST_TITLE = "first-title";

const KEY = Symbol("session");

/** A column as it is shown. */
export interface Shown {
  readonly column: ColumnView;
  /** Those of its cards that are shown. */
  readonly cards: readonly Card[];
}

/** An open room. */
export class Session {
  readonly board: Board;
  readonly person: Person;
  readonly connection: Connection;
  readonly typing: TypingSignal;
  /** What is done with one card. */
  readonly desk: CardDesk;
  /** What is done with one column. */
  readonly columns: ColumnDesk;
  /** What others did while this person was away. */
  readonly away: AwayWatch;

  /** Which cards are shown. */
  readonly filter: CardFilter;

  /** The board now. */
  snapshot: BoardSnapshot;
  /** The card that arrow keys start from and that Tab reaches. */
  focused = $state.raw<string | null>(null);
  /** The column whose composer is open. */
  composing = $state.raw<string | null>(null);
  /** What is typed as the title of the board's first card. */
  firstTitle = $state("");
  /** The card whose panel is open. */
  open = $state.raw<string | null>(null);
  /** The panel's title field is to take the focus when it opens. */
  titleWanted = false;
  /** A card that could not be picked up, and what its owner was told. */
  refusal = $state.raw<{ readonly card: string; readonly text: string } | null>(null);
  /** No input for a while, or the page is hidden. */
  idle = $state.raw(false);

  /** The columns with those of their cards that are shown. */
  readonly columnsShown: readonly Shown[] = $derived.by(() =>
    this.#columns.map((column) => ({ column, cards: this.filter.of(column.cards, column.role === "done") })),
  );
  /** The cards without a column that are shown. */
  readonly unsortedShown: readonly Card[] = $derived.by(() => this.filter.of(this.#unsorted, false));
  /** The lanes in the order they are shown, with the ids of the cards that are. */
  readonly lanes: readonly Lane[] = $derived.by(() => (this.filter.isOff ? this.#lanes : lanesOf(this.columnsShown, this.unsortedShown)));
  /** The board has nothing to show and asks for its first card. */
  readonly asksForFirst: boolean = $derived.by(() => asksForFirst(this.snapshot));
  /** What the others do. */
  readonly doings: Doings = $derived.by(() => doingsOf(this.#peers, this.person));
  /** Everybody here, oneself last. */
  readonly here: readonly Someone[] = $derived.by(() => everyone(this.#peers, this.person, this.idle, this.open));

  /** The element that holds all cards; flights start from it. */
  root: HTMLElement | null = null;
  /** Called after each new snapshot. */
  onSnapshot: () => void = () => undefined;
  /** The card that has a flight of its own just now. */
  flightOf: string | null = null;

  // Parts of the snapshot keep their identity while they are the same: what hangs on one part rests while others change.
  readonly #columns = $derived.by(() => this.snapshot.columns);
  readonly #unsorted = $derived.by(() => this.snapshot.unsorted);
  readonly #peers = $derived.by(() => this.snapshot.peers);
  /** The lanes with all cards. */
  readonly #lanes: readonly Lane[] = $derived.by(() => lanesOf(this.#columns.map((column) => ({ column, cards: column.cards })), this.#unsorted));

  #focusWanted = $state.raw<string | null>(null);
  #before: Places | null = null;
  #commands = 0;
  /** The message that offers to take the last edit back. */
  #offer: number | null = null;
  readonly #steps: UndoSteps;
  readonly #stops: (() => void)[];

  constructor(board: Board, person: Person) {
    this.board = board;
    this.person = person;
    this.snapshot = $state.raw(board.getSnapshot());
    this.filter = new CardFilter(board);
    this.connection = new Connection(this.snapshot);
    this.typing = new TypingSignal(board.presence);
    this.#steps = new UndoSteps(board, { shown: () => this.snapshot, titleOf: (card) => this.titleOf(card), laneTitle: (column) => this.laneTitle(column) });
    this.desk = new CardDesk(this);
    this.columns = new ColumnDesk(this);
    this.away = new AwayWatch(board);
    this.#stops = [
      board.subscribe((snapshot) => { this.#take(snapshot); }),
      board.onNotice((notice) => { this.#notice(notice); }),
      watchIdle((idle) => {
        this.idle = idle;
        board.presence.idle(idle);
        if (document.hidden) board.flush();
      }),
    ];
  }

  /** Stops and leaves the room. */
  close(): void {
    for (const stop of this.#stops) stop();
    this.typing.stop();
    this.away.close();
    this.filter.close();
    this.connection.close();
    this.board.close();
  }

  /** The card that is to take the focus as soon as it is in the page. */
  get focusWanted(): string | null {
    return this.#focusWanted;
  }

  /** A card that is not on the board gets none: it would take the focus from somebody who types when it comes back. */
  set focusWanted(card: string | null) {
    this.#focusWanted = card !== null && placeOf(this.lanes, card) !== null ? card : null;
  }

  /** What people call somebody. */
  nameOf(user: string): string {
    if (user === this.person.id) return this.person.name;
    return this.snapshot.people.get(user)?.name ?? t.stranger;
  }

  /** A lane's title. */
  laneTitle(id: string): string {
    if (id === UNSORTED) return t.board.unsorted;
    return this.column(id)?.title ?? t.board.unsorted;
  }

  /** A living column. */
  column(id: string): ColumnView | undefined {
    return this.snapshot.columns.find((column) => column.id === id);
  }

  /** A card's title as it is said. */
  titleOf(id: string): string {
    return titleOf(this.board.card(id));
  }

  /** Does something to the view and lets the cards that moved fly there. */
  animated(change: () => void): void {
    this.#remember();
    change();
  }

  /** Opens a card's panel presence-wise; the route says which. */
  view(card: string | null): void {
    if (this.open === card) return;
    this.open = card;
    this.board.presence.viewing(card);
  }

  /** Shows why a card cannot be picked up. */
  refuse(card: string, by: Peer): void {
    const refusal = { card, text: t.drag.refused(callName(by.name)) };
    this.refusal = refusal;
    announcer.interrupt(refusal.text);
  }

  /** Moves a card. A move that changes nothing makes no edit. */
  move(card: string, target: Target): void {
    if (isAtHome(this.lanes, card, target) || target.column === UNSORTED) return;
    // A column that is gone holds the card still: it is a place to go back to, but none to be shown.
    const column = this.board.card(card)?.column ?? target.column;
    const home = { column, before: placeOf(this.#lanes, card)?.before ?? null };
    this.run(this.#put(card, target));
    if (column === target.column) return;
    const into = this.column(target.column);
    const over = isOver(into, (into?.cards.length ?? 0) + 1) ? t.column.nowOver((into?.cards.length ?? 0) + 1, into?.wip ?? 0) : "";
    this.offerUndo(t.toast.moved(this.titleOf(card), this.laneTitle(target.column)) + over, () => this.#putBack(card, target.column, home));
  }

  /** Adds a card at the end of a column. Answers its id. */
  add(column: string, title: string): string {
    const edit = this.board.addCard({ column, title: title.trim() });
    this.filter.made(edit.id);
    this.run(edit);
    return edit.id;
  }

  /** Sets up the three columns of an empty board. Answers the first one's id. */
  addDefaultColumns(): string {
    const { todo, doing, done } = t.board.defaults;
    const first = this.board.addColumn({ title: todo, role: "todo" });
    this.run(first);
    this.run(this.board.addColumn({ title: doing, role: "doing" }));
    this.run(this.board.addColumn({ title: done, role: "done" }));
    return first.id;
  }

  /** Adds a column at the end. */
  addColumn(title: string): void {
    this.run(this.board.addColumn({ title: title.trim() }));
  }

  /** Gives a column another title. */
  renameColumn(id: string, title: string): void {
    const next = title.trim();
    if (next !== "" && next !== this.column(id)?.title) this.run(this.board.renameColumn(id, next));
  }

  /** Moves a column one place. */
  shiftColumn(id: string, by: -1 | 1): void {
    const columns = this.snapshot.columns;
    const index = columns.findIndex((column) => column.id === id) + by;
    const other = columns[index];
    if (other === undefined) return;
    announcer.say(t.column.movedTo(this.laneTitle(id), index + 1, columns.length));
    this.run(this.board.moveColumn(id, { at: by < 0 ? "before" : "after", id: other.id }));
  }

  /** Deletes a column; its cards stay, unsorted. */
  deleteColumn(id: string): void {
    const column = this.column(id);
    if (column === undefined) return;
    this.run(this.board.deleteColumn(id));
    this.offerUndo(t.column.deleted(column.title, column.cards.length), () => this.board.restoreColumn(id));
  }

  /** Gives the room a title. */
  renameRoom(title: string): void {
    const next = title.trim();
    if (next !== this.snapshot.title) this.run(this.board.renameRoom(next));
  }

  /** Archives a card. */
  archive(id: string): void {
    const title = this.titleOf(id);
    this.run(this.board.archiveCard(id));
    this.offerUndo(t.toast.archived(title), () => this.board.unarchiveCard(id));
  }

  /** Deletes a card. */
  remove(id: string): void {
    const title = this.titleOf(id);
    this.run(this.board.deleteCard(id));
    this.offerUndo(t.toast.deleted(title), () => this.board.restoreCard(id));
  }

  /** Brings a card back from the archive or from deletion. */
  restore(card: Card): void {
    if (card.deleted !== null) this.run(this.board.restoreCard(card.id));
    if (card.archived !== null) this.run(this.board.unarchiveCard(card.id));
  }

  /** Takes back the last own change. */
  undo(): void {
    this.#commands += 1;
    if (this.#offer !== null) toasts.dismiss(this.#offer);
    this.#steps.take("undo");
  }

  /** Does again what the last undo took back. */
  redo(): void {
    this.#commands += 1;
    this.#steps.take("redo");
  }

  /** What was typed into a composer and not yet added; kept over a reload. */
  draft(column: string): string {
    return recall(`draft.${this.board.room}.${column}`, (value) => (typeof value === "string" ? value : null)) ?? "";
  }

  /** Keeps a draft; an empty one is forgotten. */
  keepDraft(column: string, text: string): void {
    remember(`draft.${this.board.room}.${column}`, text === "" ? undefined : text);
  }

  #take(next: BoardSnapshot): void {
    const moved = next.columns !== this.snapshot.columns || next.unsorted !== this.snapshot.unsorted;
    if (moved) {
      this.#remember();
      this.#keepFocus();
    }
    this.#handOver(next);
    this.snapshot = next;
    this.connection.see(next);
    this.#steps.see(next);
    this.onSnapshot();
  }

  /** Somebody else made the first card: what is being typed as one goes on in the composer of the first column. */
  #handOver(next: BoardSnapshot): void {
    const column = next.columns[0]?.id;
    if (column === undefined || this.firstTitle === "" || !this.asksForFirst || asksForFirst(next)) return;
    this.keepDraft(column, [this.draft(column), this.firstTitle].filter((line) => line !== "").join("\n"));
    if (document.activeElement?.id === FIRST_TITLE) this.composing = column;
    this.firstTitle = "";
  }

  /** A card that moves to another column is a new element there: the focus goes with it. */
  #keepFocus(): void {
    const card = document.activeElement instanceof HTMLElement ? document.activeElement.dataset["cardLink"] : undefined;
    if (card === undefined) return;
    void tick().then(() => {
      if (document.activeElement === document.body) this.focusWanted = card;
    });
  }

  #remember(): void {
    if (this.#before !== null || this.root === null || document.hidden) return;
    this.#before = placesOf(this.root);
    void tick().then(() => {
      if (this.root !== null && this.#before !== null) fly(this.root, this.#before, this.flightOf);
      this.#before = null;
    });
  }

  #put(card: string, { column, before }: Target): Edit {
    return this.board.moveCard(card, { column, position: before === null ? { at: "end" } : { at: "before", id: before } });
  }

  /** Takes a move to `column` back; `null`: it was moved again since. */
  #putBack(card: string, column: string, home: Target): Edit | null {
    if (this.board.card(card)?.column === column) return this.#put(card, home);
    toasts.show(t.toast.undoSkipped(this.titleOf(card)));
    return null;
  }

  /** Lets an edit go its way. */
  run(edit: Edit): void {
    this.#commands += 1;
    // A refusal is told by a notice; here it only must not count as a bug.
    edit.stored().catch(() => undefined);
  }

  /** Offers to take back what was just done: as undo while it is the last change, else by `reverse`, which may find nothing to do. */
  offerUndo(text: string, reverse: () => Edit | null): void {
    const serial = this.#commands;
    this.#offer = toasts.show(text, {
      label: t.undo.undo,
      run: () => {
        const edit = serial === this.#commands ? this.board.undo() : reverse();
        if (edit !== null) this.run(edit);
      },
    });
  }

  #notice(notice: Notice): void {
    switch (notice.type) {
      case "undoSkipped":
        this.#steps.failed();
        toasts.show(t.toast.undoSkipped(notice.card === null ? null : this.titleOf(notice.card)));
        break;
      case "refused":
        if (notice.code === "nothingToUndo" || notice.code === "nothingToRedo") this.#steps.ended(t.undo[notice.code]);
        else if (notice.code !== "closed") toasts.show(t.toast.failed(notice.message));
        break;
      case "notKept":
        toasts.show(t.toast.notKept(notice.edits), null, true);
        break;
    }
  }
}

/** Makes a session known to the components below. */
export function provideSession(session: Session): void {
  setContext(KEY, session);
}

/** The session of the room that this component is in. */
export function useSession(): Session {
  return getContext<Session>(KEY);
}

/** A card's title as it is said. */
export function titleOf(card: Card | undefined): string {
  const title = card?.title.trim() ?? "";
  return title === "" ? t.card.untitled : title;
}

/** A board without columns asks for a card, and one with columns that never had a card. */
function asksForFirst({ unsorted, archived, deletedCards, columns }: BoardSnapshot): boolean {
  if (columns.length === 0) return unsorted.length === 0;
  return unsorted.length + archived.length + deletedCards.length === 0 && columns.every((column) => column.cards.length === 0);
}

/** The lanes of columns that did not change, so that an edit in one column costs nothing in the others. */
const lanesByCards = new WeakMap<readonly Card[], Lane>();

function lanesOf(columns: readonly Shown[], unsorted: readonly Card[]): readonly Lane[] {
  const lanes = columns.map(({ column: { id }, cards }): Lane => {
    const known = lanesByCards.get(cards);
    if (known?.id === id) return known;
    const lane = { id, cards: cards.map((card) => card.id) };
    lanesByCards.set(cards, lane);
    return lane;
  });
  if (unsorted.length === 0) return lanes;
  return [{ id: UNSORTED, cards: unsorted.map((card) => card.id) }, ...lanes];
}
