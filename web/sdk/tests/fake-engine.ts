// A double of the engine at the transport's seam: tests read what the SDK sends and say what the engine would.

import type { Command, Delta, Presence, Status } from "../src/generated.ts";
import type { EngineOutput, FromEngine, StartEngine, ToEngine } from "../src/messages.ts";
import { ann, status } from "./values.ts";

/** One engine; a restart makes another. */
export class FakeEngine {
  readonly received: ToEngine[] = [];
  ended = false;
  readonly #receive: (message: FromEngine) => void;

  constructor(receive: (message: FromEngine) => void) {
    this.#receive = receive;
  }

  say(message: FromEngine): void {
    this.#receive(message);
  }

  outputs(...outputs: EngineOutput[]): void {
    this.say({ type: "outputs", json: JSON.stringify(outputs) });
  }

  deltas(...deltas: Delta[]): void {
    this.outputs({ type: "deltas", deltas });
  }

  status(over: Partial<Status>): void {
    this.outputs({ type: "status", status: status(over) });
  }

  /** The board has been read. */
  ready(over: Partial<Extract<Delta, { type: "reset" }>> = {}): void {
    this.deltas({ type: "reset", title: "Ops", columns: [], cards: [], labels: [], people: [ann], readOnly: false, ...over });
  }

  /** What the board was when it was last at rest. */
  projected(over: Partial<Extract<Delta, { type: "reset" }>> = {}): void {
    const reset: Delta = { type: "reset", title: "Ops", columns: [], cards: [], labels: [], people: [ann], readOnly: false, ...over };
    this.outputs({ type: "projected", reset });
  }

  /** Takes every command that has not been answered, as edits from `edit` on. */
  takeAll(edit: number): void {
    for (const { number } of this.commands()) {
      this.say({ type: "done", number, edit });
      edit += 1;
    }
  }

  commands(): { number: number; command: Command }[] {
    return this.received.flatMap((message) => (message.type === "command" ? [message] : []));
  }

  presences(): Presence[] {
    return this.received.flatMap((message) => (message.type === "presence" ? [message.presence] : []));
  }
}

/** Starts engines and keeps them, the newest last. */
export function fakeEngines(): { start: StartEngine; engines: FakeEngine[]; newest: () => FakeEngine } {
  const engines: FakeEngine[] = [];
  return {
    engines,
    newest: () => engines.at(-1)!,
    start: (receive) => {
      const engine = new FakeEngine((message) => {
        if (!engine.ended) receive(message);
      });
      engines.push(engine);
      return {
        post: (message) => {
          engine.received.push(structuredClone(message));
        },
        end: () => {
          engine.ended = true;
        },
      };
    },
  };
}
