/** A person's own network: a TCP relay to the server that can be cut, and held so that messages cross. */

import { once } from "node:events";
import { connect, createServer } from "node:net";

/** One person's way to the relay. */
export class Link {
  static async open(targetPort) {
    const link = new Link(targetPort);
    link.server.listen(0, "127.0.0.1");
    await once(link.server, "listening");
    link.port = link.server.address().port;
    return link;
  }

  constructor(targetPort) {
    this.targetPort = targetPort;
    this.isCut = false;
    this.isHeld = false;
    this.pairs = new Set();
    this.server = createServer((near) => { this.#join(near); });
  }

  /** Where this person's browser goes. */
  get origin() {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Pulls the plug: every connection breaks, none comes about. */
  cut() {
    this.isCut = true;
    for (const pair of this.pairs) this.#part(pair);
  }

  /** Nothing passes any more, but nobody is told: the cable is in, the switch is dead. */
  hold() {
    this.isHeld = true;
    for (const pair of this.pairs) {
      pair.near.pause();
      pair.far.pause();
    }
  }

  /** The network is back; what was held passes. */
  restore() {
    this.isCut = false;
    this.isHeld = false;
    for (const pair of this.pairs) {
      pair.near.resume();
      pair.far.resume();
    }
  }

  /** Ends it. */
  close() {
    this.cut();
    this.server.close();
  }

  #join(near) {
    if (this.isCut) {
      near.destroy();
      return;
    }
    const far = connect(this.targetPort, "127.0.0.1");
    const pair = { near, far };
    this.pairs.add(pair);
    near.on("data", (bytes) => far.write(bytes));
    far.on("data", (bytes) => near.write(bytes));
    for (const socket of [near, far]) {
      socket.setNoDelay(true);
      socket.on("error", () => { this.#part(pair); });
      socket.on("close", () => { this.#part(pair); });
    }
    if (this.isHeld) {
      near.pause();
      far.pause();
    }
  }

  #part(pair) {
    this.pairs.delete(pair);
    pair.near.destroy();
    pair.far.destroy();
  }
}
