/** The tests of a file beside a stage and the packed SDK in a Vite app of a few lines, which are opened before them and closed behind. */

import { after, before } from "node:test";

import { Embed } from "./embed.mjs";
import { Stage } from "./stage.mjs";

/** To be called once, at the top of a file: what it answers is filled before the first test. */
export function embedded() {
  const here = { stage: undefined, embed: undefined, address: undefined };
  before(async () => {
    [here.stage, here.embed] = await Promise.all([Stage.open(), Embed.open()]);
    here.address = await here.embed.bundle("vite");
  });
  after(async () => {
    await here.stage?.close();
    await here.embed?.close();
  });
  return here;
}
