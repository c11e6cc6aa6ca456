/** Somebody at the relay who sends what the test says, as it is. */

import { once } from "node:events";

import { decode, Encoder } from "cbor-x";
import { WebSocket } from "ws";

// byte strings without a tag, as automerge-repo writes them
const { encode } = new Encoder({ tagUint8Array: false, useRecords: false });

/** One connection that has joined. */
export class RawPeer {
  static async join(port) {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/sync`);
    await once(socket, "open");
    socket.send(encode({ type: "join", senderId: "raw", peerMetadata: {}, supportedProtocolVersions: ["1"] }));
    const [answer] = await once(socket, "message");
    return new RawPeer(socket, decode(answer).senderId);
  }

  constructor(socket, relay) {
    this.socket = socket;
    this.relay = relay;
  }

  /** Sends a sync message and waits for the relay's answer, which it gives once it has everything on disk. */
  async sync(documentId, data) {
    const answered = once(this.socket, "message");
    this.socket.send(encode({ type: "sync", senderId: "raw", targetId: this.relay, documentId, data: Buffer.from(data) }));
    const [answer] = await answered;
    const { type } = decode(answer);
    if (type !== "sync") throw new Error(`the relay answered ${type}`);
  }

  close() {
    this.socket.terminate();
  }
}
