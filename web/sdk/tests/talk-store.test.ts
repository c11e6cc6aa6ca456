// Goal: what is said shows as it is, and what did not change keeps its identity. Method: deltas in, views out.

import { expect, test } from "vitest";
import { BoardClient } from "../src/board-client.ts";
import type { Comment, Delta } from "../src/generated.ts";
import { TalkStore } from "../src/talk-store.ts";
import { fakeEngines } from "./fake-engine.ts";
import { ann } from "./values.ts";

const comment = (id: string, over: Partial<Comment> = {}): Comment => ({
  id,
  card: "c",
  created: { at: 10, by: "bea" },
  text: id,
  edited: null,
  deleted: false,
  reactions: [],
  damaged: false,
  ...over,
});

const reset = (comments: Comment[], over: Partial<Extract<Delta, { type: "talkReset" }>> = {}): Delta => ({
  type: "talkReset",
  comments,
  votes: [],
  seen: [],
  readOnly: false,
  ...over,
});

function view(store: TalkStore, ...deltas: Delta[]) {
  for (const delta of deltas) store.apply(delta);
  return store.settle();
}

test("comments stand by moment and id, deleted ones apart, and count as unread until they are seen", () => {
  const store = new TalkStore("ann");
  const later = comment("a", { created: { at: 20, by: "bea" } });
  const mine = comment("m", { created: { at: 30, by: "ann" } });
  const gone = comment("x", { deleted: true });
  const shown = view(store, reset([later, gone, mine, comment("z"), comment("b")]));
  expect(shown.ready).toBe(true);
  const talk = shown.cards.get("c")!;
  expect(talk.comments.map(({ id }) => id)).toEqual(["b", "z", "a", "m"]);
  expect(talk.deletedComments).toEqual([gone]);
  expect(talk.unread).toBe(3);
  const seen = view(store, { type: "seenPut", seen: { by: "ann", card: "c", at: 10 } });
  expect(seen.cards.get("c")!.unread).toBe(1);
  expect(seen.cards.get("c")!.seen).toEqual({ ann: 10 });
  const others = view(store, { type: "seenPut", seen: { by: "bea", card: "c", at: 30 } });
  expect(others.cards.get("c")!.unread).toBe(1);
});

test("votes, and who saw the board", () => {
  const store = new TalkStore("ann");
  view(store, reset([]));
  const voted = view(store, { type: "votesPut", votes: { card: "c", by: ["ann", "bea"] } });
  expect(voted.cards.get("c")).toMatchObject({ votes: ["ann", "bea"], voted: true });
  const taken = view(store, { type: "votesPut", votes: { card: "c", by: ["bea"] } });
  expect(taken.cards.get("c")).toMatchObject({ votes: ["bea"], voted: false });
  const seen = view(store, { type: "seenPut", seen: { by: "bea", card: null, at: 7 } });
  expect([...seen.seen]).toEqual([["bea", 7]]);
});

test("what did not change keeps its identity, also over a reset", () => {
  const store = new TalkStore("ann");
  const seen = [{ by: "bea", card: null, at: 7 }];
  const before = view(store, reset([comment("a"), comment("b"), comment("o", { card: "d" })], { seen }));
  const again = view(store, reset([comment("a"), comment("b"), comment("o", { card: "d" })], { seen }));
  expect(again).toBe(before);
  const after = view(store, { type: "commentPut", comment: comment("b", { text: "other" }) });
  expect(after.cards.get("d")).toBe(before.cards.get("d"));
  expect(after.cards.get("c")!.comments[0]).toBe(before.cards.get("c")!.comments[0]);
  expect(after.cards.get("c")!.comments[1]!.text).toBe("other");
  const fewer = view(store, reset([comment("a")]));
  expect(fewer.cards.get("c")!.comments.map(({ id }) => id)).toEqual(["a"]);
  expect(fewer.cards.get("d")!.comments).toEqual([]);
  expect(fewer.seen.size).toBe(0);
});

test("a comment made before the talk was read goes out with it, and after a breakdown once more", async () => {
  const { start, newest } = fakeEngines();
  const board = new BoardClient("ops", { relay: "ws://localhost/sync", person: ann }, start);
  const said = (): string[] =>
    newest()
      .commands()
      .flatMap(({ command }) => (command.type === "talk" ? [command.command.type] : []));
  board.addComment("c", "hello");
  newest().ready();
  board.renameRoom("Ops");
  expect(said()).toEqual([]);
  expect(newest().commands().map(({ command }) => command.type)).toEqual(["renameRoom"]);
  newest().deltas(reset([]));
  expect(said()).toEqual(["addComment"]);
  newest().say({ type: "broken", code: "trap", message: "unreachable", inHand: [] });
  newest().ready();
  expect(said()).toEqual([]);
  newest().deltas(reset([]));
  expect(said()).toEqual(["addComment"]);
  expect(board.getSnapshot().talk.ready).toBe(true);
  await Promise.resolve();
});
