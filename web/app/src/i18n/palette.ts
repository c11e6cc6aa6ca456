/** The words of the command palette: loaded with it. */

/** The dictionary of the palette. */
export const paletteWords = {
  title: "Go to or do",
  find: "A card, a room, or what to do",
  list: "What fits",
  groups: { do: "Do", card: "Cards", room: "Rooms" },
  newCard: (column: string): string => `New card in ${column}`,
  on: (column: string): string => `in ${column}`,
  nothing: "Nothing here has these words.",
};
