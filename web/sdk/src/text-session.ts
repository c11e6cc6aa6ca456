// One open text: what the engine holds, what was typed since, and both joined as the person sees it.
//
// The engine orders everything. Own splices that it has not echoed yet are *pending*: they show at once, go out with the number
// of remote splices seen so far, and are transformed over each remote splice that arrives before their echo.

import type { TextChange, TextHandle, Unsubscribe } from "./api.ts";
import type { Command, Origin, Splice, TextTarget } from "./generated.ts";
import { apply, applyAll, clamp, difference, isEmpty, transform } from "./text-splice.ts";

/** An own splice on its way; `parts` is what is left of it after the remote splices since, in the text before it. */
interface Pending {
  /** The command's number; none while the text is not open yet. */
  readonly number: number | null;
  parts: readonly Splice[];
}

/** Sends a command and answers its number. */
export type SendText = (command: Command) => number;

/** The name of a text, as a map key. */
export function textKey(target: TextTarget): string {
  return `${target.field}/${target.card}`;
}

/** An open text, shared by its handles. */
export class TextSession {
  readonly target: TextTarget;
  /** What the person sees. */
  content: string;
  /** The text before the pending splices: what the engine holds, or what was painted until it has opened the text. */
  #base: string;
  #phase: "opening" | "open" | "reopening" = "opening";
  /** Whether the engine did not know the card when it was asked to open the text. */
  #refused = false;
  /** Remote splices since the text was opened. */
  #seen = 0;
  #pending: Pending[] = [];
  /** Own splices that no disk has yet, as they were applied: typed again after a breakdown of the engine. */
  #unstored: { readonly edit: number; readonly splice: Splice }[] = [];
  /** Whether somebody else typed since the oldest of them. */
  #mixed = false;
  readonly #edits = new Map<number, number>();
  readonly #listeners = new Set<(change: TextChange) => void>();
  readonly #send: SendText;
  readonly #ended: () => void;
  #handles = 0;
  /** Nobody reads it any more, and it is closed once what was typed has reached the engine. */
  #lingers = false;

  /** `painted`: what is known to be there (a title, a cached body), shown until the engine has opened the text. */
  constructor(target: TextTarget, painted: string, send: SendText, ended: () => void) {
    this.target = target;
    this.content = painted;
    this.#base = painted;
    this.#send = send;
    this.#ended = ended;
  }

  get ready(): boolean {
    return this.#phase === "open";
  }

  /** Something was typed that the engine has not been told of. */
  get isWaiting(): boolean {
    return !this.ready && this.#pending.length > 0;
  }

