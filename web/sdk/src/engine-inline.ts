// The engine inside this module: nothing is fetched. The build packs it with gzip, which every browser can unpack.

import * as glue from "../pkg/warroom.js";
import packed from "../pkg/warroom_inline.js";
import { startEngine, type EngineModule, type Glue } from "./engine-module.ts";

/** Unpacks and starts the engine. */
export async function unpackEngine(): Promise<EngineModule> {
  const bytes = Uint8Array.from(atob(packed), (character) => character.charCodeAt(0));
  const unpacked = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  const wasm = new Response(unpacked, { headers: { "content-type": "application/wasm" } });
  const door: unknown = glue;
  return startEngine(door as Glue, wasm);
}
