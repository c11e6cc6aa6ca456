/** Goal: "… is typing" lasts as long as somebody types. Method: keys on a clock that the test moves, a presence that writes down what it is told. */

import type { TypingPlace } from "@warroom/sdk";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { TYPING_STOP_MS } from "../src/lib/limits.ts";
import { TypingSignal } from "../src/state/typing.ts";

const TITLE: TypingPlace = { in: "card", card: "a" };
const COMPOSER: TypingPlace = { in: "composer", column: "todo" };

describe("typing", () => {
  beforeEach(() => { vi.useFakeTimers(); });
  afterEach(() => { vi.useRealTimers(); });

  function signal() {
    const told: (TypingPlace | null)[] = [];
    return { told, typing: new TypingSignal({ typing: (place) => { told.push(place); } }) };
  }

  it("is told with every key, because what was told lasts for a second", () => {
    const { told, typing } = signal();
    for (let key = 0; key < 5; key += 1) {
      typing.key(TITLE);
      vi.advanceTimersByTime(TYPING_STOP_MS - 1);
    }
    expect(told).toEqual([TITLE, TITLE, TITLE, TITLE, TITLE]);
  });

  it("moves with the keys", () => {
    const { told, typing } = signal();
    typing.key(TITLE);
    typing.key(COMPOSER);
    expect(told).toEqual([TITLE, COMPOSER]);
  });

  it("is taken back once, a second after the last key or when it is over", () => {
    const { told, typing } = signal();
    typing.key(TITLE);
    vi.advanceTimersByTime(TYPING_STOP_MS);
    typing.stop();
    expect(told).toEqual([TITLE, null]);
    typing.key(COMPOSER);
    typing.stop();
    vi.advanceTimersByTime(TYPING_STOP_MS);
    expect(told).toEqual([TITLE, null, COMPOSER, null]);
  });
});
