/**
 * Goal: files go in and out of a board in the browser, wholly or not at all, and nothing is fetched for it before. Method: the packed
 * package in a Vite app of a few lines, in a worker and in the page's thread; real Chromium, the real relay.
 */

import assert from "node:assert/strict";
import { test } from "node:test";

import { embedded } from "../harness/embedded.mjs";
import { trelloExport } from "../harness/trello.mjs";
import { until } from "../harness/until.mjs";

const CARDS = 1000;

const here = embedded();
let rooms = 0;

/** A page of a fresh browser profile with a room of its own, or `room`, as `window.board`; `isRead`: once it was read. */
async function visit({ worker = true, room = `files-${(rooms += 1)}`, port = here.stage.relay.port, isRead = true } = {}) {
  const context = await here.stage.browser.newContext();
  const page = await context.newPage();
  await page.goto(here.address);
  await page.waitForFunction(() => window.sdk !== undefined);
  await page.evaluate(
    ([room, relay, worker]) => {
      window.board = window.sdk.openBoard(room, { relay, worker, person: { id: "ann", name: "Ann", colour: 1 } });
    },
    [room, `ws://127.0.0.1:${port}/sync`, worker],
  );
  if (isRead) await until("the board to be read", () => page.evaluate(() => window.board.getSnapshot().talk.ready));
  return { context, page, room };
}

const importFile = (page, format, text) => page.evaluate(([format, text]) => window.board.importFile(format, text), [format, text]);
const exported = (page, format) => page.evaluate((format) => window.board.export(format), format);
const refusal = (page, format, text) =>
  page.evaluate(
    ([format, text]) => window.board.importFile(format, text).then(() => "imported", ({ code, message }) => `${code}: ${message}`),
    [format, text],
  );
const count = (page) =>
  page.evaluate(() => {
    const { columns, unsorted } = window.board.getSnapshot();
    return [...columns.flatMap(({ cards }) => cards), ...unsorted].length;
  });

/** The rows of a CSV but for the ids, which every import makes anew. */
const withoutIds = (csv) => csv.replaceAll(/,[\w-]{22}\r\n/g, "\r\n");

for (const worker of [true, false]) {
  const where = worker ? "in a worker" : "in the page's thread";

  test(`${where}: a thousand cards of Trello come in, and what goes out comes in again`, async () => {
    const before = here.embed.asked.length;
    const { context, page } = await visit({ worker });
    const converters = () => here.embed.asked.slice(before).filter((path) => path.includes("formats"));
    assert.deepEqual(converters(), [], "nothing is fetched for files before there is one");

    const imported = await importFile(page, "trello", trelloExport(CARDS));
    assert.equal(imported.cards, CARDS);
    assert.equal(imported.labels, 3);
    assert.equal(imported.comments, CARDS / 10);
    assert.ok(converters().length > 0);
    const open = await count(page);
    assert.equal(open, CARDS - CARDS / 50, "archived cards are not on the board");
    const files = { json: await exported(page, "json"), markdown: await exported(page, "markdown"), csv: await exported(page, "csv") };
    assert.ok(files.markdown.includes("kanban-plugin: board"));

    await page.evaluate(() => window.board.undo().stored());
    await until("the import to be undone", async () => (await count(page)) === 0);
    await page.evaluate(() => window.board.redo().stored());
    await until("the import to be there again", async () => (await count(page)) === open);
    await context.close();

    for (const format of ["json", "markdown", "csv"]) {
      const other = await visit({ worker, isRead: false });
      assert.equal((await importFile(other.page, format, files[format])).cards, CARDS, format);
      const again = await exported(other.page, format);
      if (format === "csv") assert.equal(withoutIds(again), withoutIds(files.csv));
      else assert.equal(again, files[format]);
      await other.context.close();
    }
  });
}

test("a bad file says where it is wrong, and changes nothing", async () => {
  const { context, page } = await visit();
  assert.match(await refusal(page, "csv", "title,due\na,2026-01-31\nb,soon\n"), /^badFile: line 3: /);
  assert.match(await refusal(page, "trello", "{"), /^badFile: line 1, column \d+: this is not JSON/);
  assert.match(await refusal(page, "trello", '{"lists": [], "cards": 5}'), /^badFile: cards: this is not a list/);
  assert.match(await refusal(page, "json", '{"format":"warroom-board","version":1,"cards":[{}]}'), /^badFile: cards\[0\]\.column: /);
  assert.equal(await count(page), 0);
  assert.equal((await importFile(page, "csv", "title\nA card\n")).cards, 1, "and the next file is taken");
  await context.close();
});

test("without what reads a format it says so, and JSON still works", async () => {
  const { context, page } = await visit({ worker: false });
  await page.route("**/formats*", (route) => route.abort());
  assert.match(await refusal(page, "csv", "title\nA card\n"), /^noFormats: .*try again with a network/);
  const asked = page.evaluate(() => window.board.export("markdown").catch(({ code }) => code));
  assert.equal(await asked, "noFormats");
  assert.ok((await exported(page, "json")).startsWith('{"format":"warroom-board"'));
  await page.unroute("**/formats*");
  await until("the converter to come", async () => (await refusal(page, "csv", "title\nA card\n")) === "imported");
  await context.close();
});

test("the file of a room brings all of it to a device without a network, and again changes nothing", async () => {
  const ann = await visit();
  await importFile(ann.page, "trello", trelloExport(50));
  const file = await ann.page.evaluate(async () => {
    const { columns } = window.board.getSnapshot();
    await window.board.addComment(columns[0].cards[0].id, "Mind the rocks").stored();
    return [...(await window.board.exportRoom())];
  });
  const bea = await visit({ room: ann.room, port: 1, isRead: false });
  for (const time of ["the first time", "again"]) {
    await bea.page.evaluate((file) => window.board.importRoom(Uint8Array.from(file)), file);
    assert.equal(await exported(bea.page, "json"), await exported(ann.page, "json"));
    const comments = (page) =>
      page.evaluate(() => window.board.getSnapshot().columns.flatMap(({ cards }) => cards).flatMap(({ id }) => window.board.getSnapshot().talk.cards.get(id)?.comments ?? []).map(({ text }) => text));
    assert.ok((await comments(bea.page)).includes("Mind the rocks"), time);
  }
  const elsewhere = await visit();
  const refused = elsewhere.page.evaluate(
    (file) => window.board.importRoom(Uint8Array.from(file)).then(() => "imported", ({ code, message }) => `${code}: ${message}`),
    file,
  );
  assert.match(await refused, /^badFile: .*another room/);
  for (const { context } of [ann, bea, elsewhere]) await context.close();
});
