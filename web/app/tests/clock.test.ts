/** Goal: no stamp that another device may have written stops a card from showing. Method: a table of the worst. */

import { describe, expect, it } from "vitest";

import { fullMoment, isoMoment, shortMoment } from "../src/doors/clock.ts";
import { MOMENT_MS_MAX } from "../src/lib/limits.ts";

describe("a moment", () => {
  it.each([NaN, Infinity, -Infinity, MOMENT_MS_MAX + 1, -MOMENT_MS_MAX - 1, Number.MAX_SAFE_INTEGER])("of %s shows", (at) => {
    for (const show of [fullMoment, isoMoment, shortMoment]) expect(show(at)).not.toMatch(/invalid|^$/i);
  });

  it("reads as it was written", () => {
    expect(isoMoment(0)).toBe("1970-01-01T00:00:00.000Z");
  });
});
