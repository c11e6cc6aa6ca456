// Files of other programs into the engine's JSON and back, by a WASM of its own that is loaded when the first one is there.

import { now } from "./clock.ts";
import type { WasmSource } from "./engine-module.ts";
import type { ImportFormat, TextFormat, UserId } from "./generated.ts";

/** A format that the engine does not have itself. */
export type OtherFormat = Exclude<ImportFormat | TextFormat, "json">;

/** The glue that wasm-bindgen makes. */
export interface FormatsGlue {
  default(options: { module_or_path: WasmSource }): Promise<unknown>;
  toJson(format: string, text: string, person: string, now: bigint, seed: Uint8Array): string;
  fromJson(format: string, json: string, person: string, now: bigint, seed: Uint8Array): string;
  readonly __wbg_reset_state?: () => void;
}

/** Gets the started glue. Rejects with what the browser says when it can't be fetched or compiled. */
export type LoadFormats = () => Promise<FormatsGlue>;

/** Compiles and starts the WASM. */
export async function startFormats(glue: FormatsGlue, wasm: WasmSource): Promise<FormatsGlue> {
  await glue.default({ module_or_path: wasm });
  return glue;
}

/** Why nothing was converted. */
export class ConversionRefused extends Error {
  readonly code: "noFormats" | "badFile" | "brokeDown";
  /** What the browser or the converter said. */
  readonly reason: string;

  constructor(code: ConversionRefused["code"], reason: string, message = reason) {
    super(message);
    this.name = "ConversionRefused";
    this.code = code;
    this.reason = reason;
  }
}

/** Converts for one person. Rejects with {@link ConversionRefused}. */
export class Converter {
  readonly #load: LoadFormats;
  #loading: Promise<FormatsGlue> | null = null;
  /** Whether the instance broke down and could not be replaced yet. */
  #isBroken = false;

  constructor(load: LoadFormats) {
    this.#load = load;
  }

  toJson(format: OtherFormat, text: string, person: UserId): Promise<string> {
    return this.#convert((glue, time, seed) => glue.toJson(format, text, person, time, seed));
  }

  fromJson(format: OtherFormat, json: string, person: UserId): Promise<string> {
    return this.#convert((glue, time, seed) => glue.fromJson(format, json, person, time, seed));
  }

  async #convert(convert: (glue: FormatsGlue, time: bigint, seed: Uint8Array) => string): Promise<string> {
    const glue = await this.#loaded();
    const seed = crypto.getRandomValues(new Uint8Array(32));
    try {
      if (this.#isBroken) this.#renew(glue);
      this.#isBroken = true;
      const converted = convert(glue, BigInt(now()), seed);
      this.#isBroken = false;
      return converted;
    } catch (thrown) {
      const reason = thrown instanceof Error ? thrown.message : String(thrown);
      // what it refuses is a plain error; a full memory or stack is one of the browser's own kinds, which differ
      if (thrown instanceof Error && thrown.constructor === Error) {
        this.#isBroken = false;
        throw new ConversionRefused("badFile", reason);
      }
      throw new ConversionRefused("brokeDown", reason, `the file can't be converted (${reason}): make it smaller, or report it with the file`);
    } finally {
      try {
        this.#renew(glue);
      } catch {
        // there is no memory for a fresh one now, or the browser makes none so large in the page's thread: what did not break down
        // converts again
      }
    }
  }

  /** The memory of an instance never shrinks, so each converts once; the next is made of what is compiled already. */
  #renew(glue: FormatsGlue): void {
    glue.__wbg_reset_state?.();
    this.#isBroken = false;
  }

  #loaded(): Promise<FormatsGlue> {
    this.#loading ??= this.#load().catch((thrown: unknown) => {
      this.#loading = null;
      const reason = thrown instanceof Error ? thrown.message : String(thrown);
      throw new ConversionRefused("noFormats", reason, `the converter can't be loaded (${reason}): try again with a network, reload the page in case there is a newer version, or use json`);
    });
    return this.#loading;
  }
}
