/** Small things done to an element when it comes into the page. */

import { untrack } from "svelte";

import { toasts } from "../state/toasts.svelte.ts";

/** Gives it the focus. */
export function focus(element: HTMLElement): void {
  element.focus();
}

/** Gives it the focus where that opens no keyboard over half of the screen. */
export function focusByMouse(element: HTMLElement): void {
  if (matchMedia("(pointer: fine)").matches) element.focus();
}

/** Gives it the focus, with everything in it selected. */
export function focusAll(input: HTMLInputElement): void {
  input.focus();
  input.select();
}

/** Shows a dialog over everything for as long as it is in the page; messages show in it meanwhile (`Toasts.svelte`). */
export function modal(dialog: HTMLDialogElement): () => void {
  dialog.showModal();
  toasts.dialogs = [...untrack(() => toasts.dialogs), dialog];
  return () => {
    toasts.dialogs = toasts.dialogs.filter((open) => open !== dialog);
    dialog.close();
  };
}
