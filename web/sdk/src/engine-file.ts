// The engine as a file of its own beside this module: fetched when the first board opens.

import { startEngine, type EngineModule, type Glue } from "./engine-module.ts";

/** Fetches and starts the engine. */
export async function loadEngine(): Promise<EngineModule> {
  const glue = (await import("../pkg/warroom.js")) as unknown as Glue;
  return startEngine(glue, new URL("../pkg/warroom_bg.wasm", import.meta.url));
}
