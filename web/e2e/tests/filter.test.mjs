/** Finding cards by words, labels, people and due days, which the address keeps. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { findings } from "../harness/axe.mjs";
import { shoot, Stage } from "../harness/stage.mjs";
import { until } from "../harness/until.mjs";

let stage;
let adam, bea;
before(async () => {
  stage = await Stage.open();
  adam = await stage.person("Adam");
  bea = await stage.person("Bea", { colorScheme: "dark", viewport: { width: 320, height: 700 }, hasTouch: true, isMobile: true });
});
after(async () => { assert.deepEqual(await stage.close(), []); });

const count = (tab) => tab.page.getByRole("search").getByRole("status");

test("words find titles at once and descriptions after a moment; the address keeps them", async () => {
  const a = await adam.enter("find");
  await a.firstCard("Restore uplink");
  await a.add("To do", "Print map");
  await a.add("Doing", "Call the harbour");
  await a.open("Print map");
  await a.writeBody("The chart of the uplink mast.");
  await a.shut();

  await a.card("Print map").getByRole("link").focus();
  await a.page.keyboard.press("/");
  await a.page.getByRole("searchbox", { name: "Find cards by words" }).fill("UPLINK");
  await count(a).getByText("2 of 3 cards").waitFor();
  await a.card("Call the harbour").waitFor({ state: "detached" });
  assert.equal(new URL(a.page.url()).search, "?q=UPLINK");
  assert.deepEqual(await findings(a.page), []);
  await shoot(a.page, "filter-light-1440");

  await a.open("Print map");
  await a.shut();
  assert.equal(new URL(a.page.url()).search, "?q=UPLINK", "a card that is opened and closed leaves it as it is");
  await a.page.reload();
  await count(a).getByText("2 of 3 cards").waitFor();

  await a.add("Doing", "Something else");
  await a.card("Something else").waitFor();
  await a.page.getByRole("button", { name: "Show all" }).click();
  await a.card("Call the harbour").waitFor();
  assert.equal(new URL(a.page.url()).search, "");
});

test("what others add shows where it is asked for, and Escape ends the filter", async () => {
  const [a, b] = [await adam.enter("meet"), await bea.enter("meet")];
  await a.firstCard("Oil the gate");
  await a.page.keyboard.press("/");
  await a.page.getByRole("searchbox").fill("gate");
  await b.card("Oil the gate").waitFor();
  await b.add("To do", "Paint the gate");
  await b.add("To do", "Feed the cat");
  await a.card("Paint the gate").waitFor();
  await count(a).getByText("2 of 3 cards").waitFor();
  await a.page.getByRole("searchbox").press("Escape");
  await a.card("Feed the cat").waitFor();
  await until("the focus to go back to what opens it", () => a.page.evaluate(() => document.activeElement?.getAttribute("aria-label") === "Find cards"));
});

test("a label that is asked for, on a phone too", async () => {
  const a = await adam.enter("labels");
  await a.firstCard("Restore uplink");
  await a.add("To do", "Print map");
  await a.open("Print map");
  await a.page.getByRole("button", { name: "Edit labels" }).click();
  await a.page.getByPlaceholder("Find or create a label").fill("urgent");
  await a.page.getByRole("button", { name: "Create “urgent”" }).click();
  await a.page.keyboard.press("Escape");
  await a.shut();

  const b = await bea.enter("labels");
  await b.card("Restore uplink").waitFor();
  await b.page.getByRole("button", { name: "Actions for this room" }).click();
  await b.page.getByRole("menuitem", { name: "Find cards" }).click();
  await b.page.getByRole("search").getByRole("button", { name: "Labels" }).click();
  await b.page.getByRole("checkbox", { name: "urgent" }).check();
  await b.card("Restore uplink").waitFor({ state: "detached" });
  await b.card("Print map").waitFor();
  assert.deepEqual(await findings(b.page), []);
  await b.page.keyboard.press("Escape");
  await b.page.getByRole("button", { name: "Labels · 1" }).waitFor();
  assert.deepEqual(await findings(b.page), []);
  await shoot(b.page, "filter-dark-320");
});
