// The board on yjs: shared maps and texts, a transaction for each edit.

import * as Y from "yjs";

export class Board {
  constructor(number) {
    this.doc = new Y.Doc();
    this.doc.clientID = number;
    this.cards = this.doc.getMap("cards");
    this.last = undefined;
    this.doc.on("update", (update) => {
      this.last = update;
    });
  }

  static empty(number) {
    return new Board(number);
  }

  static load(number, stored) {
    const board = new Board(number);
    Y.applyUpdateV2(board.doc, stored);
    return board;
  }

  static bytes(update) {
    return update.length;
  }

  create(id, place, title, body) {
    this.doc.transact(() => {
      const card = new Y.Map();
      card.set("place", place);
      card.set("title", new Y.Text(title));
      card.set("body", new Y.Text(body));
      card.set("labels", new Y.Map());
      card.set("deleted", false);
      this.cards.set(id, card);
    });
  }

  put(id, field, value) {
    this.doc.transact(() => this.cards.get(id).set(field, value));
  }

  splice(id, field, at, count, insert) {
    this.doc.transact(() => {
      const text = this.cards.get(id).get(field);
      if (count > 0) text.delete(at, count);
      if (insert !== "") text.insert(at, insert);
    });
  }

  label(id, name) {
    this.doc.transact(() => this.cards.get(id).get("labels").set(name, 1_800_000_000_000));
  }

  key(id, at) {
    this.splice(id, "title", at, 0, "x");
    return this.last;
  }

  mark() {
    return Y.encodeStateVector(this.doc);
  }

  since(mark) {
    return Y.encodeStateAsUpdate(this.doc, mark);
  }

  receive(update) {
    Y.applyUpdate(this.doc, update);
  }

  save() {
    return Y.encodeStateAsUpdateV2(this.doc);
  }

  read() {
    let characters = 0;
    for (const card of this.cards.values()) {
      const title = card.get("title").toString();
      characters += card.get("deleted") ? 0 : title.length;
    }
    return characters;
  }

  body(id) {
    return this.cards.get(id).get("body").toString();
  }
}
