/** Which cards of a board are shown: what the address says after its question mark. */

import type { Card } from "@warroom/sdk";

import { daysUntil } from "./due.ts";
import { FILTER_CHARS_MAX, FILTER_CHOICES_MAX, WEEK_DAYS } from "./limits.ts";

/** When shown cards are due. `none`: they have no due day. */
export type When = (typeof WHENS)[number];

/** Every such choice, in the order of a menu. */
export const WHENS = ["late", "today", "week", "none"] as const;

/** What shown cards have in common. Of several labels, or people, one is enough; everything else has to hold together. */
export interface Filter {
  /** Words of the title, the description or the comments. */
  readonly text: string;
  /** Ids of labels. */
  readonly labels: readonly string[];
  /** Ids of people who have the card. */
  readonly people: readonly string[];
  readonly when: When | null;
}

/** Shows everything. */
export const ALL: Filter = { text: "", labels: [], people: [], when: null };

/** Whether everything is shown. */
export function isAll({ text, labels, people, when }: Filter): boolean {
  return text.trim() === "" && labels.length === 0 && people.length === 0 && when === null;
}

/** Reads the part of an address from its question mark; what makes no sense is left out. */
export function parseFilter(query: string): Filter {
  const found = new URLSearchParams(query);
  const ids = (name: string): readonly string[] => [...new Set(found.getAll(name))].filter((id) => /^[\w-]{1,64}$/u.test(id)).slice(0, FILTER_CHOICES_MAX);
  return {
    text: (found.get("q") ?? "").slice(0, FILTER_CHARS_MAX),
    labels: ids("label"),
    people: ids("person"),
    when: WHENS.find((one) => one === found.get("due")) ?? null,
  };
}

/** The part of an address, with its question mark; empty where everything is shown. */
export function queryOf(filter: Filter): string {
  const { text, labels, people, when } = filter;
  if (isAll(filter)) return "";
  const said = new URLSearchParams();
  if (text.trim() !== "") said.set("q", text.trim());
  for (const label of labels) said.append("label", label);
  for (const person of people) said.append("person", person);
  if (when !== null) said.set("due", when);
  return `?${said.toString()}`;
}

/** A set of ids, which is replaced and never changed. */
export function idsOf(ids: readonly string[]): ReadonlySet<string> {
  return new Set(ids);
}

/** Whether a card has what is asked for beside the text. `isDone`: it is in a column of done work, where nothing is late. */
export function fits({ labels, people, when }: Filter, card: Card, isDone: boolean, today: string): boolean {
  if (labels.length > 0 && !labels.some((label) => card.labels.includes(label))) return false;
  if (people.length > 0 && !people.some((person) => card.assignees.includes(person))) return false;
  if (when === null) return true;
  if (when === "none") return card.due === null;
  const days = card.due === null ? null : daysUntil(card.due, today);
  if (days === null) return false;
  return when === "late" ? days < 0 && !isDone : when === "today" ? days === 0 : days >= 0 && days < WEEK_DAYS;
}
