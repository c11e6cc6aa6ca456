/** Short messages at the lower left, and what screen readers are told. */

import { later, type Cancel } from "../doors/clock.ts";
import { TOAST_MS, TOASTS_MAX } from "../lib/limits.ts";

/** A message with at most one thing to do about it. */
export interface Toast {
  readonly id: number;
  readonly text: string;
  readonly action: { readonly label: string; readonly run: () => void } | null;
  /** Stays until dismissed. */
  readonly sticky: boolean;
}

class Toasts {
  /** The messages shown, the oldest first. */
  list = $state.raw<readonly Toast[]>([]);
  /** The modal dialogs that are open, the last one on top. What is outside of that one can't be seen, heard or reached. */
  dialogs = $state.raw<readonly HTMLElement[]>([]);
  #last = 0;
  readonly #timers = new Map<number, Cancel>();

  /** Shows a message and tells it to screen readers. Answers its id. */
  show(text: string, action: Toast["action"] = null, sticky = false): number {
    const id = (this.#last += 1);
    const shown = [...this.list, { id, text, action, sticky }];
    for (const old of shown.slice(0, Math.max(0, shown.length - TOASTS_MAX))) this.#stop(old.id);
    this.list = shown.slice(-TOASTS_MAX);
    announcer.say(text);
    if (!sticky) this.resume(id);
    return id;
  }

  /** Takes a message away. */
  dismiss(id: number): void {
    this.#stop(id);
    this.list = this.list.filter((toast) => toast.id !== id);
  }

  /** Keeps a message while somebody reads it. */
  hold(id: number): void {
    this.#stop(id);
  }

  /** Lets a message go after its time. */
  resume(id: number): void {
    const toast = this.list.find((one) => one.id === id);
    if (toast === undefined || toast.sticky) return;
    this.#stop(id);
    this.#timers.set(id, later(TOAST_MS, () => { this.dismiss(id); }));
  }

  #stop(id: number): void {
    this.#timers.get(id)?.();
    this.#timers.delete(id);
  }
}

class Announcer {
  /** Said when nothing else is being said. */
  polite = $state.raw("");
  /** Said at once: the answer to one's own key or finger. */
  assertive = $state.raw("");

  /** Says a text when there is a pause. Saying the same again is heard again. */
  say(text: string): void {
    this.polite = text === this.polite ? `${text}\u00a0` : text;
  }

  /** Says a text at once. */
  interrupt(text: string): void {
    this.assertive = text === this.assertive ? `${text}\u00a0` : text;
  }
}

/** What screen readers are told. */
export const announcer = new Announcer();
/** The messages on screen. */
export const toasts = new Toasts();
