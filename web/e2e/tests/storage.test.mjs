/**
 * Goal: a board is on screen before its history has been read, its storage stays small, and an older storage is taken over.
 * Method: the packed package in a Vite app of a few lines, its database slowed down, counted and made by hand; real Chromium.
 */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { Embed } from "../harness/embed.mjs";
import { Stage } from "../harness/stage.mjs";
import { until } from "../harness/until.mjs";

/** Where no relay answers: what is shown comes from this device. */
const NOWHERE = "ws://127.0.0.1:1/sync";

let stage;
let embed;
let address;

before(async () => {
  [stage, embed] = await Promise.all([Stage.open(), Embed.open()]);
  address = await embed.bundle("vite");
});

after(async () => {
  await stage?.close();
  await embed?.close();
});

async function blank(context, prepare = () => undefined) {
  const page = await context.newPage();
  await page.addInitScript(prepare);
  await page.goto(address);
  await page.waitForFunction(() => window.sdk !== undefined);
  return page;
}

async function open(page, room, relay = NOWHERE) {
  await page.evaluate(
    ([room, relay]) => {
      window.board = window.sdk.openBoard(room, { relay, worker: false, person: { id: "ann", name: "Ann", colour: 1 } });
    },
    [room, relay],
  );
  await until("the board to be shown", () => page.evaluate(() => window.board.getSnapshot().ready));
}

const titles = (page) =>
  page.evaluate(() => {
    const { columns, unsorted } = window.board.getSnapshot();
    return [...columns.flatMap(({ cards }) => cards), ...unsorted].map(({ title }) => title);
  });

const shows = (page, expected) =>
  until(`${expected.length} cards`, async () => JSON.stringify(await titles(page)) === JSON.stringify(expected));

const status = (page) => page.evaluate(() => window.board.getSnapshot().status);

/** Adds cards one by one; each is on the disk before the next. */
const add = (page, cards) =>
  page.evaluate(async (cards) => {
    const [{ id: column }] = window.board.getSnapshot().columns;
    for (const title of cards) await window.board.addCard({ column, title }).stored();
  }, cards);

/** What lies in a store of the database: keys and bytes. */
const records = (page, store) =>
  page.evaluate(async (store) => {
    const done = (request) => new Promise((resolve, reject) => { request.onsuccess = () => resolve(request.result); request.onerror = reject; });
    const database = await done(indexedDB.open("warroom"));
    const objects = database.transaction(store).objectStore(store);
    const [keys, values] = await Promise.all([done(objects.getAllKeys()), done(objects.getAll())]);
    database.close();
    return keys.map((key, i) => [key, [...values[i]]]);
  }, store);

/** Reading chunks takes until `window.letRead`. */
function readLate() {
  const read = IDBObjectStore.prototype.getAll;
  IDBObjectStore.prototype.getAll = function (...range) {
    const wait = () => { if (window.letRead !== true) this.get("nothing").onsuccess = wait; };
    if (this.name === "chunks") wait();
    return read.apply(this, range);
  };
}

test("a board is shown before its history has been read, and what is done meanwhile is done then", async () => {
  const context = await stage.browser.newContext();
  const first = await blank(context);
  await open(first, "early");
  await add(first, ["one", "two"]);
  await until("the board to be at rest", async () => (await records(first, "projections")).length > 0);
  await first.evaluate(() => window.board.close());
  await first.close();

  const page = await blank(context, readLate);
  await open(page, "early");
  await shows(page, ["one", "two"]);
  assert.equal((await status(page)).phase, "opening");
  await page.evaluate(() => {
    const [{ id: column }] = window.board.getSnapshot().columns;
    window.kept = window.board.addCard({ column, title: "three" }).stored();
  });
  assert.deepEqual(await titles(page), ["one", "two"]);
  await page.evaluate(() => { window.letRead = true; });
  await shows(page, ["one", "two", "three"]);
  await page.evaluate(() => window.kept);
  await context.close();
});

test("a body is shown and typed into before its history has been read", async () => {
  const context = await stage.browser.newContext();
  const first = await blank(context);
  await open(first, "bodies");
  await add(first, ["one"]);
  await first.evaluate(() => {
    const { id } = window.board.getSnapshot().columns[0].cards[0];
    window.text = window.board.openText({ field: "body", card: id });
    window.text.splice(0, 0, "as it was");
    window.text.flush();
  });
  await until("the body to be at rest", async () => (await records(first, "projections")).length > 1);
  await first.evaluate(() => window.board.close());
  await first.close();

  const page = await blank(context);
  await open(page, "bodies");
  await until("the board to be read", async () => (await status(page)).phase !== "opening");
  await page.evaluate(readLate);
  await page.evaluate(() => {
    const { id } = window.board.getSnapshot().columns[0].cards[0];
    window.text = window.board.openText({ field: "body", card: id });
  });
  await until("the body", async () => (await page.evaluate(() => window.text.content)) === "as it was");
  assert.equal(await page.evaluate(() => window.text.ready), false);
  await page.evaluate(() => {
    window.text.splice(9, 0, ", and more");
    window.letRead = true;
  });
  await until("the text to be open", () => page.evaluate(() => window.text.ready));
  assert.equal(await page.evaluate(() => window.text.content), "as it was, and more");
  await context.close();
});

test("many chunks become few in a pause, and everything is still there", async () => {
  const context = await stage.browser.newContext();
  const first = await blank(context);
  await open(first, "many");
  const cards = Array.from({ length: 60 }, (_, index) => `card ${index}`);
  await add(first, cards);
  assert.ok((await records(first, "chunks")).length >= 60);
  await until("the chunks to be few", async () => (await records(first, "chunks")).length <= 3, 20_000);
  await first.close();

  const page = await blank(context);
  await open(page, "many");
  await until("the board to be read", async () => (await status(page)).phase !== "opening");
  await shows(page, cards);
  assert.equal((await status(page)).quarantined, 0);
  assert.equal((await status(page)).storage, "durable");
  await context.close();
});

test("a storage of the first version is taken over with all that is in it", async () => {
  const old = await stage.browser.newContext();
  const source = await blank(old);
  await open(source, "old");
  await add(source, ["from before"]);
  const chunks = await records(source, "chunks");
  await old.close();

  const context = await stage.browser.newContext();
  const page = await blank(context);
  await page.evaluate(async (chunks) => {
    const done = (request) => new Promise((resolve, reject) => { request.onsuccess = () => resolve(request.result); request.onerror = reject; });
    const request = indexedDB.open("warroom", 1);
    request.onupgradeneeded = () => { for (const store of ["chunks", "quarantine"]) request.result.createObjectStore(store); };
    const database = await done(request);
    const store = database.transaction("chunks", "readwrite").objectStore("chunks");
    for (const [key, bytes] of chunks) await done(store.put(new Uint8Array(bytes), key));
    database.close();
  }, chunks);
  await open(page, "old");
  await shows(page, ["from before"]);
  await until("what it reads as to be kept", async () => (await records(page, "projections")).length > 0);
  const keys = (await records(page, "chunks")).map(([key]) => JSON.stringify(key));
  assert.ok(chunks.every(([key]) => keys.includes(JSON.stringify(key))));
  await context.close();
});
