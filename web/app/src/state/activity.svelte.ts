/** The activity of a room as it is on screen: the newest page, kept up to date, and as many older ones as were asked for. */

import type { Activity, Board, BoardSnapshot, Cursor } from "@warroom/sdk";

import { later, type Cancel } from "../doors/clock.ts";

/** Entries of a page. */
const PAGE = 50;

/** Entries that are asked for at once at most; the engine gives no more. */
const PAGE_MAX = 200;

/** Milliseconds between two looks at what is new: what is typed makes news with every key. */
const LOOK_MS = 1_000;

/** Pages asked for one after the other when they come empty: each looks through 2,000 changes. */
const EMPTY_PAGES_MAX = 10;

/** What happened in one room. */
export class ActivityList {
  /** Newest first. */
  entries = $state.raw<readonly Activity[]>([]);
  /** `loading`: nothing to show yet. */
  phase = $state.raw<"loading" | "ready" | "failed">("loading");
  /** An older page is on its way. */
  isReading = $state.raw(false);
  #next = $state.raw<Cursor | null>(null);
  readonly #board: Board;
  #seen: BoardSnapshot;
  #looking: Cancel | null = null;
  #isBusy = false;
  #isClosed = false;
  readonly #stop: () => void;

  constructor(board: Board) {
    this.#board = board;
    this.#seen = board.getSnapshot();
    this.#stop = board.subscribe((snapshot) => { this.#see(snapshot); });
    void this.look();
  }

  /** Whether there are older ones. */
  get hasMore(): boolean {
    return this.#next !== null;
  }

  /** Stops keeping up. */
  close(): void {
    this.#isClosed = true;
    this.#stop();
    this.#looking?.();
  }

  /** Reads the newest page anew, as many entries as are on screen. */
  async look(): Promise<void> {
    if (this.#isBusy) {
      this.#plan();
      return;
    }
    this.#isBusy = true;
    try {
      const { entries, next } = await this.#page(null, Math.min(PAGE_MAX, Math.max(PAGE, this.entries.length)));
      if (this.#isClosed) return;
      const last = entries.at(-1)?.id;
      const overlap = last === undefined ? -1 : this.entries.findIndex((one) => one.id === last);
      const older = overlap < 0 ? [] : this.entries.slice(overlap + 1);
      if (older.length === 0) this.#next = next;
      this.entries = [...entries, ...older];
      this.phase = "ready";
    } catch {
      if (this.phase === "loading") this.phase = "failed";
    } finally {
      this.#isBusy = false;
    }
  }

  /** Reads an older page. */
  async more(): Promise<void> {
    const before = this.#next;
    if (before === null || this.isReading) return;
    this.isReading = true;
    try {
      const { entries, next } = await this.#page(before, PAGE);
      if (this.#next !== before) return;
      this.entries = [...this.entries, ...entries];
      this.#next = next;
    } catch {
      // The button stays and can be pressed again.
    } finally {
      this.isReading = false;
    }
  }

  /** A page with something in it, if there is one. */
  async #page(before: Cursor | null, limit: number): Promise<{ entries: readonly Activity[]; next: Cursor | null }> {
    let from = before;
    for (let asked = 1; ; asked += 1) {
      const page = await this.#board.history({ before: from, limit });
      if (page.entries.length > 0 || page.next === null || asked === EMPTY_PAGES_MAX) return page;
      from = page.next;
    }
  }

  #see(next: BoardSnapshot): void {
    const [before, isReady] = [this.#seen, next.ready];
    this.#seen = next;
    if (!isReady) return;
    const isSame = before.ready && (["title", "columns", "unsorted", "archived", "deletedCards", "deletedColumns", "labels", "people", "talk"] as const).every((part) => before[part] === next[part]);
    if (!isSame) this.#plan();
  }

  #plan(): void {
    this.#looking ??= later(LOOK_MS, () => {
      this.#looking = null;
      if (!this.#isClosed) void this.look();
    });
  }
}
