// Goal: a question is answered whatever the engine goes through. Method: a double of the engine at the transport's seam.

import { expect, test } from "vitest";
import { QuestionRefused } from "../src/api.ts";
import { BoardClient } from "../src/board-client.ts";
import type { Answer } from "../src/generated.ts";
import { fakeEngines, type FakeEngine } from "./fake-engine.ts";
import { ann } from "./values.ts";

function open(): { board: BoardClient; engine: () => FakeEngine } {
  const { start, newest } = fakeEngines();
  return { board: new BoardClient("ops", { relay: "ws://localhost/sync", person: ann }, start), engine: newest };
}

function asked(engine: FakeEngine): number[] {
  return engine.received.flatMap((message) => (message.type === "ask" ? [message.number] : []));
}

const nothing: Answer = { type: "found", hits: [], more: false };

test("a question waits for the board and gets its own answer", async () => {
  const { board, engine } = open();
  const [first, second] = [board.search("a"), board.search("b")];
  expect(asked(engine())).toEqual([]);
  engine().ready();
  expect(asked(engine())).toEqual([1, 2]);
  const more: Answer = { ...nothing, more: true };
  engine().outputs({ type: "answer", number: 2, answer: more }, { type: "answer", number: 1, answer: nothing });
  expect(await first).toEqual(nothing);
  expect(await second).toEqual(more);
});

test("the engine that follows a breakdown is asked again, once", async () => {
  const { board, engine } = open();
  engine().ready();
  const answered = board.search("a");
  const open_ = board.search("b");
  engine().outputs({ type: "answer", number: 1, answer: nothing });
  engine().say({ type: "broken", code: "trap", message: "unreachable", inHand: [] });
  expect(asked(engine())).toEqual([]);
  engine().ready();
  expect(asked(engine())).toEqual([2]);
  engine().outputs({ type: "answer", number: 2, answer: nothing });
  expect(await answered).toEqual(nothing);
  expect(await open_).toEqual(nothing);
});

test("a question that breaks down two engines is not asked a third time", async () => {
  const { board, engine } = open();
  engine().ready();
  const answered = expect(board.search("a")).rejects.toMatchObject({ code: "brokeDown" });
  for (const expected of [[1], [1]]) {
    expect(asked(engine())).toEqual(expected);
    engine().say({ type: "broken", code: "trap", message: "unreachable", inHand: [] });
    engine().ready();
  }
  await answered;
  expect(asked(engine())).toEqual([]);
});

test("a question that is not answered says why", async () => {
  const { board, engine } = open();
  engine().ready();
  const long = board.search("a");
  engine().outputs({ type: "unanswered", number: 1, code: "tooLong", message: "too long" });
  await expect(long).rejects.toThrow(new QuestionRefused("tooLong", "too long"));
  const unread = board.search("b");
  engine().say({ type: "unanswered", number: 2, code: "badCommand", message: "what?" });
  await expect(unread).rejects.toMatchObject({ code: "badCommand" });
  const late = board.search("c");
  board.close();
  await expect(late).rejects.toMatchObject({ code: "closed" });
  await expect(board.search("d")).rejects.toMatchObject({ code: "closed" });
});

test("the past is asked for and shown as a board, and a conflict is settled by one command", async () => {
  const { board, engine } = open();
  engine().ready();
  const moment = { kind: "time", at: 5 } as const;
  const past = board.at(moment);
  const page = board.history({ limit: 2 });
  const away = board.away(moment);
  const sent = engine().received.flatMap((message) => (message.type === "ask" ? [message.question] : []));
  expect(sent).toEqual([
    { type: "boardAt", moment },
    { type: "activity", card: null, before: null, limit: 2 },
    { type: "away", since: moment },
  ]);
  const reset = { type: "reset", title: "Then", columns: [], cards: [], labels: [], people: [], readOnly: false } as const;
  const nobody = { changes: 0, by: [], board: [], cards: [], added: 0, completed: 0, deleted: 0, more: false };
  engine().outputs(
    { type: "answer", number: 1, answer: { type: "boardAt", board: { ...reset, columns: [], cards: [], labels: [], people: [] } } },
    { type: "answer", number: 2, answer: { type: "activity", page: { entries: [], next: null } } },
    { type: "answer", number: 3, answer: { type: "away", away: nobody, seen: ["0f"] } },
  );
  expect(await past).toMatchObject({ ready: true, title: "Then", columns: [] });
  expect(await page).toEqual({ entries: [], next: null });
  expect(await away).toEqual({ ...nobody, seen: { kind: "heads", heads: ["0f"] } });

  const choice = { id: "5@aa", by: "u", at: 0, value: { type: "truth", truth: true } } as const;
  board.resolve({ owner: { of: "item", card: "c", item: "i" }, field: "done", choices: [choice] }, choice);
  const commands = engine().received.flatMap((message) => (message.type === "command" ? [message.command] : []));
  expect(commands).toEqual([
    { type: "resolveConflict", owner: { of: "item", card: "c", item: "i" }, field: "done", choice: "5@aa" },
  ]);
});
