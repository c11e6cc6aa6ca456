// Goal: verbs that are called together go out as one command, or not at all, and each of them says what became of it. Method: a double
// of the engine at the transport's seam.

import { expect, test, vi } from "vitest";
import type { Edit, Notice } from "../src/api.ts";
import { BoardClient } from "../src/board-client.ts";
import type { Command, Delta } from "../src/generated.ts";
import { QUEUED_EDITS_MAX } from "../src/limits.ts";
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

/** What went out: a transaction as the list of its kinds. */
function kinds(engine: FakeEngine): (string | string[])[] {
  return engine.commands().map(({ command }) => (command.type === "transact" ? command.commands.map(({ type }) => type) : command.type));
}

test("verbs within transact are one command with their ids, before the board is there and after", async () => {
  const { board, engine } = open();
  let added: Edit | undefined;
  const whole = board.transact(() => {
    added = board.addCard({ column: "todo", title: "Ship it" });
    board.moveCard(added.id, { column: "done" });
  });
  board.renameRoom("Ops");
  expect(board.getSnapshot().status).toMatchObject({ unsaved: 2, unstored: 2 });
  expect(whole.id).toBe("");
  engine().ready();
  const id = added!.id;
  const commands: Command[] = [
    { type: "addCard", id, column: "todo", title: "Ship it", position: { at: "end" } },
    { type: "moveCard", id, column: "done", position: { at: "end" } },
  ];
  expect(engine().commands().map(({ command }) => command)).toEqual([{ type: "transact", commands }, { type: "renameRoom", title: "Ops" }]);
  engine().takeAll(1);
  engine().status({ phase: "saved", editsMade: 2, editsStored: 2, editsOnRelay: 2 });
  for (const edit of [whole, added!]) await Promise.all([edit.stored(), edit.saved()]);
});

test("where one is refused all of them are, and it is said once", async () => {
  const { board, engine, notices } = open();
  engine().ready();
  let moved: Edit | undefined;
  const whole = board.transact(() => {
    board.deleteCard("a");
    moved = board.moveCard("gone", { column: "done" });
  });
  const early = expect(moved!.saved()).rejects.toMatchObject({ code: "unknownCard" });
  const message = "nothing was done, because command 2 was refused: there is no such card";
  engine().say({ type: "refused", number: 1, code: "unknownCard", message });
  await early;
  await expect(whole.stored()).rejects.toMatchObject({ code: "unknownCard", message });
  expect(notices).toEqual([{ type: "refused", code: "unknownCard", message }]);
});

test("where the function throws nothing goes out, and the next verb is by itself", async () => {
  const { board, engine } = open();
  engine().ready();
  let added: Edit | undefined;
  const stop = (): void => {
    throw new RangeError("stop");
  };
  expect(() => board.transact(() => {
    added = board.addCard({ column: "todo", title: "x" });
    stop();
  })).toThrow(RangeError);
  await expect(added!.saved()).rejects.toMatchObject({ code: "abandoned" });
  expect(kinds(engine())).toEqual([]);
  board.renameRoom("y");
  expect(kinds(engine())).toEqual(["renameRoom"]);
});

test("a function that is not done when it returns is refused with a reason", () => {
  const { board, engine } = open();
  engine().ready();
  // eslint-disable-next-line @typescript-eslint/no-misused-promises -- what is not to be done
  expect(() => board.transact(async () => {
    board.renameRoom("x");
    await Promise.resolve();
  })).toThrow(/done when it returns/);
  expect(kinds(engine())).toEqual([]);
});

test("what an async function does after an await is by itself, and what it throws then is nobody's", async () => {
  const { board, engine } = open();
  engine().ready();
  // eslint-disable-next-line @typescript-eslint/no-misused-promises -- what is not to be done
  expect(() => board.transact(async () => {
    board.renameRoom("x");
    await Promise.resolve();
    board.renameRoom("y");
    throw new RangeError("unheard");
  })).toThrow(/edits of their own/);
  await Promise.resolve();
  await Promise.resolve();
  expect(kinds(engine())).toEqual(["renameRoom"]);
});

test("a subscriber that throws keeps neither the others nor the edit from going on", async () => {
  const { board, engine } = open();
  engine().ready();
  const reported: unknown[] = [];
  vi.stubGlobal("reportError", (thrown: unknown) => reported.push(thrown));
  let isBad = false;
  board.subscribe(() => {
    if (isBad) throw new RangeError("mine");
  });
  let told = 0;
  board.subscribe(() => (told += 1));
  told = 0;
  isBad = true;
  let added: Edit | undefined;
  board.transact(() => {
    added = board.addCard({ column: "todo", title: "x" });
  });
  expect(told).toBe(reported.length);
  expect(reported[0]).toBeInstanceOf(RangeError);
  expect(kinds(engine())).toEqual([["addCard"]]);
  engine().takeAll(1);
  engine().status({ phase: "saved", editsMade: 1, editsStored: 1, editsOnRelay: 1 });
  await added!.saved();
  vi.unstubAllGlobals();
});

