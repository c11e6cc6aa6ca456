// Goal: the view is what the deltas say, and what did not change keeps its identity. Method: rows of deltas with what they
// must give, and random deltas against a model that rebuilds everything.

import fc from "fast-check";
import { expect, test } from "vitest";
import { BoardStore, compareOrder } from "../src/board-store.ts";
import { compareBytes } from "../src/compare.ts";
import type { Card, Column, Delta } from "../src/generated.ts";
import { ann, card, column } from "./values.ts";

const stamp = (at: number): { at: number; by: string } => ({ at, by: "ann" });

function reset(columns: Column[], cards: Card[]): Delta {
  return { type: "reset", title: "Ops", columns, cards, labels: [], people: [ann], readOnly: false };
}

function opened(columns: Column[], cards: Card[]): BoardStore {
  const store = new BoardStore();
  store.apply([reset(columns, cards)]);
  return store;
}

const shown = (store: BoardStore): Record<string, string[]> =>
  Object.fromEntries(store.view.columns.map((view) => [view.id, view.cards.map(({ id }) => id)]));

test("cards stand in their columns by order and id", () => {
  const store = opened(
    [column("todo"), column("done")],
    [card("b"), card("a"), card("z", { order: "a" }), card("d", { column: "done" })],
  );
  expect(shown(store)).toEqual({ done: ["d"], todo: ["a", "z", "b"] });
  expect(store.view).toMatchObject({ ready: true, title: "Ops", readOnly: false });
  expect(store.view.people.get("ann")).toEqual(ann);
});

test("a moved card leaves one column for the other, and only those two change", () => {
  const store = opened([column("doing"), column("done"), column("todo")], [card("a"), card("b", { column: "doing" })]);
  const before = store.view;
  expect(store.apply([{ type: "cardPut", card: card("a", { column: "doing", order: "0" }) }])).toBe(true);
  expect(shown(store)).toEqual({ doing: ["a", "b"], done: [], todo: [] });
  const find = (view: typeof before, id: string): unknown => view.columns.find((one) => one.id === id);
  expect(find(store.view, "done")).toBe(find(before, "done"));
  expect(find(store.view, "doing")).not.toBe(find(before, "doing"));
  expect(store.view.columns.find(({ id }) => id === "doing")?.cards[1]).toBe(store.card("b"));
  expect(store.view.people).toBe(before.people);
  expect(store.view.unsorted).toBe(before.unsorted);
});

test("a delta that says what is known changes nothing", () => {
  const store = opened([column("todo")], [card("a")]);
  const before = store.view;
  const again: Delta[] = [
    { type: "cardPut", card: card("a") },
    { type: "columnPut", column: column("todo") },
    { type: "personPut", person: { ...ann } },
    { type: "roomRenamed", title: "Ops" },
    reset([column("todo")], [card("a")]),
    { type: "textSpliced", text: { field: "title", card: "a" }, origin: "remote", splice: { at: 0, delete: 0, insert: "x" } },
  ];
  expect(store.apply(again)).toBe(false);
  expect(store.view).toBe(before);
});

test("cards of a deleted or unknown column show in Unsorted, and come back with it", () => {
  const store = opened([column("todo")], [card("a"), card("b", { column: "nowhere" })]);
  expect(store.view.unsorted.map(({ id }) => id)).toEqual(["b"]);
  store.apply([{ type: "columnPut", column: column("todo", { deleted: stamp(5) }) }]);
  expect(store.view.columns).toEqual([]);
  expect(store.view.unsorted.map(({ id }) => id)).toEqual(["a", "b"]);
  expect(store.view.deletedColumns.map(({ id }) => id)).toEqual(["todo"]);
  store.apply([{ type: "columnPut", column: column("todo") }, { type: "columnPut", column: column("nowhere") }]);
  expect(shown(store)).toEqual({ nowhere: ["b"], todo: ["a"] });
  expect(store.view.unsorted).toEqual([]);
});

test("archived and deleted cards stand apart, latest first, and are found by their id", () => {
  const store = opened([column("todo")], [card("a", { archived: stamp(1) }), card("b"), card("c", { archived: stamp(3) })]);
  expect(store.view.archived.map(({ id }) => id)).toEqual(["c", "a"]);
  store.apply([{ type: "cardPut", card: card("c", { archived: stamp(3), deleted: stamp(4) }) }]);
  expect(store.view.archived.map(({ id }) => id)).toEqual(["a"]);
  expect(store.view.deletedCards.map(({ id }) => id)).toEqual(["c"]);
  expect(shown(store)).toEqual({ todo: ["b"] });
  expect(store.card("c")?.deleted).toEqual(stamp(4));
});

