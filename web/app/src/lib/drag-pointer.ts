/** Binds the drag controller to the page's pointers: listens, tells, and keeps the browser from scrolling or clicking meanwhile. */

import type { DragController } from "./drag-controller.ts";

/** Elements on which a press is not the beginning of a drag. */
const NOT_A_HANDLE = "button, input, textarea, select, [data-no-drag]";

/** Starts listening on a board; the answer stops it. */
export function attachPointer(root: HTMLElement, drag: DragController): () => void {
  const stop = new AbortController();
  const { signal } = stop;
  const onWindow = { signal, capture: true };

  root.addEventListener("pointerdown", (event) => { press(event, drag); }, { signal });
  root.addEventListener("dragstart", (event) => { event.preventDefault(); }, { signal });
  root.addEventListener("touchmove", (event) => {
    if (drag.carrying !== null && event.cancelable) event.preventDefault();
  }, { signal, passive: false });
  root.addEventListener("contextmenu", (event) => {
    if (drag.carrying !== null) event.preventDefault();
  }, { signal });

  window.addEventListener("pointermove", (event) => {
    drag.move(event.pointerId, { x: event.clientX, y: event.clientY });
  }, { signal });
  window.addEventListener("pointerup", (event) => {
    if (drag.swallows(event.pointerId)) swallowClick(root);
    drag.release(event.pointerId);
  }, onWindow);
  window.addEventListener("pointercancel", () => { drag.interrupt(); }, onWindow);
  window.addEventListener("pointerdown", (event) => {
    if (drag.carrying !== null && !event.isPrimary) drag.interrupt();
  }, onWindow);
  window.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || drag.carrying === null) return;
    event.preventDefault();
    event.stopPropagation();
    drag.escape();
  }, onWindow);
  window.addEventListener("blur", () => { if (drag.kind !== "keyboard") drag.interrupt(); }, { signal });
  document.addEventListener("visibilitychange", () => { if (document.hidden) drag.interrupt(); }, { signal });
  return () => {
    drag.interrupt();
    stop.abort();
  };
}

function press(event: PointerEvent, drag: DragController): void {
  if (event.button !== 0 || !event.isPrimary || event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (!(event.target instanceof Element) || event.target.closest(NOT_A_HANDLE) !== null) return;
  const card = event.target.closest<HTMLElement>("[data-card]")?.dataset["card"];
  if (card === undefined) return;
  drag.press(card, event.pointerId, event.pointerType === "mouse" ? "mouse" : "touch", { x: event.clientX, y: event.clientY });
}

/** A drag that ends over a link would open it: the one click that follows is not a click. */
function swallowClick(root: HTMLElement): void {
  const stop = new AbortController();
  root.addEventListener("click", (event) => {
    event.preventDefault();
    event.stopPropagation();
  }, { capture: true, once: true, signal: stop.signal });
  // The click, if there is one, comes in the same task turn as the pointer's release.
  requestAnimationFrame(() => { stop.abort(); });
}
