/** Goal: places are computed right. Method: a small board by hand, and random walks that must stay on the board. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";

import type { Direction } from "../src/lib/drag-controller.ts";
import { isAtHome, ordinal, placeOf, stepFrom, type Lane } from "../src/lib/order.ts";
import { offsetOf, windowOf } from "../src/lib/window.ts";

const LANES: readonly Lane[] = [
  { id: "todo", cards: ["a", "b", "c"] },
  { id: "doing", cards: [] },
  { id: "done", cards: ["d"] },
];

describe("a place", () => {
  it("is named by the card that follows", () => {
    expect(placeOf(LANES, "b")).toEqual({ column: "todo", before: "c" });
    expect(placeOf(LANES, "d")).toEqual({ column: "done", before: null });
    expect(placeOf(LANES, "x")).toBeNull();
  });

  it("is home when nothing would change", () => {
    expect(isAtHome(LANES, "b", { column: "todo", before: "c" })).toBe(true);
    expect(isAtHome(LANES, "b", { column: "todo", before: "b" })).toBe(true);
    expect(isAtHome(LANES, "b", { column: "todo", before: "a" })).toBe(false);
    expect(isAtHome(LANES, "d", { column: "doing", before: null })).toBe(false);
  });

  it("is counted without the card itself", () => {
    expect(ordinal(LANES, "a", { column: "todo", before: null })).toEqual({ index: 2, count: 3 });
    expect(ordinal(LANES, "d", { column: "todo", before: "b" })).toEqual({ index: 1, count: 4 });
    expect(ordinal(LANES, "d", { column: "doing", before: null })).toEqual({ index: 0, count: 1 });
  });
});

describe("a step", () => {
  const cases: [string, string, Direction, ReturnType<typeof placeOf>][] = [
    ["down passes the next card", "a", "down", { column: "todo", before: "c" }],
    ["down to the end", "b", "down", { column: "todo", before: null }],
    ["down stops at the end", "c", "down", null],
    ["up passes the card above", "b", "up", { column: "todo", before: "a" }],
    ["up stops at the top", "a", "up", null],
    ["right keeps the height as far as it goes", "c", "right", { column: "doing", before: null }],
    ["left lands before the card at that height", "d", "left", { column: "doing", before: null }],
    ["right stops at the edge", "d", "right", null],
    ["top", "c", "top", { column: "todo", before: "a" }],
    ["bottom", "a", "bottom", { column: "todo", before: null }],
  ];
  it.each(cases)("%s", (_name, card, direction, expected) => {
    expect(stepFrom(LANES, card, placeOf(LANES, card)!, direction)).toEqual(expected);
  });

  it("never leaves the board and never names the carried card", () => {
    const direction = fc.constantFrom<Direction>("up", "down", "left", "right", "top", "bottom");
    fc.assert(fc.property(fc.constantFrom("a", "b", "c", "d"), fc.array(direction, { maxLength: 30 }), (card, walk) => {
      let place = placeOf(LANES, card)!;
      for (const step of walk) {
        place = stepFrom(LANES, card, place, step) ?? place;
        const lane = LANES.find((one) => one.id === place.column)!;
        expect(place.before).not.toBe(card);
        expect(place.before === null || lane.cards.includes(place.before)).toBe(true);
      }
    }));
  });
});

describe("the window on a long column", () => {
  it("accounts for every pixel and shows what is in view", () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 3000 }), fc.integer({ min: 0, max: 200_000 }), (count, scrolled) => {
      const heightAt = (index: number): number => 60 + (index % 3) * 20;
      const part = windowOf(count, heightAt, scrolled, 700);
      const shown = offsetOf(part.to, heightAt) - offsetOf(part.from, heightAt);
      expect(part.above + shown + part.below).toBe(offsetOf(count, heightAt));
      expect(part.to - part.from).toBeLessThan(40);
      if (count > 0 && scrolled < offsetOf(count, heightAt) - 700) {
        expect(part.above).toBeLessThanOrEqual(scrolled);
        expect(part.above + shown).toBeGreaterThanOrEqual(Math.min(scrolled + 700, offsetOf(count, heightAt)));
      }
    }));
  });
});
