/** A person at a browser: what they do and what they see, in the words of the product. */

import { until } from "./until.mjs";

/** Complaints of a page that are part of having no network. */
const OFFLINE_NOISE = /ERR_(?:INTERNET_DISCONNECTED|CONNECTION_|EMPTY_RESPONSE|NETWORK_CHANGED)|WebSocket connection to|Failed to load resource|Failed to fetch|sw\.js/;

/** One person. */
export class Person {
  constructor(name, link, context) {
    this.name = name;
    this.link = link;
    this.context = context;
    this.isOffline = false;
    /** What pages complained about: uncaught errors, refused policies. */
    this.complaints = [];
  }

  /** Answers the name prompt beforehand, as somebody who was here before. */
  async introduce(colour) {
    const me = { id: `user-${this.name.toLowerCase()}`, name: this.name, colour };
    await this.context.addInitScript((person) => {
      if (localStorage.getItem("warroom.me") === null) localStorage.setItem("warroom.me", JSON.stringify(person));
    }, me);
  }

  /** Opens a room in a new tab and waits until the board is there. */
  async enter(room) {
    const tab = await this.tab(`/r/${room}`);
    await tab.ready();
    return tab;
  }

  /** Opens a page in a new tab. */
  async tab(path) {
    const page = await this.context.newPage();
    page.on("pageerror", (error) => { this.complaints.push(`${this.name}: ${error.stack ?? error.message}`); });
    page.on("console", (message) => {
      if (message.type() === "error" && !OFFLINE_NOISE.test(message.text())) this.complaints.push(`${this.name}: ${message.text()}`);
    });
    page.on("load", () => this.#stayOffline());
    await page.goto(this.link.origin + path);
    return new Tab(page, this);
  }

  /** A page that a service worker answers is told again that there is no network: Chromium 148 forgets it at a reload. */
  async #stayOffline() {
    if (!this.isOffline) return;
    await this.context.setOffline(false);
    await this.context.setOffline(true);
  }

  /** Loses the network, and the browser knows. */
  async goOffline() {
    this.link.cut();
    this.isOffline = true;
    await this.context.setOffline(true);
  }

  /** Has the network again. */
  async goOnline() {
    this.link.restore();
    this.isOffline = false;
    await this.context.setOffline(false);
  }
}

/** One tab of a person. */
export class Tab {
  constructor(page, person) {
    this.page = page;
    this.person = person;
  }

  /** Waits until the board shows. */
  async ready() {
    await this.page.locator(".column").first().waitFor();
    await until(`${this.person.name}'s board`, () => this.page.locator(".column:not([aria-hidden])").count());
  }

  /** A card by its title. */
  card(title) {
    return this.page.locator("[data-card]").filter({ has: this.page.getByRole("link", { name: title, exact: true }) });
  }

  /** A column by its title. */
  column(title) {
    return this.page.locator("section.column").filter({ has: this.page.getByRole("heading", { name: title, exact: true, level: 2 }) });
  }

  /** The titles of a column's cards, in order. */
  async titles(column) {
    return this.column(column).locator("[data-card] h3 a").allInnerTexts().then((all) => all.map((text) => text.replace(/^✓\s*/u, "").trim()));
  }

  /** Waits until a column has exactly these cards. */
  async hasTitles(column, titles) {
    await until(`${this.person.name} to see [${titles.join(", ")}] in ${column}`, async () => {
      const seen = await this.titles(column);
      if (seen.join("\n") === titles.join("\n")) return true;
      throw new Error(`sees [${seen.join(", ")}]`);
    });
  }

  /** Writes the first card of an empty board; To do, Doing and Done come with it. */
  async firstCard(title) {
    await this.page.getByLabel("Add your first card").fill(title);
    await this.page.keyboard.press("Enter");
    await this.card(title).waitFor();
    await this.closeComposer();
  }

  /** Adds cards through a column's composer. */
  async add(column, ...titles) {
    await this.column(column).getByRole("button", { name: "Add a card", exact: true }).click();
    for (const title of titles) {
      await this.column(column).getByRole("textbox").fill(title);
      await this.page.keyboard.press("Enter");
      await this.card(title).waitFor();
    }
    await this.closeComposer();
  }

  async closeComposer() {
    await this.page.locator(".composer textarea").press("Escape");
  }

  /** Opens a card's panel. */
  async open(title) {
    await this.card(title).getByRole("link").click();
    await this.body().waitFor();
  }

  /** Closes the panel. */
  async shut() {
    await this.page.getByRole("button", { name: "Back to the board" }).click();
    await this.body().waitFor({ state: "detached" });
  }

  /** The panel's description. */
  body() {
    return this.page.getByRole("textbox", { name: "Description" });
  }

  /** The panel's title. */
  title() {
    return this.page.getByRole("textbox", { name: "Title" });
  }

  /** Types at the end of the description. */
  async writeBody(text) {
    await this.body().focus();
    await this.page.keyboard.press("Control+End");
    await this.page.keyboard.type(text);
  }

  /** Chooses from a card's menu. */
  async choose(title, entry) {
    await this.card(title).hover();
    await this.card(title).getByRole("button", { name: `Actions for ${title}` }).click();
    await this.page.getByRole("menuitem", { name: entry }).click();
  }

  /** What the pill says. */
  async pill() {
    return this.page.locator(".pill .words").innerText();
  }

  /** Waits until the pill says this. */
  async pillSays(words, patienceMs) {
    await until(`${this.person.name}'s pill to say ${String(words)}`, async () => {
      const said = await this.pill();
      if (typeof words === "string" ? said === words : words.test(said)) return true;
      throw new Error(`it says ${said}`);
    }, patienceMs);
  }

  /** Whether an avatar of somebody is in the stack. */
  async sees(name) {
    return (await this.page.locator(`.people [data-person="${name}"]`).count()) > 0;
  }

  /** Lifts a card with the mouse and carries it over a place; the button stays down. */
  async lift(title) {
    const box = await this.card(title).boundingBox();
    await this.page.mouse.move(box.x + box.width / 3, box.y + box.height / 2);
    await this.page.mouse.down();
    await this.page.mouse.move(box.x + box.width / 3 + 8, box.y + box.height / 2 + 4, { steps: 3 });
  }

  /** Carries what was lifted over a column. */
  async carryTo(column) {
    const box = await this.column(column).boundingBox();
    await this.page.mouse.move(box.x + box.width / 2, box.y + box.height - 60, { steps: 6 });
  }

  /** Whether a card is in this person's hand. */
  async carries() {
    return (await this.page.locator("[data-slot]").count()) > 0;
  }
}
