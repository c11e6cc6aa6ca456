/** Goal: a copy of a board says all that is on it, and can't be mistaken. Method: a small board by hand. */

import type { Card, ColumnView } from "@warroom/sdk";
import { describe, expect, it } from "vitest";

import { boardText } from "../src/lib/board-text.ts";
import { roomTitle } from "../src/state/rooms.svelte.ts";

const stamp = { by: "ann", at: 0 };
const card = (id: string, title: string, hasBody = false): Card => ({
  id, title, column: "todo", order: id, created: stamp, archived: null, deleted: null, bodyEdited: null, hasBody, damaged: false,
  assignees: [], labels: [], checklist: [], attachments: [], due: null, priority: "normal", done: null,
});
const column = (title: string, cards: readonly Card[]): ColumnView => ({
  id: title, title, role: null, wip: null, colour: null, order: title, deleted: null, damaged: false, cards,
});

describe("a copy of the board", () => {
  it("has columns as headings, cards as entries and descriptions below them", () => {
    const snapshot = {
      columns: [column("To do", [card("a", "Restore uplink", true), card("b", "  ")]), column("Done", [])],
      unsorted: [card("c", "Two\nlines", true)],
    };
    const bodies = new Map([["a", "Call first.\n\n- Pier 4\n"]]);
    expect(boardText("Ops", "today", snapshot, bodies).split("\n")).toEqual([
      "# Ops", "", "A copy of the board, made today.", "",
      "## To do", "", "- Restore uplink", "", "  Call first.", "", "  - Pier 4", "", "- Untitled", "",
      "## Done", "", "",
      "## Unsorted", "", "- Two lines", "", "  (The description is not on this device.)", "", "",
    ]);
  });
});

describe("a room's name", () => {
  it.each([
    ["ops-room", "", "Ops Room"],
    ["ops-room", "Harbour", "Harbour"],
    ["a-team-that-is-at-work", "", "A Team That Is At Work"],
    ["wW3xY0pRkq1_Zs8tUvAb2c", "", "Private room"],
    ["automerge:4NMNnkMhL8jXrdJ9jamS58PAVdXu", "", "Private room"],
  ])("%s, titled “%s”, is called %s", (room, title, name) => {
    expect(roomTitle(room, title)).toBe(name);
  });
});
