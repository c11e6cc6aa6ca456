/** Show 3: two tabs of one offline browser agree; a relay killed in the middle of editing loses nothing that it acknowledged. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { Stage } from "../harness/stage.mjs";
import { until } from "../harness/until.mjs";

let stage;
before(async () => { stage = await Stage.open(); });
after(async () => { assert.deepEqual(await stage.close(), []); });

test("two tabs of one offline browser agree", async () => {
  const adam = await stage.person("Adam");
  const one = await adam.enter("tabs");
  await one.firstCard("Shared by both tabs");
  const two = await adam.enter("tabs");
  await two.card("Shared by both tabs").waitFor();
  await adam.goOffline();
  await one.pillSays(/^Offline/);
  await two.pillSays(/^Offline/);
  await one.add("To do", "From the first tab");
  await two.hasTitles("To do", ["Shared by both tabs", "From the first tab"]);
  await two.choose("Shared by both tabs", "Move right");
  await one.hasTitles("Doing", ["Shared by both tabs"]);
  await one.open("From the first tab");
  await two.open("From the first tab");
  await two.writeBody("typed in the second tab");
  await until("the first tab to follow", async () => (await one.body().inputValue()) === "typed in the second tab");
  assert.equal(await one.page.locator(".people .avatar").count(), 1, "two tabs are one person");
});

test("a relay that is killed while people edit loses nothing acknowledged, and everyone reconnects by themselves", async () => {
  const [bea, caro] = [await stage.person("Bea"), await stage.person("Caro")];
  const b = await bea.enter("crash");
  const c = await caro.enter("crash");
  await b.firstCard("Before the crash");
  await c.card("Before the crash").waitFor();
  await b.add("To do", "Acknowledged");
  await b.pillSays("Live · all saved");
  await c.open("Before the crash");
  await c.writeBody("Caro types ");

  await stage.relay.kill();
  await c.writeBody("through the crash.");
  await b.add("To do", "While it was down");
  await b.pillSays(/^(?:Syncing|Reconnecting|Relay unreachable)/);
  await stage.relay.run();

  const titles = ["Before the crash", "Acknowledged", "While it was down"];
  await c.hasTitles("To do", titles);
  await b.hasTitles("To do", titles);
  await b.pillSays("Live · all saved", 30_000);
  await c.pillSays("Live · all saved", 30_000);
  await b.open("Before the crash");
  await until("Caro's words at Bea's", async () => (await b.body().inputValue()) === "Caro types through the crash.");

  const dan = await stage.person("Dan");
  const d = await dan.enter("crash");
  await d.hasTitles("To do", titles);
});