  /** Another handle on this text. */
  open(): TextHandle {
    if (this.#handles === 0 && !this.#lingers) this.#send({ type: "openText", text: this.target });
    this.#lingers = false;
    this.#handles += 1;
    return new Handle(this);
  }

  onChange(listener: (change: TextChange) => void): Unsubscribe {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** Types. */
  splice(wanted: Splice): void {
    const splice = clamp(this.content, wanted);
    if (isEmpty(splice)) return;
    this.content = apply(this.content, splice);
    this.#pending.push({ number: this.ready ? this.#sendSplice(splice) : null, parts: [splice] });
    this.#tell("local", splice);
  }

  flush(): void {
    if (this.ready) this.#send({ type: "flushText", text: this.target });
  }

  /** One handle less; the last one closes the text. */
  release(): void {
    this.#handles -= 1;
    if (this.#handles > 0) return;
    if (this.isWaiting) this.#lingers = true;
    else this.#end();
  }

  #end(): void {
    this.#send({ type: "closeText", text: this.target });
    this.#ended();
  }

  /** What the text was when it was last at rest: shown, and typed into, until the engine has opened it. */
  handleProjected(content: string): void {
    if (this.#phase !== "opening") return;
    const found = difference(this.#base, content);
    this.#base = content;
    this.#takeRemote([found]);
  }

  /** The engine has opened the text. What was typed before is joined with what it holds. */
  handleOpened(content: string): void {
    const phase = this.#phase;
    this.#phase = "open";
    this.#seen = 0;
    if (phase === "reopening") {
      this.#retype(content);
    } else {
      const found = difference(this.#base, content);
      this.#base = content;
      this.#takeRemote([found]);
      this.#sendWaiting();
    }
    if (this.#lingers) this.#end();
  }

  /** The engine applied a splice: somebody else's, or the echo of our oldest pending one. */
  handleSpliced(origin: Origin, splice: Splice): void {
    if (!this.ready) return;
    const before = this.#base;
    this.#base = apply(before, splice);
    switch (origin) {
      case "remote":
        this.#seen += 1;
        this.#mixed ||= this.#pending.length + this.#unstored.length > 0;
        this.#takeRemote([splice]);
        return;
      case "local": {
        const echoed = this.#pending.shift();
        if (echoed?.number == null) {
          this.#takeRemote([splice]);
          return;
        }
        const edit = this.#edits.get(echoed.number);
        this.#edits.delete(echoed.number);
        if (edit !== undefined) this.#unstored.push({ edit, splice });
        // where the engine placed it elsewhere than foreseen, the engine is right
        const foreseen = applyAll(before, echoed.parts);
        if (foreseen !== this.#base) this.#takeRemote([difference(foreseen, this.#base)]);
        return;
      }
    }
  }

  /** The engine took a typing command as this edit. */
  handleDone(number: number, edit: number): void {
    if (this.#pending.some((pending) => pending.number === number)) this.#edits.set(number, edit);
  }

  /** The engine does not have the card yet; it is asked again when the card comes. */
  handleOpenRefused(): void {
    if (!this.ready) this.#refused = true;
  }

  /** The card of this text is new or changed. */
  handleCard(): void {
    if (!this.#refused) return;
    this.#refused = false;
    this.#send({ type: "openText", text: this.target });
  }

  /** The engine refused a typing command: it never happened. */
  handleRefused(number: number): void {
    const index = this.#pending.findIndex((pending) => pending.number === number);
    const refused = this.#pending[index];
    if (refused === undefined) return;
    const kept = this.#pending.slice(0, index);
    const before = kept.reduce((text, { parts }) => applyAll(text, parts), this.#base);
    this.#pending = this.#pending.slice(index + 1);
    this.#takeRemote([difference(applyAll(before, refused.parts), before)]);
    this.#pending = [...kept, ...this.#pending];
  }

  /** Everything up to this edit is on a disk. */
  handleStored(edit: number): void {
    this.#unstored = this.#unstored.filter((entry) => entry.edit > edit);
    if (this.#unstored.length + this.#pending.length === 0) this.#mixed = false;
  }

  /**
   * The engine broke down and starts again with what is on the disk: the text is opened again, and what no disk has is typed
   * again once it is open.
   */
  handleRestarted(): void {
    this.#refused = false;
    this.#send({ type: "openText", text: this.target });
    if (this.#phase !== "open") return;
    this.#phase = "reopening";
    const typed = [...this.#unstored.map((entry) => entry.splice), ...this.#pending.flatMap(({ parts }) => parts)];
    this.#pending = typed.map((splice) => ({ number: null, parts: [splice] }));
    this.#unstored = [];
    this.#edits.clear();
  }

  /** Types again what a breakdown took, in the text as the disk had it. */
  #retype(content: string): void {
    const typed = this.#pending.flatMap(({ parts }) => parts);
    const seen = this.content;
    this.#base = content;
    this.content = content;
    this.#pending = [];
    this.#tell("reset", { at: 0, delete: seen.length, insert: content });
    if (this.#mixed) {
      // others typed in between, and their splices may come again: only the own ones, as near as can be
      for (const splice of typed) this.splice(splice);
    } else if (typed.length > 0) {
      this.splice(difference(content, seen));
    }
    this.#mixed = false;
  }

  #sendWaiting(): void {
    const waiting = this.#pending;
    this.#pending = [];
    for (const pending of waiting) {
      if (pending.number !== null) {
        this.#pending.push(pending);
        continue;
      }
      // each part goes out as an edit of its own, in the text that the one before leaves
      for (const part of pending.parts) this.#pending.push({ number: this.#sendSplice(part), parts: [part] });
    }
  }

  #sendSplice(splice: Splice): number {
    return this.#send({ type: "editText", text: this.target, seen: this.#seen, splice });
  }

  /** Takes splices of the text before the pending ones into what the person sees. */
  #takeRemote(splices: readonly Splice[]): void {
    let remote: Splice[] = splices.filter((splice) => !isEmpty(splice));
    for (const pending of this.#pending) {
      if (remote.length === 0) return;
      [pending.parts, remote] = transform(pending.parts, remote);
    }
    for (const splice of remote) {
      this.content = apply(this.content, splice);
      this.#tell("remote", splice);
    }
  }

  #tell(origin: TextChange["origin"], splice: Splice): void {
    for (const listener of [...this.#listeners]) listener({ origin, splice });
  }
}

/** One user's view of a session. */
class Handle implements TextHandle {
  readonly #session: TextSession;
  readonly #stops: Unsubscribe[] = [];
  #closed = false;

  constructor(session: TextSession) {
    this.#session = session;
  }

  get target(): TextTarget {
    return this.#session.target;
  }

  get ready(): boolean {
    return this.#session.ready;
  }

  get content(): string {
    return this.#session.content;
  }

  splice(at: number, remove: number, insert: string): void {
    if (!this.#closed) this.#session.splice({ at, delete: remove, insert });
  }

  replace(content: string): void {
    if (!this.#closed) this.#session.splice(difference(this.#session.content, content));
  }

  onChange(listener: (change: TextChange) => void): Unsubscribe {
    const stop = this.#session.onChange(listener);
    this.#stops.push(stop);
    return stop;
  }

  flush(): void {
    if (!this.#closed) this.#session.flush();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const stop of this.#stops) stop();
    this.#session.release();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
