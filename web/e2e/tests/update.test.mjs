/** A new version of the app waits until somebody takes it, and takes nothing away when they do. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { Mirror } from "../harness/mirror.mjs";
import { Person } from "../harness/person.mjs";
import { Stage } from "../harness/stage.mjs";
import { until } from "../harness/until.mjs";

let stage;
let mirror;
before(async () => {
  stage = await Stage.open();
  mirror = await Mirror.open(stage.relay.port);
});
after(async () => {
  const complaints = await stage.close();
  mirror.close();
  assert.deepEqual(complaints, []);
});

test("a new version is offered, taken on a click in every tab, and what was being typed is still there", async () => {
  const adam = new Person("Adam", { origin: mirror.origin, close: () => undefined }, await stage.browser.newContext());
  await adam.introduce(0);
  stage.people.push(adam);
  const tab = await adam.enter("update");
  await tab.page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  await tab.firstCard("Kept over the update");
  await tab.open("Kept over the update");
  await tab.writeBody("typed just before");

  const other = await adam.enter("update");
  await other.page.waitForFunction(() => navigator.serviceWorker.controller !== null);

  mirror.release("0123456789abcdef");
  await tab.page.evaluate(async () => (await navigator.serviceWorker.getRegistration()).update());
  const offer = (of) => of.page.locator(".toast", { hasText: "A new version of War Room is ready." });
  await offer(tab).waitFor();
  await offer(other).getByRole("button", { name: "Dismiss" }).click();
  const reloaded = tab.page.waitForEvent("load");
  await tab.page.getByRole("button", { name: "Use it now" }).click();
  await reloaded;

  await tab.card("Kept over the update").waitFor();
  await until("the words typed before", async () => (await tab.body().inputValue()) === "typed just before");
  await until("the old version's files to be gone", async () => {
    const names = await tab.page.evaluate(() => caches.keys());
    return names.length === 1 && names[0] === "warroom-0123456789abcdef";
  });

  const alsoReloaded = other.page.waitForEvent("load");
  await offer(other).getByRole("button", { name: "Use it now" }).click();
  await alsoReloaded;
  await other.card("Kept over the update").waitFor();
});
