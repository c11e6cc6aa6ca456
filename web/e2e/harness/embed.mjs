/** Pages that embed the SDK as others get it: the packed package, installed beside fixtures, bundled or not, on an origin of its own. */

import { execFile } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { build } from "vite";

const run = promisify(execFile);
const FIXTURES = fileURLToPath(new URL("../fixtures/", import.meta.url));
const SDK = fileURLToPath(new URL("../../sdk/", import.meta.url));

const TYPES = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".wasm": "application/wasm",
};

/** A folder in which the package is installed, and a server for what is in it. */
export class Embed {
  static async open() {
    const folder = await mkdtemp(join(tmpdir(), "warroom-embed-"));
    // As a registry would: packed, unpacked. It was built before the tests.
    await run("npm", ["pack", "--ignore-scripts", "--silent", "--pack-destination", folder], { cwd: SDK });
    const { name, version } = JSON.parse(await readFile(join(SDK, "package.json"), "utf8"));
    const home = join(folder, "node_modules", name);
    await mkdir(home, { recursive: true });
    await run("tar", ["-xzf", join(folder, `${name.replace("@", "").replace("/", "-")}-${version}.tgz`), "--strip-components=1", "-C", home]);
    await cp(FIXTURES, folder, { recursive: true });
    const server = createServer((request, response) => { embed.#answer(request, response); });
    const embed = new Embed(folder, server);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    embed.origin = `http://127.0.0.1:${server.address().port}`;
    return embed;
  }

  constructor(folder, server) {
    this.folder = folder;
    this.server = server;
    /** Paths that were asked for, the latest last. */
    this.asked = [];
  }

  /** Bundles a fixture as an app's own Vite would, and answers where it is. */
  async bundle(fixture) {
    const root = join(this.folder, fixture);
    await build({ root, configFile: false, base: "./", logLevel: "error", worker: { format: "es" }, build: { outDir: "dist", target: "es2022" } });
    return `${this.origin}/${fixture}/dist/index.html`;
  }

  /** Writes something into a fixture's page in place of a comment, and answers where it is. */
  async fill(fixture, mark, text) {
    const page = join(this.folder, fixture, "index.html");
    const before = await readFile(page, "utf8");
    if (!before.includes(mark)) throw new Error(`${page} has no ${mark}`);
    await writeFile(page, before.replace(mark, () => text));
    return `${this.origin}/${fixture}/index.html`;
  }

  async close() {
    this.server.closeAllConnections();
    this.server.close();
    await rm(this.folder, { recursive: true, force: true });
  }

  #answer(request, response) {
    const path = normalize(new URL(request.url ?? "/", "http://x").pathname);
    this.asked.push(path);
    readFile(join(this.folder, path)).then(
      (bytes) => response.writeHead(200, { "content-type": TYPES[extname(path)] ?? "application/octet-stream" }).end(bytes),
      () => response.writeHead(404).end(),
    );
  }
}
