/** Cards that changed their place fly there: what moved is seen to move (FLIP: first, last, invert, play). */

import { FLIP_CARDS_MAX, FLIP_MS } from "./limits.ts";

/** Where the mounted cards were, by card id. */
export type Places = ReadonlyMap<string, DOMRect>;

const EASING = "cubic-bezier(.2, 0, 0, 1)";

/** Whether the person asked for less motion. */
export function prefersStill(): boolean {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}

/** Where all mounted cards are now. */
export function placesOf(root: ParentNode): Places {
  const places = new Map<string, DOMRect>();
  for (const item of root.querySelectorAll<HTMLElement>("[data-card]")) {
    const rect = item.getBoundingClientRect();
    if (rect.height > 0 && item.dataset["card"] !== undefined) places.set(item.dataset["card"], rect);
  }
  return places;
}

/** Lets every card that is not where it was fly from there; `except` has its own flight. */
export function fly(root: ParentNode, before: Places, except: string | null): void {
  if (prefersStill()) return;
  const moved: [HTMLElement, DOMRect, DOMRect][] = [];
  for (const item of root.querySelectorAll<HTMLElement>("[data-card]")) {
    const id = item.dataset["card"];
    const was = id === undefined || id === except ? undefined : before.get(id);
    if (was === undefined) continue;
    const is = item.getBoundingClientRect();
    if (is.height > 0 && Math.hypot(is.x - was.x, is.y - was.y) > 1) moved.push([item, was, is]);
  }
  if (moved.length > FLIP_CARDS_MAX) return;
  for (const [item, was, is] of moved) {
    if (Math.abs(is.x - was.x) < 8) slide(item, was, is);
    else soar(item, was, is);
  }
}

/** Within a column: the card itself slides. */
function slide(item: HTMLElement, was: DOMRect, is: DOMRect): void {
  item.animate([{ transform: `translateY(${String(was.y - is.y)}px)` }, { transform: "none" }], { duration: FLIP_MS, easing: EASING });
}

/** Between columns: a copy flies above everything, because a column clips what leaves it. */
function soar(item: HTMLElement, was: DOMRect, is: DOMRect): void {
  const copy = copyOf(item, was);
  item.animate([{ opacity: 0 }, { opacity: 0 }], { duration: FLIP_MS });
  const way = `translate(${String(is.x - was.x)}px, ${String(is.y - was.y)}px)`;
  const flight = copy.animate([{ transform: "none" }, { transform: way }], { duration: FLIP_MS, easing: EASING, fill: "forwards" });
  flight.onfinish = flight.oncancel = (): void => { copy.remove(); };
}

/** A lifeless copy of a card over the page, at a place. The caller removes it. */
export function copyOf(item: HTMLElement, at: DOMRect): HTMLElement {
  const card = item.querySelector(".card") ?? item;
  const copy = document.createElement("div");
  const inner = card.cloneNode(true);
  if (inner instanceof HTMLElement) {
    for (const named of [inner, ...inner.querySelectorAll("[id]")]) named.removeAttribute("id");
    copy.append(inner);
  }
  copy.className = "flying";
  copy.inert = true;
  copy.setAttribute("aria-hidden", "true");
  copy.style.left = `${String(at.x)}px`;
  copy.style.top = `${String(at.y)}px`;
  copy.style.width = `${String(at.width)}px`;
  document.body.append(copy);
  return copy;
}

/** Lets a copy fly to a place and vanish there. */
export function landAt(copy: HTMLElement, to: DOMRect | null, durationMs: number): void {
  if (to === null || prefersStill()) {
    copy.remove();
    return;
  }
  const from = copy.getBoundingClientRect();
  const now = getComputedStyle(copy).transform;
  const matrix = now === "none" ? new DOMMatrix() : new DOMMatrix(now);
  const end = `translate(${String(matrix.e + to.x - from.x)}px, ${String(matrix.f + to.y - from.y)}px)`;
  const flight = copy.animate([{ transform: now }, { transform: end }], { duration: durationMs, easing: EASING, fill: "forwards" });
  flight.onfinish = flight.oncancel = (): void => { copy.remove(); };
}
