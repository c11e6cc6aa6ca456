/** Which cards a person wants to see: kept in the address, so that a link, a reload and the back button have it too. */

import type { Board, Card, CardId } from "@warroom/sdk";

import { later, type Cancel } from "../doors/clock.ts";
import { ALL, fits, idsOf, isAll, parseFilter, queryOf, type Filter } from "../lib/filter.ts";
import { SEARCH_PAUSE_MS } from "../lib/limits.ts";
import { matchesWords, wordsOf } from "../lib/words.ts";
import { wall } from "./minute.ts";

/** What the engine found for a text, in descriptions and comments too: the best of it (`SEARCH_HITS_MAX` in `engine/src/limits.rs`). */
interface Found {
  readonly text: string;
  readonly cards: ReadonlySet<CardId>;
}

/** The filter of one board. */
export class CardFilter {
  /** What is asked for. */
  asked = $state.raw<Filter>(ALL);
  /** The bar is open. */
  isOpen = $state.raw(false);

  /** Whether everything is shown. */
  readonly isOff: boolean = $derived.by(() => isAll(this.asked));

  readonly #words = $derived.by(() => wordsOf(this.asked.text));
  #found = $state.raw<Found | null>(null);
  /** Cards made since something was asked for: who adds one wants to see it. */
  #made = $state.raw<ReadonlySet<CardId>>(idsOf([]));
  #wait: Cancel = () => undefined;
  readonly #board: Board;
  readonly #read = (): void => { this.#take(parseFilter(location.search)); };

  constructor(board: Board) {
    this.#board = board;
    this.#read();
    this.isOpen = !isAll(this.asked);
    addEventListener("popstate", this.#read);
  }

  /** Stops. */
  close(): void {
    this.#wait();
    removeEventListener("popstate", this.#read);
  }

  /** Asks for something else; the address says it from now on, without a step for the back button. */
  ask(change: Partial<Filter>): void {
    this.#take({ ...this.asked, ...change });
    history.replaceState(history.state, "", location.pathname + queryOf(this.asked));
  }

  /** Shows everything. */
  clear(): void {
    this.ask(ALL);
  }

  /** A person made a card: it is shown, whatever is asked for. */
  made(card: CardId): void {
    if (!this.isOff) this.#made = idsOf([...this.#made, card]);
  }

  /** Those of the cards that are to be shown: the same list where all are. */
  of(cards: readonly Card[], isDone: boolean): readonly Card[] {
    return this.isOff ? cards : cards.filter((card) => this.#shows(card, isDone));
  }

  #shows(card: Card, isDone: boolean): boolean {
    if (this.#made.has(card.id)) return true;
    const isNamed = matchesWords(card.title, this.#words) || this.#found?.cards.has(card.id) === true;
    return isNamed && fits(this.asked, card, isDone, wall.today);
  }

  #take(asked: Filter): void {
    this.asked = asked;
    this.#made = idsOf([]);
    this.#wait();
    const text = asked.text.trim();
    if (text === "") this.#found = null;
    else if (text !== this.#found?.text) this.#wait = later(SEARCH_PAUSE_MS, () => { void this.#search(text); });
  }

  async #search(text: string): Promise<void> {
    try {
      const { hits } = await this.#board.search(text);
      if (this.asked.text.trim() === text) this.#found = { text, cards: idsOf(hits.map(({ card }) => card)) };
    } catch {
      // the engine stopped or the text is too long for it: titles are looked at here
      this.#found = null;
    }
  }
}
