// Goal: a frontend sees one board whatever the engine goes through. Method: a double of the engine at the transport's seam.

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { BoardOptions, BoardSnapshot, GrabLost, Notice } from "../src/api.ts";
import { BoardClient } from "../src/board-client.ts";
import type { Peer } from "../src/generated.ts";
import { BREAKDOWNS_MAX, CLOSE_MS_MAX, LOAD_RETRY_MS_MIN, RESTARTS_MAX } from "../src/limits.ts";
import { fakeEngines, type FakeEngine } from "./fake-engine.ts";
import { ann, card, column } from "./values.ts";

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

interface Opened {
  board: BoardClient;
  engine: () => FakeEngine;
  engines: FakeEngine[];
  notices: Notice[];
}

function open(over: Partial<BoardOptions> = {}): Opened {
  const { start, engines, newest } = fakeEngines();
  const board = new BoardClient("ops", { relay: "ws://localhost/sync", person: ann, ...over }, start);
  const notices: Notice[] = [];
  board.onNotice((notice) => notices.push(notice));
  return { board, engine: newest, engines, notices };
}

/** What a promise has come to, without waiting for more than what is due. */
async function outcome(promise: Promise<void>): Promise<string> {
  const late = new Promise<string>((resolve) => {
    setTimeout(() => {
      resolve("waits");
    }, 0);
  });
  const known = promise.then(
    () => "came",
    (why: unknown) => (why as { code: string }).code,
  );
  const first = Promise.race([known, late]);
  await vi.advanceTimersByTimeAsync(1);
  return first;
}

const peer = (name: string): Peer => ({
  peer: name,
  user: "bea",
  name: "Bea",
  colour: 2,
  idle: false,
  viewing: null,
  typing: null,
  pointer: null,
  claim: null,
});

test("a board is shown as it was until it is read: verbs wait, and what did not change keeps its identity", () => {
  const { board, engine } = open();
  const cards = [card("a"), card("b")];
  engine().projected({ columns: [column("todo")], cards });
  expect(board.getSnapshot()).toMatchObject({ ready: true, title: "Ops", status: { phase: "opening" } });
  const [shown] = board.getSnapshot().columns;
  board.addCard({ column: "todo", title: "early" });
  expect(engine().commands()).toEqual([]);
  engine().status({ phase: "connecting" });
  expect(engine().commands()).toHaveLength(1);
  expect(board.getSnapshot().columns[0]).toBe(shown);
});

test("where the board has become another, it is told anew and the rest keeps its identity", () => {
  const { board, engine } = open();
  engine().projected({ columns: [column("todo")], cards: [card("a"), card("b")], labels: [] });
  const before = board.getSnapshot();
  engine().ready({ columns: [column("todo")], cards: [card("a"), card("b", { title: "B" }), card("c")] });
  const { columns, people } = board.getSnapshot();
  expect(columns[0]?.cards.map(({ title }) => title)).toEqual(["a", "B", "c"]);
  expect(columns[0]?.cards[0]).toBe(before.columns[0]?.cards[0]);
  expect(people).toBe(before.people);
});

test("after a breakdown the board stays as it is seen until the next engine has read it", () => {
  const { board, engine } = open();
  engine().ready({ columns: [column("todo")], cards: [card("a"), card("b")] });
  engine().say({ type: "broken", code: "trap", message: "unreachable", inHand: [] });
  engine().projected({ columns: [column("todo")], cards: [card("a")] });
  expect(board.getSnapshot().columns[0]?.cards).toHaveLength(2);
  engine().status({ phase: "offline" });
  expect(board.getSnapshot().columns[0]?.cards).toHaveLength(1);
});

test("a board is there at once, and fills when the engine has read it", () => {
  const { board, engine } = open();
  expect(board.getSnapshot()).toMatchObject({ ready: false, columns: [], status: { phase: "opening", unsaved: 0 } });
  expect(engine().received).toEqual([{ type: "open", room: "ops", relay: "ws://localhost/sync", breakdowns: [], person: ann }]);
  const seen: BoardSnapshot[] = [];
  const stop = board.subscribe((snapshot) => seen.push(snapshot));
  engine().ready({ columns: [column("todo")], cards: [card("a")] });
  engine().status({ phase: "saved" });
  expect(seen).toHaveLength(3);
  expect(seen.at(-1)).toBe(board.getSnapshot());
  expect(seen.at(-1)).toMatchObject({ ready: true, title: "Ops", status: { phase: "saved" } });
  expect(board.getSnapshot().columns).toBe(seen[1]?.columns);
  engine().status({ phase: "saved" });
  expect(seen).toHaveLength(3);
  stop();
  engine().status({ phase: "offline", retryAt: 5 });
  expect(seen).toHaveLength(3);
  expect(board.getSnapshot().status).toMatchObject({ phase: "offline", retryAt: 5 });
});

