// The engine's side of the seam: runs the WASM and turns messages into its calls, in a worker or in this thread.

import type { ImportCode, QuestionCode, RefusalCode } from "./api.ts";
import type { EngineBoard, EngineModule, EngineSource } from "./engine-module.ts";
import { ConversionRefused, Converter, type OtherFormat } from "./formats.ts";
import type { Command, Imported, Presence, Question, QuestionErrorCode, UserId } from "./generated.ts";
import type { Breakdown, EngineOutput, FromEngine, ToEngine } from "./messages.ts";

/** What the engine throws for a call that it refuses: an `Error` with a code. */
function refusal(thrown: unknown): { code: string; message: string } | null {
  if (!(thrown instanceof Error) || !("code" in thrown) || typeof thrown.code !== "string") return null;
  return { code: thrown.code, message: thrown.message };
}

function sentence(thrown: unknown): string {
  return thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
}

/** Why a board was not written in a format: what the engine exports is no bad file, so it was too much, or our fault. */
function unwritten({ code, reason, message }: ConversionRefused, format: OtherFormat): { code: QuestionErrorCode; message: string } {
  if (code === "noFormats") return { code, message };
  const advice = code === "brokeDown" ? "or try a device with more memory" : "and report it";
  return { code: "tooLarge", message: `the board can't be written as ${format} (${reason}): export json, ${advice}` };
}

/** One engine and the board that it has open. */
export class EngineHost {
  readonly #tell: (message: FromEngine) => void;
  readonly #source: EngineSource;
  readonly #converter: Converter;
  #module: EngineModule | null = null;
  #board: EngineBoard | null = null;
  #person: UserId = "";
  /** Exports that the engine writes as JSON, and what they are to become. */
  readonly #exports = new Map<number, OtherFormat>();
  /** What came before the WASM was there, in order. */
  readonly #waiting: ToEngine[] = [];
  /** The last words of the instance. */
  #panic: { readonly message: string; readonly inHand: Breakdown } | null = null;
  #phase: "new" | "loading" | "running" | "broken" = "new";

  constructor(tell: (message: FromEngine) => void, source: EngineSource) {
    this.#tell = tell;
    this.#source = source;
    this.#converter = new Converter(source.loadFormats);
  }

