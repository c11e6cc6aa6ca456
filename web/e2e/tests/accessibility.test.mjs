/** axe finds nothing on any page, in both themes, wide and narrow; and the pages are photographed. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { findings } from "../harness/axe.mjs";
import { shoot, Stage } from "../harness/stage.mjs";

let stage;
before(async () => { stage = await Stage.open(); });
after(async () => { assert.deepEqual(await stage.close(), []); });

const SCREENS = [
  ["light", 1440, 820],
  ["dark", 1440, 820],
  ["light", 390, 844],
  ["dark", 390, 844],
];

for (const [colorScheme, width, height] of SCREENS) {
  test(`${colorScheme}, ${width} × ${height}`, async () => {
    const narrow = width < 700;
    const options = { colorScheme, viewport: { width, height }, hasTouch: narrow, isMobile: narrow, deviceScaleFactor: 1 };
    const room = `look-${colorScheme}-${width}`;
    const [adam, bea] = [await stage.person("Adam", options), await stage.person("Bea")];
    const name = (what) => `${what}-${colorScheme}-${width}`;

    const a = await adam.enter(room);
    assert.deepEqual(await findings(a.page), []);
    await shoot(a.page, name("empty"));
    await a.firstCard("Restore uplink at Pier 4");
    await a.add("To do", "Confirm generator fuel with site team", "Print large-format sector map");
    const b = await bea.enter(room);
    await b.add("Doing", "Reroute convoy around flood zone", "Publish 14:00 situation report");
    await b.add("Done", "Set up radio channel 6");
    await b.open("Reroute convoy around flood zone");
    await b.writeBody("Take Route 7 until the checkpoint, then hold for the pilot car.\n\n- Call county desk\n- Confirm bridge load");
    await b.shut();
    await b.open("Restore uplink at Pier 4");
    await b.shut();
    await b.lift("Confirm generator fuel with site team");
    await b.carryTo("Doing");
    await a.card("Confirm generator fuel with site team").getByText("Bea is moving this", { exact: true }).waitFor();
    assert.deepEqual(await findings(a.page), []);
    await shoot(a.page, name("board"));
    await a.open("Restore uplink at Pier 4");
    assert.deepEqual(await findings(a.page), []);
    await shoot(a.page, name("panel"));
    await b.page.mouse.up();
    await a.shut();
    await a.page.locator(".pill").click();
    assert.deepEqual(await findings(a.page), []);
    await shoot(a.page, name("pill"));
    await a.page.keyboard.press("Escape");

    const lobby = await adam.tab("/");
    assert.deepEqual(await findings(lobby.page), []);
    await shoot(lobby.page, name("lobby"));
    const stranger = await stage.person("Zoe", { ...options, isStranger: true });
    const asked = await stranger.tab(`/r/${room}`);
    await asked.page.getByLabel("Your name").waitFor();
    assert.deepEqual(await findings(asked.page), []);
    await shoot(asked.page, name("name"));
    await Promise.all([a.page.close(), b.page.close(), lobby.page.close(), asked.page.close()]);
  });
}