test("verbs called before the engine runs go out in order when it has read the board", () => {
  const { board, engine } = open();
  const added = board.addColumn({ title: "To do" });
  const carded = board.addCard({ column: added.id, title: "Ship it" });
  expect(board.getSnapshot().status).toMatchObject({ phase: "opening", unsaved: 2, unstored: 2 });
  expect(engine().commands()).toEqual([]);
  engine().ready();
  expect(engine().commands()).toEqual([
    {
      type: "command",
      number: 1,
      command: { type: "addColumn", id: added.id, title: "To do", role: null, position: { at: "end" } },
    },
    {
      type: "command",
      number: 2,
      command: { type: "addCard", id: carded.id, column: added.id, title: "Ship it", position: { at: "end" } },
    },
  ]);
});

test("stored and saved come when the engine's status passes the edit", async () => {
  const { board, engine } = open();
  engine().ready();
  const edit = board.editTitle("a", "new");
  engine().takeAll(7);
  engine().status({ phase: "syncing", editsMade: 7, editsStored: 6, editsOnRelay: 6 });
  expect(await outcome(edit.stored())).toBe("waits");
  expect(board.getSnapshot().status).toMatchObject({ phase: "syncing", unsaved: 1, unstored: 1 });
  engine().status({ phase: "syncing", editsMade: 7, editsStored: 7, editsOnRelay: 6 });
  expect(await outcome(edit.stored())).toBe("came");
  expect(await outcome(edit.saved())).toBe("waits");
  engine().status({ phase: "saved", editsMade: 7, editsStored: 7, editsOnRelay: 7 });
  const at = Date.now();
  expect(await outcome(edit.saved())).toBe("came");
  engine().status({ phase: "saved", editsMade: 7, editsStored: 7, editsOnRelay: 7 });
  expect(board.getSnapshot().status).toMatchObject({ phase: "saved", unsaved: 0, lastSavedAt: at });
});

test("a refused verb says why, once, and to whoever waits for it", async () => {
  const { board, engine, notices } = open();
  engine().ready();
  const edit = board.deleteCard("gone");
  engine().say({ type: "refused", number: 1, code: "unknownCard", message: "there is no such card" });
  expect(notices).toEqual([{ type: "refused", code: "unknownCard", message: "there is no such card" }]);
  expect(await outcome(edit.saved())).toBe("unknownCard");
  expect(await outcome(edit.stored())).toBe("unknownCard");
  expect(board.getSnapshot().status.unsaved).toBe(0);
});

test("after a breakdown the engine starts again and hears what no disk has", async () => {
  const { board, engine, engines, notices } = open();
  engine().ready();
  const stored = board.editTitle("a", "stored");
  const taken = board.addCard({ column: "todo", title: "taken" });
  engine().takeAll(1);
  engine().status({ phase: "syncing", editsMade: 2, editsStored: 1, editsOnRelay: 0, waiting: 1 });
  const sent = board.archiveCard("b");
  engine().say({ type: "broken", code: "trap", message: "unreachable", inHand: [] });
  expect(engines).toHaveLength(2);
  expect(engines[0]?.ended).toBe(true);
  expect(board.getSnapshot().status).toMatchObject({ phase: "opening" });
  const late = board.restoreCard("c");
  engine().ready();
  expect(engine().commands().map(({ command }) => command.type)).toEqual(["addCard", "archiveCard", "restoreCard"]);
  const [first, second] = engine().commands();
  engine().say({ type: "refused", number: first!.number, code: "idTaken", message: "taken" });
  engine().say({ type: "refused", number: second!.number, code: "unknownCard", message: "gone" });
  expect(notices).toEqual([{ type: "notKept", edits: 1 }]);
  expect(await outcome(taken.stored())).toBe("came");
  expect(await outcome(sent.saved())).toBe("unknownCard");
  expect(await outcome(stored.saved())).toBe("waits");
  engine().say({ type: "done", number: 4, edit: 1 });
  engine().status({ phase: "saved", editsMade: 1, editsStored: 1, editsOnRelay: 1 });
  for (const edit of [stored, taken, late]) expect(await outcome(edit.saved())).toBe("came");
});

test("an engine that breaks down again and again is left alone until somebody retries", () => {
  const { board, engine, engines } = open();
  for (let i = 0; i <= RESTARTS_MAX; i += 1) engine().say({ type: "broken", code: "trap", message: "unreachable", inHand: [] });
  expect(engines).toHaveLength(RESTARTS_MAX + 1);
  expect(board.getSnapshot().status).toMatchObject({ phase: "failed", error: { code: "trap", message: "unreachable" } });
  const edit = board.renameRoom("kept");
  expect(board.getSnapshot().status).toMatchObject({ phase: "failed", unsaved: 1, unstored: 1 });
  board.retry();
  expect(board.getSnapshot().status.phase).toBe("opening");
  engine().ready();
  expect(engine().commands().map(({ command }) => command)).toEqual([{ type: "renameRoom", title: "kept" }]);
  expect(edit.id).toBe("");
});

