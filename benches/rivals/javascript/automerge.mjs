// The board on @automerge/automerge: plain objects through `change`, texts through `splice`.

import * as Automerge from "@automerge/automerge";

const actor = (number) => number.toString(16).padStart(2, "0").repeat(16);
const first = Automerge.change(Automerge.init({ actor: actor(255) }), { time: 0 }, (doc) => {
  doc.columns = {};
  doc.cards = {};
});
const empty = Automerge.save(first);

export class Board {
  constructor(doc) {
    this.doc = doc;
  }

  static empty(number) {
    return Board.load(number, empty);
  }

  static load(number, stored) {
    return new Board(Automerge.load(stored, { actor: actor(number) }));
  }

  static bytes(update) {
    return update.reduce((sum, change) => sum + change.length, 0);
  }

  change(work) {
    this.doc = Automerge.change(this.doc, { time: 1_800_000_000 }, work);
  }

  create(id, place, title, body) {
    this.change((doc) => {
      doc.cards[id] = { place, title, body, labels: {}, deleted: false };
    });
  }

  put(id, field, value) {
    this.change((doc) => {
      doc.cards[id][field] = value;
    });
  }

  splice(id, field, at, count, insert) {
    this.change((doc) => Automerge.splice(doc, ["cards", id, field], at, count, insert));
  }

  label(id, name) {
    this.change((doc) => {
      doc.cards[id].labels[name] = 1_800_000_000_000;
    });
  }

  key(id, at) {
    this.splice(id, "title", at, 0, "x");
    return [Automerge.getLastLocalChange(this.doc)];
  }

  mark() {
    return Automerge.getHeads(this.doc);
  }

  since(mark) {
    return Automerge.getChangesSince(this.doc, mark);
  }

  receive(update) {
    [this.doc] = Automerge.applyChanges(this.doc, update);
  }

  save() {
    return Automerge.save(this.doc);
  }

  read() {
    let characters = 0;
    for (const card of Object.values(this.doc.cards)) characters += card.deleted ? 0 : card.title.length;
    return characters;
  }

  body(id) {
    return this.doc.cards[id].body;
  }
}
