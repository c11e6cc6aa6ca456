/** A page that embeds the SDK alone, bundled as an app's own bundler would, and served from an origin of its own. */

import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "vite";

const FIXTURE = fileURLToPath(new URL("../fixtures/sdk/", import.meta.url));

const TYPES = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".wasm": "application/wasm",
};

/** The bundled page and its server. */
export class Embed {
  static async open() {
    const folder = await mkdtemp(join(tmpdir(), "warroom-embed-"));
    await build({ root: FIXTURE, configFile: false, logLevel: "warn", worker: { format: "es" }, build: { outDir: folder, emptyOutDir: true, target: "es2022" } });
    const server = createServer((request, response) => {
      const path = normalize(new URL(request.url ?? "/", "http://x").pathname);
      const file = join(folder, path === "/" ? "index.html" : path);
      readFile(file).then(
        (bytes) => response.writeHead(200, { "content-type": TYPES[extname(file)] ?? "application/octet-stream" }).end(bytes),
        () => response.writeHead(404).end(),
      );
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return new Embed(folder, server);
  }

  constructor(folder, server) {
    this.folder = folder;
    this.server = server;
    this.origin = `http://127.0.0.1:${server.address().port}`;
  }

  async close() {
    this.server.closeAllConnections();
    this.server.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}
