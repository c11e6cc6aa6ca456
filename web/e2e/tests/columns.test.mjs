/** Columns and the archive: limits that warn, roles, colours, order, folding; what was archived or deleted comes back. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { findings } from "../harness/axe.mjs";
import { shoot, Stage } from "../harness/stage.mjs";
import { until } from "../harness/until.mjs";

let stage;
let adam, bea;
before(async () => {
  stage = await Stage.open();
  [adam, bea] = [await stage.person("Adam"), await stage.person("Bea", { colorScheme: "dark" })];
});
after(async () => { assert.deepEqual(await stage.close(), []); });

async function columnMenu(tab, column, entry) {
  await tab.column(column).getByRole("button", { name: `Actions for column ${column}` }).click();
  await tab.page.getByRole("menuitem", { name: entry, exact: true }).click();
}
const order = (tab) => tab.page.locator("section.column h2").allInnerTexts().then((all) => all.map((text) => text.toLowerCase()));

test("a column's settings reach everybody; its limit warns and refuses nothing", async () => {
  const a = await adam.enter("columns");
  const b = await bea.enter("columns");
  await a.firstCard("One");
  await a.add("Doing", "Two");
  await columnMenu(a, "Doing", "Settings…");
  await a.page.getByLabel("Limit of cards").fill("none");
  await a.page.getByRole("button", { name: "Save", exact: true }).click();
  await a.page.getByText("A whole number from 1 to 999").waitFor();
  await a.page.getByLabel("Limit of cards").fill("1");
  await a.page.getByText("Teal", { exact: true }).click();
  assert.deepEqual(await findings(a.page), []);
  await shoot(a.page, "column-settings-light-1440");
  await a.page.getByRole("button", { name: "Save", exact: true }).click();
  await b.column("Doing").getByText("1 card, limit 1").waitFor({ state: "attached" });

  await b.card("One").getByRole("link").focus();
  await b.page.keyboard.press(">");
  await b.page.locator(".toast").filter({ hasText: "It is over its limit (2 of 1)" }).waitFor();
  await a.column("Doing").getByText("2 cards, over the limit of 1").waitFor({ state: "attached" });
  assert.deepEqual(await findings(b.page), []);
  await shoot(b.page, "columns-dark-1440");
});

test("columns are put in order by keys and by menu, and folded on this device only", async () => {
  const a = await adam.enter("columns");
  const b = await bea.enter("columns");
  await a.column("Done").getByRole("button", { name: "Actions for column Done" }).focus();
  await a.page.keyboard.press("Alt+Shift+ArrowLeft");
  await until("Bea to see the new order", async () => (await order(b)).join() === "to do,done,doing");
  assert.equal(await a.page.evaluate(() => document.activeElement?.getAttribute("aria-label")), "Actions for column Done");
  await columnMenu(a, "To do", "Move to the end");
  await until("Bea to see the new order", async () => (await order(b)).join() === "done,doing,to do");

  await columnMenu(a, "Doing", "Collapse");
  const folded = a.page.getByRole("button", { name: /^Expand\s+Doing\s/ });
  await folded.waitFor();
  assert.deepEqual(await findings(a.page), []);
  await shoot(a.page, "folded-light-1440");
  await b.card("One").waitFor();
  await a.page.reload();
  await folded.click();
  await a.card("One").waitFor();
});

test("what was archived or deleted is in the archive, and comes back from there", async () => {
  const a = await adam.enter("archive");
  const b = await bea.enter("archive");
  await a.firstCard("Keep");
  await a.add("Doing", "Old one", "Old two");
  await a.choose("Keep", "Delete");
  await columnMenu(a, "Doing", "Archive all cards");
  await b.hasTitles("Doing", []);
  await columnMenu(a, "Doing", "Delete column");
  await a.page.getByRole("button", { name: "Actions for this room" }).click();
  await a.page.getByRole("menuitem", { name: "Archive" }).click();
  const stored = a.page.getByRole("complementary", { name: "Archive" });
  await stored.getByText("Doing, which is deleted: it comes back to Unsorted").first().waitFor();
  assert.deepEqual(await findings(a.page), []);
  await shoot(a.page, "archive-light-1440");
  await stored.getByRole("button", { name: "Restore Doing" }).click();
  await stored.getByRole("searchbox", { name: "Find in the archive" }).fill("ONE old");
  await until("one card to be found", async () => (await stored.getByRole("listitem").count()) === 1);
  await stored.getByRole("button", { name: "Restore Old one" }).click();
  await stored.getByText("Nothing here has these words.").waitFor();
  await b.hasTitles("Doing", ["Old one"]);
  await stored.getByRole("searchbox", { name: "Find in the archive" }).fill("");
  await stored.getByRole("button", { name: "Delete Old two" }).click();
  await stored.getByRole("region", { name: "Deleted cards" }).getByText("Old two").waitFor();
  await stored.getByRole("button", { name: "Restore Keep" }).click();
  await b.hasTitles("To do", ["Keep"]);
});
