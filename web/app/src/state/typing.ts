/** "… is typing": told when it starts, taken back a second after the last key. */

import type { BoardPresence, TypingPlace } from "@warroom/sdk";

import { later, type Cancel } from "../doors/clock.ts";
import { TYPING_STOP_MS } from "../lib/limits.ts";

/** Tells the others where I type. One place at a time. */
export class TypingSignal {
  readonly #presence: Pick<BoardPresence, "typing">;
  #told: string | null = null;
  #stop: Cancel = () => undefined;

  constructor(presence: Pick<BoardPresence, "typing">) {
    this.#presence = presence;
  }

  /** A key was typed here. */
  key(place: TypingPlace): void {
    const name = place.in === "card" ? `card ${place.card}` : `column ${place.column}`;
    if (this.#told !== name) this.#presence.typing(place);
    this.#told = name;
    this.#stop();
    this.#stop = later(TYPING_STOP_MS, () => { this.stop(); });
  }

  /** Typing is over: sent, left, or a second passed. */
  stop(): void {
    this.#stop();
    if (this.#told !== null) this.#presence.typing(null);
    this.#told = null;
  }
}
