/** Since when what is the case with the connection: the durations that the pill's words depend on. */

import type { BoardSnapshot } from "@warroom/sdk";

import { every, now, type Cancel } from "../doors/clock.ts";
import { pillOf, type Pill } from "./pill.ts";

/** Milliseconds between two looks at the clock while something is under way. */
const LOOK_MS = 250;

/** Watches one board's status. */
export class Connection {
  /** The browser's hint. */
  online = $state.raw(navigator.onLine);
  /** What the pill says. */
  readonly pill: Pill = $derived.by(() => this.#pill());
  /** Seconds until the next attempt to connect; `null`: none is planned. */
  readonly retrySeconds: number | null = $derived.by(() => this.#retrySeconds());
  #snapshot: BoardSnapshot;
  #moment = $state.raw(now());
  #downSince = $state.raw<number | null>(null);
  #syncingSince = $state.raw<number | null>(null);
  #storingSince = $state.raw<number | null>(null);
  #wasUp = $state.raw(false);
  #ticking: Cancel | null = null;
  readonly #stop = new AbortController();

  constructor(snapshot: BoardSnapshot) {
    this.#snapshot = $state.raw(snapshot);
    const look = (): void => { this.online = navigator.onLine; };
    addEventListener("online", look, { signal: this.#stop.signal });
    addEventListener("offline", look, { signal: this.#stop.signal });
    this.see(snapshot);
  }

  /** Takes the newest snapshot. */
  see(snapshot: BoardSnapshot): void {
    const { status } = snapshot;
    const at = now();
    const isDown = status.phase === "offline" || status.phase === "connecting";
    if (status.phase === "saved" || status.phase === "syncing") this.#wasUp = true;
    this.#downSince = isDown ? (this.#downSince ?? at) : null;
    this.#syncingSince = status.phase === "syncing" ? (this.#syncingSince ?? at) : null;
    this.#storingSince = status.unstored > 0 ? (this.#storingSince ?? at) : null;
    this.#moment = at;
    this.#snapshot = snapshot;
    const busy = this.#downSince !== null || this.#syncingSince !== null || this.#storingSince !== null;
    if (busy) this.#ticking ??= every(LOOK_MS, () => { this.#moment = now(); });
    else this.#rest();
  }

  /** Stops watching. */
  close(): void {
    this.#rest();
    this.#stop.abort();
  }

  #rest(): void {
    this.#ticking?.();
    this.#ticking = null;
  }

  #pill(): Pill {
    const since = (start: number | null): number | null => (start === null ? null : Math.max(0, this.#moment - start));
    return pillOf({
      status: this.#snapshot.status,
      readOnly: this.#snapshot.readOnly,
      online: this.online,
      downMs: since(this.#downSince),
      wasUp: this.#wasUp,
      syncingMs: since(this.#syncingSince),
      storingMs: since(this.#storingSince),
    });
  }

  #retrySeconds(): number | null {
    const { status } = this.#snapshot;
    if (status.phase !== "offline" || status.retryAt === null) return null;
    return Math.max(0, Math.ceil((status.retryAt - this.#moment) / 1000));
  }
}
