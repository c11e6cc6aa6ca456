/** Carrying cards on this board: the ghost under the pointer, the claim that others see, the words that are said. */

import type { Card, Grab, GrabLost } from "@warroom/sdk";
import { tick } from "svelte";

import { everyFrame, later, now, type Cancel } from "../doors/clock.ts";
import { t } from "../i18n/strings.ts";
import { DragController, type CancelReason, type Direction, type DragHost, type DragKind, type Point, type Target } from "../lib/drag-controller.ts";
import { autoscroll, targetAt } from "../lib/drag-geometry.ts";
import { copyOf, landAt } from "../lib/flip.ts";
import { CARRY_PERIOD_MS, RETURN_MS } from "../lib/limits.ts";
import { isAtHome, ordinal, placeOf, stepFrom } from "../lib/order.ts";
import { UNSORTED, type Session } from "./session.svelte.ts";
import { announcer, toasts } from "./toasts.svelte.ts";
import { callName } from "./who.ts";

/** A card in my hand. */
export interface Carry {
  readonly card: string;
  readonly kind: DragKind;
  readonly target: Target;
  /** Pixels that the card takes: the slot where it would land is as high. */
  readonly height: number;
}

interface Ghost {
  readonly copy: HTMLElement;
  readonly grip: Point;
}

/** Milliseconds between two signs of life of a card that is held still. */
const HEARTBEAT_MS = 1_000;

/** Milliseconds to wait for the engine's answer to a move; while it still loads, the card goes back for that time. */
const SETTLE_MS_MAX = 1_000;

/** The host of the drag controller on one board. */
export class BoardDrag implements DragHost {
  /** What I carry. */
  carry = $state.raw<Carry | null>(null);
  readonly controller = new DragController(this);

  readonly #session: Session;
  #ghost: Ghost | null = null;
  #grab: Grab | null = null;
  #at: Point = { x: 0, y: 0 };
  #scrolling: Cancel = () => undefined;
  #telling: Cancel = () => undefined;
  #pending = false;
  #toldAt = 0;
  /** A card that was put down and whose move the engine has not answered yet. */
  #settling: { readonly card: string; readonly before: Card | undefined; readonly kind: DragKind; readonly stop: Cancel } | null = null;