  /** Takes a message from the SDK. */
  handle(message: ToEngine): void {
    switch (this.#phase) {
      case "new":
        this.#phase = "loading";
        this.#waiting.push(message);
        void this.#load();
        return;
      case "loading":
        this.#waiting.push(message);
        return;
      case "running":
        this.#act(() => {
          this.#call(message);
        });
        return;
      case "broken":
        return;
    }
  }

  /** The engine broke down: it panicked, or something like a full memory or a stack overflow ended it. */
  handleTrap(message: string): void {
    if (this.#phase === "broken") return;
    this.#phase = "broken";
    const panic = this.#panic ?? { message, inHand: [] };
    this.#board = null;
    this.#module?.discard();
    this.#tell({ type: "broken", code: "trap", ...panic });
  }

  /** The SDK does not listen any more. */
  end(): void {
    this.#phase = "broken";
    this.#board?.close();
    this.#board = null;
  }

  async #load(): Promise<void> {
    try {
      this.#module = await this.#source.loadEngine();
    } catch (thrown) {
      this.#phase = "broken";
      this.#tell({ type: "broken", code: "engine", message: sentence(thrown) });
      return;
    }
    if (this.#phase === "broken") return;
    this.#phase = "running";
    for (const message of this.#waiting.splice(0)) this.handle(message);
  }

  #act(call: () => void): void {
    try {
      call();
    } catch (thrown) {
      // what throws on purpose is caught below
      this.handleTrap(sentence(thrown));
    }
  }

  #call(message: ToEngine): void {
    switch (message.type) {
      case "open": {
        const { room, relay, person, breakdowns } = message;
        this.#person = person.id;
        this.#board = this.#refusable(() => this.#module?.open(
          JSON.stringify({ room, relay, person, breakdowns }),
          (json) => {
            this.#handOver(json);
          },
          (message, inHand) => {
            this.#panic = { message, inHand };
            // the instance still runs this very call: it is thrown away in a later task, or when its end is reported
            queueMicrotask(() => {
              this.handleTrap(message);
            });
          },
        )) ?? null;
        return;
      }
      case "command":
        this.#command(message.number, message.command);
        return;
      case "ask":
        this.#ask(message.number, message.question);
        return;
      case "import":
        if (message.format === "json") this.#import(message.number, (board) => board.importFile("json", message.text));
        else void this.#importOther(message.number, message.format, message.text);
        return;
      case "importRoom":
        this.#import(message.number, (board) => board.importRoom(message.file));
        return;
      case "presence":
        this.#presence(message.presence);
        return;
      case "flush":
        this.#board?.flush();
        return;
      case "retry":
        this.#board?.retry();
        return;
      case "offline":
        this.#board?.offline();
        return;
      case "close":
        this.#board?.close();
        return;
    }
  }

  /** A room that is not understood: no engine will. */
  #refusable<T>(open: () => T): T | null {
    try {
      return open();
    } catch (thrown) {
      const refused = refusal(thrown);
      if (refused === null) throw thrown;
      this.#phase = "broken";
      this.#tell({ type: "broken", code: "room", message: refused.message });
      return null;
    }
  }

  /** A presence that is not understood is not shown to anybody: nothing is lost with it. */
  #presence(presence: Presence): void {
    try {
      this.#board?.presence(JSON.stringify(presence));
    } catch (thrown) {
      if (refusal(thrown) === null) throw thrown;
    }
  }

  #ask(number: number, asked: Question): void {
    let question = asked;
    if (question.type === "export" && question.format !== "json") {
      this.#exports.set(number, question.format);
      question = { type: "export", format: "json" };
    }
    try {
      this.#board?.ask(number, JSON.stringify(question));
    } catch (thrown) {
      const refused = refusal(thrown);
      if (refused === null) throw thrown;
      this.#exports.delete(number);
      this.#tell({ type: "unanswered", number, code: refused.code as QuestionCode, message: refused.message });
    }
  }

  /** Says what the engine says; what is to be converted follows later. */
  #handOver(json: string): void {
    if (this.#exports.size === 0) {
      this.#tell({ type: "outputs", json });
      return;
    }
    const outputs = JSON.parse(json) as EngineOutput[];
    const others = outputs.filter((output) => {
      if (output.type !== "answer" && output.type !== "unanswered") return true;
      const format = this.#exports.get(output.number);
      this.#exports.delete(output.number);
      if (format === undefined || output.type === "unanswered" || output.answer.type !== "exported") return true;
      void this.#exportOther(output.number, format, output.answer.text);
      return false;
    });
    if (others.length > 0) this.#tell({ type: "outputs", json: JSON.stringify(others) });
  }

  async #exportOther(number: number, format: OtherFormat, json: string): Promise<void> {
    let output: EngineOutput;
    try {
      const text = await this.#converter.fromJson(format, json, this.#person);
      output = { type: "answer", number, answer: { type: "exported", text } };
    } catch (thrown) {
      if (!(thrown instanceof ConversionRefused)) throw thrown;
      output = { type: "unanswered", number, ...unwritten(thrown, format) };
    }
    if (this.#phase === "running") this.#tell({ type: "outputs", json: JSON.stringify([output]) });
  }

  async #importOther(number: number, format: OtherFormat, text: string): Promise<void> {
    let json: string;
    try {
      json = await this.#converter.toJson(format, text, this.#person);
    } catch (thrown) {
      if (!(thrown instanceof ConversionRefused)) throw thrown;
      // nothing has come to the board: it was the file
      const code = thrown.code === "brokeDown" ? "badFile" : thrown.code;
      if (this.#phase === "running") this.#tell({ type: "unimported", number, code, message: thrown.message });
      return;
    }
    this.#act(() => {
      this.#import(number, (board) => board.importFile("json", json));
    });
  }

  #import(number: number, read: (board: EngineBoard) => string): void {
    if (this.#board === null) return;
    let imported: Imported;
    try {
      imported = JSON.parse(read(this.#board)) as Imported;
    } catch (thrown) {
      const refused = refusal(thrown);
      if (refused === null) throw thrown;
      this.#tell({ type: "unimported", number, code: refused.code as ImportCode, message: refused.message });
      return;
    }
    // behind what it causes, which the engine says in a microtask that it has asked for: who waits for the file sees its cards
    queueMicrotask(() => {
      if (this.#phase === "running") this.#tell({ type: "imported", number, imported });
    });
  }

  #command(number: number, command: Command): void {
    if (this.#board === null) return;
    let edit: number;
    try {
      edit = this.#board.command(JSON.stringify(command));
    } catch (thrown) {
      const refused = refusal(thrown);
      if (refused === null) throw thrown;
      this.#tell({ type: "refused", number, code: refused.code as RefusalCode, message: refused.message });
      return;
    }
    this.#tell({ type: "done", number, edit });
  }
}
