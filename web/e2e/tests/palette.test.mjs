/** The command palette: cards, rooms and what can be done, by a few letters. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { findings } from "../harness/axe.mjs";
import { shoot, Stage } from "../harness/stage.mjs";
import { until } from "../harness/until.mjs";

let stage;
let adam;
before(async () => {
  stage = await Stage.open();
  adam = await stage.person("Adam");
});
after(async () => { assert.deepEqual(await stage.close(), []); });

const field = (tab) => tab.page.getByRole("combobox", { name: "A card, a room, or what to do" });
const option = (tab, name) => tab.page.getByRole("option", { name });

test("a few letters and Enter open a card, do something, and go to another room", async () => {
  await (await adam.enter("harbour")).firstCard("Call the master");
  const a = await adam.enter("palette");
  await a.firstCard("Restore uplink");
  await a.add("To do", "Print map");

  await a.page.keyboard.press("Control+k");
  await field(a).fill("upl");
  await option(a, "Restore uplink in To do").waitFor();
  assert.deepEqual(await findings(a.page), []);
  await shoot(a.page, "palette-light-1440");
  await field(a).press("Enter");
  await a.body().waitFor();
  await a.shut();

  await a.page.keyboard.press("Control+k");
  await field(a).fill("new card");
  await field(a).press("Enter");
  await until("the composer to have the focus", () => a.page.evaluate(() => document.activeElement?.matches("[data-column='todo'] textarea")));

  await a.page.keyboard.press("Control+k");
  await field(a).fill("o");
  const first = await a.page.getByRole("option", { selected: true }).textContent();
  await field(a).press("ArrowDown");
  assert.notEqual(await a.page.getByRole("option", { selected: true }).textContent(), first);
  await field(a).press("ArrowUp");
  assert.equal(await a.page.getByRole("option", { selected: true }).textContent(), first);
  await field(a).fill("no such thing anywhere");
  await a.page.getByText("Nothing here has these words.").waitFor();
  await field(a).press("Enter");
  await field(a).fill("harb");
  await option(a, "Harbour").click();
  await a.card("Call the master").waitFor();
  await field(a).waitFor({ state: "detached" });
});
