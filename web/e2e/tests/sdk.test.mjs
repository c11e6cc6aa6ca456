/**
 * Goal: the SDK keeps what people do, embedded by itself, in a worker and in the page's thread, when the engine breaks down and
 * when the browser takes the storage away. Method: the packed package in a Vite app of a few lines, real Chromium, the real relay.
 */

import assert from "node:assert/strict";
import { test } from "node:test";

import { embedded } from "../harness/embedded.mjs";
import { until } from "../harness/until.mjs";

const here = embedded();
let rooms = 0;

/** A page of a fresh browser profile, with `board` open as `window.board`. */
async function visit({ worker, room = `embed-${(rooms += 1)}`, profile, prepare = () => undefined }) {
  const context = profile ?? (await here.stage.browser.newContext());
  const page = await context.newPage();
  await page.addInitScript(prepare);
  await page.goto(here.address);
  await page.waitForFunction(() => window.sdk !== undefined);
  const relay = `ws://127.0.0.1:${here.stage.relay.port}/sync`;
  await page.evaluate(
    ([room, relay, worker]) => {
      window.notices = [];
      window.board = window.sdk.openBoard(room, { relay, worker, person: { id: "ann", name: "Ann", colour: 1 } });
      window.board.onNotice((notice) => window.notices.push(notice));
    },
    [room, relay, worker],
  );
  await until("the board to be read", () => page.evaluate(() => window.board.getSnapshot().ready));
  return { context, page, room };
}

const titles = (page) =>
  page.evaluate(() => {
    const { columns, unsorted } = window.board.getSnapshot();
    return [...columns.flatMap(({ cards }) => cards), ...unsorted].map(({ title }) => title);
  });

const status = (page) => page.evaluate(() => window.board.getSnapshot().status);

const shows = (page, expected) =>
  until(`the cards ${expected.join(", ")}`, async () => JSON.stringify(await titles(page)) === JSON.stringify(expected));

/** Adds a card to the first column, and makes one where there is none, and waits until it is safe: `stored`, `saved`, or not at all. */
const add = (page, title, safe) =>
  page.evaluate(
    async ([title, safe]) => {
      const { columns } = window.board.getSnapshot();
      const column = columns[0]?.id ?? window.board.addColumn({ title: "Lane" }).id;
      const edit = window.board.addCard({ column, title });
      if (safe !== undefined) await edit[safe]();
    },
    [title, safe],
  );

for (const worker of [true, false]) {
  const where = worker ? "in a worker" : "in the page's thread";

  test(`${where}: what is saved is there for others, and after a reload without a relay`, async () => {
    const one = await visit({ worker });
    await add(one.page, "first", "saved");
    const other = await visit({ worker: !worker, room: one.room });
    await shows(other.page, ["first"]);
    await add(other.page, "second", "stored");
    await shows(one.page, ["first", "second"]);
    await until("everything saved", async () => (await status(one.page)).phase === "saved");
    await one.page.close();
    await here.stage.relay.kill();
    try {
      const again = await visit({ worker, room: one.room, profile: one.context });
      await shows(again.page, ["first", "second"]);
      await add(again.page, "third", "stored");
      const { waiting, unsaved, phase } = await status(again.page);
      assert.equal(unsaved, 1);
      assert.ok(waiting >= 1 && phase !== "saved", `${waiting} wait while ${phase}`);
    } finally {
      await here.stage.relay.run();
    }
    await shows(other.page, ["first", "second", "third"]);
    await Promise.all([one.context.close(), other.context.close()]);
  });

  test(`${where}: an engine that breaks down starts again with everything that was typed`, async () => {
    const { context, page } = await visit({ worker });
    await add(page, "before", "saved");
    await page.evaluate(() => {
      const { id } = window.board.getSnapshot().columns[0].cards[0];
      window.text = window.board.openText({ field: "body", card: id });
    });
    await until("the body to open", () => page.evaluate(() => window.text.ready));
    await page.evaluate(() => window.text.splice(0, 0, "typed "));
    if (worker) {
      // nothing waits for the disk before the breakdown
      const added = add(page, "at the last moment");
      await page.workers()[0].evaluate(() => self.dispatchEvent(new ErrorEvent("error", { message: "out of memory" })));
      await added;
    } else {
      await page.evaluate(() => {
        // the engine asks for the time in every call, and does not expect that this fails
        const { now } = performance;
        performance.now = () => {
          performance.now = now;
          throw new RangeError("stack overflow");
        };
      });
      await add(page, "at the last moment");
    }
    await shows(page, ["before", "at the last moment"]);
    await page.evaluate(() => window.text.splice(6, 0, "more"));
    await until("both kept", async () => (await page.evaluate(() => window.text.content)) === "typed more");
    await add(page, "after", "saved");
    await until("everything saved", async () => (await status(page)).phase === "saved");
    assert.deepEqual(await page.evaluate(() => window.notices), []);
    const other = await visit({ worker: true, room: await page.evaluate(() => window.board.room) });
    await shows(other.page, ["before", "at the last moment", "after"]);
    await other.page.evaluate(() => {
      const { id } = window.board.getSnapshot().columns[0].cards[0];
      window.text = window.board.openText({ field: "body", card: id });
    });
    await until("the body to arrive", async () => (await other.page.evaluate(() => window.text.content)) === "typed more");
    await Promise.all([context.close(), other.context.close()]);
  });
}

