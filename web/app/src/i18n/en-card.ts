/** The strings of one card, in English: its parts, what is said about it, its history. */

import type { Colour, Priority } from "@warroom/sdk";

const count = (n: number, one: string, many: string): string => `${String(n)} ${n === 1 ? one : many}`;

/** A text as it is quoted in a sentence: a long one is cut between two characters. */
const brief = (text: string): string => {
  const letters = Array.from(text.slice(0, 200).trim());
  return letters.length > 48 ? `${letters.slice(0, 47).join("")}…` : letters.join("");
};

const colours: Readonly<Record<Colour, string>> = {
  red: "Red",
  orange: "Orange",
  yellow: "Yellow",
  green: "Green",
  teal: "Teal",
  blue: "Blue",
  violet: "Violet",
  pink: "Pink",
  brown: "Brown",
  grey: "Grey",
};

const priorities: Readonly<Record<Priority, string>> = { urgent: "Urgent", high: "High", normal: "Normal", low: "Low" };

export const enCard = {
  labels: {
    title: "Labels",
    edit: "Edit labels",
    none: "None",
    find: "Find or create a label",
    create: (name: string): string => `Create “${brief(name)}”`,
    empty: "No labels yet. Type a name to create the first.",
    change: (name: string): string => `Change label ${brief(name)}`,
    name: "Name",
    colour: "Colour",
    colours,
    noColour: "No colour",
    save: "Save",
    back: "Back to the labels",
    delete: "Delete label",
    deleted: (name: string): string => `Deleted label “${brief(name)}” from the board`,
    more: (n: number): string => `+${String(n)}`,
    unnamed: "Unnamed",
  },

  team: {
    title: "Assigned",
    edit: "Assign people",
    nobody: "Nobody",
    assigned: (names: string): string => `Assigned to ${names}`,
    find: "Find a person",
    unknown: "Nobody by that name has been here.",
    me: (name: string): string => `${name} (you)`,
  },

  due: {
    title: "Due",
    none: "No date",
    clear: "Remove the date",
    in: (days: number): string => {
      if (days === 0) return "due today";
      if (days === 1) return "due tomorrow";
      return days > 0 ? `due in ${count(days, "day", "days")}` : `${count(-days, "day", "days")} late`;
    },
    brief: (days: number, date: string): string => (days === 0 ? "Today" : days === 1 ? "Tomorrow" : days < 0 ? `${String(-days)} d late` : date),
    said: (date: string, relative: string): string => `${date}, ${relative}`,
    on: (date: string): string => `Due ${date}`,
  },

  priority: { title: "Priority", names: priorities, said: (name: string): string => `${name} priority` },

  votes: {
    title: "Votes",
    vote: "Vote for this card",
    count: (n: number): string => count(n, "vote", "votes"),
    by: (names: string): string => `Votes of ${names}`,
  },

  checklist: {
    title: "Checklist",
    progress: (done: number, all: number): string => `${String(done)} of ${String(all)} done`,
    add: "Add an item",
    addHint: "Enter adds it. Paste many lines to add many.",
    item: (text: string): string => (text.trim() === "" ? "Empty item" : brief(text)),
    text: "Text of the item",
    up: (text: string): string => `Move up: ${brief(text)}`,
    down: (text: string): string => `Move down: ${brief(text)}`,
    delete: (text: string): string => `Delete: ${brief(text)}`,
    deleted: (text: string): string => `Deleted “${brief(text)}” from the checklist`,
    moved: (at: number, all: number): string => `Now ${String(at)} of ${String(all)}`,
  },

  talk: {
    count: (n: number): string => count(n, "comment", "comments"),
    unread: (n: number): string => `${String(n)} new`,
  },
};
