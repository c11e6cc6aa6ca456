import { fileURLToPath } from "node:url";

import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defaultClientConditions, defineConfig } from "vite";

import { finish } from "./build/finish.ts";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** The address of a relay for `npm run dev`; `cargo xtask run` starts one there. */
const RELAY = process.env["WARROOM_RELAY"] ?? "http://127.0.0.1:8080";

export default defineConfig({
  // The SDK's sources, not its build.
  resolve: { conditions: ["warroom-source", ...defaultClientConditions] },
  plugins: [svelte(), finish(here("dist"), here("../../node_modules/.cache/warroom"))],
  server: { proxy: { "/sync": { target: RELAY, ws: true }, "/api": RELAY } },
  build: {
    target: "es2022",
    // Nothing goes into the page as a data: address: the page's policy allows its own files only.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      // The table of plugin times is for who develops plugins, and hides the table of sizes.
      checks: { pluginTimings: false },
      input: { index: here("index.html"), sw: here("worker/service-worker.ts") },
      output: { entryFileNames: (chunk) => (chunk.name === "sw" ? "sw.js" : "assets/[name]-[hash].js") },
    },
  },
  worker: { format: "es" },
});
