/** The words of the filter of cards: loaded with it. */

import type { When } from "../lib/filter.ts";

/** The dictionary of the filter. */
export const filterWords = {
  label: "Find and filter cards",
  text: "Find cards by words",
  labels: "Labels",
  people: "People",
  chosen: (what: string, n: number): string => (n === 0 ? what : `${what} · ${String(n)}`),
  when: "Due",
  whens: { late: "Overdue", today: "Due today", week: "Due within a week", none: "No due day" } satisfies Record<When, string>,
  anyTime: "Due any time",
  noLabels: "This board has no labels yet.",
  count: (n: number, total: number): string => `${String(n)} of ${String(total)} ${total === 1 ? "card" : "cards"}`,
  clear: "Show all",
  close: "Close the filter",
};
