// The board as immutable values: applies deltas, and what did not change keeps its identity.

import type { BoardSnapshot, ColumnView } from "./api.ts";
import { compareBytes, same } from "./compare.ts";
import type { Card, CardId, Column, ColumnId, Delta, Label, LabelId, Person, Stamp } from "./generated.ts";

/** The part of a snapshot that comes from deltas. */
export type BoardView = Omit<BoardSnapshot, "peers" | "status" | "talk">;

interface Ordered {
  readonly order: string;
  readonly id: string;
}

/** The order of cards in a column and of columns on a board. */
export function compareOrder(a: Ordered, b: Ordered): number {
  return compareBytes(a.order, b.order) || compareBytes(a.id, b.id);
}

/** Where `item` is, or belongs, in a sorted list. */
function place(list: readonly Ordered[], item: Ordered): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const other = list[middle];
    if (other !== undefined && compareOrder(other, item) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

function sameList(a: readonly Card[], b: readonly Card[]): boolean {
  return a.length === b.length && a.every((card, i) => same(card, b[i]));
}

function latestFirst<T extends { readonly id: string }>(items: Iterable<T>, stamp: (item: T) => Stamp | null): T[] {
  const at = (item: T): number => stamp(item)?.at ?? 0;
  return [...items].sort((a, b) => at(b) - at(a) || compareBytes(a.id, b.id));
}

const EMPTY: BoardView = {
  ready: false,
  title: "",
  columns: [],
  unsorted: [],
  archived: [],
  deletedCards: [],
  deletedColumns: [],
  labels: new Map(),
  people: new Map(),
  readOnly: false,
};

/** Values by id, as immutable maps: a batch that changes nothing leaves the map as it is. */
class Values<Id extends string, T extends { readonly id: Id }> {
  #settled: ReadonlyMap<Id, T> = new Map();
  #changed: Map<Id, T> | null = null;

  put(value: T): void {
    if (same((this.#changed ?? this.#settled).get(value.id), value)) return;
    this.#writable().set(value.id, value);
  }

  /** These, and no others. */
  reset(values: readonly T[]): void {
    const ids = new Set(values.map(({ id }) => id));
    for (const id of this.#settled.keys()) if (!ids.has(id)) this.#writable().delete(id);
    for (const value of values) this.put(value);
  }

  /** What there is after the batch. */
  settle(): ReadonlyMap<Id, T> {
    this.#settled = this.#changed ?? this.#settled;
    this.#changed = null;
    return this.#settled;
  }

  #writable(): Map<Id, T> {
    this.#changed ??= new Map(this.#settled);
    return this.#changed;
  }
}

/** Holds the newest view. */
export class BoardStore {
  #view: BoardView = EMPTY;
  #cards = new Map<CardId, Card>();
  #columns = new Map<ColumnId, Column>();
  /** Living cards by the column they name, which may be deleted or unknown; each list sorted. */
  #lanes = new Map<ColumnId, readonly Card[]>();
  // what the deltas of this batch touched
  readonly #lanesTouched = new Set<ColumnId>();
  #columnsTouched = false;
  #archivedTouched = false;
  #deletedTouched = false;
  readonly #labels = new Values<LabelId, Label>();
  readonly #people = new Values<string, Person>();

  get view(): BoardView {
    return this.#view;
  }

  /** A card, archived and deleted ones included. */
  card(id: CardId): Card | undefined {
    return this.#cards.get(id);
  }

  /** Applies deltas in order. Deltas of texts are not for the store. Answers whether the view changed. */
  apply(deltas: readonly Delta[]): boolean {
    const before = this.#view;
    for (const delta of deltas) this.#applyOne(delta);
    this.#settle();
    return this.#view !== before;
  }

  #applyOne(delta: Delta): void {
    switch (delta.type) {
      case "reset":
        this.#reset(delta);
        return;
      case "roomRenamed":
        if (this.#view.title !== delta.title) this.#view = { ...this.#view, title: delta.title };
        return;
      case "columnPut":
        this.#putColumn(delta.column);
        return;
      case "cardPut":
        this.#putCard(delta.card);
        return;
      case "labelPut":
        this.#labels.put(delta.label);
        return;
      case "personPut":
        this.#people.put(delta.person);
        return;
      case "talkReset":
      case "commentPut":
      case "votesPut":
      case "seenPut":
      case "textProjected":
      case "textOpened":
      case "textSpliced":
      case "restoreSkipped":
      case "undoSkipped":
        return;
    }
  }

  #reset(delta: Extract<Delta, { type: "reset" }>): void {
    const { title, readOnly } = delta;
    if (!this.#view.ready || this.#view.title !== title || this.#view.readOnly !== readOnly) {
      this.#view = { ...this.#view, ready: true, title, readOnly };
    }
    const cards = new Set(delta.cards.map((card) => card.id));
    for (const [id, card] of this.#cards) if (!cards.has(id)) this.#dropCard(card);
    const columns = new Set(delta.columns.map((column) => column.id));
    for (const id of this.#columns.keys()) {
      if (columns.has(id)) continue;
      this.#columns.delete(id);
      this.#columnsTouched = true;
    }
    for (const column of delta.columns) this.#putColumn(column);
    this.#putCards(delta.cards);
    this.#labels.reset(delta.labels);
    this.#people.reset(delta.people);
  }

  #putColumn(column: Column): void {
    if (same(this.#columns.get(column.id), column)) return;
    this.#columns.set(column.id, column);
    this.#columnsTouched = true;
  }

  /** Many at once: lanes are sorted once instead of being copied for each card. */
  #putCards(cards: readonly Card[]): void {
    const fresh = new Map<ColumnId, Card[]>();
    for (const card of cards) {
      const isNewAndLiving = !this.#cards.has(card.id) && card.archived === null && card.deleted === null;
      if (!isNewAndLiving) {
        this.#putCard(card);
        continue;
      }
      this.#cards.set(card.id, card);
      const lane = fresh.get(card.column);
      if (lane === undefined) fresh.set(card.column, [card]);
      else lane.push(card);
    }
    for (const [column, added] of fresh) {
      this.#setLane(column, [...(this.#lanes.get(column) ?? []), ...added].sort(compareOrder));
    }
  }

  #putCard(card: Card): void {
    const old = this.#cards.get(card.id);
    if (same(old, card)) return;
    const isLiving = card.archived === null && card.deleted === null;
    const lane = this.#lanes.get(card.column) ?? [];
    const at = place(lane, card);
    if (old !== undefined && isLiving && lane[at] === old) {
      this.#setLane(card.column, lane.with(at, card));
      this.#cards.set(card.id, card);
      return;
    }
    if (old !== undefined) this.#dropCard(old);
    this.#cards.set(card.id, card);
    if (card.deleted !== null) this.#deletedTouched = true;
    else if (card.archived !== null) this.#archivedTouched = true;
    else {
      const without = this.#lanes.get(card.column) ?? [];
      this.#setLane(card.column, without.toSpliced(place(without, card), 0, card));
    }
  }

  #dropCard(card: Card): void {
    this.#cards.delete(card.id);
    if (card.deleted !== null) this.#deletedTouched = true;
    else if (card.archived !== null) this.#archivedTouched = true;
    else {
      const lane = this.#lanes.get(card.column) ?? [];
      const at = place(lane, card);
      if (lane[at]?.id === card.id) this.#setLane(card.column, lane.toSpliced(at, 1));
    }
  }

  #setLane(column: ColumnId, cards: readonly Card[]): void {
    if (cards.length === 0) this.#lanes.delete(column);
    else this.#lanes.set(column, cards);
    this.#lanesTouched.add(column);
  }

  /** Makes the view of what was touched. */
  #settle(): void {
    const [labels, people] = [this.#labels.settle(), this.#people.settle()];
    if (labels !== this.#view.labels || people !== this.#view.people) this.#view = { ...this.#view, labels, people };
    if (this.#lanesTouched.size > 0 || this.#columnsTouched) this.#settleLanes();
    if (this.#archivedTouched) {
      const archived = [...this.#cards.values()].filter((card) => card.archived !== null && card.deleted === null);
      this.#view = { ...this.#view, archived: latestFirst(archived, (card) => card.archived) };
    }
    if (this.#deletedTouched) {
      const deleted = [...this.#cards.values()].filter((card) => card.deleted !== null);
      this.#view = { ...this.#view, deletedCards: latestFirst(deleted, (card) => card.deleted) };
    }
    this.#lanesTouched.clear();
    this.#columnsTouched = false;
    this.#archivedTouched = false;
    this.#deletedTouched = false;
  }

  #settleLanes(): void {
    const shown = new Map(this.#view.columns.map((view) => [view.id, view]));
    const living = [...this.#columns.values()].filter((column) => column.deleted === null).sort(compareOrder);
    const columns = living.map((column) => this.#viewColumn(column, shown.get(column.id)));
    const isLost = (id: ColumnId): boolean => (this.#columns.get(id)?.deleted ?? null) !== null || !this.#columns.has(id);
    const wasUnsorted = new Set(this.#view.unsorted.map((card) => card.column));
    const unsortedTouched =
      this.#columnsTouched || [...this.#lanesTouched].some((id) => isLost(id) || wasUnsorted.has(id));
    let unsorted = this.#view.unsorted;
    if (unsortedTouched) {
      const lost = [...this.#lanes].filter(([id]) => isLost(id)).flatMap(([, cards]) => cards);
      lost.sort(compareOrder);
      if (lost.length !== unsorted.length || lost.some((card, i) => card !== unsorted[i])) unsorted = lost;
    }
    const columnsSame =
      columns.length === this.#view.columns.length && columns.every((view, i) => view === this.#view.columns[i]);
    this.#view = { ...this.#view, columns: columnsSame ? this.#view.columns : columns, unsorted };
    if (this.#columnsTouched) {
      const deleted = [...this.#columns.values()].filter((column) => column.deleted !== null);
      this.#view = { ...this.#view, deletedColumns: latestFirst(deleted, (column) => column.deleted) };
    }
  }

  #viewColumn(column: Column, shown: ColumnView | undefined): ColumnView {
    const cards = this.#lanes.get(column.id) ?? NO_CARDS;
    if (shown === undefined) return { ...column, cards };
    // a card that went and came back within one batch leaves an equal list
    const sameCards = shown.cards === cards || sameList(shown.cards, cards);
    if (sameCards && !this.#columnsTouched) return shown;
    const view: ColumnView = { ...column, cards: sameCards ? shown.cards : cards };
    return same(shown, view) ? shown : view;
  }
}

const NO_CARDS: readonly Card[] = [];
