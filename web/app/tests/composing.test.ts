/** Goal: no key of an input method is taken for one of the page. Method: the keys as browsers tell them. */

import { describe, expect, it } from "vitest";

import { composes } from "../src/lib/composing.ts";

describe("a key", () => {
  const cases: [string, Readonly<Record<string, unknown>>, boolean][] = [
    ["of a word that is being composed", { key: "Enter", isComposing: true, keyCode: 229 }, true],
    ["that ends the word in Safari", { key: "Enter", isComposing: false, keyCode: 229 }, true],
    ["of the page", { key: "Enter", isComposing: false, keyCode: 13 }, false],
  ];
  it.each(cases)("%s", (_name, event, composing) => {
    expect(composes(event as unknown as KeyboardEvent)).toBe(composing);
  });
});
