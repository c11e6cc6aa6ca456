/** Every way to move a card: keyboard, touch, menu, the keys < and >; and the ways back. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { shoot, Stage } from "../harness/stage.mjs";
import { until } from "../harness/until.mjs";

let stage;
let adam;
before(async () => {
  stage = await Stage.open();
  adam = await stage.person("Adam");
});
after(async () => { assert.deepEqual(await stage.close(), []); });

const said = (tab) => tab.page.locator("[aria-live=assertive]").innerText();

test("the keyboard picks up, carries, drops, and says where", async () => {
  const tab = await adam.enter("keyboard");
  await tab.firstCard("One");
  await tab.add("To do", "Two", "Three");
  await tab.card("Two").getByRole("link").focus();
  await tab.page.keyboard.press("Space");
  await until("the pick-up to be said", async () => (await said(tab)).startsWith("Picked up Two. Currently in To do, position 2 of 3."));
  await tab.page.keyboard.press("ArrowRight");
  await until("the place to be said", async () => (await said(tab)).startsWith("Doing, position 1 of 1."));
  await tab.page.keyboard.press("Space");
  await tab.hasTitles("Doing", ["Two"]);
  assert.match(await said(tab), /^Dropped\. Two is in Doing, position 1 of 1\./);
  await until("the focus to follow the card", async () => (await tab.page.evaluate(() => document.activeElement.textContent)).trim() === "Two");

  await tab.page.keyboard.press("Space");
  await tab.page.keyboard.press("ArrowRight");
  await tab.page.keyboard.press("Escape");
  await tab.hasTitles("Doing", ["Two"]);
  assert.match(await said(tab), /^Move cancelled\. Card returned\./);

  await tab.page.keyboard.press(">");
  await tab.hasTitles("Done", ["Two"]);
  await tab.page.keyboard.press("<");
  await tab.hasTitles("Doing", ["Two"]);
});

test("arrows lead the focus over the board, Enter opens, Escape closes and the focus is back", async () => {
  const tab = await adam.enter("keyboard");
  const focused = () => tab.page.evaluate(() => document.activeElement.textContent.trim());
  await tab.card("One").getByRole("link").focus();
  await tab.page.keyboard.press("ArrowDown");
  await until("Three to have the focus", async () => (await focused()) === "Three");
  await tab.page.keyboard.press("ArrowRight");
  await until("Two to have the focus", async () => (await focused()) === "Two");
  await tab.page.keyboard.press("Enter");
  await tab.body().waitFor();
  await tab.page.keyboard.press("Escape");
  await tab.body().waitFor({ state: "detached" });
  await until("the focus to be back on Two", async () => (await focused()) === "Two");
  await tab.page.keyboard.press("?");
  await tab.page.getByRole("heading", { name: "Keyboard shortcuts" }).waitFor();
  await tab.page.keyboard.press("Escape");
});

test("Escape leads from the composer back to the card, and “Move to…” starts where the card is", async () => {
  const tab = await adam.enter("keyboard");
  const focused = () => tab.page.evaluate(() => document.activeElement.textContent.trim());
  await tab.card("Three").getByRole("link").focus();
  await tab.page.keyboard.press("n");
  await tab.column("To do").getByRole("textbox").waitFor();
  await tab.page.keyboard.press("Escape");
  await until("the focus to be back on Three", async () => (await focused()) === "Three");
  await tab.column("Done").getByRole("button", { name: "Add a card", exact: true }).click();
  await tab.page.keyboard.press("Escape");
  await until("the focus to be on the button", async () => (await focused()) === "Add a card");

  await tab.card("Three").getByRole("link").focus();
  await tab.page.keyboard.press("v");
  const position = tab.page.getByRole("combobox", { name: "Position" });
  assert.match(await position.evaluate((select) => select.selectedOptions[0].textContent), /After “One”/);
  await tab.page.keyboard.press("Escape");
});

test("Ctrl+Z takes back a move, a deletion and an archived card", async () => {
  const tab = await adam.enter("undo");
  await tab.firstCard("Alpha");
  await tab.add("To do", "Beta");
  await tab.card("Alpha").getByRole("link").focus();
  await tab.page.keyboard.press(">");
  await tab.hasTitles("Doing", ["Alpha"]);
  await tab.page.keyboard.press("Control+z");
  await tab.hasTitles("To do", ["Alpha", "Beta"]);
  await tab.card("Alpha").getByRole("link").focus();
  await tab.page.keyboard.press("Delete");
  await tab.hasTitles("To do", ["Beta"]);
  await tab.page.keyboard.press("Control+z");
  await tab.hasTitles("To do", ["Alpha", "Beta"]);
  await tab.card("Beta").getByRole("link").focus();
  await tab.page.keyboard.press("a");
  await tab.hasTitles("To do", ["Alpha"]);
  await tab.page.getByRole("button", { name: "Undo" }).last().click();
  await tab.hasTitles("To do", ["Alpha", "Beta"]);
});

test("Escape during a mouse drag puts the card back", async () => {
  const tab = await adam.enter("undo");
  await tab.lift("Alpha");
  await tab.carryTo("Done");
  assert.equal(await tab.carries(), true);
  await tab.page.keyboard.press("Escape");
  await until("the card to be back", async () => !(await tab.carries()));
  await tab.page.mouse.up();
  await tab.hasTitles("To do", ["Alpha", "Beta"]);
  assert.equal(await tab.page.locator(".panel").count(), 0, "the end of a drag is no click");
});

test("a finger scrolls when it swipes and carries when it rests, also to a tab", async () => {
  const phone = await stage.person("Pia", { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, colorScheme: "dark" });
  await phone.context.addInitScript(() => { delete Navigator.prototype.vibrate; }); // as in Safari
  const tab = await phone.enter("touch");
  await tab.firstCard("Card 0");
  await tab.add("To do", ...Array.from({ length: 11 }, (_, index) => `Card ${index + 1}`));
  const finger = await tab.page.context().newCDPSession(tab.page);
  const touch = (type, points) => finger.send("Input.dispatchTouchEvent", { type, touchPoints: points });
  const list = tab.column("To do").locator("[data-list]");

  await list.evaluate((element) => { element.scrollTop = 0; });
  const start = await tab.card("Card 3").boundingBox();
  const [x, y] = [start.x + 80, start.y + 30];
  await touch("touchStart", [{ x, y }]);
  for (let way = 20; way <= 200; way += 20) await touch("touchMove", [{ x, y: y - way }]);
  assert.equal(await tab.carries(), false, "a swipe lifts nothing");
  await touch("touchEnd", []);
  await until("the column to have scrolled", () => list.evaluate((element) => element.scrollTop > 50));

  await list.evaluate((element) => new Promise((resolve) => {
    let last = element.scrollTop;
    let still = 0;
    const look = () => {
      still = element.scrollTop === last ? still + 1 : 0;
      last = element.scrollTop;
      if (still > 5) resolve();
      else requestAnimationFrame(look);
    };
    look();
  }));
  const inView = await list.evaluate((element) => {
    const { top, bottom } = element.getBoundingClientRect();
    const cards = [...element.querySelectorAll("[data-card]")];
    const shown = cards.find((card) => card.getBoundingClientRect().top > top + 60 && card.getBoundingClientRect().bottom < bottom - 60);
    return shown.querySelector("a").textContent;
  });
  const box = await tab.card(inView).boundingBox();
  await touch("touchStart", [{ x: box.x + 80, y: box.y + 30 }]);
  await until("the card to lift after a hold", () => tab.carries());
  await shoot(tab.page, "carrying-dark-390");
  const target = await tab.page.locator("[data-drop-column]", { hasText: "Doing" }).boundingBox();
  await touch("touchMove", [{ x: box.x + 90, y: box.y + 10 }]);
  await touch("touchMove", [{ x: target.x + target.width / 2, y: target.y + target.height / 2 }]);
  await until("Doing to be the target", async () => (await tab.column("Doing").locator("[data-slot]").count()) === 1);
  await touch("touchEnd", []);
  await tab.hasTitles("Doing", [inView]);
});

test("a column of hundreds of cards keeps the page small and the keyboard reaches its end", async () => {
  const tab = await adam.enter("long");
  await tab.firstCard("First");
  await tab.column("To do").getByRole("button", { name: "Add a card", exact: true }).click();
  const box = tab.column("To do").getByRole("textbox");
  await box.fill(Array.from({ length: 400 }, (_, index) => `Row ${index}`).join("\n"));
  await tab.page.getByRole("button", { name: "Create 400 cards" }).click();
  await until("all cards to be counted", async () => (await tab.column("To do").locator(".count").innerText()).includes("401"), 60_000);
  await box.press("Escape");
  assert.ok((await tab.page.locator("[data-card]").count()) < 80);
  await tab.card("First").getByRole("link").focus();
  await tab.page.keyboard.press("End");
  await until("the last card to have the focus", async () => (await tab.page.evaluate(() => document.activeElement.textContent)).trim() === "Row 399");
  assert.equal(await tab.card("Row 399").getAttribute("aria-posinset"), "401");
  await tab.page.keyboard.press(">");
  await tab.hasTitles("Doing", ["Row 399"]);
  assert.ok((await tab.page.evaluate(() => document.querySelectorAll("*").length)) < 2_500);
});
