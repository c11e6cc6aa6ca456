// Files that are put on the board: each is a promise. None is tried again by itself, because part of it may be there already.

import { type ImportCode, ImportRefused } from "./api.ts";
import type { Imported, ImportFormat } from "./generated.ts";
import type { ToEngine } from "./messages.ts";

interface Waiting {
  readonly message: ToEngine;
  readonly resolve: (imported: Imported) => void;
  readonly reject: (why: ImportRefused) => void;
  sent: boolean;
}

/** The files that wait for the engine, oldest first. */
export class Imports {
  #number = 0;
  #open = false;
  #closed = false;
  readonly #waiting = new Map<number, Waiting>();
  readonly #send: (message: ToEngine) => void;

  constructor(send: (message: ToEngine) => void) {
    this.#send = send;
  }

  /** Imports a text now, or as soon as there is an engine that has read its board and its talk, which a file may add to. */
  add(format: ImportFormat, text: string): Promise<Imported> {
    return this.#add((number) => ({ type: "import", number, format, text }));
  }

  /** Imports the file of a room, as {@link add}. */
  addRoom(file: Uint8Array): Promise<Imported> {
    return this.#add((number) => ({ type: "importRoom", number, file }));
  }

  #add(message: (number: number) => ToEngine): Promise<Imported> {
    if (this.#closed) return Promise.reject(new ImportRefused("closed", "the board is closed: open it again"));
    return new Promise((resolve, reject) => {
      this.#number += 1;
      this.#waiting.set(this.#number, { message: message(this.#number), resolve, reject, sent: false });
      if (this.#open) this.#sendAll();
    });
  }

  /** The engine has read all that a file may add to. A talk that can't be read is told as an empty one. */
  handleTalkReady(): void {
    this.#open = true;
    this.#sendAll();
  }

  #sendAll(): void {
    for (const waiting of this.#waiting.values()) {
      if (waiting.sent) continue;
      waiting.sent = true;
      this.#send(waiting.message);
    }
  }

  /** What the engine was given may be there or not. */
  handleBroken(): void {
    this.#open = false;
    const why = new ImportRefused("brokeDown", "the engine broke down meanwhile: look at the board, then try again");
    for (const [number, { sent }] of this.#waiting) if (sent) this.#take(number)?.reject(why);
  }

  handleImported(number: number, imported: Imported): void {
    this.#take(number)?.resolve(imported);
  }

  handleUnimported({ number, code, message }: { number: number; code: ImportCode; message: string }): void {
    this.#take(number)?.reject(new ImportRefused(code, message));
  }

  /** Nothing is imported any more. */
  close(): void {
    this.#closed = true;
    for (const { reject, sent } of this.#waiting.values()) {
      const whether = sent ? "it was known whether the file was imported: look at it before you try again" : "the file was imported";
      reject(new ImportRefused("closed", `the board was closed before ${whether}`));
    }
    this.#waiting.clear();
  }

  #take(number: number): Waiting | undefined {
    const waiting = this.#waiting.get(number);
    this.#waiting.delete(number);
    return waiting;
  }
}
