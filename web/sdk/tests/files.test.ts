// Goal: a file is imported once or said not to be, whatever the engine goes through. Method: a double of the engine at the seam.

import { expect, test } from "vitest";
import { BoardClient } from "../src/board-client.ts";
import type { Delta } from "../src/generated.ts";
import { fakeEngines, type FakeEngine } from "./fake-engine.ts";
import { ann } from "./values.ts";

const talk: Delta = { type: "talkReset", comments: [], votes: [], seen: [], readOnly: false };

function open(): { board: BoardClient; engine: () => FakeEngine } {
  const { start, newest } = fakeEngines();
  return { board: new BoardClient("ops", { relay: "ws://localhost/sync", person: ann }, start), engine: newest };
}

function files(engine: FakeEngine): string[] {
  return engine.received.flatMap((message) => (message.type === "import" ? [`${message.number} ${message.format} ${message.text}`] : []));
}

const imported = { cards: 2, columns: 1, labels: 0, people: 0, comments: 0 };

test("a file waits for the board and what was said about it, and says what it brought", async () => {
  const { board, engine } = open();
  const file = board.importFile("csv", "title\na");
  engine().ready();
  engine().status({});
  expect(files(engine())).toEqual([]);
  engine().deltas(talk);
  const other = board.importFile("trello", "{}");
  expect(files(engine())).toEqual(["1 csv title\na", "2 trello {}"]);
  engine().say({ type: "imported", number: 1, imported });
  engine().say({ type: "unimported", number: 2, code: "badFile", message: "the file: there are no lists" });
  expect(await file).toEqual(imported);
  await expect(other).rejects.toMatchObject({ code: "badFile", message: "the file: there are no lists" });
});

test("a file that an engine broke down over is not tried again, one that waited is", async () => {
  const { board, engine } = open();
  engine().ready();
  engine().deltas(talk);
  const lost = board.importFile("json", "a");
  engine().say({ type: "broken", code: "trap", message: "unreachable", inHand: [] });
  await expect(lost).rejects.toMatchObject({ code: "brokeDown" });
  const waiting = board.importFile("json", "b");
  engine().ready();
  expect(files(engine())).toEqual([]);
  engine().deltas(talk);
  expect(files(engine())).toEqual(["2 json b"]);
  board.close();
  await expect(waiting).rejects.toMatchObject({ code: "closed" });
  await expect(board.importFile("json", "c")).rejects.toMatchObject({ code: "closed" });
});

test("an export is the text of the answer", async () => {
  const { board, engine } = open();
  engine().ready();
  const file = board.export("markdown");
  expect(engine().received.at(-1)).toEqual({ type: "ask", number: 1, question: { type: "export", format: "markdown" } });
  engine().outputs({ type: "answer", number: 1, answer: { type: "exported", text: "## a" } });
  expect(await file).toBe("## a");
});

test("the file of a room is bytes both ways", async () => {
  const { board, engine } = open();
  engine().ready();
  engine().deltas(talk);
  const file = board.exportRoom();
  expect(engine().received.at(-1)).toEqual({ type: "ask", number: 1, question: { type: "exportRoom" } });
  engine().outputs({ type: "answer", number: 1, answer: { type: "exportedRoom", base64: "iVKA/w==" } });
  const bytes = await file;
  expect([...bytes]).toEqual([0x89, 0x52, 0x80, 0xff]);
  const back = board.importRoom(bytes);
  expect(engine().received.at(-1)).toEqual({ type: "importRoom", number: 1, file: bytes });
  engine().say({ type: "imported", number: 1, imported });
  expect(await back).toEqual(imported);
});
