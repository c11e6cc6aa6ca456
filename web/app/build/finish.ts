/** What happens to a finished build: the service worker learns its files, and everything is compressed once, here. */

import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

import type { Plugin } from "vite";

const toBrotli = promisify(brotliCompress);
const toGzip = promisify(gzip);

/** Files that compress; fonts and pictures are compressed already. */
const COMPRESSIBLE = /\.(?:html|js|css|wasm|svg|json|webmanifest)$/;

/** Files that most people never need: they are kept on the device once they were fetched, not at the first visit. */
const LATER = /\/formats_bg-[^/]*\.wasm$/;

/** Bytes below which a compressed copy is not worth a file. */
const COMPRESSED_BYTES_MIN = 512;

/** Finishes the build in `outDir`. `cacheDir` keeps compressed copies: the engine takes seconds at the best setting. */
export function finish(outDir: string, cacheDir: string): Plugin {
  return {
    name: "warroom-finish",
    apply: "build",
    async closeBundle() {
      const files = (await listFiles(outDir)).filter((path) => !/\.(?:br|gz|map)$/.test(path));
      await tellServiceWorker(outDir, files);
      await mkdir(cacheDir, { recursive: true });
      await Promise.all(files.filter((path) => COMPRESSIBLE.test(path)).map((path) => compress(path, cacheDir)));
    },
  };
}

async function listFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name)).sort();
}

/** Writes the lists of files, and a name for this set of them, into `sw.js`. */
async function tellServiceWorker(outDir: string, files: readonly string[]): Promise<void> {
  const worker = join(outDir, "sw.js");
  const kept = files.filter((path) => path !== worker);
  const hash = createHash("sha256");
  for (const path of kept) hash.update(relative(outDir, path)).update("\0").update(await readFile(path));
  // The page itself is asked for as "/", so that no server's habit of redirecting /index.html gets into the cache.
  const names = kept.map((path) => `/${relative(outDir, path).replaceAll("\\", "/")}`).map((name) => (name === "/index.html" ? "/" : name));
  const code = await readFile(worker, "utf8");
  const told = code
    .replaceAll("__WARROOM_FILES__", JSON.stringify(names.filter((name) => !LATER.test(name))))
    .replaceAll("__WARROOM_LATER__", JSON.stringify(names.filter((name) => LATER.test(name))))
    .replaceAll("__WARROOM_BUILD__", JSON.stringify(hash.digest("hex").slice(0, 16)));
  if (told === code) throw new Error("sw.js has no place for the list of files");
  await writeFile(worker, told);
}

async function compress(path: string, cacheDir: string): Promise<void> {
  const bytes = await readFile(path);
  if (bytes.length < COMPRESSED_BYTES_MIN) return;
  const key = join(cacheDir, createHash("sha256").update(bytes).digest("hex"));
  const brotli = (data: Buffer): Promise<Buffer> =>
    toBrotli(data, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: data.length } });
  await Promise.all([
    cached(`${key}.br`, () => brotli(bytes)).then((small) => writeFile(`${path}.br`, small)),
    cached(`${key}.gz`, () => toGzip(bytes, { level: 9 })).then((small) => writeFile(`${path}.gz`, small)),
  ]);
}

async function cached(path: string, make: () => Promise<Buffer>): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch {
    const made = await make();
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, made);
    return made;
  }
}
