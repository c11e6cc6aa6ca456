/**
 * Goal: what a room remembers reaches the page: talk, history, what was at a moment, conflicts, searches, and undo over a reload.
 * Method: two browsers, each with a network of its own, and the packed package in a Vite app of a few lines; real Chromium, the real relay.
 */

import assert from "node:assert/strict";
import { test } from "node:test";

import { embedded } from "../harness/embedded.mjs";
import { Link } from "../harness/link.mjs";
import { until } from "../harness/until.mjs";

const here = embedded();
let rooms = 0;

/** Somebody with a browser and a network of their own, with `board` open as `window.board`. */
async function somebody(id, room) {
  const [context, link] = await Promise.all([here.stage.browser.newContext(), Link.open(here.stage.relay.port)]);
  const page = await context.newPage();
  await page.goto(here.address);
  const one = { id, room, page, link, end: async () => (await context.close(), link.close()) };
  await open(one);
  return one;
}

async function open({ id, room, page, link }) {
  await page.waitForFunction(() => window.sdk !== undefined);
  await page.evaluate(
    ([id, room, relay]) => {
      window.notices = [];
      window.board = window.sdk.openBoard(room, { relay, person: { id, name: id, colour: 1 } });
      window.board.onNotice((notice) => window.notices.push(notice));
    },
    [id, room, `ws://127.0.0.1:${link.port}/sync`],
  );
  await until("the board to be read", () => page.evaluate(() => window.board.getSnapshot().talk.ready));
}

/** Ann and Bea in a room of their own, with one card that both have. */
async function two() {
  const room = `room-${(rooms += 1)}`;
  const [ann, bea] = await Promise.all([somebody("ann", room), somebody("bea", room)]);
  const card = await ann.page.evaluate(async () => {
    const edit = window.board.addCard({ column: "todo", title: "Repair the boat" });
    await edit.saved();
    return edit.id;
  });
  await shows(bea, card, (shown) => shown?.title === "Repair the boat");
  return { ann, bea, card, end: () => Promise.all([ann.end(), bea.end()]) };
}

const cardOf = ({ page }, card) => page.evaluate((card) => window.board.card(card) ?? null, card);

const shows = (one, card, is) => until(`what ${one.id} sees of the card`, async () => is(await cardOf(one, card)));

const saved = ({ page }) =>
  until("everything saved", async () => (await page.evaluate(() => window.board.getSnapshot().status.phase)) === "saved");

test("a comment made offline is there for the other afterwards, and is read", async () => {
  const { ann, bea, card, end } = await two();
  ann.link.cut();
  await ann.page.evaluate((card) => window.board.addComment(card, "Which *glue*?").stored(), card);
  const talk = ({ page }) => page.evaluate((card) => window.board.getSnapshot().talk.cards.get(card) ?? null, card);
  assert.equal((await talk(ann)).comments[0].text, "Which *glue*?");
  assert.equal(await talk(bea), null);
  ann.link.restore();
  await ann.page.evaluate(() => window.board.retry());
  await until("the comment", async () => (await talk(bea))?.unread === 1);
  await bea.page.evaluate(
    ([card, comment]) => {
      window.board.markSeen(card);
      window.board.react(comment, "👍");
      window.board.vote(card);
    },
    [card, (await talk(bea)).comments[0].id],
  );
  await until("the reaction and the vote", async () => {
    const { comments, votes } = await talk(ann);
    return comments[0].reactions[0]?.by === "bea" && votes[0] === "bea";
  });
  await until("nothing unread", async () => (await talk(bea)).unread === 0);
  await end();
});

test("history tells who did what, the board and a card are seen as they were, and come back", async () => {
  const { ann, bea, card, end } = await two();
  const then = await ann.page.evaluate(async () => (await window.board.history({ limit: 1 })).entries[0].id);
  await bea.page.evaluate((card) => window.board.moveCard(card, { column: "done" }).saved(), card);
  await bea.page.evaluate((card) => window.board.editTitle(card, "Sell the boat").saved(), card);
  await shows(ann, card, (shown) => shown.title === "Sell the boat");
  const entries = await ann.page.evaluate(async (card) => (await window.board.history({ card })).entries, card);
  assert.deepEqual(entries.map(({ by, what }) => [by, what.type]), [["bea", "titled"], ["bea", "completed"], ["ann", "cardAdded"]]);
  const moment = { kind: "heads", heads: [then] };
  const past = await ann.page.evaluate(async (moment) => {
    const { columns } = await window.board.at(moment);
    return columns.map(({ id, cards }) => [id, cards.map(({ title }) => title)]);
  }, moment);
  assert.deepEqual(past, [["todo", ["Repair the boat"]], ["doing", []], ["done", []]]);
  await ann.page.evaluate(([card, moment]) => window.board.restoreCardAt(card, moment).saved(), [card, moment]);
  await shows(bea, card, (shown) => shown.title === "Repair the boat" && shown.column === "todo");
  await end();
});

test("what two wrote at once is listed with both values and settled by one", async () => {
  const { ann, bea, card, end } = await two();
  for (const one of [ann, bea]) one.link.cut();
  await ann.page.evaluate((card) => window.board.setDue(card, "2027-01-01").stored(), card);
  await bea.page.evaluate((card) => window.board.setDue(card, "2027-02-02").stored(), card);
  for (const one of [ann, bea]) {
    one.link.restore();
    await one.page.evaluate(() => window.board.retry());
  }
  const conflicts = ({ page }) => page.evaluate(() => window.board.conflicts());
  await until("the conflict", async () => (await conflicts(ann)).length === 1);
  const [conflict] = await conflicts(ann);
  assert.equal(conflict.choices.length, 2);
  const lost = conflict.choices.find(({ by }) => by === (conflict.choices[0].by === "ann" ? "bea" : "ann"));
  await ann.page.evaluate(([conflict, lost]) => window.board.resolve(conflict, lost).saved(), [conflict, lost]);
  const day = lost.by === "ann" ? "2027-01-01" : "2027-02-02";
  await shows(bea, card, (shown) => shown.due === day);
  await until("no conflict", async () => (await conflicts(bea)).length === 0);
  await end();
});

test("a search finds words in bodies", async () => {
  const { ann, bea, card, end } = await two();
  await ann.page.evaluate((card) => {
    const text = window.board.openText({ field: "body", card });
    text.splice(0, 0, "Ask Nick about the ANCHOR");
    text.close();
  }, card);
  await saved(ann);
  const found = ({ page }) => page.evaluate(() => window.board.search("anchor boat"));
  await until("the hit", async () => (await found(bea)).hits[0]?.card === card);
  assert.equal((await found(bea)).hits[0].field, "title");
  await end();
});

test("undo goes on after a reload, and leaves alone what somebody else changed since", async () => {
  const { ann, bea, card, end } = await two();
  await ann.page.evaluate((card) => window.board.moveCard(card, { column: "doing" }).saved(), card);
  await ann.page.evaluate((card) => window.board.setPriority(card, "urgent").saved(), card);
  await saved(ann);
  await ann.page.reload();
  await open(ann);
  await ann.page.evaluate(() => window.board.undo().saved());
  await shows(bea, card, (shown) => shown.priority === "normal" && shown.column === "doing");
  await bea.page.evaluate((card) => window.board.moveCard(card, { column: "done" }).saved(), card);
  await shows(ann, card, (shown) => shown.column === "done");
  await ann.page.evaluate(() => window.board.undo());
  await until("the notice", async () => (await ann.page.evaluate(() => window.notices)).some(({ type }) => type === "undoSkipped"));
  assert.equal((await cardOf(ann, card)).column, "done");
  await end();
});
