// The door to the WASM package: starts it, and hides its glue.

import type { LoadFormats } from "./formats.ts";
import type { Breakdown } from "./messages.ts";

/** A board in the engine. Every method returns at once; what follows comes through the callbacks, in a later task. */
export interface EngineBoard {
  /** Takes the JSON of a `Command`; answers the number of the edit, or throws an `Error` with a `code`. */
  command(json: string): number;
  /** Takes the JSON of a `Question`; an output answers it. Throws an `Error` with a `code`. */
  ask(number: number, json: string): void;
  /** Takes a file in a format of `ImportFormat`; answers the JSON of `Imported`, or throws an `Error` with a `code`. */
  importFile(format: string, text: string): string;
  /** Takes the file of this room; otherwise as `importFile`. */
  importRoom(file: Uint8Array): string;
  /** Takes the JSON of a `Presence`. */
  presence(json: string): void;
  /** Writes what waits with the strictest durability. */
  flush(): void;
  /** Dials the relay now. */
  retry(): void;
  /** The device says that it lost the network. */
  offline(): void;
  /** Writes out and closes; the last output is `closed`. */
  close(): void;
}

/** The instance broke down, with this in hand. */
export type Trapped = (message: string, inHand: Breakdown) => void;

/** The loaded engine. */
export interface EngineModule {
  /** Opens a board. `outputs` gets the JSON of `EngineOutput[]`; `trapped` is called when the instance is lost. */
  open(options: string, outputs: (json: string) => void, trapped: Trapped): EngineBoard;
  /** Forgets the instance after a breakdown, so that the next load makes a fresh one where the glue allows it. */
  discard(): void;
}

/** Where the WASM comes from: its address, or itself. */
export type WasmSource = URL | Response;

/** The glue that wasm-bindgen makes. */
export interface Glue {
  default(options: { module_or_path: WasmSource }): Promise<unknown>;
  readonly Board: {
    open(options: string, outputs: (json: string) => void, trapped: Trapped): EngineBoard;
  };
  readonly __wbg_reset_state?: () => void;
}

/** Where the WASM of an entry comes from. */
export interface EngineSource {
  /** Gets a loaded engine. Rejects with what the browser says when it can't be fetched or compiled. */
  readonly loadEngine: () => Promise<EngineModule>;
  readonly loadFormats: LoadFormats;
}

/** Compiles and starts the WASM. */
export async function startEngine(glue: Glue, wasm: WasmSource): Promise<EngineModule> {
  await glue.default({ module_or_path: wasm });
  return {
    open: (options, outputs, trapped) => glue.Board.open(options, outputs, trapped),
    discard: () => glue.__wbg_reset_state?.(),
  };
}
