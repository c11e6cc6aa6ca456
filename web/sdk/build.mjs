// Builds the package from `src` and `pkg`: JavaScript and types in `dist`, and each WASM once more as a module.

import { execFileSync } from "node:child_process";
import { copyFile, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { gzipSync } from "node:zlib";

const here = (path) => new URL(path, import.meta.url);
const tsc = createRequire(import.meta.url).resolve("typescript/bin/tsc");

const modules = ["warroom", "formats"];
const wasm = await Promise.all(modules.map((name) => readFile(here(`pkg/${name}_bg.wasm`)))).catch(() => {
  throw new Error("the engine is not built yet: run `cargo xtask wasm`");
});
await rm(here("dist"), { recursive: true, force: true });
execFileSync(process.execPath, [tsc, "-p", "tsconfig.build.json"], { cwd: here("."), stdio: "inherit" });

// The compiler leaves two kinds of names alone: those in types, and addresses of files.
for (const name of await readdir(here("dist"))) {
  const file = here(`dist/${name}`);
  const text = await readFile(file, "utf8");
  await writeFile(file, text.replace(/"(\.\/[\w-]+)\.ts"/g, '"$1.js"'));
}

for (const [index, name] of modules.entries()) {
  const packed = gzipSync(wasm[index], { level: 9 }).toString("base64");
  await writeFile(here(`pkg/${name}_inline.js`), `export default ${JSON.stringify(packed)};\n`);
}
for (const licence of ["LICENSE-MIT", "LICENSE-APACHE"]) await copyFile(here(`../../${licence}`), here(`dist/${licence}`));
