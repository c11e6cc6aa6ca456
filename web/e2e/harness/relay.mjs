/** The real relay as a process of its own, on a free port of the loopback, with a data folder that lives as long as the test. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { until } from "./until.mjs";

const BINARY = process.env.WARROOM_BIN ?? fileURLToPath(new URL("../../../target/debug/warroom", import.meta.url));

/** A port that was free a moment ago. A restarted relay needs the same port, so the system cannot choose it each time. */
export async function freePort() {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

/** One relay. */
export class Relay {
  static async start() {
    const relay = new Relay(await freePort(), await mkdtemp(join(tmpdir(), "warroom-e2e-")));
    await relay.run();
    return relay;
  }

  constructor(port, data) {
    this.port = port;
    this.data = data;
    this.output = "";
  }

  /** Starts the process on the same port and data, and waits until it answers. */
  async run() {
    const child = spawn(BINARY, ["serve", "--listen", `127.0.0.1:${this.port}`, "--data", this.data], { stdio: ["ignore", "pipe", "pipe"] });
    this.child = child;
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (bytes) => { this.output = (this.output + String(bytes)).slice(-20_000); });
    child.on("error", (error) => { this.output += String(error); });
    await until(`the relay to answer (${BINARY})`, async () => {
      if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}: ${this.output}`);
      return (await fetch(`http://127.0.0.1:${this.port}/api/ready`)).ok;
    });
  }

  /** `kill -9`: nothing is flushed, nobody is told. */
  async kill() {
    const ended = once(this.child, "exit");
    this.child.kill("SIGKILL");
    await ended;
  }

  /** Ends it and throws its data away. */
  async stop() {
    if (this.child.exitCode === null && this.child.signalCode === null) await this.kill();
    await rm(this.data, { recursive: true, force: true });
  }
}
