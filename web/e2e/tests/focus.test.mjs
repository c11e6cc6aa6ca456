/** Menus, dialogs, messages and held keys: one acts on what one sees, and the focus stays near it. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { Stage } from "../harness/stage.mjs";
import { until } from "../harness/until.mjs";

let stage;
let adam;
before(async () => {
  stage = await Stage.open();
  adam = await stage.person("Adam");
});
after(async () => { assert.deepEqual(await stage.close(), []); });

const hasFocus = (tab, text) =>
  until(`the focus on ${text}`, async () => (await tab.page.evaluate(() => document.activeElement.textContent.trim())) === text);
/** Two frames: whatever the browser has put off for a task has happened. */
const settled = (tab) => tab.page.evaluate(() => new Promise((resolve) => { requestAnimationFrame(() => { requestAnimationFrame(resolve); }); }));

test("a click on another card's menu button opens that menu", async () => {
  const tab = await adam.enter("menus");
  await tab.firstCard("One");
  await tab.add("Doing", "Two");
  await tab.card("One").getByRole("button", { name: "Actions for One" }).click();
  await tab.page.getByRole("menu", { name: "Actions for One" }).waitFor();
  await tab.card("Two").getByRole("button", { name: "Actions for Two" }).click();
  await settled(tab);
  assert.equal(await tab.page.getByRole("menu", { name: "Actions for Two" }).count(), 1);
  await tab.page.keyboard.press("Escape");
});

test("a key that is held acts once", async () => {
  const tab = await adam.enter("held");
  await tab.firstCard("One");
  await tab.card("One").getByRole("link").focus();
  for (let times = 0; times < 2; times += 1) await tab.page.keyboard.down("Space");
  assert.equal(await tab.carries(), true);
  await tab.page.keyboard.up("Space");
  await tab.page.keyboard.press("Escape");
  await hasFocus(tab, "One");
  for (let times = 0; times < 2; times += 1) await tab.page.keyboard.down("Enter");
  await tab.page.keyboard.up("Enter");
  await tab.body().waitFor();
});

test("the focus goes to the next card when one leaves, and back where it was after a message or a form", async () => {
  const tab = await adam.enter("focus");
  await tab.firstCard("One");
  await tab.add("To do", "Two", "Three");
  await tab.open("One");
  await tab.page.getByRole("button", { name: "Archive One" }).click();
  await hasFocus(tab, "Two");
  await tab.open("Two");
  await tab.page.getByRole("button", { name: "Delete Two" }).click();
  await hasFocus(tab, "Three");

  await tab.page.getByRole("button", { name: "Add column" }).click();
  await tab.page.keyboard.press("Escape");
  await hasFocus(tab, "Add column");

  await tab.page.locator(".toast", { hasText: "Deleted “Two”" }).getByRole("button", { name: "Undo" }).click();
  await tab.hasTitles("To do", ["Two", "Three"]);
  await hasFocus(tab, "Add column");
});

test("a message shows in the dialog that is open, and can be answered there", async () => {
  const narrow = await stage.person("Bea", { viewport: { width: 900, height: 800 } });
  const tab = await narrow.enter("dialogs");
  await tab.firstCard("One");
  await tab.open("One");
  const panel = tab.page.getByRole("dialog", { name: "Card One" });
  await panel.getByRole("button", { name: "Move to…" }).click();
  await tab.page.getByRole("combobox", { name: "Column" }).selectOption({ label: "Doing" });
  await tab.page.getByRole("button", { name: "Move", exact: true }).click();
  await panel.getByRole("status").getByText("Moved “One” to Doing").waitFor({ state: "attached" });
  await panel.getByRole("button", { name: "Undo" }).click();
  await tab.shut();
  await tab.hasTitles("To do", ["One"]);
});