test("verbs that are called together come to others together, are taken back together, and are refused together", async () => {
  const one = await visit({ worker: true });
  await add(one.page, "first", "saved");
  const other = await visit({ worker: false, room: one.room });
  await shows(other.page, ["first"]);
  const refused = await one.page.evaluate(async () => {
    const [todo, , done] = window.board.getSnapshot().columns;
    const whole = window.board.transact(() => {
      const { id } = window.board.addCard({ column: todo.id, title: "second" });
      window.board.moveCard(todo.cards[0].id, { column: done.id });
      window.board.addComment(id, "hello");
    });
    await whole.saved();
    const nothing = window.board.transact(() => {
      window.board.addCard({ column: todo.id, title: "third" });
      window.board.deleteCard("gone");
    });
    return nothing.stored().catch(({ code, message }) => ({ code, message }));
  });
  assert.equal(refused.code, "unknownCard");
  assert.match(refused.message, /command 2 was/);
  await shows(other.page, ["second", "first"]);
  await shows(one.page, ["second", "first"]);
  await one.page.evaluate(() => window.board.undo().saved());
  await shows(other.page, ["first"]);
});

test("a database that is deleted under the board is opened again", async () => {
  const { context, page } = await visit({ worker: false });
  await add(page, "first", "saved");
  await page.evaluate(
    () =>
      new Promise((resolve, reject) => {
        const request = indexedDB.deleteDatabase("warroom");
        request.onsuccess = resolve;
        request.onerror = reject;
      }),
  );
  await add(page, "second", "stored");
  assert.equal((await status(page)).storage, "durable");
  await context.close();
});

test("without storage the board works, and says that it keeps nothing", async () => {
  const prepare = () => {
    Object.defineProperty(window, "indexedDB", { value: undefined });
  };
  const { context, page } = await visit({ worker: false, prepare });
  await add(page, "fleeting", "saved");
  assert.equal((await status(page)).storage, "memoryOnly");
  await context.close();
});

test("a full disk is told, and editing and saving on the relay go on", async () => {
  const { context, page } = await visit({ worker: false });
  await add(page, "first", "saved");
  await page.evaluate(() => {
    IDBObjectStore.prototype.put = () => {
      throw new DOMException("full", "QuotaExceededError");
    };
  });
  await add(page, "second", "saved");
  await until("the status to say so", async () => (await status(page)).storage === "full");
  await shows(page, ["first", "second"]);
  await context.close();
});
