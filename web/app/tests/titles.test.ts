/** Goal: what is pasted becomes cards, and nothing of it is lost silently. Method: examples at the limit. */

import { describe, expect, it } from "vitest";

import { TITLE_CHARS_MAX } from "../src/lib/limits.ts";
import { overlong, titlesOf } from "../src/lib/titles.ts";

describe("titles", () => {
  it("are the lines that say something", () => {
    expect(titlesOf(" one \n\n  \ntwo\r\n")).toEqual(["one", "two"]);
  });

  it("fit up to the limit", () => {
    expect(overlong(["short", "x".repeat(TITLE_CHARS_MAX)])).toBeNull();
  });

  it("that are too long are named, never cut, and no character is halved", () => {
    const title = `${"😀".repeat(TITLE_CHARS_MAX / 2)}abc`;
    expect(overlong(["short", title])).toEqual({ start: "😀".repeat(24), excess: 3 });
  });
});
