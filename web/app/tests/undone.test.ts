/** Goal: what undo and redo did is told rightly. Method: a table of snapshots before and after; a session whose board changes as told. */

import type { BoardSnapshot, Card } from "@warroom/sdk";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { undone } from "../src/lib/undone.ts";
import { toasts } from "../src/state/toasts.svelte.ts";
import { card, room, stubPage } from "./room.ts";

const STAMP = { at: 1, by: "adam" };
const with_ = (one: Card, change: Partial<Card>): Card => ({ ...one, ...change });

/** A board with these cards. */
function board(columns: Readonly<Record<string, readonly Card[]>>, rest: Partial<BoardSnapshot> = {}): BoardSnapshot {
  const views = Object.entries(columns).map(([id, cards]) => ({ id, cards }));
  return { title: "", unsorted: [], archived: [], deletedCards: [], deletedColumns: [], labels: new Map(), ...rest, columns: views } as unknown as BoardSnapshot;
}

const [a, b] = [card("a", "todo"), card("b", "todo")];
const nothing = board({ todo: [], doing: [] });

describe("what a step did", () => {
  it.each([
    ["moved", board({ todo: [a], doing: [] }), board({ todo: [], doing: [with_(a, { column: "doing" })] })],
    ["placed", board({ todo: [a, b] }), board({ todo: [b, with_(a, { order: "z" })] })],
    ["titled", board({ todo: [a] }), board({ todo: [with_(a, { title: "other", order: "z" })] })],
    ["changed", board({ todo: [a] }), board({ todo: [with_(a, { due: "2026-01-01" })] })],
    ["deleted", board({ todo: [a] }), board({ todo: [] }, { deletedCards: [with_(a, { deleted: STAMP })] })],
    ["archived", board({ todo: [a] }), board({ todo: [] }, { archived: [with_(a, { archived: STAMP })] })],
    ["back", board({ todo: [] }, { deletedCards: [with_(a, { deleted: STAMP })] }), board({ todo: [a] })],
    ["back", nothing, board({ todo: [a], doing: [] })],
  ])("%s", (kind, before, after) => {
    expect(undone(before, after)).toMatchObject({ kind, card: { id: "a" } });
  });

  it("does not count the neighbours that made room", () => {
    const after = board({ todo: [with_(b, { order: "z" })], doing: [with_(a, { column: "doing" })] });
    expect(undone(board({ todo: [a, b], doing: [] }), after)).toMatchObject({ kind: "moved", card: { id: "a" } });
  });

  it("counts where it was several", () => {
    expect(undone(board({ todo: [a, b] }), board({ todo: [] }, { archived: [a, b].map((one) => with_(one, { archived: STAMP })) }))).toEqual({ kind: "many", cards: 2 });
  });

  it("is nothing where no list changed, and the board where no card did", () => {
    const before = board({ todo: [a] });
    expect(undone(before, { ...before })).toBeNull();
    expect(undone(before, { ...before, title: "New" })).toEqual({ kind: "board" });
  });
});

describe("the message", () => {
  beforeEach(() => {
    vi.useFakeTimers();
    stubPage();
  });
  afterEach(() => {
    for (const toast of toasts.list) toasts.dismiss(toast.id);
    vi.unstubAllGlobals();
    vi.useRealTimers();
  });

  it("tells what the step did as soon as it shows, and offers the opposite", () => {
    const { asked, session, see, close } = room({ todo: ["a"], doing: [] });
    session.undo();
    expect(toasts.list).toEqual([]);
    see({ todo: [], doing: ["a"] });
    expect(toasts.list.map((toast) => toast.text)).toEqual(["Undone: “a” is in doing"]);
    toasts.list[0]!.action!.run();
    see({ todo: ["a"], doing: [] });
    expect(toasts.list.map((toast) => toast.text)).toEqual(["Done again: “a” is in todo"]);
    expect(asked).toEqual(["undo", "redo"]);
    close();
  });

  it("is about nobody else's change once the step is told", () => {
    const { session, see, close } = room({ todo: ["a"], doing: [] });
    session.undo();
    see({ todo: [], doing: ["a"] });
    see({ todo: ["a"], doing: [] });
    expect(toasts.list.map((toast) => toast.text)).toEqual(["Undone: “a” is in doing"]);
    close();
  });
});