test("what an engine had in hand at a breakdown is told to the next, and one that names its cause does not count", () => {
  const { board, engine, engines } = open();
  const opened = (): unknown => engine().received.find(({ type }) => type === "open");
  expect(opened()).toMatchObject({ breakdowns: [] });
  engine().say({ type: "broken", code: "trap", message: "unreachable", inHand: ["aa", "bb"] });
  expect(opened()).toMatchObject({ breakdowns: [["aa", "bb"]] });
  for (let i = 0; i <= RESTARTS_MAX; i += 1) {
    engine().say({ type: "broken", code: "trap", message: "unreachable", inHand: [`c${i}`] });
  }
  expect(opened()).toMatchObject({ breakdowns: [["aa", "bb"], ["c0"], ["c1"], ["c2"], ["c3"]] });
  expect(engines).toHaveLength(RESTARTS_MAX + 3);
  expect(board.getSnapshot().status.phase).toBe("opening");
  for (let i = 0; i < BREAKDOWNS_MAX; i += 1) {
    engine().say({ type: "broken", code: "trap", message: "unreachable", inHand: [`d${i}`] });
  }
  expect(board.getSnapshot().status.phase, "for ever is too often").toBe("failed");
});

test("an engine that does not load is loaded again after a while", () => {
  const { board, engine, engines } = open();
  engine().say({ type: "broken", code: "engine", message: "no network" });
  expect(board.getSnapshot().status).toMatchObject({ phase: "failed", error: { code: "engine" } });
  vi.advanceTimersByTime(LOAD_RETRY_MS_MIN - 1);
  expect(engines).toHaveLength(1);
  vi.advanceTimersByTime(1);
  expect(engines).toHaveLength(2);
  engine().ready();
  engine().status({ phase: "connecting" });
  expect(board.getSnapshot().status.phase).toBe("connecting");
});

test("closing writes out, ends the engine when it is done, and refuses what comes later", async () => {
  const { board, engine, engines } = open();
  engine().ready();
  const waiting = board.renameRoom("x");
  const text = board.openText({ field: "title", card: "a" });
  engine().deltas({ type: "textOpened", text: text.target, content: "a" });
  text.splice(1, 0, "b");
  board.close();
  const types = engine().received.map((message) => (message.type === "command" ? message.command.type : message.type));
  expect(types.slice(-4)).toEqual(["editText", "flushText", "flush", "close"]);
  expect(await outcome(waiting.saved())).toBe("closed");
  expect(await outcome(board.renameRoom("y").saved())).toBe("closed");
  expect(engine().ended).toBe(false);
  engine().outputs({ type: "closed" });
  expect(engine().ended).toBe(true);
  expect(board.getSnapshot().status.phase).toBe("closed");
  board.retry();
  expect(engines).toHaveLength(1);
});

test("what was done before the engine had read the board reaches it, although the board was closed", () => {
  const { board, engine } = open();
  board.renameRoom("x");
  const text = board.openText({ field: "body", card: "a" });
  text.splice(0, 0, "typed");
  text.close();
  board.close();
  expect(board.getSnapshot().status).toMatchObject({ phase: "closed", unsaved: 2 });
  const types = (): string[] => engine().received.map((message) => (message.type === "command" ? message.command.type : message.type));
  expect(types()).not.toContain("close");
  engine().ready();
  expect(types().slice(-2)).toEqual(["renameRoom", "openText"]);
  expect(types()).not.toContain("close");
  engine().deltas({ type: "textOpened", text: text.target, content: "" });
  expect(types().slice(-3)).toEqual(["editText", "closeText", "close"]);
});

test("an engine that does not finish closing is ended", () => {
  const { board, engine } = open();
  board.close();
  vi.advanceTimersByTime(CLOSE_MS_MAX);
  expect(engine().ended).toBe(true);
});

test("a board closes with its signal, before or after it was opened", () => {
  const stop = new AbortController();
  const { board, engine } = open({ signal: stop.signal });
  stop.abort();
  expect(engine().received.at(-1)).toEqual({ type: "close" });
  expect(board.getSnapshot().status.phase).toBe("closed");
  const never = open({ signal: AbortSignal.abort() });
  expect(never.engines).toEqual([]);
});

