// Debugging output: sizes and timings of everything that crosses the seam, never content.

import { stopwatch } from "./clock.ts";

/** Prints one line, or does nothing. */
export type DebugLog = (what: string, facts: Readonly<Record<string, string | number>>) => void;

const SILENT: DebugLog = () => undefined;

/** The patterns of `localStorage.debug`, as the npm package debug reads them: names with `*`, separated by commas. */
export function matches(patterns: string, name: string): boolean {
  return patterns
    .split(/[\s,]+/)
    .filter((pattern) => pattern !== "")
    .some((pattern) => {
      const parts = pattern.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
      return new RegExp(`^${parts.join(".*")}$`).test(name);
    });
}

function patterns(): string {
  try {
    return globalThis.localStorage.getItem("debug") ?? "";
  } catch {
    // no storage here (a worker, Node, a page that may not)
    return "";
  }
}

/** A log for `warroom:<part>`; on when `localStorage.debug` says so at this moment. */
export function debugLog(part: string): DebugLog {
  const name = `warroom:${part}`;
  if (!matches(patterns(), name)) return SILENT;
  return (what, facts) => {
    const text = Object.entries(facts).map(([key, value]) => `${key}=${String(value)}`);
    console.debug(`${name} ${stopwatch().toFixed(1)}ms ${what} ${text.join(" ")}`);
  };
}
