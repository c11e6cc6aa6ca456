/** The words of the activity: loaded with it. */

import type { Action } from "@warroom/sdk";

const count = (n: number, one: string, many: string): string => `${String(n)} ${n === 1 ? one : many}`;

/** Characters of a text that is quoted in a sentence. */
const QUOTE_CHARS_MAX = 80;

/** A text in quotes, its beginning if it is long. */
function quote(text: string): string {
  const line = text.trim().replace(/\s+/gu, " ");
  const letters = Array.from(line.slice(0, 2 * QUOTE_CHARS_MAX + 2));
  return `“${letters.length > QUOTE_CHARS_MAX ? `${letters.slice(0, QUOTE_CHARS_MAX).join("")}…` : letters.join("")}”`;
}

const ROLES = { todo: "To do", doing: "Doing", done: "Done" } as const;

/** Names of what a deed is about. */
export interface Names {
  readonly column: (id: string) => string;
  readonly label: (id: string) => string;
  readonly person: (id: string) => string;
  readonly day: (day: string) => string;
}

/** What somebody did, as the end of a sentence that begins with them. */
function deed(what: Action, names: Names): string {
  switch (what.type) {
    case "roomRenamed":
      return `renamed the room to ${quote(what.after)}`;
    case "columnAdded":
      return `added the column ${quote(what.title)}`;
    case "columnRenamed":
      return `renamed the column ${quote(what.before)} to ${quote(what.after)}`;
    case "columnMoved":
      return `moved the column ${quote(names.column(what.column))}`;
    case "columnRoleSet":
      return what.after === null ? `took the role off ${quote(names.column(what.column))}` : `made ${quote(names.column(what.column))} a column of the kind ${ROLES[what.after]}`;
    case "columnWipSet":
      return what.after === null ? `took the limit off ${quote(names.column(what.column))}` : `set the limit of ${quote(names.column(what.column))} to ${String(what.after)}`;
    case "columnColourSet":
      return what.after === null ? `took the colour off ${quote(names.column(what.column))}` : `made ${quote(names.column(what.column))} ${what.after}`;
    case "columnDeleted":
      return `deleted the column ${quote(names.column(what.column))}`;
    case "columnRestored":
      return `brought the column ${quote(names.column(what.column))} back`;
    case "labelAdded":
      return `added the label ${quote(what.name)}`;
    case "labelRenamed":
      return `renamed the label ${quote(what.before)} to ${quote(what.after)}`;
    case "labelColourSet":
      return what.after === null ? `took the colour off the label ${quote(names.label(what.label))}` : `made the label ${quote(names.label(what.label))} ${what.after}`;
    case "labelDeleted":
      return `deleted the label ${quote(names.label(what.label))}`;
    case "labelRestored":
      return `brought the label ${quote(names.label(what.label))} back`;
    case "personSet":
      return `entered the room as ${quote(what.name)}`;
    case "cardAdded":
      return `added it to ${names.column(what.column)}`;
    case "moved":
      return what.from === what.to ? `moved it within ${names.column(what.to)}` : `moved it from ${names.column(what.from)} to ${names.column(what.to)}`;
    case "completed":
      return `finished it: ${names.column(what.from)} to ${names.column(what.to)}`;
    case "titled":
      return what.before === "" ? `gave it the title ${quote(what.after)}` : `renamed it from ${quote(what.before)}`;
    case "bodyEdited":
    case "bodyTyped":
      return "edited the description";
    case "commented":
      return "commented";
    case "assigned":
      return `assigned ${names.person(what.person)}`;
    case "unassigned":
      return `unassigned ${names.person(what.person)}`;
    case "labelled":
      return `put the label ${quote(names.label(what.label))} on it`;
    case "unlabelled":
      return `took the label ${quote(names.label(what.label))} off`;
    case "dueSet":
      return what.after === null ? "took the due date off" : `made it due on ${names.day(what.after)}`;
    case "prioritySet":
      return `set the priority to ${what.after}`;
    case "itemAdded":
      return `added the item ${quote(what.text)}`;
    case "itemEdited":
      return `changed the item ${quote(what.before)} to ${quote(what.after)}`;
    case "itemTicked":
      return `ticked ${quote(what.text)}`;
    case "itemUnticked":
      return `unticked ${quote(what.text)}`;
    case "itemMoved":
      return `moved the item ${quote(what.text)}`;
    case "itemDeleted":
      return `deleted the item ${quote(what.text)}`;
    case "attachmentAdded":
      return `attached ${quote(what.name)}`;
    case "attachmentDeleted":
      return `deleted the file ${quote(what.name)}`;
    case "archived":
      return "archived it";
    case "unarchived":
      return "brought it back from the archive";
    case "deleted":
      return "deleted it";
    case "restored":
      return "restored it";
  }
}

/** The dictionary of the activity. */
export const feed = {
  title: "Activity",
  loading: "Reading what happened…",
  empty: "Nothing has happened here yet.",
  more: "Show older",
  failed: "What happened can’t be read just now.",
  again: "Try again",
  list: "What happened, newest first",
  onBoard: "on the board",
  on: "on",
  deed: (what: Action, names: Names, times: number, cards: number): string => {
    const words = deed(what, names);
    if (cards > 1) return `${words}, and the same with ${count(cards - 1, "more card", "more cards")}`;
    if (times === 1) return words;
    return what.type === "bodyEdited" || what.type === "bodyTyped" ? `${words} (${count(times, "edit", "edits")})` : `${words} (${count(times, "time", "times")})`;
  },
  away: {
    title: "While you were away",
    dismiss: "Seen",
    summary: (changes: number, people: string, cards: number): string =>
      `${count(changes, "change", "changes")} by ${people}${cards === 0 ? "" : ` on ${count(cards, "card", "cards")}`}`,
    totals: ({ added, completed, deleted }: { readonly added: number; readonly completed: number; readonly deleted: number }): string =>
      [[added, "new"], [completed, "finished"], [deleted, "deleted"]].filter(([n]) => n !== 0).map(([n, what]) => `${String(n)} ${String(what)}`).join(" · "),
    more: "There was more than is told here: the list below has all of it.",
    board: "The board",
  },
};