test("what can't be sent throws, and nothing waits for it", async () => {
  const { board, engine } = open();
  engine().ready();
  let renamed: Edit | undefined;
  expect(() => board.transact(() => {
    // a caller without types
    renamed = board.renameRoom((() => "x") as unknown as string);
  })).toThrow(/could not be cloned/);
  await expect(renamed!.saved()).rejects.toMatchObject({ code: "abandoned" });
  board.renameRoom("y");
  engine().takeAll(1);
  engine().status({ phase: "saved", editsMade: 1, editsStored: 1, editsOnRelay: 1 });
  expect(board.getSnapshot().status.unsaved).toBe(0);
});

test("as many verbs as memory holds may be within one another", () => {
  const { board } = open();
  board.transact(() => {
    board.transact(() => {
      for (let count = 0; count < 200_000; count += 1) board.vote("a");
    });
  });
});

test("what waits behind a transaction that waits for the talk counts as waiting", async () => {
  const { board, engine } = open();
  engine().ready();
  board.transact(() => {
    board.vote("a");
  });
  for (let count = 1; count < QUEUED_EDITS_MAX; count += 1) board.renameRoom("x");
  await expect(board.renameRoom("y").saved()).rejects.toMatchObject({ code: "queueFull" });
  engine().deltas(talk);
  expect(engine().commands()).toHaveLength(QUEUED_EDITS_MAX);
});

test("what can't be one of several throws where it is called", () => {
  const { board, engine } = open();
  engine().ready();
  const moment = { kind: "time", at: 1 } as const;
  const alone = [
    () => board.undo(),
    () => board.redo(),
    () => board.setPerson(ann),
    () => board.markSeen(null),
    () => board.restoreCardAt("a", moment),
  ];
  for (const verb of alone) {
    expect(() => board.transact(() => {
      board.deleteCard("a");
      verb();
    })).toThrow(/outside of transact/);
  }
  expect(kinds(engine())).toEqual([]);
});

test("a transaction within one is a part of it, or not where its function throws", async () => {
  const { board, engine } = open();
  engine().ready();
  const edits: Edit[] = [];
  let lost: Edit | undefined;
  const whole = board.transact(() => {
    edits.push(board.renameRoom("x"));
    edits.push(board.transact(() => {
      edits.push(board.archiveCard("a"));
    }));
    expect(() => board.transact(() => {
      lost = board.deleteCard("a");
      board.undo();
    })).toThrow();
    edits.push(board.unarchiveCard("b"));
  });
  expect(kinds(engine())).toEqual([["renameRoom", "archiveCard", "unarchiveCard"]]);
  await expect(lost!.stored()).rejects.toMatchObject({ code: "abandoned" });
  engine().takeAll(1);
  engine().status({ phase: "saved", editsMade: 1, editsStored: 1, editsOnRelay: 1 });
  for (const edit of [whole, ...edits]) await edit.saved();
});

test("one that says something waits for the talk, and what comes after it for both", () => {
  const { board, engine } = open();
  board.renameRoom("before");
  board.transact(() => {
    const { id } = board.addCard({ column: "todo", title: "x" });
    board.addComment(id, "hello");
  });
  board.moveCard("x", { column: "done" });
  engine().ready();
  board.archiveCard("x");
  expect(kinds(engine())).toEqual(["renameRoom"]);
  engine().deltas(talk);
  expect(kinds(engine())).toEqual(["renameRoom", ["addCard", "talk"], "moveCard", "archiveCard"]);
});

test("after a breakdown it is said again as one, and a taken id says that it was kept", async () => {
  const { board, engine, notices } = open();
  engine().ready();
  const whole = board.transact(() => {
    board.addCard({ column: "todo", title: "x" });
    board.deleteCard("a");
  });
  engine().say({ type: "broken", code: "trap", message: "unreachable", inHand: [] });
  engine().ready();
  expect(kinds(engine())).toEqual([["addCard", "deleteCard"]]);
  engine().say({ type: "refused", number: 1, code: "idTaken", message: "taken" });
  await whole.stored();
  expect(notices).toEqual([]);
});

test("a taken id that the SDK did not draw proves nothing of a transaction that is said again", async () => {
  const { board, engine, notices } = open();
  engine().ready();
  const file = { id: "f", kind: "file", name: "f.png", mime: "image/png", bytes: 1 } as const;
  const whole = board.transact(() => {
    board.renameRoom("x");
    board.addAttachment("a", file);
  });
  engine().say({ type: "broken", code: "trap", message: "unreachable", inHand: [] });
  engine().ready();
  engine().say({ type: "refused", number: 1, code: "idTaken", message: "taken" });
  await expect(whole.stored()).rejects.toMatchObject({ code: "idTaken" });
  expect(notices.map(({ type }) => type)).toContain("notKept");
});

test("a closed board refuses it", async () => {
  const { board } = open();
  board.close();
  await expect(board.transact(() => {
    board.renameRoom("x");
  }).saved()).rejects.toMatchObject({ code: "closed" });
});
