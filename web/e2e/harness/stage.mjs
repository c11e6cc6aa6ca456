/** A stage for one test file: a relay, a Chromium, and people with a network of their own each. */

import { mkdir } from "node:fs/promises";
import { join } from "node:path";

import { chromium } from "playwright-core";

import { Link } from "./link.mjs";
import { Person } from "./person.mjs";
import { Relay } from "./relay.mjs";
import { PATIENCE_MS } from "./until.mjs";

const CHROMIUM = process.env.WARROOM_CHROMIUM ?? "/usr/bin/chromium";

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Everything a test needs. Close it at the end. */
export class Stage {
  static async open() {
    const stage = new Stage();
    stage.relay = await Relay.start();
    stage.browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
    return stage;
  }

  people = [];

  /**
   * A person with a browser profile and a network of their own.
   *
   * `options`: Playwright's context options; `isStranger: true` leaves the name prompt unanswered.
   */
  async person(name, options = {}) {
    const { isStranger = false, ...context } = options;
    const link = await Link.open(this.relay.port);
    const profile = await this.browser.newContext({ viewport: { width: 1440, height: 820 }, ...context });
    profile.setDefaultTimeout(PATIENCE_MS);
    const person = new Person(name, link, profile);
    if (!isStranger) await person.introduce(this.people.length);
    this.people.push(person);
    return person;
  }

  /** Ends everything; answers what the pages complained about. */
  async close() {
    const complaints = this.people.flatMap((person) => person.complaints);
    await this.browser?.close();
    for (const person of this.people) person.link.close();
    await this.relay?.stop();
    return complaints;
  }
}

/** Writes a picture into the folder that `WARROOM_SHOTS` names, if it does. */
export async function shoot(page, name) {
  const folder = process.env.WARROOM_SHOTS;
  if (folder === undefined || folder === "") return;
  await mkdir(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`) });
}
