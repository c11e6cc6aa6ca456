// What is asked of the engine and changes nothing: each question is a promise. After a breakdown the next engine is asked again.

import { type QuestionCode, QuestionRefused } from "./api.ts";
import type { Answer, Question } from "./generated.ts";
import { ENGINES_MAX } from "./limits.ts";

interface Asked {
  readonly question: Question;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (why: QuestionRefused) => void;
  /** How many engines were given it. */
  sent: number;
}

/** Which answer belongs to which question. */
interface AnswerTo {
  search: "found";
  export: "exported";
  exportRoom: "exportedRoom";
  activity: "activity";
  boardAt: "boardAt";
  conflicts: "conflicts";
  away: "away";
  cardAt: "cardAt";
}

type AnswerOf<Q extends Question> = Extract<Answer, { type: AnswerTo[Q["type"]] }>;

/** The questions that wait for their answers, oldest first. */
export class Questions {
  #number = 0;
  #open = false;
  #closed = false;
  readonly #waiting = new Map<number, Asked>();
  /** Those that this engine was given. */
  readonly #asked = new Set<number>();
  readonly #send: (number: number, question: Question) => void;

  constructor(send: (number: number, question: Question) => void) {
    this.#send = send;
  }

  /** Asks now, or as soon as there is an engine that has read its board. */
  ask<Q extends Question>(question: Q): Promise<AnswerOf<Q>> {
    if (this.#closed) return Promise.reject(new QuestionRefused("closed", "the board is closed: open it again"));
    return new Promise((resolve, reject) => {
      this.#number += 1;
      const take = (answer: Answer): void => {
        // the engine answers each question with its own kind
        resolve(answer as AnswerOf<Q>);
      };
      this.#waiting.set(this.#number, { question, resolve: take, reject, sent: 0 });
      if (this.#open) this.handleReady();
    });
  }

  handleReady(): void {
    this.#open = true;
    for (const [number, asked] of this.#waiting) {
      if (this.#asked.has(number)) continue;
      this.#asked.add(number);
      asked.sent += 1;
      this.#send(number, asked.question);
    }
  }

  /** The next engine is asked again, but what two broke down over is not asked a third time. */
  handleBroken(): void {
    this.#open = false;
    this.#asked.clear();
    const why = new QuestionRefused("brokeDown", "the engine broke down twice meanwhile: ask for less");
    for (const [number, { sent }] of this.#waiting) if (sent >= ENGINES_MAX) this.#take(number)?.reject(why);
  }

  handleAnswer(number: number, answer: Answer): void {
    this.#take(number)?.resolve(answer);
  }

  handleUnanswered({ number, code, message }: { number: number; code: QuestionCode; message: string }): void {
    this.#take(number)?.reject(new QuestionRefused(code, message));
  }

  /** Nothing is answered any more. */
  close(): void {
    this.#closed = true;
    const why = new QuestionRefused("closed", "the board was closed before the answer was known");
    for (const { reject } of this.#waiting.values()) reject(why);
    this.#waiting.clear();
  }

  #take(number: number): Asked | undefined {
    const asked = this.#waiting.get(number);
    this.#waiting.delete(number);
    this.#asked.delete(number);
    return asked;
  }
}
