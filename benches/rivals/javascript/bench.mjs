// The workloads of `cargo bench -p rivals` on a JavaScript library: `node bench.mjs automerge|yjs work.json`.
// Prints one object of figures; `benches/rivals/javascript.rs` says what each means.

import { readFileSync } from "node:fs";
import process from "node:process";

const libraries = { automerge: "./automerge.mjs", yjs: "./yjs.mjs" };
const { Board } = await import(libraries[process.argv[2]]);
const work = JSON.parse(readFileSync(process.argv[3], "utf8"));
const figures = {};

/** Milliseconds of processor time, the collector's included. */
function timed(task) {
  const start = process.cpuUsage();
  const result = task();
  const { user, system } = process.cpuUsage(start);
  return [(user + system) / 1_000, result];
}

/** Order keys above all earlier ones, or below them. */
class Places {
  first = 0;
  last = 0;

  next(column, isStart) {
    const key = isStart ? (this.first -= 1) : (this.last += 1);
    return `${work.columns[column % work.columns.length]}/${String(50_000_000 + key)}`;
  }
}

const places = new Places();
const key = (card) => `card-${String(card).padStart(17, "0")}`;
const titleOf = (card) => work.titles[card] ?? `Card ${card}: find out why it is slow`;
const bodyOf = (card) => work.bodies[card] ?? work.bodies[0];

function create(board, card, column) {
  board.create(key(card), places.next(column, false), titleOf(card), bodyOf(card));
}

function edit(board, [what, card, ...rest]) {
  const id = key(card);
  if (what === "move") board.put(id, "place", places.next(rest[0], rest[1]));
  else if (what === "title") board.splice(id, "title", rest[0], 2, rest[1]);
  else if (what === "body") board.splice(id, "body", rest[0], 0, work.word);
  else if (what === "label") board.label(id, work.labels[rest[0]]);
  else if (what === "create") create(board, card, rest[0]);
  else board.put(id, "deleted", true);
}

function built(cards) {
  const board = Board.empty(1);
  for (let card = 0; card < cards; card += 1) create(board, card, card);
  return board;
}

function offline(number, stored) {
  const board = Board.load(10 + number, stored);
  for (const one of work.offline[number - 1]) edit(board, one);
  return board;
}

function keys(stored) {
  const here = Board.load(3, stored);
  const there = Board.load(4, stored);
  const id = key(work.keyCard);
  there.receive(here.key(id, 0));
  let bytes = 0;
  const [ms] = timed(() => {
    for (let at = 1; at <= work.keys; at += 1) {
      const update = here.key(id, at);
      bytes = Board.bytes(update);
      there.receive(update);
    }
  });
  return [(ms * 1_000) / work.keys, bytes];
}

let board;
[figures.create, board] = timed(() => built(work.cards));
const fresh = board.save();
board = Board.load(2, fresh);
[figures.edits] = timed(() => work.ageing.forEach((one) => edit(board, one)));
const aged = board.save();
figures.stored = aged.length / 1_000;
[figures.key] = keys(aged);
[figures.keyMany, figures.keyBytes] = keys(built(work.manyCards).save());

const before = Board.load(9, aged).mark();
const others = work.offline.slice(1).map((_, index) => offline(index + 2, aged).since(before));
let here = offline(1, aged);
[figures.merge2] = timed(() => here.receive(others[0]));
figures.merge2Read = figures.merge2 + timed(() => here.read())[0];
here = offline(1, aged);
[figures.merge8] = timed(() => others.forEach((update) => here.receive(update)));
const mark = here.mark();
here.put(key(work.keyCard), "place", places.next(0, true));
figures.moveBytes = Board.bytes(here.since(mark));

[figures.load, board] = timed(() => Board.load(5, aged));
[figures.read] = timed(() => board.read());
figures.open = figures.load + figures.read;

const replicas = work.offline.map((_, index) => offline(index + 1, aged));
const server = Board.load(100, aged);
let wire = 0;
[figures.sync8] = timed(() => {
  for (const replica of replicas) {
    const update = replica.since(server.mark());
    wire += Board.bytes(update);
    server.receive(update);
  }
  for (const replica of replicas) {
    const update = server.since(replica.mark());
    wire += Board.bytes(update);
    replica.receive(update);
  }
});
figures.sync8Kb = wire / 1_000;

if (work.trace) {
  const writer = Board.empty(1);
  create(writer, 0, 0);
  writer.splice(key(0), "body", 0, bodyOf(0).length, "");
  const start = writer.mark();
  const peer = Board.load(2, writer.save());
  [figures.typed] = timed(() => {
    for (const [at, count, insert] of work.trace.patches) writer.splice(key(0), "body", at, count, insert);
  });
  if (writer.body(key(0)) !== work.trace.end) throw new Error("the recording ends in another text");
  const update = writer.since(start);
  [figures.peer] = timed(() => peer.receive(update));
  const stored = writer.save();
  figures.bodyKb = stored.length / 1_000;
  [figures.bodyOpen] = timed(() => Board.load(3, stored).body(key(0)));
}

process.stdout.write(JSON.stringify(figures));
