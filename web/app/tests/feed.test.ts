/** Goal: the activity reads as people tell it. Method: tables of deeds, as the engine gives them (newest first), and what is said. */

import type { Action, Activity } from "@warroom/sdk";
import { describe, expect, it } from "vitest";

import { feed, type Names } from "../src/i18n/feed.ts";
import { grouped, summed } from "../src/lib/feed.ts";

const MINUTE = 60_000;
let serial = 0;
/** A deed of somebody, minutes after the beginning. */
function deed(by: string, card: string | null, minute: number, what: Action, count = 1): Activity {
  serial += 1;
  return { id: String(serial), at: minute * MINUTE, since: minute * MINUTE, by, card, count, what };
}
const moved = (from: string, to: string): Action => ({ type: "moved", from, to });
const typed: Action = { type: "bodyTyped", characters: 3 };

describe("what belongs together", () => {
  it("is what one person does on one card within five minutes, whatever others do in between", () => {
    const entries = grouped([
      deed("bea", "x", 12, typed),
      deed("adam", "x", 11, typed),
      deed("bea", "x", 8, moved("todo", "doing")),
      deed("bea", "y", 7, typed),
      deed("bea", "x", 2, typed),
    ]);
    expect(entries.map(({ by, card, at, deeds }) => [by, card, at / MINUTE, deeds.map((one) => one.what.type)])).toEqual([
      ["bea", "x", 12, ["moved", "bodyTyped"]],
      ["adam", "x", 11, ["bodyTyped"]],
      ["bea", "y", 7, ["bodyTyped"]],
      ["bea", "x", 2, ["bodyTyped"]],
    ]);
  });

  it("counts from the beginning of what went on for a while", () => {
    const long = { ...deed("bea", "x", 30, typed), since: 10 * MINUTE };
    expect(grouped([long, deed("bea", "x", 6, typed)])).toHaveLength(1);
    expect(grouped([long, deed("bea", "x", 4, typed)])).toHaveLength(2);
  });

  it("keeps its key while deeds are added", () => {
    const first = deed("bea", "x", 1, typed);
    expect(grouped([deed("bea", "x", 2, typed), first])[0]?.key).toBe(grouped([first])[0]?.key);
  });
});

describe("like deeds", () => {
  it.each<[string, Action[], unknown]>([
    ["several edits of a text are one, counted", [typed, { type: "bodyEdited" }, typed], [{ what: typed, times: 3, cards: 1 }]],
    ["of several moves the way from the first place to the last", [moved("a", "b"), { type: "completed", from: "b", to: "c" }], [{ what: { type: "completed", from: "a", to: "c" }, times: 2, cards: 1 }]],
    ["what ended as it began is not told", [{ type: "titled", before: "a", after: "b" }, { type: "titled", before: "b", after: "a" }], []],
    ["of two labels each is told", [{ type: "labelled", label: "r" }, { type: "labelled", label: "g" }], [{ what: { type: "labelled", label: "r" } }, { what: { type: "labelled", label: "g" } }]],
  ])("%s", (_, actions, want) => {
    expect(summed(actions.map((what) => ({ what, count: 1 })))).toMatchObject(want as object);
  });

  it("keeps what was done to many apart", () => {
    const many = { what: { type: "archived" } as const, count: 12 };
    expect(summed([many, { what: { type: "archived" }, count: 1 }])).toEqual([
      { what: { type: "archived" }, times: 1, cards: 12 },
      { what: { type: "archived" }, times: 1, cards: 1 },
    ]);
  });
});

describe("the words", () => {
  const names: Names = { column: (id) => id.toUpperCase(), label: (id) => id, person: (id) => id, day: (day) => day };
  it.each<[string, Action, number, number]>([
    ["edited the description (12 edits)", typed, 12, 1],
    ["edited the description", typed, 1, 1],
    ["moved it from A to B", moved("a", "b"), 1, 1],
    ["moved it within A", moved("a", "a"), 1, 1],
    ["added it to A, and the same with 1 more card", { type: "cardAdded", column: "a", title: "T" }, 1, 2],
    ["renamed it from “old words”", { type: "titled", before: "  old\n words ", after: "new" }, 1, 1],
    ["took the limit off “A”", { type: "columnWipSet", column: "a", before: 3, after: null }, 1, 1],
    ["made it due on 2026-11-28", { type: "dueSet", before: null, after: "2026-11-28" }, 1, 1],
  ])("%s", (words, what, times, cards) => {
    expect(feed.deed(what, names, times, cards)).toBe(words);
  });

  it("quotes the beginning of a text that never ends, in whole characters", () => {
    const words = feed.deed({ type: "itemTicked", item: "i", text: "😀".repeat(50_000) }, names, 1, 1);
    expect(words).toBe(`ticked “${"😀".repeat(80)}…”`);
  });
});
