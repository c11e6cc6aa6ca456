// The keystrokes and edits of `cargo bench -p rivals` on our engine as browsers run it: the SDK with its WASM, in this thread,
// beside `@automerge/automerge` in the same Node. `node --experimental-websocket warroom.mjs work.json` after
// `cargo xtask wasm` and `npm run build --workspace @warroom/sdk`. Prints one object of figures, as bench.mjs does.
//
// Nothing is stored (there is no IndexedDB here) and no relay answers: two boards of one room meet as two tabs do. A
// subscriber reads each snapshot, as an app would.

import { readFileSync } from "node:fs";
import process from "node:process";
import { setImmediate } from "node:timers/promises";
import { openBoard } from "../../../web/sdk/dist/inline.js";

const work = JSON.parse(readFileSync(process.argv[2], "utf8"));
const figures = {};

/** Milliseconds of processor time, the collector's included. */
async function timed(task) {
  const start = process.cpuUsage();
  const result = await task();
  const { user, system } = process.cpuUsage(start);
  return [(user + system) / 1_000, result];
}

/** A board, and the cards that it made by their numbers. */
class Desk {
  cards = new Map();
  #waiting = null;

  constructor(room, person) {
    this.board = openBoard(room, { relay: "ws://127.0.0.1:9/sync", person: { id: person, name: person, colour: 0 } });
    this.board.subscribe(() => {
      if (this.#waiting?.is() === true) this.#waiting.done();
    });
    this.board.onNotice((notice) => {
      throw new Error(`an edit was not done: ${JSON.stringify(notice)}`);
    });
  }

  /** Resolves in the moment in which the board is told of what is waited for. */
  until(is) {
    if (is()) return undefined;
    return new Promise((resolve) => {
      this.#waiting = {
        is,
        done: () => {
          this.#waiting = null;
          resolve();
        },
      };
    });
  }

  /** Room made, and the labels that cards are given. */
  async begin() {
    await this.until(() => this.board.getSnapshot().ready && this.board.getSnapshot().talk.ready);
    this.labels = work.labels.map((name) => this.board.addLabel({ name }).id);
  }

  type(card, at, insert) {
    const text = this.board.openText({ field: "body", card });
    text.splice(at, 0, insert);
    text.flush();
    text.close();
  }

  create(card, column) {
    const columns = work.columns;
    const title = work.titles[card] ?? `Card ${card}: find out why it is slow`;
    const { id } = this.board.addCard({ column: columns[column % columns.length], title });
    this.cards.set(card, id);
    this.type(id, 0, work.bodies[card] ?? work.bodies[0]);
  }

  edit([what, card, ...rest]) {
    const { board } = this;
    const id = this.cards.get(card);
    if (what === "move") board.moveCard(id, { column: work.columns[rest[0]], position: { at: rest[1] ? "start" : "end" } });
    else if (what === "title") {
      const { title } = board.card(id);
      board.editTitle(id, `${title.slice(0, rest[0])}${rest[1]}${title.slice(rest[0] + 2)}`);
    } else if (what === "body") this.type(id, rest[0], work.word);
    else if (what === "label") board.attachLabel(id, this.labels[rest[0]]);
    else if (what === "create") this.create(card, rest[0]);
    else board.deleteCard(id);
  }

  /** Gives the engine its turn after each, so that no two become one. */
  async each(tasks) {
    for (const task of tasks) {
      task();
      await setImmediate();
    }
  }

  make(cards) {
    return this.each(Array.from({ length: cards }, (_, card) => () => this.create(card, card)));
  }

  read() {
    return this.board.getSnapshot().columns.flatMap(({ cards }) => cards).length;
  }
}

/** Microseconds from a letter typed in a title here until somebody else's board has it. */
async function keys(here, room) {
  const there = new Desk(room, "there");
  const count = here.read();
  await there.until(() => there.read() === count);
  const id = here.cards.get(work.keyCard);
  const text = here.board.openText({ field: "title", card: id });
  const key = async (at) => {
    const { length } = there.board.card(id).title;
    text.splice(at, 0, "x");
    text.flush();
    await there.until(() => there.board.card(id).title.length > length);
  };
  await key(0);
  const [ms] = await timed(async () => {
    for (let at = 1; at <= work.keys; at += 1) await key(at);
  });
  text.close();
  there.board.close();
  return (ms * 1_000) / work.keys;
}

const aged = new Desk("aged", "here");
await aged.begin();
[figures.create] = await timed(() => aged.make(work.cards));
[figures.edits] = await timed(() => aged.each(work.ageing.map((one) => () => aged.edit(one))));
figures.key = await keys(aged, "aged");
aged.board.close();

const many = new Desk("many", "here");
await many.begin();
await many.make(work.manyCards);
figures.keyMany = await keys(many, "many");

process.stdout.write(JSON.stringify(figures), () => process.exit());