  constructor(session: Session) {
    this.#session = session;
    session.onSnapshot = (): void => { this.#check(); };
  }

  later(delayMs: number, task: () => void): Cancel {
    return later(delayMs, task);
  }

  lift(card: string, kind: DragKind, at: Point): Target | null {
    const session = this.#session;
    const mover = session.doings.movers.get(card);
    if (mover !== undefined) {
      session.refuse(card, mover);
      return null;
    }
    if (this.#settling !== null) this.#settle();
    const home = placeOf(session.lanes, card);
    const item = session.root?.querySelector<HTMLElement>(`[data-card="${card}"]`) ?? null;
    if (home === null || item === null || session.snapshot.readOnly) return null;
    this.#grab = session.board.presence.grab([card], (loss) => { this.#lose(loss); });
    this.#at = at;
    const rect = item.getBoundingClientRect();
    if (kind !== "keyboard") this.#raise(item, rect, at);
    this.carry = { card, kind, target: home, height: rect.height };
    this.#tell();
    if (kind === "keyboard") this.#sayPickedUp(card, home);
    // Not there in Safari, whatever the types say.
    if (kind === "touch") (navigator as Partial<Navigator>).vibrate?.(8);
    return home;
  }

  follow(at: Point): void {
    this.#at = at;
    const ghost = this.#ghost;
    if (ghost === null) return;
    ghost.copy.style.transform = `translate(${String(at.x - ghost.grip.x)}px, ${String(at.y - ghost.grip.y)}px) rotate(1.5deg)`;
  }

  targetAt(at: Point): Target | null {
    const root = this.#session.root;
    return root === null || this.carry === null ? null : targetAt(root, this.#session.lanes, this.carry.card, at);
  }

  step(card: string, from: Target, direction: Direction): Target | null {
    const next = stepFrom(this.#session.lanes, card, from, direction);
    return next?.column === UNSORTED ? null : next;
  }

  hover(card: string, target: Target, kind: DragKind): void {
    const carry = this.carry;
    if (carry === null) return;
    this.#session.animated(() => { this.carry = { ...carry, target }; });
    this.#tell();
    if (kind !== "keyboard") return;
    const { index, count } = ordinal(this.#session.lanes, card, target);
    announcer.interrupt(t.drag.at(this.#session.laneTitle(target.column), index + 1, count));
    void tick().then(() => {
      this.#session.root?.querySelector("[data-slot]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
    });
  }

  drop(card: string, target: Target, kind: DragKind): void {
    const session = this.#session;
    const moves = !isAtHome(session.lanes, card, target);
    const { index, count } = ordinal(session.lanes, card, target);
    const slot = this.#slotRect();
    const before = session.board.card(card);
    session.flightOf = card;
    session.move(card, target);
    this.#letGo();
    this.#land(slot, RETURN_MS / 2);
    // The slot stays until the engine has answered: the card is never seen back at its old place in between.
    if (moves) this.#settling = { card, before, kind, stop: later(SETTLE_MS_MAX, () => { this.#settle(); }) };
    else this.#settle(card, kind);
    if (moves || kind === "keyboard") {
      announcer.interrupt(t.drag.dropped(session.titleOf(card), session.laneTitle(target.column), index + 1, count));
    }
  }

  cancel(card: string, reason: CancelReason, kind: DragKind): void {
    const session = this.#session;
    const next = this.carry?.target.before ?? null;
    session.flightOf = card;
    session.animated(() => { this.#end(); });
    if (kind === "keyboard") session.focusWanted = reason === "gone" ? next : card;
    void tick().then(() => {
      this.#land(session.root?.querySelector(`[data-card="${card}"]`)?.getBoundingClientRect() ?? null, RETURN_MS);
      session.flightOf = null;
    });
    switch (reason) {
      case "escape":
      case "interrupted":
        announcer.interrupt(t.drag.cancelled);
        break;
      case "idle":
        toasts.show(t.drag.idle);
        break;
      case "gone":
        toasts.show(t.drag.gone);
        break;
      case "revoked":
        break; // told with the name of the one who has it
    }
  }

  #lose(loss: GrabLost): void {
    this.controller.revoke();
    if (loss.reason === "denied") {
      this.#session.refuse(loss.card, loss.by);
      return;
    }
    if (loss.reason === "expired") {
      toasts.show(t.drag.idle);
      return;
    }
    const text = t.drag.revoked(callName(loss.by.name));
    toasts.show(text);
    announcer.interrupt(text);
  }

  #raise(item: HTMLElement, rect: DOMRect, at: Point): void {
    const copy = copyOf(item, rect);
    copy.classList.add("ghost");
    this.#ghost = { copy, grip: at };
    this.follow(at);
    document.documentElement.classList.add("carrying");
    const root = this.#session.root;
    this.#scrolling = everyFrame(() => {
      if (root !== null && autoscroll(root, this.#at)) this.controller.aimAgain(this.#at);
    });
  }

  /** The claim and the pointer are free again; the slot still shows. */
  #letGo(): void {
    this.#scrolling();
    this.#telling();
    this.#pending = false;
    this.#grab?.release();
    this.#grab = null;
    document.documentElement.classList.remove("carrying");
  }

  #end(): void {
    this.#letGo();
    this.carry = null;
  }

  /** The move shows on the board now (or never will). */
  #settle(card = this.#settling?.card, kind = this.#settling?.kind): void {
    this.#settling?.stop();
    this.#settling = null;
    this.carry = null;
    if (kind === "keyboard" && card !== undefined) this.#session.focusWanted = card;
    void tick().then(() => { this.#session.flightOf = null; });
  }

  #land(to: DOMRect | null, durationMs: number): void {
    const ghost = this.#ghost;
    this.#ghost = null;
    if (ghost !== null) landAt(ghost.copy, to, durationMs);
  }

  #slotRect(): DOMRect | null {
    return this.#session.root?.querySelector("[data-slot]")?.getBoundingClientRect() ?? null;
  }

  /** Tells the others where the card hovers: at once, then at most ten times a second, and once a second when still. */
  #tell(): void {
    if (this.#pending) return;
    const pause = CARRY_PERIOD_MS - (now() - this.#toldAt);
    this.#telling();
    this.#pending = pause > 0;
    if (pause > 0) this.#telling = later(pause, () => { this.#speak(); });
    else this.#speak();
  }

  #speak(): void {
    this.#pending = false;
    const target = this.carry?.target;
    if (target === undefined) return;
    this.#toldAt = now();
    this.#grab?.carry(target.column === UNSORTED ? null : { column: target.column, before: target.before });
    this.#telling = later(HEARTBEAT_MS, () => { this.#speak(); });
  }

  /** The board changed under the carried card. */
  #check(): void {
    const settling = this.#settling;
    if (settling !== null) {
      if (this.#session.board.card(settling.card) !== settling.before) this.#settle();
      return;
    }
    const carry = this.carry;
    if (carry === null) return;
    const lanes = this.#session.lanes;
    const home = placeOf(lanes, carry.card);
    if (home === null) {
      this.controller.lose();
      return;
    }
    if (carry.kind === "keyboard") {
      if (!lanes.some((lane) => lane.id === carry.target.column)) this.controller.lose();
    } else void tick().then(() => { this.controller.aimAgain(this.#at); });
  }

  #sayPickedUp(card: string, home: Target): void {
    const session = this.#session;
    const { index, count } = ordinal(session.lanes, card, home);
    announcer.interrupt(t.drag.pickedUp(session.titleOf(card), session.laneTitle(home.column), index + 1, count));
  }
}
