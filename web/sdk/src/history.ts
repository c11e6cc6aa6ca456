// What was, asked of the engine.

import type { ActivityOptions, PastBoard, SinceAway } from "./api.ts";
import { BoardStore } from "./board-store.ts";
import type { ActivityPage, CardId, Conflict, Moment, PastCard } from "./generated.ts";
import type { Questions } from "./questions.ts";

const ENTRIES = 50;

/** Asks what {@link Board} promises of the past. */
export class Past {
  readonly #questions: Questions;

  constructor(questions: Questions) {
    this.#questions = questions;
  }

  async activity({ card, before, limit }: ActivityOptions = {}): Promise<ActivityPage> {
    const question = { card: card ?? null, before: before ?? null, limit: limit ?? ENTRIES };
    return (await this.#questions.ask({ type: "activity", ...question })).page;
  }

  async boardAt(moment: Moment): Promise<PastBoard> {
    const { board } = await this.#questions.ask({ type: "boardAt", moment });
    const store = new BoardStore();
    store.apply([board]);
    return store.view;
  }

  async conflicts(): Promise<readonly Conflict[]> {
    return (await this.#questions.ask({ type: "conflicts" })).conflicts;
  }

  async away(since: Moment): Promise<SinceAway> {
    const { away, seen } = await this.#questions.ask({ type: "away", since });
    return { ...away, seen: { kind: "heads", heads: seen } };
  }

  async cardAt(card: CardId, moment: Moment): Promise<PastCard> {
    return (await this.#questions.ask({ type: "cardAt", card, moment })).past;
  }
}
