// The engine's half of an open text, as the tests' model: orders everything, transforms own splices over remote ones that the
// typist had not seen, and echoes each as one splice.

import type { Delta, Splice, TextTarget } from "../src/generated.ts";
import { apply, applyAll, difference, isEmpty, transform } from "../src/text-splice.ts";

export class EngineText {
  readonly target: TextTarget;
  content: string;
  #told = 0;
  /** Told and not known to be seen, as they apply to the typist's text. */
  #unseen: Splice[][] = [];
  /** What the SDK has not been given yet. */
  readonly outbox: Delta[] = [];

  constructor(target: TextTarget, content: string) {
    this.target = target;
    this.content = content;
  }

  open(): void {
    this.#told = 0;
    this.#unseen = [];
    this.outbox.push({ type: "textOpened", text: this.target, content: this.content });
  }

  /** The typist's splice. */
  edit(seen: number, splice: Splice): void {
    this.#unseen = this.#unseen.slice(this.#unseen.length - (this.#told - seen));
    let mine = [splice];
    this.#unseen = this.#unseen.map((theirs) => {
      const [mineAfter, theirsAfter] = transform(mine, theirs);
      mine = mineAfter;
      return theirsAfter;
    });
    const after = applyAll(this.content, mine);
    const echo = mine.length === 1 ? mine[0]! : difference(this.content, after);
    this.content = after;
    this.outbox.push({ type: "textSpliced", text: this.target, origin: "local", splice: echo });
  }

  /** Somebody else's splice. */
  remote(splice: Splice): void {
    if (isEmpty(splice)) return;
    this.content = apply(this.content, splice);
    this.#told += 1;
    this.#unseen.push([splice]);
    this.outbox.push({ type: "textSpliced", text: this.target, origin: "remote", splice });
  }
}
