/** What people do with one card besides moving it: labels, people, due day, priority, checklist, votes. */

import type { Card, CardTalk, Colour, Day, Label, Peer, Person, Priority, TalkView } from "@warroom/sdk";

import { t } from "../i18n/strings.ts";
import { candidates } from "./candidates.ts";
import type { Session } from "./session.svelte.ts";

/** The colours of labels, in the order they are offered. */
export const COLOURS_OF_LABELS: readonly Colour[] = ["red", "orange", "yellow", "green", "teal", "blue", "violet", "pink", "brown", "grey"];

/** The priorities, most urgent first. */
export const PRIORITIES: readonly Priority[] = ["urgent", "high", "normal", "low"];

/** The verbs of a card's panel, and the parts of the board that cards show. */
export class CardDesk {
  readonly #session: Session;
  // Each part by itself: what shows labels rests while people change.
  readonly #labels: ReadonlyMap<string, Label> = $derived.by(() => this.#session.snapshot.labels);
  readonly #people: ReadonlyMap<string, Person> = $derived.by(() => this.#session.snapshot.people);
  readonly #talk: TalkView = $derived.by(() => this.#session.snapshot.talk);
  readonly #peers: readonly Peer[] = $derived.by(() => this.#session.snapshot.peers);
  /** Labels that can be chosen, by name. */
  readonly labels: readonly Label[] = $derived.by(() => [...this.#labels.values()].filter(({ deleted }) => !deleted).sort(byName));
  /** Everybody who can be given a card, oneself first, then by name. */
  readonly candidates: readonly Person[] = $derived.by(() => candidates(this.#session.person, this.#people, this.#peers));

  constructor(session: Session) {
    this.#session = session;
  }

  /** The labels that a card shows, by name: deleted and unknown ones are left out. */
  labelsOf(card: Card): readonly Label[] {
    if (card.labels.length === 0) return [];
    return card.labels.map((id) => this.#labels.get(id)).filter((label) => label !== undefined).filter(({ deleted }) => !deleted).sort(byName);
  }

  /** How somebody is shown: by what is written in the room, else by what they say of themselves. */
  person(id: string): Person {
    if (id === this.#session.person.id) return this.#session.person;
    return this.#people.get(id) ?? { id, name: t.stranger, colour: 0 };
  }

  /** What was said about a card. */
  talkOf(card: string): CardTalk | undefined {
    return this.#talk.cards.get(card);
  }

  /** Comments and votes can be written. */
  get canTalk(): boolean {
    return this.#talk.ready && !this.#talk.readOnly;
  }

  setDue(card: Card, due: Day | null): void {
    if (due !== card.due) this.#session.run(this.#session.board.setDue(card.id, due));
  }

  setPriority(card: Card, priority: Priority): void {
    if (priority !== card.priority) this.#session.run(this.#session.board.setPriority(card.id, priority));
  }

  /** Gives a card to somebody, or takes it from them. */
  toggleAssignee(card: Card, person: string): void {
    const { board } = this.#session;
    this.#session.run(card.assignees.includes(person) ? board.unassign(card.id, person) : board.assign(card.id, person));
  }

  /** Puts a label on a card, or takes it off. */
  toggleLabel(card: Card, label: string): void {
    const { board } = this.#session;
    this.#session.run(card.labels.includes(label) ? board.detachLabel(card.id, label) : board.attachLabel(card.id, label));
  }

  /** Makes a label and puts it on a card. */
  addLabel(card: Card, name: string, colour: Colour | null): void {
    const { board } = this.#session;
    this.#session.run(board.transact(() => {
      const label = board.addLabel({ name: name.trim(), colour });
      board.attachLabel(card.id, label.id);
    }));
  }

  /** Gives a label another name and colour. */
  editLabel(label: Label, name: string, colour: Colour | null): void {
    const { board } = this.#session;
    const next = name.trim();
    const [named, coloured] = [next !== "" && next !== label.name, colour !== label.colour];
    if (!named && !coloured) return;
    this.#session.run(board.transact(() => {
      if (named) board.renameLabel(label.id, next);
      if (coloured) board.setLabelColour(label.id, colour);
    }));
  }

  /** Deletes a label from the whole board. */
  deleteLabel(label: Label): void {
    const { board } = this.#session;
    this.#session.run(board.deleteLabel(label.id));
    this.#session.offerUndo(t.labels.deleted(label.name), () => board.restoreLabel(label.id));
  }

  /** Adds lines to the end of a card's checklist, as one step. */
  addItems(card: Card, lines: readonly string[]): void {
    const { board } = this.#session;
    const [first] = lines;
    if (first === undefined) return;
    if (lines.length === 1) this.#session.run(board.addItem(card.id, { text: first }));
    else this.#session.run(board.transact(() => { for (const text of lines) board.addItem(card.id, { text }); }));
  }

  /** Gives an item another text. */
  editItem(card: string, item: string, text: string): void {
    this.#session.run(this.#session.board.editItem(card, item, text));
  }

  /** Ticks an item, or takes the tick away. */
  tick(card: Card, item: string, done: boolean): void {
    this.#session.run(this.#session.board.setItemDone(card.id, item, done));
  }

  /** Moves an item before another (`null`: to the end). */
  moveItem(card: Card, item: string, before: string | null): void {
    const at = card.checklist.findIndex(({ id }) => id === item);
    if (item === before || at < 0 || (card.checklist[at + 1]?.id ?? null) === before) return;
    this.#session.run(this.#session.board.moveItem(card.id, item, before === null ? { at: "end" } : { at: "before", id: before }));
  }

  /** Moves an item one place; at the end it stays. */
  shiftItem(card: Card, item: string, by: -1 | 1): void {
    const at = card.checklist.findIndex(({ id }) => id === item);
    const other = card.checklist[at + by];
    if (at < 0 || other === undefined) return;
    this.#session.run(this.#session.board.moveItem(card.id, item, { at: by < 0 ? "before" : "after", id: other.id }));
  }

  /** Deletes an item. */
  deleteItem(card: Card, item: string): void {
    const { board } = this.#session;
    const text = card.checklist.find(({ id }) => id === item)?.text ?? "";
    this.#session.run(board.deleteItem(card.id, item));
    this.#session.offerUndo(t.checklist.deleted(text), () => board.restoreItem(card.id, item));
  }

  /** Votes for a card, or takes the vote back. */
  toggleVote(card: string): void {
    const { board } = this.#session;
    this.#session.run(this.talkOf(card)?.voted === true ? board.unvote(card) : board.vote(card));
  }
}

function byName(a: { readonly id: string; readonly name: string }, b: { readonly id: string; readonly name: string }): number {
  return a.name.localeCompare(b.name) || (a.id < b.id ? -1 : 1);
}
