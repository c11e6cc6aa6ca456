/** Goal: an address says which cards are shown, and whatever else it says shows a board. Method: tables, and random addresses. */

import type { Card } from "@warroom/sdk";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { ALL, fits, isAll, parseFilter, queryOf, WHENS, type Filter } from "../src/lib/filter.ts";
import { FILTER_CHARS_MAX, FILTER_CHOICES_MAX } from "../src/lib/limits.ts";
import { card } from "./room.ts";

const TODAY = "2026-11-28";

describe("the address", () => {
  const id = fc.stringMatching(/^[\w-]{1,64}$/u);
  const ids = fc.uniqueArray(id, { maxLength: 5 });
  const text = fc.string({ unit: "grapheme", maxLength: 30 }).map((words) => words.trim().slice(0, FILTER_CHARS_MAX));

  it("reads as what it was written for", () => {
    fc.assert(fc.property(text, ids, ids, fc.option(fc.constantFrom(...WHENS)), (words, labels, people, when) => {
      const filter: Filter = { text: words, labels, people, when };
      expect(parseFilter(queryOf(filter))).toEqual(filter);
    }));
    expect(queryOf(ALL)).toBe("");
  });

  it("is read whatever it says", () => {
    fc.assert(fc.property(fc.string(), (query) => {
      const filter = parseFilter(query);
      expect(parseFilter(queryOf(filter))).toEqual({ ...filter, text: filter.text.trim() });
    }));
  });

  it.each([
    ["?due=yesterday", ALL],
    ["?label=<script>&label=ok&label=ok", { ...ALL, labels: ["ok"] }],
    [`?q=${"x".repeat(10_000)}`, { ...ALL, text: "x".repeat(FILTER_CHARS_MAX) }],
    [`?${Array.from({ length: 1_000 }, (_, index) => `person=p${String(index)}`).join("&")}`, { ...ALL, people: Array.from({ length: FILTER_CHOICES_MAX }, (_, index) => `p${String(index)}`) }],
  ])("of %.40s is read in part", (query, expected) => {
    expect(parseFilter(query)).toEqual(expected);
  });

  it("of blanks alone shows everything", () => {
    expect(isAll({ ...ALL, text: "  " })).toBe(true);
  });
});

describe("a card", () => {
  const of = (change: Partial<Card>): Card => ({ ...card("a", "todo"), ...change });

  it.each<[Partial<Filter>, Partial<Card>, boolean]>([
    [{ labels: ["bug", "idea"] }, { labels: ["idea"] }, true],
    [{ labels: ["bug"] }, { labels: ["idea"] }, false],
    [{ people: ["ann"] }, { assignees: ["bob", "ann"] }, true],
    [{ people: ["ann"] }, { assignees: [] }, false],
    [{ labels: ["bug"], people: ["ann"] }, { labels: ["bug"], assignees: [] }, false],
    [{ when: "none" }, { due: null }, true],
    [{ when: "none" }, { due: TODAY }, false],
    [{ when: "late" }, { due: "2026-11-27" }, true],
    [{ when: "late" }, { due: TODAY }, false],
    [{ when: "today" }, { due: TODAY }, true],
    [{ when: "today" }, { due: "2026-11-29" }, false],
    [{ when: "week" }, { due: TODAY }, true],
    [{ when: "week" }, { due: "2026-12-04" }, true],
    [{ when: "week" }, { due: "2026-12-05" }, false],
    [{ when: "week" }, { due: "2026-11-27" }, false],
    [{ when: "late" }, { due: null }, false],
    [{ when: "late" }, { due: "0000-99-99" }, false],
  ])("with %j asked for and %j: %s", (asked, change, expected) => {
    expect(fits({ ...ALL, ...asked }, of(change), false, TODAY)).toBe(expected);
  });

  it("in done work is not late", () => {
    expect(fits({ ...ALL, when: "late" }, of({ due: "2026-11-27" }), true, TODAY)).toBe(false);
  });
});
