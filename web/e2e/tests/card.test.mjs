/** A card in full: what one person does to its parts is on the other's screen, by mouse and by keyboard, and can be undone. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { findings } from "../harness/axe.mjs";
import { shoot, Stage } from "../harness/stage.mjs";
import { until } from "../harness/until.mjs";

let stage, adam, bea;
before(async () => {
  stage = await Stage.open();
  [adam, bea] = [await stage.person("Adam"), await stage.person("Bea", { colorScheme: "dark" })];
});
after(async () => { assert.deepEqual(await stage.close(), []); });

/** Both on one board with one card. */
async function both(room, title) {
  const [a, b] = [await adam.enter(room), await bea.enter(room)];
  await a.firstCard(title);
  await b.card(title).waitFor();
  return [a, b];
}

/** A day so many days from today, as date fields write it. */
function day(offset) {
  const date = new Date();
  date.setDate(date.getDate() + offset);
  const two = (n) => String(n).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

const panel = (tab) => tab.page.locator(".panel");
const items = (tab) => panel(tab).locator(".checklist li textarea").evaluateAll((all) => all.map((one) => one.value));

test("labels are created, chosen, renamed, coloured and deleted, and come back", async () => {
  const [a, b] = await both("labels", "Restore uplink at Pier 4");
  await a.open("Restore uplink at Pier 4");
  await panel(a).getByRole("button", { name: /Edit labels/ }).click();
  const find = a.page.getByRole("textbox", { name: "Find or create a label" });
  await find.fill("network");
  await a.page.keyboard.press("Enter");
  await find.fill("field");
  await a.page.keyboard.press("Enter");
  await b.card("Restore uplink at Pier 4").locator(".tag", { hasText: "network" }).waitFor();
  await b.card("Restore uplink at Pier 4").locator(".tag", { hasText: "field" }).waitFor();
  await shoot(a.page, "labels-light-1440");

  await a.page.getByRole("button", { name: "Change label field" }).click();
  await a.page.getByRole("textbox", { name: "Name" }).fill("in the field");
  await a.page.getByRole("radio", { name: "Teal" }).check();
  await shoot(a.page, "label-form-light-1440");
  await a.page.keyboard.press("Enter");
  await b.card("Restore uplink at Pier 4").locator('.tag[data-colour="teal"]', { hasText: "in the field" }).waitFor();

  await a.page.getByRole("checkbox", { name: "network" }).uncheck();
  await b.card("Restore uplink at Pier 4").locator(".tag", { hasText: "network" }).waitFor({ state: "detached" });
  await a.page.getByRole("button", { name: "Change label in the field" }).click();
  await a.page.getByRole("button", { name: "Delete label" }).click();
  await b.card("Restore uplink at Pier 4").locator(".tag").waitFor({ state: "detached" });
  await a.page.keyboard.press("Escape");
  await a.page.getByRole("button", { name: "Undo" }).last().click();
  await b.card("Restore uplink at Pier 4").locator(".tag", { hasText: "in the field" }).waitFor();
});

test("people, due day, priority and votes", async () => {
  const [a, b] = await both("facts", "Reroute convoy");
  const face = b.card("Reroute convoy");
  await a.open("Reroute convoy");
  await panel(a).getByRole("button", { name: /Assign people/ }).click();
  await a.page.getByRole("checkbox", { name: "Bea" }).check();
  await a.page.getByRole("checkbox", { name: "Adam (you)" }).check();
  await shoot(a.page, "people-light-1440");
  await a.page.keyboard.press("Escape");
  assert.match(await a.page.evaluate(() => document.activeElement.textContent), /Assign people/, "the focus is back on the button");
  await until("the face to say whose it is", async () => /Assigned to (?:Adam and Bea|Bea and Adam)/.test(await face.locator(".team").innerText()));

  const date = panel(a).getByLabel("Due");
  await date.fill(day(1));
  await date.press("Enter");
  await panel(a).getByText("due tomorrow").waitFor();
  await face.locator('.due[data-near="soon"]').getByText("Tomorrow", { exact: true }).waitFor();
  await date.fill(day(-2));
  await date.blur();
  await panel(a).getByText("2 days late").waitFor();
  await face.locator('.due[data-near="late"]').waitFor();

  await panel(a).getByRole("combobox", { name: "Priority" }).selectOption("Urgent");
  await face.getByText("Urgent").waitFor();
  await panel(a).getByRole("button", { name: "Vote for this card" }).click();
  await until("the vote on the face", async () => /1 vote/.test(await face.locator(".meta").innerText()));
  assert.equal(await panel(a).getByRole("button", { name: "Vote for this card" }).getAttribute("aria-pressed"), "true");
  await shoot(b.page, "facts-dark-1440");

  await panel(a).getByRole("button", { name: "Remove the date" }).click();
  await face.locator(".due").waitFor({ state: "detached" });
  await panel(a).getByRole("button", { name: "Back to the board" }).focus();
  await a.page.keyboard.press("Control+z");
  await face.locator('.due[data-near="late"]').waitFor();
});

test("a checklist is written, ticked, ordered and mended by keyboard, and a pasted list becomes items", async () => {
  const [a, b] = await both("checklist", "Call the county desk");
  await a.open("Call the county desk");
  const add = panel(a).getByRole("textbox", { name: "Add an item" });
  await add.focus();
  for (const text of ["Find the number", "Ask about the bridge"]) {
    await a.page.keyboard.type(text);
    await a.page.keyboard.press("Enter");
  }
  await until("two items", async () => (await items(a)).join() === "Find the number,Ask about the bridge");
  await add.evaluate((box) => {
    const data = new DataTransfer();
    data.setData("text", "- [ ] Write it down\n- Tell the others\r\n");
    box.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
  });
  await until("four items", async () => (await items(a)).join() === "Find the number,Ask about the bridge,Write it down,Tell the others");

  await panel(a).getByRole("checkbox", { name: "Ask about the bridge" }).focus();
  await a.page.keyboard.press("Space");
  await b.card("Call the county desk").getByText("1/4").waitFor();
  await a.page.keyboard.press("Alt+ArrowUp");
  await b.open("Call the county desk");
  await until("Bea to see the new order", async () => (await items(b)).join() === "Ask about the bridge,Find the number,Write it down,Tell the others");
  assert.equal(await a.page.evaluate(() => document.activeElement.getAttribute("aria-label")), "Ask about the bridge", "the focus stays on the item that moved");

  // Adam is in the middle of a word while Bea changes other items
  const line = panel(a).locator(".checklist li textarea").nth(2);
  await line.focus();
  await a.page.keyboard.press("End");
  await a.page.keyboard.type(" tw");
  await panel(b).getByRole("button", { name: "Delete: Tell the others" }).click();
  await until("three items at Adam's", async () => (await items(a)).length === 3);
  await a.page.keyboard.type("ice");
  await a.page.keyboard.press("Enter");
  await until("Bea to see it whole", async () => (await items(b)).join() === "Ask about the bridge,Find the number,Write it down twice");
  await shoot(a.page, "checklist-light-1440");
  await b.page.getByRole("button", { name: "Undo" }).last().click();
  await until("the item to be back", async () => (await items(a)).at(-1) === "Tell the others");

  await panel(a).locator(".checklist li .grip").nth(3).dragTo(panel(a).locator(".checklist li").nth(0), { targetPosition: { x: 60, y: 2 } });
  await until("it was dragged to the top", async () => (await items(b))[0] === "Tell the others");
});

for (const [colorScheme, width, height] of [["light", 1440, 820], ["dark", 1440, 820], ["light", 390, 844], ["dark", 320, 700]]) {
  test(`axe finds nothing on a card with everything on it (${colorScheme}, ${width} × ${height})`, async () => {
    const narrow = width < 700;
    const person = await stage.person(`Look${width}${colorScheme}`, { colorScheme, viewport: { width, height }, hasTouch: narrow, isMobile: narrow, deviceScaleFactor: 1 });
    const room = `everything-${colorScheme}-${width}`;
    const name = (what) => `${what}-${colorScheme}-${width}`;
    const [a, b] = [await person.enter(room), await bea.enter(room)];
    await a.firstCard("Reroute convoy around flood zone");
    await b.open("Reroute convoy around flood zone");
    await panel(b).getByRole("button", { name: /Edit labels/ }).click();
    for (const label of ["blocker", "network", "in the field", "a label with a very long name that nobody would ever choose", "مهم"]) {
      await b.page.getByRole("textbox", { name: "Find or create a label" }).fill(label);
      await b.page.keyboard.press("Enter");
    }
    await b.page.keyboard.press("Escape");
    await panel(b).getByRole("combobox", { name: "Priority" }).selectOption("High");
    await panel(b).getByLabel("Due").fill(day(0));
    await b.page.keyboard.press("Enter");
    for (const text of ["Call county desk", "Confirm bridge load with the engineers of the district, who are out until four"]) {
      await panel(b).getByRole("textbox", { name: "Add an item" }).fill(text);
      await b.page.keyboard.press("Enter");
    }
    await panel(b).getByRole("checkbox", { name: "Call county desk" }).check();
    await a.card("Reroute convoy around flood zone").getByText("1/2").waitFor();
    assert.deepEqual(await findings(a.page), []);
    await shoot(a.page, name("card-face"));
    await a.open("Reroute convoy around flood zone");
    await panel(a).locator(".checklist li").nth(1).waitFor();
    assert.deepEqual(await findings(a.page), []);
    await shoot(a.page, name("card-panel"));
    assert.equal(await panel(a).evaluate((one) => one.scrollWidth <= one.clientWidth), true, "nothing sticks out of the panel");
    await panel(a).getByRole("button", { name: /Edit labels/ }).click();
    assert.deepEqual(await findings(a.page), []);
    await shoot(a.page, name("card-labels"));
    await a.page.getByRole("button", { name: "Change label blocker" }).click();
    assert.deepEqual(await findings(a.page), []);
    await shoot(a.page, name("card-label"));
    await a.page.keyboard.press("Escape");
    await a.page.keyboard.press("Escape");
    await Promise.all([a.page.close(), b.page.close()]);
  });
}
