/** The words of a column's settings: loaded with them. */

import type { Colour, ColumnRole } from "@warroom/sdk";

/** The dictionary of the settings of a column. */
export const columnWords = {
  title: (column: string): string => `Column “${column}”`,
  name: "Title",
  role: "What its cards are",
  roles: [
    [null, "Nothing special"],
    ["todo", "To do: waiting to be begun"],
    ["doing", "Doing: being worked on"],
    ["done", "Done: finished"],
  ] as readonly (readonly [ColumnRole | null, string])[],
  limit: "Limit of cards",
  limitHint: "More is shown as too many, never refused. Empty: no limit.",
  limitBad: (max: number): string => `A whole number from 1 to ${String(max)}, or nothing.`,
  colour: "Colour",
  noColour: "None",
  colours: { red: "Red", orange: "Orange", yellow: "Yellow", green: "Green", teal: "Teal", blue: "Blue", violet: "Violet", pink: "Pink", brown: "Brown", grey: "Grey" } satisfies Record<Colour, string>,
  save: "Save",
};
