/** The keyboard of the board. Single letters act only when no text is being typed and nothing modal is open. */

import { composes } from "../lib/composing.ts";
import type { Direction, DragController } from "../lib/drag-controller.ts";
import type { Session } from "../state/session.svelte.ts";
import { archiveCard, neighbour, openCard, removeCard, shiftCard } from "./card-actions.ts";
import type { Menus } from "./menus.svelte.ts";

const STEPS: Readonly<Record<string, Direction>> = {
  ArrowUp: "up",
  ArrowDown: "down",
  ArrowLeft: "left",
  ArrowRight: "right",
  Home: "top",
  End: "bottom",
};

/** The handler of the window's `keydown`. */
export function boardKeys(session: Session, drag: DragController, menus: Menus): (event: KeyboardEvent) => void {
  return (event) => {
    if (event.defaultPrevented || composes(event)) return;
    const target = event.target instanceof HTMLElement ? event.target : document.body;
    if (target.closest("dialog, [popover]") !== null) return;
    if (isPalette(event) && drag.kind === null) {
      menus.palette = true;
      event.preventDefault();
      return;
    }
    if (target.matches("input, textarea, select")) return;
    const card = target.closest<HTMLElement>("[data-card-link]")?.dataset["cardLink"] ?? null;
    const isHandled = isHeld(event, card !== null || drag.kind === "keyboard")
      ? true
      : event.ctrlKey || event.metaKey || event.altKey
        ? chord(event, session) || columnChord(event, target, session)
        : drag.kind === "keyboard"
          ? carrying(event, drag)
          : (card !== null && onCard(event, card, session, drag, menus)) || anywhere(event, target, session, menus);
    if (isHandled) event.preventDefault();
  };
}

/** The palette opens from anywhere, a text field included. */
function isPalette(event: KeyboardEvent): boolean {
  return (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k";
}

/** A key that is held acts once: else it would pick up and drop, or open and close, in turn. */
function isHeld(event: KeyboardEvent, onCard: boolean): boolean {
  return event.repeat && (event.key === "Enter" || (event.key === " " && onCard));
}

function chord(event: KeyboardEvent, session: Session): boolean {
  if (event.altKey) return false;
  const key = event.key.toLowerCase();
  if (key === "z" && !event.shiftKey) session.undo();
  else if (key === "z" || (key === "y" && !event.shiftKey)) session.redo();
  else return false;
  return true;
}

/** Moves the column that has the focus, on its heading's buttons. */
function columnChord(event: KeyboardEvent, target: HTMLElement, session: Session): boolean {
  if (!event.altKey || !event.shiftKey || (event.key !== "ArrowLeft" && event.key !== "ArrowRight")) return false;
  const column = target.closest<HTMLElement>("[data-column]")?.dataset["column"];
  if (column === undefined || session.snapshot.readOnly) return false;
  session.shiftColumn(column, event.key === "ArrowLeft" ? -1 : 1);
  return true;
}

function carrying(event: KeyboardEvent, drag: DragController): boolean {
  const step = STEPS[event.key];
  if (step !== undefined) drag.step(step);
  else if (event.key === " " || event.key === "Enter") drag.putDown();
  else if (event.key === "Tab") drag.escape();
  else return false;
  return event.key !== "Tab";
}

function onCard(event: KeyboardEvent, card: string, session: Session, drag: DragController, menus: Menus): boolean {
  switch (event.key) {
    case " ":
      drag.pickUp(card);
      return true;
    case "ArrowUp":
    case "ArrowDown":
    case "ArrowLeft":
    case "ArrowRight":
    case "Home":
    case "End": {
      const next = neighbour(session.lanes, card, event.key);
      if (next !== null) session.focusWanted = next;
      return true;
    }
    case "<":
      shiftCard(session, card, "left");
      return true;
    case ">":
      shiftCard(session, card, "right");
      return true;
    case "e":
    case "E":
      openCard(session, card, true);
      return true;
    case "v":
    case "V":
      moveTo(card, session, menus);
      return true;
    case "a":
    case "A":
      archiveCard(session, card);
      return true;
    case "Delete":
      removeCard(session, card);
      return true;
    default:
      return false;
  }
}

function moveTo(card: string, session: Session, menus: Menus): void {
  const mover = session.doings.movers.get(card);
  if (mover === undefined) menus.moving = card;
  else session.refuse(card, mover);
}

function anywhere(event: KeyboardEvent, target: HTMLElement, session: Session, menus: Menus): boolean {
  switch (event.key) {
    case "n":
    case "N": {
      const lane = target.closest<HTMLElement>("[data-column]")?.dataset["column"] ?? session.snapshot.columns[0]?.id;
      if (lane === undefined) return false;
      session.composing = lane;
      return true;
    }
    case "/":
    case "f":
    case "F":
      session.filter.isOpen = true;
      document.querySelector<HTMLInputElement>("[data-filter-text]")?.focus();
      return true;
    case "?":
      menus.shortcuts = true;
      return true;
    default:
      return false;
  }
}
