/** Goal: the pill says the truth in the agreed words. Method: a table of situations. */

import type { BoardStatus, Peer, Person } from "@warroom/sdk";
import { describe, expect, it } from "vitest";

import { pillOf, type PillFacts } from "../src/state/pill.ts";
import { doingsOf, everyone } from "../src/state/who.ts";

const FACTS = { unsaved: 0, unstored: 0, waiting: 0, storage: "durable", quarantined: 0, leftOut: 0, lastSavedAt: null } as const;
const status = (phase: "opening" | "connecting" | "syncing" | "saved", waiting = 0): BoardStatus => ({ ...FACTS, waiting, phase });
const offline = (waiting = 0): BoardStatus => ({ ...FACTS, waiting, phase: "offline", retryAt: null });
const facts = (of: BoardStatus, more: Partial<PillFacts> = {}): PillFacts => ({
  status: of, readOnly: false, online: true, downMs: null, wasUp: true, syncingMs: null, storingMs: null, ...more,
});

describe("the pill", () => {
  const cases: [string, PillFacts, string][] = [
    ["all on the relay", facts(status("saved")), "Live · all saved"],
    ["being read", facts(status("opening")), "Opening…"],
    ["a moment of syncing is no news", facts(status("syncing", 3), { syncingMs: 300 }), "Live · all saved"],
    ["syncing that takes longer", facts(status("syncing", 3), { syncingMs: 700 }), "Syncing 3 changes"],
    ["one change", facts(status("syncing", 1), { syncingMs: 700 }), "Syncing 1 change"],
    ["nothing of mine on its way", facts(status("syncing"), { syncingMs: 700 }), "Syncing…"],
    ["a short drop is no news", facts(offline(), { downMs: 3_000 }), "Live · all saved"],
    ["a short drop with work waiting is not called saved", facts(offline(2), { downMs: 3_000 }), "Syncing 2 changes"],
    ["a longer drop", facts(offline(2), { downMs: 6_000 }), "Reconnecting… saved on this device"],
    ["connecting again counts as the same drop", facts(status("connecting", 2), { downMs: 6_000 }), "Reconnecting… saved on this device"],
    ["a long drop", facts(offline(2), { downMs: 20_000 }), "Relay unreachable · 2 changes waiting"],
    ["never connected, at first", facts(offline(), { downMs: 100, wasUp: false }), "Connecting… saved on this device"],
    ["no network", facts(offline(3), { online: false, downMs: 10 }), "Offline · 3 changes waiting"],
    ["no network, nothing waits", facts(offline(), { online: false, downMs: 10 }), "Offline · saved on this device"],
    ["a live connection is worth more than the browser's hint", facts(status("saved"), { online: false }), "Live · all saved"],
    ["slow to store", facts(status("saved"), { storingMs: 1_500 }), "Saving on this device…"],
    ["full storage", facts({ ...FACTS, phase: "saved", storage: "full" }), "Not saved on this device"],
    ["failed storage, offline", facts({ ...FACTS, phase: "offline", retryAt: null, storage: "failed" }, { online: false }), "Not saved on this device"],
    ["private window with work waiting", facts({ ...FACTS, waiting: 1, phase: "offline", retryAt: null, storage: "memoryOnly" }), "Not kept on this device"],
    ["private window, nothing waits", facts({ ...FACTS, phase: "offline", retryAt: null, storage: "memoryOnly" }, { online: false }), "Offline"],
    ["private window, a long drop", facts({ ...FACTS, phase: "offline", retryAt: null, storage: "memoryOnly" }, { downMs: 20_000 }), "Relay unreachable"],
    ["private window, a longer drop", facts({ ...FACTS, phase: "offline", retryAt: null, storage: "memoryOnly" }, { downMs: 6_000 }), "Reconnecting…"],
    ["private window, never connected", facts({ ...FACTS, phase: "connecting", storage: "memoryOnly" }, { downMs: 100, wasUp: false }), "Connecting…"],
    ["newer room", facts(status("saved"), { readOnly: true }), "Read-only"],
    ["broken engine", facts({ ...FACTS, phase: "failed", error: { code: "engine", message: "x" } }), "The board did not start"],
    ["engine that broke down again and again", facts({ ...FACTS, phase: "failed", error: { code: "trap", message: "x" } }), "The board stopped"],
  ];
  it.each(cases)("%s", (_name, given, words) => {
    expect(pillOf(given).text).toBe(words);
  });

  it.each(cases)("on a phone fits beside the room's name: %s", (_name, given) => {
    expect(pillOf(given).brief.length).toBeLessThanOrEqual(14);
    expect(pillOf(given).brief).not.toBe("");
  });

  it("says on a phone how much waits", () => {
    expect(pillOf(facts(offline(3), { online: false, downMs: 10 })).brief).toBe("Offline · 3");
  });
});

describe("who is here", () => {
  const me: Person = { id: "me", name: "Adam", colour: 1 };
  const peer = (id: string, user: string | null, more: Partial<Peer> = {}): Peer => ({
    peer: id, user, name: user ?? "", colour: 0, idle: false, viewing: null, typing: null, pointer: null, claim: null, ...more,
  });

  it("counts people, not tabs, and puts me last", () => {
    const here = everyone([peer("1", "bea", { idle: true }), peer("2", "bea"), peer("3", "me")], me, false, null);
    expect(here.map((one) => [one.key, one.idle])).toEqual([["bea", false], ["me", false]]);
  });

  it("gives a card to the earlier claim, and never locks it against my other tab", () => {
    const claim = (lamport: number) => ({ cards: ["card"], lamport, hover: { column: "done", before: null } });
    const doings = doingsOf([peer("2", "bea", { claim: claim(3) }), peer("1", "caro", { claim: claim(3) }), peer("9", "me", { claim: claim(1) })], me);
    expect(doings.movers.get("card")?.peer).toBe("1");
    expect(doings.landings.get("done")?.map((one) => one.peer.peer)).toEqual(["1"]);
  });
});
