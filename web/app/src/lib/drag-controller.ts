/**
 * Carrying a card: one state machine for mouse, touch and keyboard, without a framework and without the DOM.
 *
 * Own code, because a carried card can be taken away by somebody else: no drag library that was tried can cancel a drag
 * from the program, streams the pointer while dragging, works on a virtualised list and has a keyboard twin.
 */

import type { Cancel } from "../doors/clock.ts";
import { CARRY_IDLE_MS_MAX, HOLD_MS, HOLD_SLOP_PX, MOUSE_SLOP_PX } from "./limits.ts";

/** Where a carried card would land: in a column, before a card or (`null`) at the end. */
export interface Target {
  readonly column: string;
  readonly before: string | null;
}

/** What carries the card. */
export type DragKind = "mouse" | "touch" | "keyboard";

/** Why a carried card went back to its place. */
export type CancelReason = "escape" | "interrupted" | "revoked" | "gone" | "idle";

/** A step of the keyboard while carrying. */
export type Direction = "up" | "down" | "left" | "right" | "top" | "bottom";

/** A point of the viewport, in CSS pixels. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** What the controller asks of the board around it. All calls are synchronous. */
export interface DragHost {
  /** Picks the card up where it lies; `null` refuses (somebody else is moving it). */
  lift(card: string, kind: DragKind, at: Point): Target | null;
  /** The pointer went here while carrying. */
  follow(at: Point): void;
  /** Where a card let go at this point would land; `null`: nowhere. */
  targetAt(at: Point): Target | null;
  /** Where one step of the keyboard leads; `null`: no further. */
  step(card: string, from: Target, direction: Direction): Target | null;
  /** The card would land here now. */
  hover(card: string, target: Target, kind: DragKind): void;
  /** The card was put down: commit the move, then give the claim back. */
  drop(card: string, target: Target, kind: DragKind): void;
  /** The card goes back, nothing is committed. */
  cancel(card: string, reason: CancelReason, kind: DragKind): void;
  /** A timer. */
  later(delayMs: number, task: () => void): Cancel;
}

type State =
  | { readonly name: "idle" }
  | {
      readonly name: "pressed";
      readonly card: string;
      readonly pointer: number;
      readonly kind: "mouse" | "touch";
      readonly from: Point;
      readonly unhold: Cancel;
    }
  | {
      readonly name: "carrying";
      readonly card: string;
      readonly pointer: number | null;
      readonly kind: DragKind;
      readonly target: Target;
    }
  /** The card was refused or went back, and the pointer is still down: what it does now is nothing, and its release no click. */
  | { readonly name: "spent"; readonly pointer: number };

const IDLE: State = { name: "idle" };

/** The state machine. At most one card is carried at a time. */
export class DragController {
  readonly #host: DragHost;
  #state: State = IDLE;
  #tired: Cancel = () => undefined;

  constructor(host: DragHost) {
    this.#host = host;
  }

  /** The card that is being carried, if one is. */
  get carrying(): string | null {
    return this.#state.name === "carrying" ? this.#state.card : null;
  }

