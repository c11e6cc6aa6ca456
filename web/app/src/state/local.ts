/** Small things this device remembers, in `localStorage`; a browser that forbids it remembers nothing and goes on. */

/** Reads a value that `parse` accepts; `null` when there is none or it is of another shape. */
export function recall<T>(key: string, parse: (value: unknown) => T | null): T | null {
  try {
    const text = localStorage.getItem(`warroom.${key}`);
    return text === null ? null : parse(JSON.parse(text) as unknown);
  } catch {
    return null;
  }
}

/** Writes a value; `undefined` removes it. */
export function remember(key: string, value: unknown): void {
  try {
    if (value === undefined) localStorage.removeItem(`warroom.${key}`);
    else localStorage.setItem(`warroom.${key}`, JSON.stringify(value));
  } catch {
    // Forbidden or full: nothing that is kept here is worth a message.
  }
}

/** Whether a value is an object with these keys. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
