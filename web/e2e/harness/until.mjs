/** Waiting on conditions: nothing in these tests sleeps for a fixed time. */

import { setTimeout as pause } from "node:timers/promises";

/** Milliseconds between two looks. */
const LOOK_MS = 25;

/** Milliseconds a condition may take unless told otherwise: generous, because a loaded machine is slow, not wrong. */
export const PATIENCE_MS = 15_000;

/** Waits until `look` answers something true, and answers that. Errors of `look` count as "not yet". */
export async function until(what, look, patienceMs = PATIENCE_MS) {
  const end = performance.now() + patienceMs;
  let last;
  for (;;) {
    try {
      const seen = await look();
      if (seen) return seen;
      last = seen;
    } catch (error) {
      last = error;
    }
    if (performance.now() > end) throw new Error(`waited ${patienceMs} ms in vain for: ${what} (last: ${String(last)})`);
    await pause(LOOK_MS);
  }
}

/** Waits like `until` and answers how many milliseconds it took. */
export async function howLong(what, look, patienceMs) {
  const start = performance.now();
  await until(what, look, patienceMs);
  return performance.now() - start;
}
