// What goes between the SDK and the engine's host, in a worker or in this thread. Values only, so that both ways are alike.

import type { ImportCode, QuestionCode, RefusalCode } from "./api.ts";
import type {
  Answer,
  Command,
  Delta,
  Imported,
  ImportFormat,
  Person,
  Presence,
  PresenceDelta,
  Question,
  Status,
} from "./generated.ts";

/**
 * What an engine had in hand when it broke down: hashes of changes and stored chunks, in hex. The next one keeps its hands off
 * what was there alone, and takes the others one at a time.
 */
export type Breakdown = readonly string[];

/** To the engine, in order. */
export type ToEngine =
  | {
      readonly type: "open";
      readonly room: string;
      readonly relay: string;
      readonly person: Person;
      readonly breakdowns: readonly Breakdown[];
    }
  /** `number` rises from 1; the answer names it. */
  | { readonly type: "command"; readonly number: number; readonly command: Command }
  /** `number` rises from 1; what answers it names it. */
  | { readonly type: "ask"; readonly number: number; readonly question: Question }
  /** `number` rises from 1; what is said of it names it. */
  | { readonly type: "import"; readonly number: number; readonly format: ImportFormat; readonly text: string }
  | { readonly type: "importRoom"; readonly number: number; readonly file: Uint8Array }
  | { readonly type: "presence"; readonly presence: Presence }
  | { readonly type: "flush" }
  | { readonly type: "retry" }
  /** The device says that it lost the network. */
  | { readonly type: "offline" }
  | { readonly type: "close" };

/** A question that is not answered. */
export interface Unanswered {
  readonly type: "unanswered";
  readonly number: number;
  readonly code: QuestionCode;
  readonly message: string;
}

/** One thing that the engine says, in its order. */
export type EngineOutput =
  /** The board as it was when it was last at rest, to be shown until the engine has read it; a status says when it has. */
  | { readonly type: "projected"; readonly reset: Extract<Delta, { type: "reset" }> }
  | { readonly type: "deltas"; readonly deltas: readonly Delta[] }
  | { readonly type: "presence"; readonly deltas: readonly PresenceDelta[] }
  | { readonly type: "status"; readonly status: Status }
  | { readonly type: "answer"; readonly number: number; readonly answer: Answer }
  | Unanswered
  /** All is written and every connection closed: the last word. */
  | { readonly type: "closed" };

/** From the engine, in order. */
export type FromEngine =
  /** JSON of `EngineOutput[]`: parsing it here is faster than cloning its objects from the worker. */
  | { readonly type: "outputs"; readonly json: string }
  /** The command was taken; `edit` numbers it as in `Status.editsMade`. Comes before the outputs that it causes. */
  | { readonly type: "done"; readonly number: number; readonly edit: number }
  /** The command changed nothing. */
  | { readonly type: "refused"; readonly number: number; readonly code: RefusalCode; readonly message: string }
  /** The file is on the board. Comes after the outputs that it causes. */
  | { readonly type: "imported"; readonly number: number; readonly imported: Imported }
  /** The file changed nothing. */
  | { readonly type: "unimported"; readonly number: number; readonly code: ImportCode; readonly message: string }
  /** The question was not understood. */
  | Unanswered
  /** `engine`: it did not start. `room`: there can't be such a room. */
  | { readonly type: "broken"; readonly code: "engine" | "room"; readonly message: string }
  /** The engine broke down and can't be used any more. */
  | { readonly type: "broken"; readonly code: "trap"; readonly message: string; readonly inHand: Breakdown };

/** A running engine, seen from the SDK: the seam at which tests put a double. */
export interface Transport {
  post(message: ToEngine): void;
  /** Frees everything at once; nothing is received afterwards. */
  end(): void;
}

/** Starts an engine and tells `receive` what it says. Never calls `receive` before it has returned. */
export type StartEngine = (receive: (message: FromEngine) => void) => Transport;
