/** What others did while this device did not look: asked once it is up to date again, told quietly. */

import type { Board, BoardSnapshot, Moment, SinceAway } from "@warroom/sdk";

import { later, now, type Cancel } from "../doors/clock.ts";
import { isRecord, recall, remember } from "./local.ts";

/** Milliseconds that one has to be gone, or without a connection, for "while you were away" to be worth a word. */
const AWAY_AFTER_MS = 60_000;

/** Milliseconds between two notes of what was seen: it only has to be roughly right when the page goes. */
const NOTE_MS = 5_000;

/** Changes that one note may name at most; a moment of more is not kept. */
const HEADS_MAX = 64;

/** Watches one board. */
export class AwayWatch {
  /** What happened meanwhile, until it is dismissed. */
  summary = $state.raw<SinceAway | null>(null);
  /** Told once when something is found. */
  onFound: (since: SinceAway) => void = () => undefined;
  readonly #board: Board;
  readonly #key: string;
  #since: Moment | null;
  /** What is found next is to be told, not only noted. */
  #isDue: boolean;
  #isAsking = false;
  #downSince: number | null = null;
  #hiddenSince: number | null = null;
  #noting: Cancel | null = null;
  #shown: BoardSnapshot | null = null;
  readonly #stops: (() => void)[];

  constructor(board: Board) {
    this.#board = board;
    this.#key = `seen.${board.room}`;
    this.#since = recall(this.#key, parse);
    this.#isDue = this.#since !== null;
    const listening = new AbortController();
    document.addEventListener("visibilitychange", () => { this.#hide(); }, { signal: listening.signal });
    this.#stops = [board.subscribe((snapshot) => { this.#see(snapshot); }), () => { listening.abort(); }];
  }

  /** Stops watching. */
  close(): void {
    for (const stop of this.#stops) stop();
    this.#noting?.();
  }

  /** It was read. */
  dismiss(): void {
    this.summary = null;
  }

  #hide(): void {
    if (document.hidden) {
      this.#hiddenSince = now();
      // The last moment that was looked at.
      if (!this.#isDue) void this.#ask();
      return;
    }
    if (this.#hiddenSince !== null && now() - this.#hiddenSince >= AWAY_AFTER_MS) this.#isDue = true;
    this.#hiddenSince = null;
    this.#see(this.#board.getSnapshot());
  }

  #see(snapshot: BoardSnapshot): void {
    const { phase } = snapshot.status;
    if (phase === "offline") this.#downSince ??= now();
    if (!snapshot.ready || phase !== "saved" || document.hidden) return;
    if (this.#downSince !== null && now() - this.#downSince >= AWAY_AFTER_MS) this.#isDue = true;
    this.#downSince = null;
    if (this.#isDue) {
      void this.#ask();
      return;
    }
    if (this.#shown !== null && isSame(this.#shown, snapshot)) return;
    this.#shown = snapshot;
    this.#noting ??= later(NOTE_MS, () => {
      this.#noting = null;
      if (!document.hidden) void this.#ask();
    });
  }

  async #ask(): Promise<void> {
    if (this.#isAsking) return;
    this.#isAsking = true;
    const [isDue, since] = [this.#isDue, this.#since];
    try {
      const found = await this.#board.away(since ?? { kind: "time", at: now() });
      this.#note(found.seen);
      this.#isDue = false;
      if (isDue && since !== null && (found.cards.length > 0 || found.board.length > 0)) {
        this.summary = found;
        this.onFound(found);
      }
    } catch {
      // A moment that this device does not know any more: from now on, then.
      this.#since = null;
      this.#isDue = false;
    } finally {
      this.#isAsking = false;
    }
  }

  #note(seen: Moment): void {
    this.#since = seen;
    remember(this.#key, seen);
  }
}

function isSame(a: BoardSnapshot, b: BoardSnapshot): boolean {
  return a.columns === b.columns && a.unsorted === b.unsorted && a.archived === b.archived && a.deletedCards === b.deletedCards && a.labels === b.labels && a.people === b.people && a.title === b.title;
}

function parse(value: unknown): Moment | null {
  if (!isRecord(value) || value["kind"] !== "heads" || !Array.isArray(value["heads"])) return null;
  const heads: readonly unknown[] = value["heads"];
  const isWhole = heads.length > 0 && heads.length <= HEADS_MAX && heads.every((head) => typeof head === "string" && /^[\da-f]{64}$/u.test(head));
  return isWhole ? { kind: "heads", heads: heads as string[] } : null;
}
