/** The activity of a room, live and in words; and what happened while one was away. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { findings } from "../harness/axe.mjs";
import { shoot, Stage } from "../harness/stage.mjs";
import { until } from "../harness/until.mjs";

let stage;
let adam, bea;
before(async () => {
  stage = await Stage.open();
  [adam, bea] = [await stage.person("Adam"), await stage.person("Bea", { colorScheme: "dark", viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true })];
});
after(async () => { assert.deepEqual(await stage.close(), []); });

const feedOf = (tab) => tab.page.getByRole("list", { name: "What happened, newest first" });

test("what others do is told as it happens, grouped, and leads to the card", async () => {
  const a = await adam.enter("feed");
  await a.firstCard("Restore uplink");
  const caro = await stage.person("Caro");
  const c = await caro.enter("feed");
  await a.page.getByRole("banner").getByRole("link", { name: "Activity" }).click();
  const list = feedOf(a);
  await list.getByRole("listitem").filter({ hasText: "Adam on Restore uplink" }).filter({ hasText: "added it to To do" }).waitFor();

  await c.open("Restore uplink");
  await c.writeBody("Ask the harbour master.");
  await c.shut();
  await c.card("Restore uplink").getByRole("link").focus();
  await c.page.keyboard.press(">");
  await list.getByRole("listitem").filter({ hasText: "Caro on Restore uplink" }).filter({ hasText: "edited the description" }).filter({ hasText: "moved it from To do to Doing" }).waitFor();
  await until("the focus to stay where it was", () => a.page.evaluate(() => document.activeElement?.textContent === "Activity"));
  assert.deepEqual(await findings(a.page), []);
  await shoot(a.page, "feed-light-1440");

  const b = await bea.enter("feed");
  await b.page.getByRole("button", { name: "Actions for this room" }).click();
  await b.page.getByRole("menuitem", { name: "Activity" }).click();
  await feedOf(b).getByRole("listitem").filter({ hasText: "Caro on Restore uplink" }).waitFor();
  assert.deepEqual(await findings(b.page), []);
  await shoot(b.page, "feed-dark-390");

  await list.getByRole("link", { name: "Restore uplink" }).first().click();
  await a.body().waitFor();
  await a.page.goBack();
  await list.waitFor();
  await a.page.getByRole("heading", { name: "Activity" }).press("Escape");
  await list.waitFor({ state: "detached" });
});

test("what changed while one was away is told in a line, and in full where one asks", async () => {
  const a = await adam.enter("away");
  const caro = stage.people.at(-1);
  const c = await caro.enter("away");
  await a.firstCard("Restore uplink");
  await a.add("To do", "Print map");
  await c.card("Print map").waitFor();
  await until("what was seen to be noted", () => a.page.evaluate(() => localStorage.getItem("warroom.seen.away") !== null));
  const noted = await a.page.evaluate(() => localStorage.getItem("warroom.seen.away"));
  await a.page.close();

  await c.card("Restore uplink").getByRole("link").focus();
  await c.page.keyboard.press(">");
  await c.add("Done", "Set up radio");
  await c.pillSays("Live · all saved");

  const again = await adam.enter("away");
  const line = again.page.locator(".toast").filter({ hasText: "While you were away:" });
  await line.filter({ hasText: "by Caro on 2 cards" }).waitFor();
  await line.getByRole("button", { name: "Show what" }).click();
  const sheet = again.page.getByRole("region", { name: "While you were away" });
  await sheet.getByText("moved it from To do to Doing").waitFor();
  await sheet.getByRole("link", { name: "Set up radio" }).waitFor();
  assert.deepEqual(await findings(again.page), []);
  await shoot(again.page, "away-light-1440");
  await sheet.getByRole("button", { name: "Seen" }).click();
  await sheet.waitFor({ state: "detached" });
  await until("the new moment to be noted", () => again.page.evaluate((before) => localStorage.getItem("warroom.seen.away") !== before, noted));
});
