/**
 * Goal: a person whose board is in danger sees it, knows what to do and can do it. Method: storage that is full, a browser that
 * may throw data away, a relay that does not answer, an address that is no room; real Chromium.
 */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";

import { shoot, Stage } from "../harness/stage.mjs";
import { until } from "../harness/until.mjs";

let stage;
before(async () => { stage = await Stage.open(); });
after(async () => { assert.deepEqual(await stage.close(), []); });

/** Lets the engine's worker write, or not. */
async function setFull(tab, isFull) {
  await tab.page.workers()[0].evaluate((full) => {
    self.realPut ??= IDBObjectStore.prototype.put;
    IDBObjectStore.prototype.put = full
      ? () => { throw new DOMException("full", "QuotaExceededError"); }
      : self.realPut;
  }, isFull);
}

test("full storage stays in sight, the board can be saved as a file, and all is well when there is space again", async () => {
  const adam = await stage.person("Adam");
  const tab = await adam.enter("full");
  await tab.firstCard("Before");
  await tab.open("Before");
  await tab.writeBody("What the others need to know.");
  await tab.shut();
  await tab.pillSays("Live · all saved");
  await setFull(tab, true);
  await tab.add("Doing", "While it is full");
  const alarm = tab.page.getByRole("region", { name: "Storage" });
  await alarm.getByText("This device’s storage is full").waitFor();
  await tab.pillSays("Not saved on this device");
  await until("the relay to have it", async () => (await alarm.innerText()).includes("Everything is saved at"));
  await shoot(tab.page, "full-light-1440");

  const download = tab.page.waitForEvent("download");
  await alarm.getByRole("button", { name: "Save a copy" }).click();
  const file = await download;
  assert.equal(file.suggestedFilename(), "full.md");
  const text = await readFile(await file.path(), "utf8");
  assert.match(text, /## To do\n\n- Before\n\n {2}What the others need to know\.\n/);
  assert.match(text, /## Doing\n\n- While it is full\n/);

  await adam.goOffline();
  await tab.add("Doing", "Only in this tab");
  await until("the alarm to say so", async () => (await alarm.innerText()).includes("1 change so far is in this tab alone"));
  await setFull(tab, false);
  await until("the alarm to go", async () => (await alarm.count()) === 0, 60_000);
  await tab.page.reload();
  await tab.hasTitles("Doing", ["While it is full", "Only in this tab"]);
  await adam.goOnline();
  await tab.pillSays("Live · all saved", 40_000);
});

test("“Keep data on this device” tells what the browser answered", async () => {
  const bea = await stage.person("Bea");
  await bea.context.addInitScript(() => {
    let kept = false;
    window.agrees = false;
    navigator.storage.persist = async () => (kept = window.agrees);
    navigator.storage.persisted = async () => kept;
  });
  const tab = await bea.enter("keep");
  await tab.page.locator(".pill").click();
  const details = tab.page.getByRole("dialog", { name: "Connection" });
  await details.getByText("This browser may clear data").waitFor();
  await details.getByRole("button", { name: "Keep data on this device" }).click();
  await details.getByText("The browser did not agree.").waitFor();
  await tab.page.evaluate(() => { window.agrees = true; });
  await details.getByRole("button", { name: "Keep data on this device" }).click();
  await details.getByText("This browser keeps the data of this site.").waitFor();
  assert.equal(await details.getByRole("button", { name: "Keep data on this device" }).count(), 0);
});

test("“Try now” connects without waiting for the next attempt", async () => {
  const caro = await stage.person("Caro");
  const tab = await caro.enter("retry");
  await tab.firstCard("Reach me");
  await tab.pillSays("Live · all saved");
  caro.link.cut();
  await tab.pillSays(/^Relay unreachable/, 30_000);
  await tab.page.locator(".pill").click();
  const details = tab.page.getByRole("dialog", { name: "Connection" });
  // At the beginning of a long pause, so that what comes next is the button's doing.
  const pause = async () => Number(/Trying again in (\d+) s/.exec(await details.innerText())?.[1] ?? 0);
  await until("a pause of seconds", async () => (await pause()) >= 3, 60_000);
  caro.link.restore();
  await details.getByRole("button", { name: "Try now" }).click();
  await tab.pillSays("Live · all saved", 2_500);
});

test("an address that is no room says so and leads back", async () => {
  const dan = await stage.person("Dan", { viewport: { width: 390, height: 844 } });
  const tab = await dan.tab("/r/automerge:nonsense");
  await tab.page.getByRole("heading", { name: "This board could not be opened" }).waitFor();
  await shoot(tab.page, "no-room-light-390");
  await tab.page.getByRole("button", { name: "All rooms" }).click();
  await tab.page.getByRole("heading", { name: "War Room" }).waitFor();
});

test("on a phone a room can be renamed and its link copied", async () => {
  const eve = await stage.person("Eve", { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, permissions: ["clipboard-read", "clipboard-write"] });
  const tab = await eve.enter("phone");
  await tab.firstCard("Here");
  await tab.page.getByRole("button", { name: "Phone", exact: true }).tap();
  await tab.page.getByRole("textbox", { name: "Room title" }).fill("Harbour desk");
  await tab.page.keyboard.press("Enter");
  await tab.page.getByRole("heading", { name: "Harbour desk" }).waitFor();
  await tab.page.locator("button.people").tap();
  await tab.page.getByRole("button", { name: "Copy link" }).tap();
  await tab.page.getByText("Link copied.").first().waitFor();
  assert.equal(await tab.page.evaluate(() => navigator.clipboard.readText()), `${eve.link.origin}/r/phone`);
});
