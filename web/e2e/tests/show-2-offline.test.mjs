/** Show 2: one browser loses its network; both work on; the offline one is reloaded and comes back; both show both people's work. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { shoot, Stage } from "../harness/stage.mjs";
import { until } from "../harness/until.mjs";

let stage;
before(async () => { stage = await Stage.open(); });
after(async () => { assert.deepEqual(await stage.close(), []); });

/** Waits until the page and everything it needs is kept on this device. */
async function isKept(tab) {
  await tab.page.waitForFunction(async () => {
    const registration = await navigator.serviceWorker.ready;
    return registration.active?.state === "activated" && navigator.serviceWorker.controller !== null;
  });
}

test("offline edits survive a reload without a network and merge on return, and the pill says what is waiting", async () => {
  const [adam, bea] = [await stage.person("Adam"), await stage.person("Bea")];
  const a = await adam.enter("field");
  const b = await bea.enter("field");
  await a.firstCard("Reroute the convoy");
  await b.card("Reroute the convoy").waitFor();
  await a.pillSays("Live · all saved");
  await isKept(b);

  await bea.goOffline();
  await b.pillSays(/^Offline · /);
  await b.add("To do", "Written in the tunnel");
  await b.open("Reroute the convoy");
  await b.writeBody("Bea was here. ");
  await b.shut();
  await b.pillSays(/^Offline · [1-9]\d* changes? waiting$/);
  await shoot(b.page, "offline-light-1440");

  await a.add("To do", "Written at the desk");
  await a.open("Reroute the convoy");
  await a.writeBody("Adam was here. ");
  await a.shut();

  await b.page.reload();
  await b.card("Written in the tunnel").waitFor();
  await b.pillSays(/^Offline · [1-9]\d* changes? waiting$/);
  await b.open("Reroute the convoy");
  await until("Bea's own words after the reload", async () => (await b.body().inputValue()) === "Bea was here. ");

  await bea.goOnline();
  await b.card("Written at the desk").waitFor();
  await a.card("Written in the tunnel").waitFor();
  await b.pillSays("Live · all saved");
  await a.pillSays("Live · all saved");
  await a.open("Reroute the convoy");
  await until("both people's words on both sides", async () => {
    const [left, right] = [await a.body().inputValue(), await b.body().inputValue()];
    return left === right && left.includes("Adam was here. ") && left.includes("Bea was here. ");
  });
  assert.deepEqual((await a.titles("To do")).sort(), (await b.titles("To do")).sort());
});

test("two browsers that were offline from the start write the first line of one card's body: both lines are there", async () => {
  const [caro, dan] = [await stage.person("Caro"), await stage.person("Dan")];
  const c = await caro.enter("first-lines");
  const d = await dan.enter("first-lines");
  await c.firstCard("Field report");
  await d.card("Field report").waitFor();
  await c.pillSays("Live · all saved");
  await caro.goOffline();
  await dan.goOffline();
  await c.pillSays(/^Offline/);
  await d.pillSays(/^Offline/);
  await c.open("Field report");
  await d.open("Field report");
  await c.writeBody("First line by Caro.\n");
  await d.writeBody("First line by Dan.\n");
  await c.pillSays(/^Offline · [1-9]/);
  await d.pillSays(/^Offline · [1-9]/);
  await caro.goOnline();
  await dan.goOnline();
  await until("both first lines on both sides", async () => {
    const [left, right] = [await c.body().inputValue(), await d.body().inputValue()];
    return left === right && left.includes("First line by Caro.\n") && left.includes("First line by Dan.\n");
  });
});

test("a room that was never reached opens empty without a network and takes cards", async () => {
  const eve = await stage.person("Eve");
  const tab = await eve.enter("known");
  await isKept(tab);
  await eve.goOffline();
  const other = await eve.tab("/r/never-reached");
  await other.firstCard("Begun under ground");
  await other.pillSays(/^Offline · [1-9]/);
  await eve.goOnline();
  await other.pillSays("Live · all saved");
  const finn = await stage.person("Finn");
  const seen = await finn.enter("never-reached");
  await seen.hasTitles("To do", ["Begun under ground"]);
});
