// The engine inside this module: nothing is fetched. The build packs it with gzip, which every browser can unpack.

import * as formats from "../pkg/formats.js";
import packedFormats from "../pkg/formats_inline.js";
import * as engine from "../pkg/warroom.js";
import packedEngine from "../pkg/warroom_inline.js";
import { startEngine, type EngineSource, type Glue } from "./engine-module.ts";
import { startFormats, type FormatsGlue } from "./formats.ts";

function unpacked(packed: string): Response {
  const bytes = Uint8Array.from(atob(packed), (character) => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream, { headers: { "content-type": "application/wasm" } });
}

// their types are only there when they have been built
const engineGlue: unknown = engine;
const formatsGlue: unknown = formats;

/** Unpacks what is needed. */
export const INLINE: EngineSource = {
  loadEngine: () => startEngine(engineGlue as Glue, unpacked(packedEngine)),
  loadFormats: () => startFormats(formatsGlue as FormatsGlue, unpacked(packedFormats)),
};
