// Goal: the first visit fetches what everybody needs, and no more; the rest is kept once it was needed, also by the next version.
// Method: the build's last step on a folder of a few files, then the worker with doubles of the network and of the caches.

import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, expect, test, vi } from "vitest";
import { finish } from "../build/finish.ts";

const WORKER = "../worker/service-worker.ts";
const FORMATS = "/assets/formats_bg-ab12.wasm";

afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
});

/** What the build writes into the worker: files for the first visit, files for later, and the name of the version. */
async function build(page: string): Promise<[readonly string[], readonly string[], string]> {
  const folder = await mkdtemp(join(tmpdir(), "warroom-"));
  try {
    await mkdir(join(folder, "dist/assets"), { recursive: true });
    const files = { "index.html": page, [FORMATS.slice(1)]: "", "assets/formats-cd34.js": "", "assets/warroom_bg-ef56.wasm": "" };
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, "dist", name), text);
    await writeFile(join(folder, "dist/sw.js"), "[__WARROOM_FILES__, __WARROOM_LATER__, __WARROOM_BUILD__]");
    const { closeBundle } = finish(join(folder, "dist"), join(folder, "cache"));
    await (closeBundle as () => Promise<void>)();
    return JSON.parse(await readFile(join(folder, "dist/sw.js"), "utf8")) as [string[], string[], string];
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** A device: what it has kept, and what it asks of the network. */
class Device {
  readonly asked: string[] = [];
  readonly #caches = new Map<string, Map<string, Response>>();
  #listeners = new Map<string, (event: unknown) => void>();
  isOnline = true;

  async install(page: string): Promise<void> {
    const [files, later, version] = await build(page);
    const matched = (cache: Map<string, Response> | undefined, path: string): Response | undefined => cache?.get(path)?.clone();
    const opened = (name: string): unknown => {
      const cache = this.#caches.get(name) ?? new Map<string, Response>();
      this.#caches.set(name, cache);
      return {
        match: (path: string) => Promise.resolve(matched(cache, path)),
        put: (path: string, response: Response) => Promise.resolve(void cache.set(path, response)),
      };
    };
    this.#listeners = new Map();
    vi.resetModules();
    vi.stubGlobal("__WARROOM_FILES__", files);
    vi.stubGlobal("__WARROOM_LATER__", later);
    vi.stubGlobal("__WARROOM_BUILD__", version);
    vi.stubGlobal("self", {
      location: { origin: "http://here" },
      clients: { claim: () => Promise.resolve() },
      addEventListener: (type: string, listener: (event: unknown) => void) => this.#listeners.set(type, listener),
    });
    vi.stubGlobal("caches", {
      open: (name: string) => Promise.resolve(opened(name)),
      match: (path: string) => Promise.resolve([...this.#caches.values()].map((cache) => matched(cache, path)).find((found) => found !== undefined)),
      keys: () => Promise.resolve([...this.#caches.keys()]),
      delete: (name: string) => Promise.resolve(this.#caches.delete(name)),
    });
    vi.stubGlobal("fetch", (request: string | Request) => {
      const path = typeof request === "string" ? request : new URL(request.url).pathname;
      this.asked.push(path);
      return this.isOnline ? Promise.resolve(new Response(path)) : Promise.reject(new TypeError("offline"));
    });
    await import(/* @vite-ignore */ WORKER);
    await this.#tell("install", {});
    await this.#tell("activate", {});
  }

  /** What a page gets for a path. */
  async get(path: string): Promise<string> {
    let response: Promise<Response> | undefined;
    const respondWith = (given: Promise<Response>): void => {
      response = given;
    };
    await this.#tell("fetch", { request: new Request(`http://here${path}`), respondWith }, () => response);
    return (await response!).text();
  }

  async #tell(type: string, event: object, more: () => Promise<unknown> | undefined = () => undefined): Promise<void> {
    const waited: Promise<unknown>[] = [];
    this.#listeners.get(type)?.({ ...event, waitUntil: (promise: Promise<unknown>) => waited.push(promise) });
    await more();
    await Promise.all(waited);
  }
}

test("what few people need is not fetched at the first visit, and kept when somebody has needed it", async () => {
  const device = new Device();
  await device.install("one");
  expect(device.asked.sort()).toEqual(["/", "/assets/formats-cd34.js", "/assets/warroom_bg-ef56.wasm"]);
  device.isOnline = false;
  await expect(device.get(FORMATS)).rejects.toThrow("offline");
  device.isOnline = true;
  expect(await device.get(FORMATS)).toBe(FORMATS);
  device.isOnline = false;
  expect(await device.get(FORMATS)).toBe(FORMATS);
  device.isOnline = true;
  await device.install("two");
  device.isOnline = false;
  expect(await device.get(FORMATS), "the next version takes it over").toBe(FORMATS);
  expect(await device.get("/assets/warroom_bg-ef56.wasm")).toBe("/assets/warroom_bg-ef56.wasm");
});
