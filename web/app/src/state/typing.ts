/** "… is typing": told with every key, because it ends by itself a second after it was told; taken back when it is over. */

import type { BoardPresence, TypingPlace } from "@warroom/sdk";

import { later, type Cancel } from "../doors/clock.ts";
import { TYPING_STOP_MS } from "../lib/limits.ts";

/** Tells the others where I type. One place at a time. */
export class TypingSignal {
  readonly #presence: Pick<BoardPresence, "typing">;
  #isTold = false;
  #stop: Cancel = () => undefined;

  constructor(presence: Pick<BoardPresence, "typing">) {
    this.#presence = presence;
  }

  /** A key was typed here. */
  key(place: TypingPlace): void {
    this.#presence.typing(place);
    this.#isTold = true;
    this.#stop();
    this.#stop = later(TYPING_STOP_MS, () => { this.stop(); });
  }

  /** Typing is over: sent, left, or a second passed. */
  stop(): void {
    this.#stop();
    if (this.#isTold) this.#presence.typing(null);
    this.#isTold = false;
  }
}