test("a reset forgets what it does not name", () => {
  const store = opened([column("todo"), column("done")], [card("a"), card("b", { column: "done" })]);
  store.apply([reset([column("todo")], [card("a", { title: "new" })])]);
  expect(shown(store)).toEqual({ todo: ["a"] });
  expect(store.card("b")).toBeUndefined();
  expect(store.view.unsorted).toEqual([]);
});

test("texts are ordered as their bytes", () => {
  const bytes = (text: string): string => [...new TextEncoder().encode(text)].map((byte) => String.fromCharCode(byte)).join("");
  const texts = ["", "a", "aa", "b", "~", "é", "\uffee", "😀"];
  for (const [i, a] of texts.entries()) {
    for (const [j, b] of texts.entries()) {
      expect(Math.sign(compareBytes(a, b)), `${a} ${b}`).toBe(bytes(a) < bytes(b) ? -1 : Number(bytes(a) > bytes(b)));
      expect(Math.sign(compareBytes(a, b))).toBe(Math.sign(i - j));
    }
  }
});

test("any deltas give what a rebuild gives, and parts that are equal stay identical", () => {
  const lane = fc.constantFrom("todo", "doing", "done", "gone");
  const mark = fc.constantFrom(null, null, null, stamp(1), stamp(2));
  const anyCard = fc
    .record({ id: fc.constantFrom("a", "b", "c", "d", "e"), column: lane, order: fc.constantFrom("1", "2", "3"), archived: mark, deleted: mark })
    .map(({ id, ...over }) => card(id, over));
  const anyColumn = fc
    .record({ id: fc.constantFrom("todo", "doing", "done"), order: fc.constantFrom("1", "2"), deleted: mark })
    .map(({ id, ...over }) => column(id, over));
  const anyDelta: fc.Arbitrary<Delta> = fc.oneof(
    { weight: 6, arbitrary: anyCard.map((card): Delta => ({ type: "cardPut", card })) },
    { weight: 3, arbitrary: anyColumn.map((column): Delta => ({ type: "columnPut", column })) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(fc.uniqueArray(anyColumn, { selector: ({ id }) => id }), fc.uniqueArray(anyCard, { selector: ({ id }) => id }))
        .map(([columns, cards]) => reset(columns, cards)),
    },
  );
  fc.assert(
    fc.property(fc.array(fc.array(anyDelta, { maxLength: 4 }), { maxLength: 12 }), (batches) => {
      const store = new BoardStore();
      store.apply([reset([], [])]);
      const cards = new Map<string, Card>();
      const columns = new Map<string, Column>();
      for (const batch of batches) {
        for (const delta of batch) {
          if (delta.type === "reset") {
            cards.clear();
            columns.clear();
            for (const one of delta.columns) columns.set(one.id, one);
            for (const one of delta.cards) cards.set(one.id, one);
          } else if (delta.type === "cardPut") cards.set(delta.card.id, delta.card);
          else if (delta.type === "columnPut") columns.set(delta.column.id, delta.column);
        }
        const before = store.view;
        const changed = store.apply(batch);
        const living = [...cards.values()].filter((one) => one.archived === null && one.deleted === null).sort(compareOrder);
        const shownColumns = [...columns.values()].filter((one) => one.deleted === null).sort(compareOrder);
        expect(store.view.columns).toEqual(
          shownColumns.map((one) => ({ ...one, cards: living.filter((of) => of.column === one.id) })),
        );
        const isShown = (id: string): boolean => shownColumns.some((one) => one.id === id);
        expect(store.view.unsorted).toEqual(living.filter((one) => !isShown(one.column)));
        expect(new Set(store.view.deletedCards)).toEqual(new Set([...cards.values()].filter((one) => one.deleted !== null)));
        if (!changed) expect(store.view).toBe(before);
        for (const view of store.view.columns) {
          const old = before.columns.find((one) => one.id === view.id);
          if (old !== undefined && JSON.stringify(old) === JSON.stringify(view)) expect(view).toBe(old);
        }
      }
    }),
    { numRuns: 300 },
  );
});
