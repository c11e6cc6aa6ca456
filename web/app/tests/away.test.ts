/** Goal: "while you were away" is told once, when something changed, and never for what one saw. Method: a board that answers what it is told to. */

import type { Board, BoardSnapshot, Moment, SinceAway } from "@warroom/sdk";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { AwayWatch } from "../src/state/away.svelte.ts";
import { stubPage } from "./room.ts";

const [OLD, NEW] = ["a", "b"].map((digit): Moment => ({ kind: "heads", heads: [digit.repeat(64)] })) as [Moment, Moment];
const STORED = "warroom.seen.room";

/** A room whose others changed some cards since. */
function scene(changed: number) {
  const asked: Moment[] = [];
  const told: SinceAway[] = [];
  let hear: (snapshot: BoardSnapshot) => void = () => undefined;
  const snapshot = (phase: string, columns: readonly unknown[] = []): BoardSnapshot => ({ ready: true, columns, status: { phase } }) as unknown as BoardSnapshot;
  const cards = Array.from({ length: changed }, (_, index) => ({ card: String(index), changes: 1, by: ["bea"], at: 0, what: [] }));
  const board = {
    room: "room",
    getSnapshot: () => snapshot("saved"),
    subscribe: (listener: typeof hear) => { hear = listener; return () => undefined; },
    away: (since: Moment) => {
      asked.push(since);
      return Promise.resolve({ changes: changed, by: ["bea"], board: [], cards, added: 0, completed: 0, deleted: 0, more: false, seen: NEW });
    },
  };
  const watch = new AwayWatch(board as unknown as Board);
  watch.onFound = (since) => { told.push(since); };
  const see = async (phase: string, columns?: readonly unknown[]): Promise<void> => {
    hear(snapshot(phase, columns));
    await vi.advanceTimersByTimeAsync(0);
  };
  return { asked, told, watch, see };
}

beforeEach(() => {
  vi.useFakeTimers();
  stubPage();
  vi.stubGlobal("document", { hidden: false, addEventListener: () => undefined });
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe("a room that was seen before", () => {
  beforeEach(() => { localStorage.setItem(STORED, JSON.stringify(OLD)); });

  it("is told of once it is up to date, and once only", async () => {
    const { asked, told, watch, see } = scene(3);
    await see("connecting");
    await see("syncing");
    expect(asked).toEqual([]);
    await see("saved");
    await see("saved", [1]);
    expect(asked).toEqual([OLD]);
    expect(told).toHaveLength(1);
    expect(watch.summary?.cards).toHaveLength(3);
    expect(JSON.parse(localStorage.getItem(STORED)!)).toEqual(NEW);
    watch.close();
  });

  it("says nothing when nothing happened", async () => {
    const { told, watch, see } = scene(0);
    await see("saved");
    expect([told, watch.summary]).toEqual([[], null]);
    watch.close();
  });

  it.each(['"x"', '{"kind":"heads","heads":["../"]}', '{"kind":"heads","heads":[]}', "{"])("begins anew where what is stored is %s", async (stored) => {
    localStorage.setItem(STORED, stored);
    const { told, watch, see } = scene(3);
    await see("saved");
    await vi.advanceTimersByTimeAsync(60_000);
    expect(told).toEqual([]);
    expect(JSON.parse(localStorage.getItem(STORED)!)).toEqual(NEW);
    watch.close();
  });
});

describe("a room that is being looked at", () => {
  it("is noted as seen while it changes, without a word", async () => {
    const { asked, told, watch, see } = scene(3);
    await see("saved", [1]);
    await see("saved", [2]);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(asked).toHaveLength(1);
    expect(told).toEqual([]);
    watch.close();
  });

  it("is told of after a minute without a connection, not after a second", async () => {
    const { told, watch, see } = scene(3);
    await see("saved", [1]);
    await vi.advanceTimersByTimeAsync(10_000);
    await see("offline", [1]);
    await vi.advanceTimersByTimeAsync(1_000);
    await see("saved", [2]);
    expect(told).toEqual([]);
    await vi.advanceTimersByTimeAsync(10_000);
    await see("offline", [2]);
    await vi.advanceTimersByTimeAsync(61_000);
    await see("connecting", [2]);
    await see("saved", [3]);
    expect(told).toHaveLength(1);
    watch.close();
  });
});
