// Keeps an engine running: starts it, starts it again after a breakdown, and gives up when that does not help.

import type { BoardFailure } from "./api.ts";
import { after, now } from "./clock.ts";
import { debugLog } from "./debug.ts";
import { BREAKDOWNS_MAX, CLOSE_MS_MAX, LOAD_RETRY_MS_MAX, LOAD_RETRY_MS_MIN, RESTART_WINDOW_MS, RESTARTS_MAX } from "./limits.ts";
import type { Breakdown, FromEngine, StartEngine, ToEngine, Transport } from "./messages.ts";

/** What the runner tells its board. */
export interface RunnerEvents {
  /** A fresh engine takes messages; what the earlier ones had in hand when they broke down. */
  readonly started: (breakdowns: readonly Breakdown[]) => void;
  /** The engine says something. */
  readonly received: (message: FromEngine) => void;
  /** The engine is gone with all that it held. */
  readonly broken: () => void;
  /** No engine for now. */
  readonly failed: (error: BoardFailure) => void;
}

/** Runs one engine at a time. */
export class EngineRunner {
  readonly #startEngine: StartEngine;
  readonly #events: RunnerEvents;
  readonly #log = debugLog("engine");
  #transport: Transport | null = null;
  /** When the engine broke down lately, without learning what did it. */
  #traps: number[] = [];
  readonly #breakdowns: Breakdown[] = [];
  #loadRetryMs = LOAD_RETRY_MS_MIN;
  #cancelRetry: () => void = () => undefined;
  #closed = false;

  constructor(start: StartEngine, events: RunnerEvents) {
    this.#startEngine = start;
    this.#events = events;
  }

  /** Starts the engine. */
  start(): void {
    if (this.#transport !== null || this.#closed) return;
    let transport: Transport;
    try {
      transport = this.#startEngine((message) => {
        if (this.#transport === transport) this.#receive(message);
      });
    } catch (thrown) {
      this.#handleLoadFailed(thrown instanceof Error ? thrown.message : String(thrown));
      return;
    }
    this.#transport = transport;
    this.#events.started(this.#breakdowns);
  }

  /** Sends a message; without an engine it is dropped, and its sender says it again after `started`. */
  post(message: ToEngine): void {
    this.#transport?.post(message);
  }

  /** A person asks to try again. */
  retry(): void {
    if (this.#transport !== null) return;
    this.#cancelRetry();
    this.#traps = [];
    this.start();
  }

  /** Lets the engine write out, then ends it. */
  close(): void {
    this.#closed = true;
    this.#cancelRetry();
    this.post({ type: "close" });
    this.#cancelRetry = after(CLOSE_MS_MAX, () => {
      this.handleClosed();
    });
  }

  /** The engine has written everything out. */
  handleClosed(): void {
    this.#cancelRetry();
    this.#end();
  }

  #receive(message: FromEngine): void {
    if (message.type !== "broken") {
      this.#loadRetryMs = LOAD_RETRY_MS_MIN;
      this.#events.received(message);
      return;
    }
    this.#log("broken", { code: message.code });
    this.#end();
    if (this.#closed) return;
    this.#events.broken();
    switch (message.code) {
      case "engine":
        this.#handleLoadFailed(message.message);
        return;
      case "room":
        this.#events.failed({ code: "room", message: message.message });
        return;
      case "trap":
        this.#handleTrap(message);
        return;
    }
  }

  #handleTrap({ message, inHand }: { readonly message: string; readonly inHand: Breakdown }): void {
    const at = now();
    const isLearnt = inHand.length === 1 && this.#breakdowns.length < BREAKDOWNS_MAX;
    if (inHand.length > 0 && this.#breakdowns.length < BREAKDOWNS_MAX) this.#breakdowns.push(inHand);
    this.#traps = this.#traps.filter((earlier) => at - earlier < RESTART_WINDOW_MS);
    if (!isLearnt) this.#traps.push(at);
    if (this.#traps.length > RESTARTS_MAX) this.#events.failed({ code: "trap", message });
    else this.start();
  }

  #handleLoadFailed(message: string): void {
    this.#events.failed({ code: "engine", message });
    const pause = this.#loadRetryMs;
    this.#loadRetryMs = Math.min(pause * 2, LOAD_RETRY_MS_MAX);
    this.#cancelRetry = after(pause, () => {
      this.start();
    });
  }

  #end(): void {
    this.#transport?.end();
    this.#transport = null;
  }
}
