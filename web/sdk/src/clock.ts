// The door to time: the only file of the SDK that knows the clock.

/* eslint-disable no-restricted-globals -- this is the door */

/** Milliseconds since 1970. */
export function now(): number {
  return Date.now();
}

/** Calls `act` once after `ms` milliseconds; the answer cancels it. */
export function after(ms: number, act: () => void): () => void {
  const timer = setTimeout(act, ms);
  return () => {
    clearTimeout(timer);
  };
}

/** Milliseconds with fractions, for measuring. */
export function stopwatch(): number {
  return performance.now();
}
