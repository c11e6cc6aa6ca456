// Verbs that are called together: collected while a function runs, and sent as one command.

import { CommandRefused, type Edit } from "./api.ts";
import type { Command } from "./generated.ts";

type Outcome = Edit | CommandRefused;

/** What can't be one of several: it can't be taken back, or may have to wait for a document. */
const ALONE: readonly Command["type"][] = ["setPerson", "restoreCardAt", "undo", "redo"];

/** The name of a verb that can't be one of several. */
function alone(command: Command): string | null {
  // it is no edit
  if (command.type === "talk" && command.command.type === "markSeen") return command.command.type;
  return ALONE.includes(command.type) ? command.type : null;
}

/** One transaction while its function runs, and what its verbs have given until it is known what becomes of it. */
export class Transaction {
  readonly commands: Command[] = [];
  #outcome: Outcome | null = null;
  readonly #waiting: ((outcome: Outcome) => void)[] = [];

  /** A verb is called. */
  add(id: string, command: Command): Edit {
    const name = alone(command);
    if (name !== null) throw new TypeError(`${name} can't be one of several: call it outside of transact`);
    this.commands.push(command);
    return this.edit(id);
  }

  /** All of it, seen as an edit about `id`. */
  edit(id: string): Edit {
    return { id, stored: () => this.#wait("stored"), saved: () => this.#wait("saved") };
  }

  /** Nothing of it is done. */
  abandon(message: string): void {
    this.settle(new CommandRefused("abandoned", message));
  }

  /** What becomes of it is known. */
  settle(outcome: Outcome): void {
    this.#outcome = outcome;
    for (const go of this.#waiting.splice(0)) go(outcome);
  }

  /** It becomes a part of the one around it. */
  join(outer: Transaction): void {
    // not spread: there may be more of them than arguments of a call
    for (const command of this.commands) outer.commands.push(command);
    outer.#then((outcome) => {
      this.settle(outcome);
    });
  }

  #then(go: (outcome: Outcome) => void): void {
    if (this.#outcome === null) this.#waiting.push(go);
    else go(this.#outcome);
  }

  #wait(moment: "stored" | "saved"): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#then((outcome) => {
        if (outcome instanceof CommandRefused) reject(outcome);
        else outcome[moment]().then(resolve, reject);
      });
    });
  }
}

/**
 * Runs the function of a transaction, which has to be done when it returns. Where it throws, so does this, and nothing is done. Of an async
 * function what follows its first await can't be stopped.
 */
export function run(transaction: Transaction, work: () => unknown): void {
  try {
    const done = work();
    if (typeof done === "object" && done !== null && "then" in done) {
      // the reason is thrown here, so what the promise says nobody has to hear
      Promise.resolve(done).catch(() => undefined);
      throw new TypeError(
        "transact takes a function that is done when it returns: await what it needs before; verbs after an await of it are edits of their own",
      );
    }
  } catch (thrown) {
    transaction.abandon("the function given to transact threw: nothing of it was done");
    throw thrown;
  }
}