  /** Whether this pointer's release ends a drag, or what is left of one, and is no click. */
  swallows(pointer: number): boolean {
    const { name } = this.#state;
    return name === "carrying" || (name === "spent" && this.#state.pointer === pointer);
  }

  /** What carries it, if a card is carried. */
  get kind(): DragKind | null {
    return this.#state.name === "carrying" ? this.#state.kind : null;
  }

  /** A pointer went down on a card. A second pointer interrupts a carry. */
  press(card: string, pointer: number, kind: "mouse" | "touch", at: Point): void {
    if (this.#state.name === "pressed" || this.#state.name === "carrying") {
      this.#end("interrupted");
      return;
    }
    const unhold = kind === "touch" ? this.#host.later(HOLD_MS, () => { this.#lift(at); }) : () => undefined;
    this.#state = { name: "pressed", card, pointer, kind, from: at, unhold };
  }

  /** The pointer moved. */
  move(pointer: number, at: Point): void {
    const state = this.#state;
    if (state.name === "idle" || state.name === "spent" || state.pointer !== pointer) return;
    if (state.name === "pressed") {
      const way = Math.hypot(at.x - state.from.x, at.y - state.from.y);
      if (state.kind === "touch" && way >= HOLD_SLOP_PX) this.#end("interrupted"); // the finger scrolls
      if (state.kind === "mouse" && way >= MOUSE_SLOP_PX) this.#lift(at);
      return;
    }
    this.#host.follow(at);
    this.#rest();
    this.#aim(this.#host.targetAt(at));
  }

  /** The pointer went up: puts the card down where it hovers. */
  release(pointer: number): void {
    if (this.#state.name === "idle" || this.#state.pointer !== pointer) return;
    if (this.#state.name === "carrying") this.putDown();
    else this.#end("interrupted");
  }

  /** The pointer was taken away by the browser, the window lost focus or the page was hidden. */
  interrupt(): void {
    this.#end("interrupted");
  }

  /** Picks a card up by keyboard. */
  pickUp(card: string): void {
    if (this.#state.name !== "idle") return;
    const target = this.#host.lift(card, "keyboard", { x: 0, y: 0 });
    if (target === null) return;
    this.#state = { name: "carrying", card, pointer: null, kind: "keyboard", target };
    this.#rest();
  }

  /** Moves the carried card one step by keyboard. */
  step(direction: Direction): void {
    if (this.#state.name !== "carrying") return;
    this.#rest();
    this.#aim(this.#host.step(this.#state.card, this.#state.target, direction));
  }

  /** Puts the carried card down where it hovers. */
  putDown(): void {
    const state = this.#state;
    if (state.name !== "carrying") return;
    this.#forget();
    this.#host.drop(state.card, state.target, state.kind);
  }

  /** Puts the carried card back. */
  escape(): void {
    this.#end("escape");
  }

  /** Somebody else has the card: puts it back, whatever the pointer does. */
  revoke(): void {
    this.#end("revoked");
  }

  /** The card is gone from the board: puts it back. */
  lose(): void {
    this.#end("gone");
  }

  /** Aims again, because something under the pointer moved (a scroll, somebody's edit). */
  aimAgain(at: Point): void {
    if (this.#state.name === "carrying" && this.#state.kind !== "keyboard") this.#aim(this.#host.targetAt(at));
  }

  #lift(at: Point): void {
    const state = this.#state;
    if (state.name !== "pressed") return;
    this.#forget();
    const target = this.#host.lift(state.card, state.kind, at);
    if (target === null) {
      this.#state = { name: "spent", pointer: state.pointer };
      return;
    }
    this.#state = { name: "carrying", card: state.card, pointer: state.pointer, kind: state.kind, target };
    this.#rest();
    this.#aim(this.#host.targetAt(at));
  }

  #aim(target: Target | null): void {
    const state = this.#state;
    if (state.name !== "carrying" || target === null) return;
    if (target.column === state.target.column && target.before === state.target.before) return;
    this.#state = { ...state, target };
    this.#host.hover(state.card, target, state.kind);
  }

  #rest(): void {
    this.#tired();
    this.#tired = this.#host.later(CARRY_IDLE_MS_MAX, () => { this.#end("idle"); });
  }

  #end(reason: CancelReason): void {
    const state = this.#state;
    this.#forget();
    if (state.name !== "carrying") return;
    // Interrupted, the pointer is the browser's; else it is still down.
    if (state.pointer !== null && reason !== "interrupted") this.#state = { name: "spent", pointer: state.pointer };
    this.#host.cancel(state.card, reason, state.kind);
  }

  #forget(): void {
    if (this.#state.name === "pressed") this.#state.unhold();
    this.#tired();
    this.#state = IDLE;
  }
}
