// The engine as files of their own beside this module: fetched when the first board opens, or the first file comes.

import * as formats from "../pkg/formats.js";
import { startEngine, type EngineModule, type EngineSource, type Glue } from "./engine-module.ts";
import { startFormats, type FormatsGlue } from "./formats.ts";

async function loadEngine(): Promise<EngineModule> {
  const glue = (await import("../pkg/warroom.js")) as unknown as Glue;
  return startEngine(glue, new URL("../pkg/warroom_bg.wasm", import.meta.url));
}

// its types are only there when it has been built
const formatsGlue: unknown = formats;

// a few lines, and here from the start: browsers do not try again to import a module that they could not fetch
function loadFormats(): Promise<FormatsGlue> {
  return startFormats(formatsGlue as FormatsGlue, new URL("../pkg/formats_bg.wasm", import.meta.url));
}

/** Fetches what is needed. */
export const FILES: EngineSource = { loadEngine, loadFormats };
