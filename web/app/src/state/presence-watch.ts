/** Tells when this person is away: no input for a minute, or the page hidden. */

import { later, type Cancel } from "../doors/clock.ts";
import { IDLE_AFTER_MS } from "../lib/limits.ts";

/** Starts watching; `changed` is called with every change. The answer stops it. */
export function watchIdle(changed: (idle: boolean) => void): Cancel {
  const stop = new AbortController();
  let idle = document.hidden;
  let timer: Cancel = () => undefined;
  const set = (next: boolean): void => {
    if (next === idle) return;
    idle = next;
    changed(idle);
  };
  const active = (): void => {
    timer();
    timer = later(IDLE_AFTER_MS, () => { set(true); });
    set(document.hidden);
  };
  const options = { signal: stop.signal, passive: true, capture: true };
  for (const name of ["pointerdown", "pointermove", "keydown", "wheel", "touchstart"]) addEventListener(name, active, options);
  document.addEventListener("visibilitychange", active, options);
  active();
  if (idle) changed(true);
  return () => {
    timer();
    stop.abort();
  };
}
