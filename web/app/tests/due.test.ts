/** Goal: a due day means the same everywhere, also in the years 1 and 9999, and what is no day is none. Method: tables, and the calendar of `Date`. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { dayNumber, daysUntil, nearness } from "../src/lib/due.ts";

describe("the number of a day", () => {
  it("is that of the calendar that JavaScript keeps", () => {
    const first = Date.parse("0001-01-01T00:00:00Z") / 86_400_000;
    const last = Date.parse("9999-12-31T00:00:00Z") / 86_400_000;
    fc.assert(fc.property(fc.integer({ min: first, max: last }), (number) => {
      expect(dayNumber(new Date(number * 86_400_000).toISOString().slice(0, 10))).toBe(number);
    }));
    expect(dayNumber("0001-01-01")).toBe(first);
    expect(dayNumber("9999-12-31")).toBe(last);
  });

  it.each(["", "0000-01-01", "2026-02-29", "2026-13-01", "2026-00-10", "2026-04-31", "2026-1-1", "tomorrow", "2026-11-28T00:00"])("is none for %j", (day) => {
    expect(dayNumber(day)).toBeNull();
  });
});

it.each([
  ["2026-11-28", 0, "today"],
  ["2026-11-29", 1, "soon"],
  ["2026-11-30", 2, "soon"],
  ["2026-12-01", 3, "later"],
  ["2026-11-27", -1, "late"],
  ["2024-02-29", -1003, "late"],
] as const)("%s is %i days from 2026-11-28, which is %s", (due, days, near) => {
  expect(daysUntil(due, "2026-11-28")).toBe(days);
  expect(nearness(days)).toBe(near);
});
