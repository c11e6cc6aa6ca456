import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [svelte()],
  resolve: { conditions: ["warroom-source"] },
  ssr: { resolve: { conditions: ["warroom-source"] } },
  test: { include: ["tests/**/*.test.ts"], environment: "node", setupFiles: ["../sdk/tests/seed.mjs"] },
});
