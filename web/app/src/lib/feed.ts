/** What happened in a room, as a person reads it: deeds of one person on one card within five minutes are one entry. */

import type { Action, Activity, CardId, UserId } from "@warroom/sdk";

/** Milliseconds between two deeds up to which they belong together. */
const TOGETHER_MS = 5 * 60_000;

/** A deed, and how many times it was done. */
export interface Deed {
  readonly what: Action;
  /** How often, in a row or not. */
  readonly times: number;
  /** On how many cards at once: 1, or more where it was done to many. */
  readonly cards: number;
}

/** What one person did on one card (or on the board itself), within a while. */
export interface FeedEntry {
  /** Stays the same while deeds are added to it. */
  readonly key: string;
  readonly by: UserId;
  readonly card: CardId | null;
  /** When the newest deed was done (milliseconds since 1970). */
  readonly at: number;
  /** In the order they were done. */
  readonly deeds: readonly Deed[];
}

interface Open {
  readonly entry: Activity;
  since: number;
  readonly found: Activity[];
}

/** Groups activities, newest first; the answer is in the order of each group's newest deed. */
export function grouped(activities: readonly Activity[]): readonly FeedEntry[] {
  const groups: Open[] = [];
  const open = new Map<string, Open>();
  for (const one of activities) {
    const whose = `${one.by} ${one.card ?? ""}`;
    const known = open.get(whose);
    if (known !== undefined && known.since - one.at <= TOGETHER_MS) {
      known.found.push(one);
      known.since = Math.min(known.since, one.since);
      continue;
    }
    const group = { entry: one, since: one.since, found: [one] };
    groups.push(group);
    open.set(whose, group);
  }
  return groups.map(({ entry, found }) => ({
    key: `${entry.by} ${entry.card ?? ""} ${found.at(-1)?.id ?? ""}`,
    by: entry.by,
    card: entry.card,
    at: entry.at,
    deeds: summed([...found].reverse()),
  }));
}

/** Deeds in the order they were done, with like ones as one: of two moves the way from the first place to the last. */
export function summed(activities: readonly Pick<Activity, "what" | "count">[]): readonly Deed[] {
  const deeds = new Map<string, Deed>();
  for (const { what, count } of activities) {
    const kind = kindOf(what);
    const before = count > 1 ? undefined : deeds.get(kind);
    if (before === undefined) deeds.set(count > 1 ? `${kind} ${String(deeds.size)}` : kind, { what, times: 1, cards: count });
    else deeds.set(kind, { what: joined(before.what, what), times: before.times + 1, cards: 1 });
  }
  return [...deeds.values()].filter(({ what }) => !isUndone(what));
}

/** What is told together: deeds of one kind on the same thing. */
function kindOf(what: Action): string {
  switch (what.type) {
    case "completed":
    case "moved":
      return "moved";
    case "bodyTyped":
    case "bodyEdited":
      return "body";
    case "columnAdded":
    case "columnRenamed":
    case "columnMoved":
    case "columnRoleSet":
    case "columnWipSet":
    case "columnColourSet":
    case "columnDeleted":
    case "columnRestored":
      return `${what.type} ${what.column}`;
    case "labelAdded":
    case "labelRenamed":
    case "labelColourSet":
    case "labelDeleted":
    case "labelRestored":
    case "labelled":
    case "unlabelled":
      return `${what.type} ${what.label}`;
    case "personSet":
    case "assigned":
    case "unassigned":
      return `${what.type} ${what.person}`;
    case "itemAdded":
    case "itemEdited":
    case "itemTicked":
    case "itemUnticked":
    case "itemMoved":
    case "itemDeleted":
      return `${what.type} ${what.item}`;
    case "attachmentAdded":
    case "attachmentDeleted":
      return `${what.type} ${what.name}`;
    case "roomRenamed":
    case "cardAdded":
    case "titled":
    case "commented":
    case "dueSet":
    case "prioritySet":
    case "archived":
    case "unarchived":
    case "deleted":
    case "restored":
      return what.type;
  }
}

/** Two deeds of one kind as one. */
function joined(first: Action, last: Action): Action {
  if ("from" in first && "from" in last) return { ...last, from: first.from };
  // Of one kind, so what it was before is of one type too.
  if ("before" in first && "before" in last) return { ...last, before: first.before } as Action;
  return last;
}

/** A way that ended where it began is not worth a word. */
function isUndone(what: Action): boolean {
  return "before" in what && what.before === what.after;
}
