// Telling listeners, none of which can keep the next one, or what is done, from going on.

/** Calls each with `value`. What one throws is reported as what an event's listener throws is. */
export function tell<T>(listeners: Iterable<(value: T) => void>, value: T): void {
  for (const listener of [...listeners]) {
    try {
      listener(value);
    } catch (thrown) {
      report(thrown);
    }
  }
}

function report(thrown: unknown): void {
  // absent outside of browsers
  const { reportError } = globalThis as { readonly reportError?: (thrown: unknown) => void };
  if (reportError !== undefined) {
    reportError(thrown);
    return;
  }
  queueMicrotask(() => {
    throw thrown;
  });
}
