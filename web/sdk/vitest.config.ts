import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { defineConfig } from "vitest/config";

const GLUE = new URL("pkg/formats.js", import.meta.url);

// no test runs the WASM: they run where it has not been built, too
const alias = existsSync(GLUE) ? [] : [{ find: "../pkg/formats.js", replacement: fileURLToPath(new URL("tests/no-glue.ts", import.meta.url)) }];

export default defineConfig({ resolve: { alias }, test: { include: ["tests/**/*.test.ts"], environment: "node", setupFiles: ["./tests/seed.mjs"] } });
