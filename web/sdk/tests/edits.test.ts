// Goal: what a person does goes out in an order that means what they meant, and everybody hears what became of it. Method: a double
// of the engine at the transport's seam.

import { expect, test } from "vitest";
import { BoardClient } from "../src/board-client.ts";
import type { Delta } from "../src/generated.ts";
import type { Notice } from "../src/api.ts";
import { fakeEngines, type FakeEngine } from "./fake-engine.ts";
import { ann } from "./values.ts";

const talk: Delta = { type: "talkReset", comments: [], votes: [], seen: [], readOnly: false };

function open(): { board: BoardClient; engine: () => FakeEngine; notices: Notice[] } {
  const { start, newest } = fakeEngines();
  const board = new BoardClient("ops", { relay: "ws://localhost/sync", person: ann }, start);
  const notices: Notice[] = [];
  board.onNotice((notice) => notices.push(notice));
  return { board, engine: newest, notices };
}

const kinds = (engine: FakeEngine): string[] => engine.commands().map(({ command }) => command.type);

test("a verb that changed nothing is stored and saved as what was before it", async () => {
  const { board, engine } = open();
  engine().ready();
  engine().deltas(talk);
  engine().status({ phase: "saved", editsMade: 4, editsStored: 4, editsOnRelay: 4 });
  const seen = board.markSeen("c");
  expect(board.getSnapshot().status.phase).toBe("syncing");
  engine().say({ type: "done", number: 1, edit: 4 });
  await seen.stored();
  await seen.saved();
  expect(board.getSnapshot().status).toMatchObject({ phase: "saved", unsaved: 0 });
});

test("an undo waits for what was said before it", () => {
  const { board, engine } = open();
  board.addComment("c", "hello");
  board.undo();
  board.renameRoom("Ops");
  engine().ready();
  expect(kinds(engine())).toEqual(["renameRoom"]);
  engine().deltas(talk);
  expect(kinds(engine())).toEqual(["renameRoom", "talk", "undo"]);
  board.undo();
  expect(kinds(engine())).toEqual(["renameRoom", "talk", "undo", "undo"]);
});

test("an undo that an engine took with it is not done a second time, and the person hears of it", async () => {
  const { board, engine, notices } = open();
  engine().ready();
  const undone = board.undo();
  engine().say({ type: "broken", code: "trap", message: "unreachable", inHand: [] });
  await expect(undone.stored()).rejects.toMatchObject({ code: "brokeDown" });
  expect(notices).toEqual([{ type: "notKept", edits: 1 }]);
  engine().ready();
  expect(kinds(engine())).toEqual([]);
});
