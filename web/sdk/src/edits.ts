// Edits on their way: numbered, queued while there is no engine, kept until a disk has them, and told when they are safe.

import { CommandRefused, type Edit, type RefusalCode } from "./api.ts";
import type { Command, Status } from "./generated.ts";
import { QUEUED_EDITS_MAX } from "./limits.ts";

/** Something that comes once, and may be asked for before or after. */
class Moment {
  #state: "waiting" | "come" | CommandRefused = "waiting";
  readonly #waiting: { resolve: () => void; reject: (why: CommandRefused) => void }[] = [];

  /** A promise of it; made only when somebody asks, so that nobody has to handle a refusal. */
  wait(): Promise<void> {
    if (this.#state === "come") return Promise.resolve();
    if (this.#state !== "waiting") return Promise.reject(this.#state);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
    });
  }

  come(): void {
    if (this.#state !== "waiting") return;
    this.#state = "come";
    for (const { resolve } of this.#waiting.splice(0)) resolve();
  }

  refuse(why: CommandRefused): void {
    if (this.#state !== "waiting") return;
    this.#state = why;
    for (const { reject } of this.#waiting.splice(0)) reject(why);
  }
}

/** Where an edit is. `taken`: the engine has it. `kept`: an earlier engine stored it, and its number is forgotten. */
type Place =
  | { readonly at: "queue" }
  | { readonly at: "sent" }
  | { readonly at: "taken"; readonly edit: number }
  | { readonly at: "kept" };

interface Entry {
  readonly number: number;
  readonly command: Command;
  readonly stored: Moment;
  readonly saved: Moment;
  place: Place;
  onDisk: boolean;
  /** Whether it is said a second time, after a breakdown. */
  again: boolean;
}

/** What a refusal means for the person. */
export type Refusal = "silent" | "refused" | "notKept";

/** Commands that edit nothing by themselves; a text session says them again after a restart. */
function isTextCommand({ type }: Command): boolean {
  return type === "openText" || type === "editText" || type === "flushText" || type === "closeText";
}

/** Commands whose effect depends on what was done before. */
function isStepBack({ type }: Command): boolean {
  return type === "undo" || type === "redo";
}

/** Whether the talk has to have been read for it. */
function isSaid(command: Command): boolean {
  return command.type === "talk" || (command.type === "transact" && command.commands.some(isSaid));
}

/** Commands that make something under an id that the SDK drew. */
function drawsId(command: Command): boolean {
  const { type } = command.type === "talk" ? command.command : command;
  return type === "addColumn" || type === "addCard" || type === "addItem" || type === "addLabel" || type === "addComment";
}

/** Whether a taken id tells that it was done before. In a transaction it may be the id of a file, which was there anyway. */
function isKnownById(command: Command): boolean {
  return command.type !== "transact" || command.commands.some(drawsId);
}

/** The edits of one board, oldest first. */
export class Edits {
  #number = 0;
  #open = false;
  #talkOpen = false;
  #closed = false;
  readonly #entries = new Map<number, Entry>();
  /** Those that no engine has taken yet. */
  readonly #untaken = new Set<Entry>();
  /** Those that were taken since the last status. */
  readonly #taken = new Set<Entry>();
  /** What the last status said of edits: while the next says the same, nothing follows for those that were there. */
  #told = "";
  readonly #send: (number: number, command: Command) => void;

  constructor(send: (number: number, command: Command) => void) {
    this.#send = send;
  }

  /** Edits that no engine has taken yet. */
  get queued(): number {
    let count = 0;
    for (const { command } of this.#untaken) if (!isTextCommand(command)) count += 1;
    return count;
  }

  /** Whether something waits for the engine to have read its board. */
  get hasUnsent(): boolean {
    return [...this.#untaken].some(({ place }) => place.at === "queue");
  }

  /** Sends a command now, or as soon as there is an engine. */
  add(command: Command, id: string): Edit & { readonly number: number } {
    this.#number += 1;
    const entry: Entry = {
      number: this.#number,
      command,
      stored: new Moment(),
      saved: new Moment(),
      place: { at: "queue" },
      onDisk: false,
      again: false,
    };
    const edit = { number: entry.number, id, stored: () => entry.stored.wait(), saved: () => entry.saved.wait() };
    if (this.#closed) {
      settle(entry, new CommandRefused("closed", "the board is closed: open it again"));
      return edit;
    }
    const waits = !this.#takes(command) || (isStepBack(command) && this.hasUnsent) || this.#holdsAll;
    if (waits && this.#entries.size >= QUEUED_EDITS_MAX) {
      settle(entry, new CommandRefused("queueFull", "too many edits wait for the engine: try again when it runs"));
      return edit;
    }
    this.#entries.set(entry.number, entry);
    this.#untaken.add(entry);
    if (waits) return edit;
    try {
      this.#sendEntry(entry);
    } catch (thrown) {
      // it can't be sent, and nothing is to wait for it
      this.#forget(entry);
      throw thrown;
    }
    return edit;
  }

  /** The engine runs and has read its board: everything that waits goes out, in order. */
  handleReady(): void {
    this.#open = true;
    this.#sendQueue();
  }

  /** The engine has read the talk too: what is said goes out. */
  handleTalkReady(): void {
    this.#talkOpen = true;
    this.#sendQueue();
  }

  #sendQueue(): void {
    if (!this.#open) return;
    let isSaidFirst = false;
    for (const entry of this.#entries.values()) {
      if (entry.place.at !== "queue") continue;
      // an undo takes back what was done before it, what is said included
      const takes = this.#takes(entry.command) && !(isSaidFirst && isStepBack(entry.command));
      if (takes) this.#sendEntry(entry);
      else if (entry.command.type === "transact") return; // what comes after it may be about what it makes
      else isSaidFirst = true;
    }
  }

  /** Whether a transaction waits for the talk. */
  get #holdsAll(): boolean {
    if (this.#talkOpen) return false;
    return [...this.#untaken].some(({ place, command }) => place.at === "queue" && command.type === "transact");
  }

  /** Whether the engine takes such a command now. */
  #takes(command: Command): boolean {
    return this.#open && (this.#talkOpen || !isSaid(command));
  }

  /**
   * The engine is gone: what no disk has waits for the next one. Typing is left to the text sessions. An undo that may have
   * been done is not tried again, because it might take back what came before. Answers how many were given up.
   */
  handleBroken(): number {
    this.#open = false;
    this.#talkOpen = false;
    this.#told = "";
    let lost = 0;
    for (const entry of this.#entries.values()) {
      if (isTextCommand(entry.command)) this.#forget(entry);
      else if (entry.onDisk) this.#keep(entry);
      else if (isStepBack(entry.command) && entry.place.at !== "queue") {
        this.#forget(entry);
        settle(entry, new CommandRefused("brokeDown", "the engine broke down meanwhile: look whether it was done"));
        lost += 1;
      } else {
        entry.again ||= entry.place.at !== "queue";
        entry.place = { at: "queue" };
        this.#untaken.add(entry);
      }
    }
    return lost;
  }

  /** The engine took a command. */
  handleDone(number: number, edit: number): void {
    const entry = this.#entries.get(number);
    if (entry === undefined) return;
    this.#untaken.delete(entry);
    if (isTextCommand(entry.command)) this.#entries.delete(number);
    else {
      entry.place = { at: "taken", edit };
      this.#taken.add(entry);
    }
  }

  /** The engine refused a command. Answers what the person has to hear. */
  handleRefused(number: number, code: RefusalCode, message: string): Refusal {
    const entry = this.#entries.get(number);
    if (entry === undefined) return "silent";
    if (entry.again && code === "idTaken" && isKnownById(entry.command)) {
      // the engine that broke down had stored it after all
      this.#keep(entry);
      entry.onDisk = true;
      entry.stored.come();
      return "silent";
    }
    this.#forget(entry);
    settle(entry, new CommandRefused(code, message));
    // a text that can't take more is the typist's affair; everything else the text session puts right
    if (isTextCommand(entry.command)) return code === "tooLong" || code === "readOnly" ? "refused" : "silent";
    return entry.again ? "notKept" : "refused";
  }

  /** How far the engine is. */
  handleStatus(status: Status): void {
    const isAllSaved = status.phase === "saved" && status.waiting === 0;
    const told = [status.editsStored, status.editsOnRelay, isAllSaved, status.storage].join(" ");
    // a device without storage and relay may hold thousands, and hears a status after each edit
    const entries = [...(told === this.#told ? this.#taken : this.#entries.values())];
    this.#told = told;
    this.#taken.clear();
    for (const entry of entries) {
      const { place } = entry;
      if (place.at === "queue" || place.at === "sent") continue;
      if (place.at === "taken" && place.edit <= status.editsStored && !entry.onDisk) {
        entry.onDisk = true;
        entry.stored.come();
      }
      const isSaved = place.at === "taken" ? place.edit <= status.editsOnRelay : isAllSaved;
      if (isSaved) {
        entry.saved.come();
        // what the relay has is never said again, also where this device keeps nothing
        if (entry.onDisk || status.storage !== "durable") this.#entries.delete(entry.number);
      }
    }
  }

  /** An edit that is refused at once. */
  refuse(id: string, code: RefusalCode, message: string): Edit {
    const why = new CommandRefused(code, message);
    return { id, stored: () => Promise.reject(why), saved: () => Promise.reject(why) };
  }

  /** No more edits. Those already sent are finished by the engine; nobody waits for them any longer. */
  close(): void {
    this.#closed = true;
    this.#open = false;
    this.#talkOpen = false;
    const why = new CommandRefused("closed", "the board was closed before this was known");
    for (const entry of this.#entries.values()) settle(entry, why);
    this.#entries.clear();
    this.#untaken.clear();
    this.#taken.clear();
  }

  #forget(entry: Entry): void {
    this.#entries.delete(entry.number);
    this.#untaken.delete(entry);
  }

  /** An earlier engine stored it. */
  #keep(entry: Entry): void {
    entry.place = { at: "kept" };
    this.#untaken.delete(entry);
    this.#told = "";
  }

  #sendEntry(entry: Entry): void {
    entry.place = { at: "sent" };
    this.#send(entry.number, entry.command);
  }
}

function settle(entry: Entry, why: CommandRefused): void {
  entry.stored.refuse(why);
  entry.saved.refuse(why);
}
