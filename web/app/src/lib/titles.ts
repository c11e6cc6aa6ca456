/** What is typed or pasted into a composer, as the titles of cards. */

import { TITLE_CHARS_MAX } from "./limits.ts";

/** One title a line; empty lines are none. */
export function titlesOf(text: string): readonly string[] {
  return text.split("\n").map((line) => line.trim()).filter((line) => line !== "");
}

/** The first title that is too long: how it starts, in whole characters, and how much too long it is; `null`: all fit. */
export function overlong(titles: readonly string[]): { readonly start: string; readonly excess: number } | null {
  const title = titles.find((one) => one.length > TITLE_CHARS_MAX);
  return title === undefined ? null : { start: Array.from(title).slice(0, 24).join(""), excess: title.length - TITLE_CHARS_MAX };
}
