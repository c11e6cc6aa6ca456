/** Show 1: two browsers on one room; what one does to a card appears in the other. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { shoot, Stage } from "../harness/stage.mjs";
import { until } from "../harness/until.mjs";

let stage;
before(async () => { stage = await Stage.open(); });
after(async () => { assert.deepEqual(await stage.close(), []); });

test("a card created, moved, edited and deleted in one browser appears in the other", async () => {
  const [adam, bea] = [await stage.person("Adam"), await stage.person("Bea", { colorScheme: "dark" })];
  const a = await adam.enter("together");
  const b = await bea.enter("together");

  await a.firstCard("Restore uplink at Pier 4");
  await b.hasTitles("To do", ["Restore uplink at Pier 4"]);

  await b.add("To do", "Confirm generator fuel", "Print sector map");
  await a.hasTitles("To do", ["Restore uplink at Pier 4", "Confirm generator fuel", "Print sector map"]);

  await a.lift("Confirm generator fuel");
  await a.carryTo("Doing");
  await a.page.mouse.up();
  await b.hasTitles("Doing", ["Confirm generator fuel"]);
  await b.hasTitles("To do", ["Restore uplink at Pier 4", "Print sector map"]);

  await b.open("Confirm generator fuel");
  await b.title().fill("Confirm generator fuel with the site team");
  await b.writeBody("Ask for litres, not hours.");
  await a.card("Confirm generator fuel with the site team").waitFor();
  await a.open("Confirm generator fuel with the site team");
  await until("Bea's words in Adam's panel", async () => (await a.body().inputValue()) === "Ask for litres, not hours.");
  await shoot(a.page, "together-light-1440");
  await shoot(b.page, "together-dark-1440");
  await a.shut();
  await b.shut();

  await a.choose("Print sector map", "Delete");
  await b.card("Print sector map").waitFor({ state: "detached" });
  await b.hasTitles("To do", ["Restore uplink at Pier 4"]);

  await a.page.getByRole("button", { name: "Undo" }).last().click();
  await b.hasTitles("To do", ["Restore uplink at Pier 4", "Print sector map"]);
  await a.pillSays("Live · all saved");
  await b.pillSays("Live · all saved");
});

test("two people type in one description and both see both", async () => {
  const a = await stage.people[0].enter("typing");
  const b = await stage.people[1].enter("typing");
  await a.firstCard("Situation report");
  await b.card("Situation report").waitFor();
  await a.open("Situation report");
  await b.open("Situation report");
  await a.writeBody("From Adam. ");
  await until("Bea to see Adam's words", async () => (await b.body().inputValue()).includes("From Adam."));
  await Promise.all([a.writeBody("The bridge holds."), b.writeBody("The road is wet.")]);
  await until("the same text on both sides, nothing missing", async () => {
    const [left, right] = [await a.body().inputValue(), await b.body().inputValue()];
    const letters = (text) => [...text].sort().join("");
    return left === right && letters(left) === letters("From Adam. The bridge holds.The road is wet.");
  });
});

test("Ctrl+Z in a description takes back one's own words, not the other's", async () => {
  const a = await stage.people[0].enter("undo-text");
  const b = await stage.people[1].enter("undo-text");
  await a.firstCard("Log");
  await b.card("Log").waitFor();
  await a.open("Log");
  await b.open("Log");
  await a.writeBody("Adam was here.");
  await until("Bea to see it", async () => (await b.body().inputValue()) === "Adam was here.");
  await b.body().focus();
  await b.page.keyboard.press("Control+Home");
  await b.page.keyboard.type("Bea: ");
  await until("Adam to see hers", async () => (await a.body().inputValue()) === "Bea: Adam was here.");
  await a.body().focus();
  await a.page.keyboard.press("Control+z");
  await until("both without Adam's words", async () => (await a.body().inputValue()) === "Bea: " && (await b.body().inputValue()) === "Bea: ");
  await a.page.keyboard.press("Control+Shift+z");
  await until("his words to be back", async () => (await b.body().inputValue()) === "Bea: Adam was here.");
});

test("typing shows while it lasts and stops a second after the last key", async () => {
  const a = await stage.people[0].enter("typing-shows");
  const b = await stage.people[1].enter("typing-shows");
  await a.firstCard("Call the county desk");
  await b.card("Call the county desk").waitFor();
  await a.open("Call the county desk");
  await a.writeBody("Now");
  const sign = b.card("Call the county desk").getByText("[Adam TYPING…]");
  await sign.waitFor();
  await shoot(b.page, "typing-dark-1440");
  await a.page.keyboard.type(" that lasts.", { delay: 250 });
  assert.equal(await sign.count(), 1, "it shows for three seconds of typing");
  await sign.waitFor({ state: "detached", timeout: 5_000 });
  assert.equal(await b.card("Call the county desk").locator(".chip").innerText(), "Adam", "Adam still has it open");
});

test("a name is asked for once, and the room opens then", async () => {
  const carla = await stage.person("Carla", { isStranger: true });
  const tab = await carla.tab("/r/together");
  await tab.page.getByRole("button", { name: "Enter the room" }).click();
  await tab.page.getByText("Type a name, so that the others know who you are.").waitFor();
  await shoot(tab.page, "name-light-1440");
  await tab.page.getByLabel("Your name").fill("Carla");
  await tab.page.getByRole("radio", { name: "Violet" }).check({ force: true });
  await tab.page.getByRole("button", { name: "Enter the room" }).click();
  await tab.card("Restore uplink at Pier 4").waitFor();
  await tab.page.reload();
  await tab.card("Restore uplink at Pier 4").waitFor();
  const watching = await stage.people[0].enter("together");
  await until("Adam to see Carla", () => watching.sees("Carla"));

  await tab.page.locator("button.people").click();
  await tab.page.getByRole("button", { name: "Change your name or colour" }).click();
  await tab.page.getByLabel("Your name").fill("Carlotta");
  await tab.page.getByRole("button", { name: "Save", exact: true }).click();
  await tab.card("Restore uplink at Pier 4").waitFor();
  await until("Adam to see the new name, once", async () => (await watching.sees("Carlotta")) && !(await watching.sees("Carla")));
});

test("columns are added, renamed and deleted, and the cards of a deleted one stay", async () => {
  const a = await stage.people[0].enter("columns");
  const b = await stage.people[1].enter("columns");
  await a.firstCard("Keep me");
  await a.page.getByRole("button", { name: "Add column" }).click();
  await a.page.getByRole("textbox", { name: "Column title" }).fill("Blocked");
  await a.page.keyboard.press("Enter");
  await b.column("Blocked").waitFor();
  await b.column("Blocked").getByRole("button", { name: "Actions for column Blocked" }).click();
  await b.page.getByRole("menuitem", { name: "Rename" }).click();
  await b.page.getByRole("textbox", { name: "Column title" }).fill("Waiting");
  await b.page.keyboard.press("Enter");
  await a.column("Waiting").waitFor();
  await a.column("To do").getByRole("button", { name: "Actions for column To do" }).click();
  await a.page.getByRole("menuitem", { name: "Delete column" }).click();
  await b.hasTitles("Unsorted", ["Keep me"]);
  await b.choose("Keep me", "Move to…");
  await b.page.getByRole("combobox", { name: "Column" }).selectOption({ label: "Doing" });
  await b.page.getByRole("button", { name: "Move", exact: true }).click();
  await a.hasTitles("Doing", ["Keep me"]);
});
