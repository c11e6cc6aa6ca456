/**
 * Goal: "Undo" on a message takes back what the message is about, and nothing else.
 * Method: a session on a board that writes down what it is asked to do.
 */

import type { Board, BoardSnapshot, Card, ColumnView, Edit } from "@warroom/sdk";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { Session } from "../src/state/session.svelte.ts";
import { toasts } from "../src/state/toasts.svelte.ts";
import { stubPage } from "./page.ts";

const STAMP = { at: 0, by: "adam" };
const card = (id: string, column: string): Card =>
  ({ id, column, title: id, created: STAMP, bodyEdited: null, archived: null, deleted: null, hasBody: false, damaged: false }) as unknown as Card;

/** A board with these cards by column; columns that are not named are gone, and their cards unsorted. */
function room(columns: Readonly<Record<string, readonly string[]>>, unsorted: readonly Card[] = []) {
  const asked: string[] = [];
  const edit = (what: string): Edit => {
    asked.push(what);
    return { id: "new", stored: () => Promise.resolve(), saved: () => Promise.resolve() };
  };
  const views = Object.entries(columns).map(([id, ids]) => ({ id, title: id, role: null, cards: ids.map((one) => card(one, id)) }) as unknown as ColumnView);
  const cards = new Map([...views.flatMap((view) => view.cards), ...unsorted].map((one) => [one.id, one]));
  const status = { phase: "saved", unsaved: 0, unstored: 0, waiting: 0, storage: "durable", quarantined: 0, leftOut: 0, lastSavedAt: null };
  const snapshot = { ready: true, title: "", columns: views, unsorted, archived: [], deletedCards: [], deletedColumns: [], people: new Map(), peers: [], status, readOnly: false };
  const nothing = (): void => undefined;
  const board = {
    room: "room",
    presence: { idle: nothing, typing: nothing, viewing: nothing },
    getSnapshot: () => snapshot as unknown as BoardSnapshot,
    subscribe: () => nothing,
    onNotice: () => nothing,
    card: (id: string) => cards.get(id),
    moveCard: (id: string, to: { column: string; position: { at: string; id?: string } }) => {
      cards.set(id, card(id, to.column));
      return edit(`move ${id} to ${to.column}, ${to.position.at} ${to.position.id ?? ""}`.trim());
    },
    addCard: ({ title }: { title: string }) => edit(`add ${title}`),
    deleteCard: (id: string) => edit(`delete ${id}`),
    restoreCard: (id: string) => edit(`restore ${id}`),
    undo: () => edit("undo"),
    close: nothing,
  };
  const session = new Session(board as unknown as Board, { id: "adam", name: "Adam", colour: 0 });
  return { asked, session, cards, close: () => { session.close(); } };
}

function press(text: string): void {
  toasts.list.find((toast) => toast.text.startsWith(text))!.action!.run();
}

describe("undo on a message", () => {
  beforeEach(() => {
    vi.useFakeTimers();
    stubPage();
  });
  afterEach(() => {
    for (const toast of toasts.list) toasts.dismiss(toast.id);
    vi.unstubAllGlobals();
    vi.useRealTimers();
  });

  it("is the board's undo while the move is the last change", () => {
    const { asked, session, close } = room({ todo: ["a"], doing: [] });
    session.move("a", { column: "doing", before: null });
    press("Moved “a”");
    expect(asked).toEqual(["move a to doing, end", "undo"]);
    close();
  });

  it("moves the card back to its place when something else was done since", () => {
    const { asked, session, close } = room({ todo: ["a", "b"], doing: [] });
    session.move("a", { column: "doing", before: null });
    session.add("todo", "c");
    press("Moved “a”");
    expect(asked).toEqual(["move a to doing, end", "add c", "move a to todo, before b"]);
    close();
  });

  it("moves a card back to the column that is gone", () => {
    const { asked, session, close } = room({ doing: [] }, [card("a", "gone")]);
    session.move("a", { column: "doing", before: null });
    session.add("doing", "c");
    press("Moved “a”");
    expect(asked.at(-1)).toBe("move a to gone, end");
    close();
  });

  it("leaves a card alone that was moved again, and says so", () => {
    const { asked, session, cards, close } = room({ todo: ["a"], doing: [], done: [] });
    session.move("a", { column: "doing", before: null });
    session.add("todo", "c");
    cards.set("a", card("a", "done"));
    press("Moved “a”");
    expect(asked).toEqual(["move a to doing, end", "add c"]);
    expect(toasts.list.at(-1)?.text).toContain("was changed after you");
    close();
  });

  it("brings a deleted card back, whatever was done since", () => {
    const { asked, session, close } = room({ todo: ["a"], doing: [] });
    session.remove("a");
    session.add("todo", "c");
    press("Deleted “a”");
    expect(asked).toEqual(["delete a", "add c", "restore a"]);
    close();
  });
});
