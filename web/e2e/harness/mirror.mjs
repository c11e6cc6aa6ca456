/** A server that hands on the relay's pages and can bring out a new version of the app: the same files under another name. */

import { once } from "node:events";
import { createServer } from "node:http";

/** One mirror of a relay's pages; it has no way to the relay's sockets. */
export class Mirror {
  static async open(relayPort) {
    const mirror = new Mirror(relayPort);
    mirror.server.listen(0, "127.0.0.1");
    await once(mirror.server, "listening");
    mirror.origin = `http://127.0.0.1:${mirror.server.address().port}`;
    return mirror;
  }

  constructor(relayPort) {
    this.relayPort = relayPort;
    this.version = null;
    this.server = createServer((request, response) => {
      this.#answer(request, response).catch((error) => { response.destroy(error); });
    });
  }

  /** From now on the service worker is another one, with a cache of another name. */
  release(version) {
    this.version = version;
  }

  close() {
    this.server.closeAllConnections();
    this.server.close();
  }

  async #answer(request, response) {
    const from = await fetch(`http://127.0.0.1:${this.relayPort}${request.url}`, { headers: { "accept-encoding": "identity" } });
    let bytes = Buffer.from(await from.arrayBuffer());
    if (request.url === "/sw.js" && this.version !== null) bytes = Buffer.from(String(bytes).replace(/[0-9a-f]{16}/, this.version));
    response.writeHead(from.status, {
      "content-type": from.headers.get("content-type") ?? "application/octet-stream",
      "content-security-policy": from.headers.get("content-security-policy") ?? "",
    });
    response.end(bytes);
  }
}
