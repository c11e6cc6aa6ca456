/** The time as the view shows it: what reads it is told again while it is on the page, twice a minute. */

import { createSubscriber } from "svelte/reactivity";

import { every, now, today } from "../doors/clock.ts";
import { CLOCK_PERIOD_MS } from "../lib/limits.ts";

const subscribe = createSubscriber((update) => every(CLOCK_PERIOD_MS, update));

/** The clock on the wall. */
export const wall = {
  /** Milliseconds since 1970. */
  get now(): number {
    subscribe();
    return now();
  },
  /** Today, `YYYY-MM-DD`. */
  get today(): string {
    subscribe();
    return today();
  },
};
