/**
 * Goal: a change that makes automerge fail takes nobody's board away: the engine starts again, finds out which one it was, leaves
 * it out, and knows it at the next start. Method: real changes of that kind, which guard and relay take
 * (`relay/tests/hostile/poison.rs` makes them), at the real relay; the SDK in real Chromium.
 */

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";

import bs58check from "bs58check";

import { Embed } from "../harness/embed.mjs";
import { RawPeer } from "../harness/raw-peer.mjs";
import { Stage } from "../harness/stage.mjs";
import { until } from "../harness/until.mjs";

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

/** A page with the room's board open, which counts the engine's breakdowns. */
async function visit(context, room, worker) {
  const page = await context.newPage();
  page.breakdowns = 0;
  page.on("console", (message) => {
    if (message.text().startsWith("warroom:engine") && message.text().includes("broken")) page.breakdowns += 1;
  });
  await page.addInitScript(() => localStorage.setItem("debug", "warroom:engine"));
  await page.goto(address);
  await page.waitForFunction(() => window.sdk !== undefined);
  await page.evaluate(
    ([room, relay, worker]) => {
      window.board = window.sdk.openBoard(room, { relay, worker, person: { id: "bea", name: "Bea", colour: 2 } });
    },
    [room, `ws://127.0.0.1:${stage.relay.port}/sync`, worker],
  );
  return page;
}

const seen = (page) =>
  page.evaluate(() => {
    const { columns, status } = window.board.getSnapshot();
    const titles = columns.flatMap(({ cards }) => cards.map(({ title }) => title));
    return { titles: titles.sort().join(), leftOut: status.leftOut, phase: status.phase, error: status.error };
  });

/** Waits until the board is all there. */
async function shows(page, titles) {
  let last;
  try {
    await until(`${titles}, saved, one change left out`, async () => {
      last = await seen(page);
      return last.titles === titles && last.phase === "saved" && last.leftOut === 1;
    });
  } catch (error) {
    throw new Error(`${error.message}; ${page.breakdowns} breakdowns; last ${JSON.stringify(last)}`, { cause: error });
  }
}

/** A fresh room that holds one honest card and the change. */
async function poisonedRoom(kind) {
  const id = bs58check.encode(randomBytes(16));
  const peer = await RawPeer.join(stage.relay.port);
  await peer.sync(id, await readFile(new URL(`../fixtures/poison/${kind}.bin`, import.meta.url)));
  peer.close();
  return `automerge:${id}`;
}

for (const kind of ["panics", "bricks"]) {
  for (const worker of [true, false]) {
    test(`a change that ${kind} is left out, in ${worker ? "a worker" : "the page's thread"}`, async () => {
      const room = await poisonedRoom(kind);
      const context = await stage.browser.newContext();
      const page = await visit(context, room, worker);
      await shows(page, "still here");
      await page.evaluate(() => window.board.addCard({ column: "todo", title: "and here" }).saved());
      await page.close();
      const again = await visit(context, room, worker);
      await shows(again, "and here,still here");
      assert.equal(again.breakdowns, 0, "what the first visit learnt is known to the second");
      const other = await visit(await stage.browser.newContext(), room, worker);
      await shows(other, "and here,still here");
      await Promise.all([context.close(), other.context().close()]);
    });
  }
}
