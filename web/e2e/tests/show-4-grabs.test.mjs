/** Show 4: of two people who grab one card one wins, and the other is told; who dies or leaves frees their card. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { shoot, Stage } from "../harness/stage.mjs";
import { howLong, until } from "../harness/until.mjs";

let stage;
let adam;
let bea;
before(async () => {
  stage = await Stage.open();
  adam = await stage.person("Adam");
  bea = await stage.person("Bea");
});
after(async () => { assert.deepEqual(await stage.close(), []); });

/** Two people in one room with two cards, who see each other. */
async function meet(room) {
  const a = await adam.enter(room);
  const b = await bea.enter(room);
  await a.firstCard("Confirm generator fuel");
  await a.add("To do", "Print sector map");
  await b.hasTitles("To do", ["Confirm generator fuel", "Print sector map"]);
  await until("Adam to see Bea", () => a.sees("Bea"));
  await until("Bea to see Adam", () => b.sees("Adam"));
  return { a, b };
}

test("others see who moves a card and where it would land, and cannot grab it meanwhile", async () => {
  const { a, b } = await meet("watch");
  await a.lift("Confirm generator fuel");
  await a.carryTo("Doing");
  const card = b.card("Confirm generator fuel");
  await card.getByText("Adam is moving this", { exact: true }).waitFor();
  await b.column("Doing").getByText("Adam’s card lands here").waitFor();
  await shoot(b.page, "moving-light-1440");
  assert.equal(await card.locator(".card.moving").count(), 1);

  await b.lift("Confirm generator fuel");
  await card.getByText("Adam is moving this card. You can still open it.").waitFor();
  assert.equal(await b.carries(), false, "a card that Adam carries stays down for Bea");
  await b.page.mouse.up();
  await a.page.mouse.up();
  await b.hasTitles("Doing", ["Confirm generator fuel"]);
  await card.locator(".chip").waitFor({ state: "detached" });
  assert.equal(await card.locator(".note").count(), 0, "the refusal goes with its reason");
  assert.equal(await b.page.locator(".panel").count(), 0, "the end of a refused drag is no click");
});

test("of two who grab at once one wins, the other's drag is revoked and says so", async () => {
  const { a, b } = await meet("both-grab");
  adam.link.hold();
  bea.link.hold();
  await a.lift("Confirm generator fuel");
  await b.lift("Confirm generator fuel");
  assert.deepEqual([await a.carries(), await b.carries()], [true, true], "both lift at once");
  adam.link.restore();
  bea.link.restore();
  await until("one of them to lose it", async () => (await a.carries()) !== (await b.carries()));
  const winner = (await a.carries()) ? a : b;
  const loser = winner === a ? b : a;
  await loser.page.locator(".toast", { hasText: `${winner.person.name} picked this up first.` }).waitFor();
  await shoot(loser.page, "revoked-light-1440");
  await winner.carryTo("Done");
  await loser.carryTo("Doing");
  await loser.page.mouse.up();
  await winner.page.mouse.up();
  await a.hasTitles("Done", ["Confirm generator fuel"]);
  await b.hasTitles("Done", ["Confirm generator fuel"]);
  await a.hasTitles("Doing", []);
});

test("a tab that dies frees its card within 4 s", async () => {
  const { a, b } = await meet("dying-tab");
  await a.lift("Confirm generator fuel");
  await a.carryTo("Doing");
  const chip = b.card("Confirm generator fuel").getByText("Adam is moving this", { exact: true });
  await chip.waitFor();
  await crash(a.page);
  const ms = await howLong("Bea to see the card free", async () => (await chip.count()) === 0);
  assert.ok(ms <= 4_000, `it took ${ms} ms`);
  await b.lift("Confirm generator fuel");
  await b.carryTo("Done");
  await b.page.mouse.up();
  await b.hasTitles("Done", ["Confirm generator fuel"]);
});

test("a tab whose network goes silent frees its card within 4 s of its last sign of life", async () => {
  const { a, b } = await meet("silent-tab");
  await a.lift("Confirm generator fuel");
  await a.carryTo("Doing");
  const chip = b.card("Confirm generator fuel").getByText("Adam is moving this", { exact: true });
  await chip.waitFor();
  adam.link.hold();
  const ms = await howLong("Bea to see the card free", async () => (await chip.count()) === 0);
  assert.ok(ms <= 4_500, `it took ${ms} ms`);
  adam.link.restore();
  await a.page.mouse.up();
});

test("an avatar goes within 1 s of a closed socket", async () => {
  const { a, b } = await meet("leaving");
  adam.link.cut();
  const ms = await howLong("Adam's avatar to go", async () => !(await b.sees("Adam")));
  assert.ok(ms <= 1_000, `it took ${ms} ms`);
  adam.link.restore();
  await until("Adam to be back", () => b.sees("Adam"), 30_000);
  await a.page.close();
  const closed = await howLong("Adam's avatar to go with his tab", async () => !(await b.sees("Adam")));
  assert.ok(closed <= 1_000, `it took ${closed} ms`);
});

/** Kills the process behind a page: no handler of the page runs. */
async function crash(page) {
  const session = await page.context().newCDPSession(page);
  const gone = page.waitForEvent("crash");
  session.send("Page.crash").catch(() => undefined);
  await gone;
}
