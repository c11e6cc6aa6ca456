/**
 * Goal: whoever installs the SDK can use it, with their tools or without any. Method: the packed package beside small fixtures, in
 * real Chromium against the real relay, in Node, and under a strict TypeScript.
 */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { Embed } from "../harness/embed.mjs";
import { Stage } from "../harness/stage.mjs";
import { until } from "../harness/until.mjs";

const run = promisify(execFile);
const README = fileURLToPath(new URL("../../../README.md", import.meta.url));

let stage;
let embed;
before(async () => { [stage, embed] = await Promise.all([Stage.open(), Embed.open()]); });
after(async () => {
  const complaints = await stage?.close();
  await embed?.close();
  assert.deepEqual(complaints, []);
});

const relay = () => `ws://127.0.0.1:${stage.relay.port}/sync`;

/** Whether somebody else, who works in the app, sees a card in a room. */
async function seenInApp(room, title) {
  const ann = await stage.person("Ann");
  const tab = await ann.enter(room);
  await tab.card(title).waitFor();
}

async function newPage() {
  const context = await stage.browser.newContext();
  const page = await context.newPage();
  const complaints = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  return { page, complaints };
}

test("README's example runs as it stands, in a page without any tools", async () => {
  const readme = await readFile(README, "utf8");
  const example = /```ts\n(import \{ openBoard \} from "@warroom\/sdk";\n[^]*?)```/.exec(readme)?.[1];
  assert.ok(example?.includes("ws://localhost:8080/sync") && example.includes('openBoard("ops"'), "README has the example");
  const here = example.replace("ws://localhost:8080/sync", relay()).replace('"ops"', '"readme"');
  const { page, complaints } = await newPage();
  const code = `window.renders = [];\nconst render = (columns, status) => window.renders.push([columns.length, status.phase]);\n${here}\nwindow.isSaved = true;`;
  await page.goto(await embed.fill("plain", "/* EXAMPLE */", code));
  await until("the relay to have the card", () => page.evaluate(() => window.isSaved === true));
  assert.ok(embed.asked.some((path) => path.endsWith("/dist/worker.js")), "the engine runs in a worker");
  assert.deepEqual((await page.evaluate(() => window.renders[0]))[1], "opening", "subscribers are told at once");
  assert.deepEqual(complaints, []);
  await seenInApp("readme", "Ship it");
  await page.context().close();
});

test("the inline entry, bundled, fetches nothing and works", async () => {
  const { page, complaints } = await newPage();
  const address = await embed.bundle("inline");
  embed.asked.length = 0;
  await page.goto(address);
  await page.evaluate(async (relay) => {
    const board = window.sdk.openBoard("inline", { relay, person: { id: "ida", name: "Ida", colour: 2 } });
    await board.addCard({ column: "todo", title: "From one file" }).saved();
    board.close();
  }, relay());
  const fetched = embed.asked.filter((path) => path !== "/favicon.ico");
  assert.equal(fetched.length, 2, `a page and one script: ${fetched.join(" ")}`);
  assert.deepEqual(complaints, []);
  await seenInApp("inline", "From one file");
  await page.context().close();
});

test("importing on a server does nothing", async () => {
  await run(process.execPath, [join(embed.folder, "node/import.mjs")], { timeout: 10_000 });
});

test("the inline entry works in Node and lets the process end", async () => {
  const { stdout } = await run(process.execPath, ["--experimental-websocket", join(embed.folder, "node/board.mjs"), relay(), "node"], { timeout: 15_000 });
  assert.equal(stdout.trim(), "memoryOnly");
  await seenInApp("node", "From Node");
});

for (const resolution of ["bundler", "nodenext"]) {
  test(`the types hold in a strict project (${resolution})`, async () => {
    const tsc = createRequire(import.meta.url).resolve("typescript/bin/tsc");
    const module = resolution === "bundler" ? "esnext" : "nodenext";
    const options = ["--strict", "--noEmit", "--skipDefaultLibCheck", "--target", "es2022", "--lib", "es2023,dom,esnext.disposable", "--module", module, "--moduleResolution", resolution];
    await run(process.execPath, [tsc, ...options, join(embed.folder, "node/consumer.ts")]).catch((error) => {
      throw new Error(error.stdout);
    });
  });
}