test("a grab that is denied or revoked is lost once", () => {
  const { board, engine } = open();
  engine().ready();
  const losses: GrabLost[] = [];
  const grab = board.presence.grab(["a", "b"], (loss) => losses.push(loss));
  grab.carry({ column: "todo", before: null });
  expect(engine().presences()).toEqual([
    { type: "grab", cards: ["a", "b"] },
    { type: "carry", hover: { column: "todo", before: null } },
  ]);
  engine().outputs({ type: "presence", deltas: [{ type: "grabRevoked", card: "a", by: peer("p") }] });
  engine().outputs({ type: "presence", deltas: [{ type: "grabRevoked", card: "a", by: peer("p") }] });
  expect(losses).toEqual([{ reason: "revoked", card: "a", by: peer("p") }]);
  expect(grab.held).toBe(false);
  grab.carry(null);
  grab.release();
  expect(engine().presences()).toHaveLength(2);
  const second = board.presence.grab(["c"], (loss) => losses.push(loss));
  second.release();
  engine().outputs({ type: "presence", deltas: [{ type: "grabDenied", card: "c", by: peer("p") }] });
  expect(losses).toHaveLength(1);
  const third = board.presence.grab(["d"], (loss) => losses.push(loss));
  engine().outputs({ type: "presence", deltas: [{ type: "grabExpired", cards: ["d"] }] });
  expect(losses.at(-1)).toEqual({ reason: "expired", cards: ["d"] });
  expect(third.held).toBe(false);
});

test("peers come, change and go, and a new engine hears what I do", () => {
  const { board, engine } = open();
  board.presence.viewing("a");
  board.presence.idle(true);
  board.presence.idle(false);
  engine().ready();
  expect(engine().presences()).toEqual([
    { type: "viewing", card: "a" },
    { type: "idle", idle: false },
  ]);
  const seen: string[][] = [];
  board.presence.subscribe((peers) => seen.push(peers.map((one) => `${one.peer}:${one.viewing ?? ""}`)));
  engine().outputs({ type: "presence", deltas: [{ type: "peerPut", peer: peer("q") }, { type: "peerPut", peer: peer("p") }] });
  engine().outputs({ type: "presence", deltas: [{ type: "peerPut", peer: { ...peer("q"), viewing: "a" } }] });
  engine().outputs({ type: "presence", deltas: [{ type: "peerGone", peer: "p" }] });
  expect(seen).toEqual([[], ["p:", "q:"], ["p:", "q:a"], ["q:a"]]);
  expect(board.getSnapshot().peers).toBe(board.presence.getPeers());
  engine().say({ type: "broken", code: "trap", message: "unreachable", inHand: [] });
  expect(board.getSnapshot().peers).toEqual([]);
  engine().ready();
  expect(engine().presences()).toHaveLength(2);
});

test("handles on one text share it, and a card that is not here yet opens when it comes", () => {
  const { board, engine } = open();
  engine().ready();
  const target = { field: "body", card: "new" } as const;
  const [one, two] = [board.openText(target), board.openText(target)];
  expect(engine().commands().map(({ command }) => command.type)).toEqual(["openText"]);
  engine().say({ type: "refused", number: 1, code: "unknownCard", message: "not here" });
  one.splice(0, 0, "hi");
  expect(two.content).toBe("hi");
  engine().deltas({ type: "cardPut", card: card("new") });
  expect(engine().commands().map(({ command }) => command.type)).toEqual(["openText", "openText"]);
  engine().deltas({ type: "textOpened", text: target, content: "" });
  expect(engine().commands().at(-1)?.command).toEqual({
    type: "editText",
    text: target,
    seen: 0,
    splice: { at: 0, delete: 0, insert: "hi" },
  });
  one.close();
  one.close();
  expect(engine().commands().at(-1)?.command.type).toBe("editText");
  two.close();
  expect(engine().commands().at(-1)?.command.type).toBe("closeText");
});

test("a card is made again by a verb like any other, and what could not be done of it is told", () => {
  const { board, engine, notices } = open();
  const moment = { kind: "time", at: 1_000 } as const;
  board.restoreCardAt("a", moment);
  board.archiveCard("a");
  engine().ready();
  expect(engine().commands().map(({ command }) => command)).toEqual([
    { type: "restoreCardAt", id: "a", moment, body: true },
    { type: "archiveCard", id: "a" },
  ]);
  engine().deltas({ type: "restoreSkipped", card: "a" });
  expect(notices).toMatchObject([{ type: "refused", code: "refused" }]);
});

test("an undo that was skipped is told", () => {
  const { board, engine, notices } = open();
  engine().ready();
  board.undo();
  engine().deltas({ type: "undoSkipped", card: "a" });
  expect(notices).toEqual([{ type: "undoSkipped", card: "a" }]);
});
