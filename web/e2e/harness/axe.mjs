/** What axe finds on a page as it is now. */

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

const AXE = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Each violation as a line; none is what every test wants. */
export async function findings(page) {
  // Evaluated by the debugger, not as a script of the page: its policy stays in force.
  await page.evaluate(AXE);
  await page.evaluate(() => Promise.all(document.getAnimations().map((one) => (one.effect.getTiming().iterations === Infinity ? null : one.finished.catch(() => null)))));
  return page.evaluate(async () => {
    const { violations } = await globalThis.axe.run(document, { resultTypes: ["violations"] });
    return violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.html.slice(0, 160)).join(" | ")}`);
  });
}
