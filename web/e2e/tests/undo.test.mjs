/** Undo and redo: one's own edits, by key, by button and by message; never a colleague's. */

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

test("one's own edits are taken back and done again by keys, and a message says what it was", async () => {
  const a = await adam.enter("undo-keys");
  const b = await bea.enter("undo-keys");
  await a.firstCard("Restore uplink");
  await a.add("To do", "Print map");
  await b.hasTitles("To do", ["Restore uplink", "Print map"]);
  await a.card("Print map").getByRole("link").focus();
  await a.page.keyboard.press(">");
  await b.hasTitles("Doing", ["Print map"]);
  await b.add("Done", "Bea's own");
  await a.card("Bea's own").waitFor();

  await a.page.keyboard.press("Control+z");
  await a.page.getByText("Undone: “Print map” is in To do", { exact: true }).first().waitFor();
  await b.hasTitles("To do", ["Restore uplink", "Print map"]);
  await b.hasTitles("Done", ["Bea's own"]);
  await a.page.keyboard.press("Control+Shift+z");
  await a.page.getByText("Done again: “Print map” is in Doing", { exact: true }).first().waitFor();
  await b.hasTitles("Doing", ["Print map"]);
  assert.deepEqual(await findings(a.page), []);
  await shoot(a.page, "undo-light-1440");
  await a.page.locator(".toast").filter({ hasText: "Done again" }).getByRole("button", { name: "Undo" }).click();
  await b.hasTitles("To do", ["Restore uplink", "Print map"]);
  await a.page.getByRole("banner").getByRole("button", { name: "Redo" }).click();
  await b.hasTitles("Doing", ["Print map"]);
  await a.page.getByRole("button", { name: "Actions for this room" }).click();
  await a.page.getByRole("menuitem", { name: "Undo" }).click();
  await b.hasTitles("To do", ["Restore uplink", "Print map"]);
});

test("what a colleague changed since is left alone, and one is told", async () => {
  const a = await adam.enter("undo-skipped");
  const b = await bea.enter("undo-skipped");
  await a.firstCard("Restore uplink");
  await a.card("Restore uplink").getByRole("link").focus();
  await a.page.keyboard.press(">");
  await b.hasTitles("Doing", ["Restore uplink"]);
  await b.card("Restore uplink").getByRole("link").focus();
  await b.page.keyboard.press(">");
  await a.hasTitles("Done", ["Restore uplink"]);
  await a.page.keyboard.press("Control+z");
  await a.page.locator(".toast").filter({ hasText: "was changed after you" }).waitFor();
  await b.hasTitles("Done", ["Restore uplink"]);
});

test("with nothing left, one is told so; in a text field the keys are the field's", async () => {
  const c = await stage.person("Caro").then((caro) => caro.enter("undo-keys"));
  await c.card("Restore uplink").getByRole("link").focus();
  await c.page.keyboard.press("Control+z");
  await c.page.locator(".toast").filter({ hasText: "left to undo" }).waitFor();
  await c.page.keyboard.press("Control+y");
  await c.page.locator(".toast").filter({ hasText: "left to do again" }).waitFor();

  await c.page.keyboard.press("n");
  const box = c.column("To do").getByRole("textbox");
  await box.pressSequentially("Half a thought");
  await c.page.keyboard.press("Control+z");
  await until("the field to undo its own", async () => (await box.inputValue()) !== "Half a thought");
  await c.card("Restore uplink").waitFor();
});
