/** Which menu or dialog is open on the board, and beside what. */

import { getContext, setContext } from "svelte";

const KEY = Symbol("menus");

/** One thing that can be done. */
export interface Action {
  readonly label: string;
  /** The key that does the same. */
  readonly key?: string;
  readonly isDanger?: boolean;
  readonly run: () => void;
}

/** A menu that hangs on an element. */
export interface OpenMenu {
  readonly kind: "card" | "column" | "room";
  /** Of what; empty for the room. */
  readonly id: string;
  readonly anchor: HTMLElement;
}

/** The one menu and the dialogs of a board. */
export class Menus {
  menu = $state.raw<OpenMenu | null>(null);
  /** The card of the "Move to…" dialog. */
  moving = $state.raw<string | null>(null);
  /** The keyboard sheet. */
  shortcuts = $state.raw(false);
  /** The command palette. */
  palette = $state.raw(false);
  /** The column whose title is being edited in place. */
  renaming = $state.raw<string | null>(null);

  /** The column whose settings are open. */
  settings = $state.raw<string | null>(null);

  /** Opens a card's menu. */
  openCard(id: string, anchor: HTMLElement): void {
    this.menu = { kind: "card", id, anchor };
  }

  /** Opens a column's menu. */
  openColumn(id: string, anchor: HTMLElement): void {
    this.menu = { kind: "column", id, anchor };
  }

  /** Opens the room's menu. */
  openRoom(anchor: HTMLElement): void {
    this.menu = { kind: "room", id: "", anchor };
  }
}

/** Makes the menus known to the components below. */
export function provideMenus(menus: Menus): void {
  setContext(KEY, menus);
}

/** The menus of the board that this component is in. */
export function useMenus(): Menus {
  return getContext<Menus>(KEY);
}
