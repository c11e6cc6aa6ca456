/** Menus, dialogs, messages, held keys and typing at the same time: one acts on what one sees, and the focus stays near it. */

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

test("a title that is renamed in place is nobody else's, and the focus goes back to its button", async () => {
  const bea = await stage.person("Bea");
  const a = await adam.enter("rename");
  const b = await bea.enter("rename");
  await a.firstCard("One");
  await b.card("One").waitFor();
  const rename = async (tab, column) => {
    await tab.column(column).getByRole("button", { name: `Actions for column ${column}` }).click();
    await tab.page.getByRole("menuitem", { name: "Rename" }).click();
    return tab.page.getByRole("textbox", { name: "Column title" });
  };
  const mine = await rename(a, "Doing");
  await a.page.keyboard.type("In hand");
  await (await rename(b, "Doing")).fill("Under way");
  await b.page.keyboard.press("Enter");
  await until("Adam's board to have Bea's title", async () => (await a.page.locator("section.column h2.unseen").textContent()) === "Under way");
  assert.equal(await mine.inputValue(), "In hand");
  await a.page.keyboard.press("Enter");
  await b.column("In hand").waitFor();
  await until("the focus on the menu's button", () => a.page.evaluate(() => document.activeElement.ariaLabel === "Actions for column In hand"));
});

test("what is being typed as a board's first card is kept when somebody else is first", async () => {
  const a = await adam.enter("first");
  const b = await stage.people[1].enter("first");
  await a.page.getByLabel("Add your first card").focus();
  await a.page.keyboard.type("From Ad");
  await b.firstCard("From Bea");
  await a.card("From Bea").waitFor();
  await a.page.keyboard.type("am");
  await a.page.keyboard.press("Enter");
  await b.hasTitles("To do", ["From Bea", "From Adam"]);
});

test("the name prompt stays until it is answered, however often Escape is pressed", async () => {
  const carla = await stage.person("Carla", { isStranger: true });
  const tab = await carla.tab("/r/menus");
  const prompt = tab.page.getByRole("dialog", { name: "Who are you?" });
  await prompt.waitFor();
  for (let times = 0; times < 3; times += 1) {
    await tab.page.keyboard.press("Escape");
    await settled(tab);
  }
  assert.equal(await prompt.isVisible(), true);
  await tab.page.getByLabel("Your name").fill("Carla");
  await tab.page.keyboard.press("Enter");
  await tab.card("One").waitFor();
});

test("a board that cannot be shown says so, and comes back", async () => {
  const dora = await stage.person("Dora");
  const tab = await dora.enter("broken");
  await tab.firstCard("One");
  await tab.pillSays("Live · all saved");
  await tab.page.evaluate(() => {
    const { toISOString } = Date.prototype;
    Date.prototype.toISOString = () => { throw new RangeError("Invalid time value"); };
    window.mend = () => { Date.prototype.toISOString = toISOString; };
  });
  await tab.page.keyboard.press("n");
  await tab.page.keyboard.type("Two");
  await tab.page.keyboard.press("Enter");
  await tab.page.getByRole("heading", { name: "This board can’t be shown" }).waitFor();
  await tab.page.evaluate(() => { window.mend(); });
  await tab.page.getByRole("button", { name: "Try again" }).click();
  await tab.card("Two").waitFor();
  assert.match(dora.complaints.splice(0).join("\n"), /Invalid time value/, "it is reported as well");
});

test("a message shows in the dialog that is open, and can be answered there", async () => {
  const narrow = await stage.person("Nora", { viewport: { width: 900, height: 800 } });
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

test("a word that is still being composed is kept when the panel closes under it", async () => {
  const tab = await adam.enter("composed");
  await tab.firstCard("One");
  await tab.open("One");
  await tab.body().focus();
  const keyboard = await tab.page.context().newCDPSession(tab.page);
  await keyboard.send("Input.imeSetComposition", { text: "hello", selectionStart: 5, selectionEnd: 5 });
  await tab.page.goBack();
  await tab.body().waitFor({ state: "detached" });
  await tab.open("One");
  await until("the word", async () => (await tab.body().inputValue()) === "hello");
});
