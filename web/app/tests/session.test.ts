/** Goal: what a session promises about undo and the focus. Method: a session on a board that writes down what it is asked to do. */

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { SEARCH_PAUSE_MS } from "../src/lib/limits.ts";
import { FIRST_TITLE } from "../src/state/session.svelte.ts";
import { toasts } from "../src/state/toasts.svelte.ts";
import { card, room, stubPage } from "./room.ts";

function press(text: string): void {
  toasts.list.find((toast) => toast.text.startsWith(text))!.action!.run();
}

beforeEach(() => {
  vi.useFakeTimers();
  stubPage();
});
afterEach(() => {
  for (const toast of toasts.list) toasts.dismiss(toast.id);
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe("the focus that is wanted", () => {
  it("is for a card on the board: one that comes back later takes the focus from nobody", () => {
    const { session, close } = room({ todo: ["a"] });
    session.focusWanted = "a";
    expect(session.focusWanted).toBe("a");
    session.focusWanted = "gone";
    expect(session.focusWanted).toBeNull();
    close();
  });
});

describe("a filter of cards", () => {
  const shown = (session: ReturnType<typeof room>["session"]): readonly (readonly string[])[] => session.lanes.map(({ cards }) => cards);

  it("is what the address says, finds in descriptions after a pause, and shows what one adds", async () => {
    const addresses = stubPage(null, "?q=B");
    const { asked, session, see, close } = room({ todo: ["a", "b", "c"], done: ["d"] });
    expect([shown(session), session.filter.isOpen]).toEqual([[["b"], []], true]);
    await vi.advanceTimersByTimeAsync(SEARCH_PAUSE_MS);
    expect([asked, shown(session)]).toEqual([["search B"], [["b", "c"], []]]);
    session.add("todo", "something else");
    see({ todo: ["a", "b", "c", "new"], done: ["d"] });
    expect(shown(session)).toEqual([["b", "c", "new"], []]);
    session.filter.ask({ text: "", when: "late" });
    expect([shown(session), addresses]).toEqual([[[], []], ["/r/room?due=late"]]);
    session.filter.clear();
    expect([shown(session), addresses.at(-1)]).toEqual([[["a", "b", "c", "new"], ["d"]], "/r/room"]);
    close();
  });

  it("hides cards, and moves none: what is undone by a message goes back among the hidden ones", () => {
    stubPage(null, "?q=a");
    const { asked, session, see, close } = room({ todo: ["a1", "b", "a2"], doing: [] });
    session.move("a1", { column: "doing", before: null });
    see({ todo: ["b", "a2"], doing: ["a1"] });
    session.add("todo", "another change");
    press("Moved");
    expect(asked.at(-1)).toBe("move a1 to todo, before b");
    close();
  });
});

describe("the first card of a board", () => {
  it.each([FIRST_TITLE, null])("goes on in the composer when somebody else was first, with the focus where it was (%s)", (focused) => {
    stubPage(focused);
    const { session, see, close } = room({});
    session.firstTitle = "half a ti";
    see({ todo: [], done: [] });
    expect([session.firstTitle, session.composing]).toEqual(["half a ti", null]);
    see({ todo: ["theirs"], done: [] });
    expect(session.draft("todo")).toBe("half a ti");
    expect([session.firstTitle, session.composing]).toEqual(["", focused === null ? null : "todo"]);
    close();
  });
});

describe("undo on a message", () => {
  it("is the board's undo while the move is the last change", () => {
    const { asked, session, close } = room({ todo: ["a"], doing: [] });
    session.move("a", { column: "doing", before: null });
    press("Moved “a”");
    expect(asked).toEqual(["move a to doing, end", "undo"]);
    close();
  });

  it("moves the card back to its place when something else was done since", () => {
    const { asked, session, close } = room({ todo: ["a", "b"], doing: [] });
    session.move("a", { column: "doing", before: null });
    session.add("todo", "c");
    press("Moved “a”");
    expect(asked).toEqual(["move a to doing, end", "add c", "move a to todo, before b"]);
    close();
  });

  it("moves a card back to the column that is gone", () => {
    const { asked, session, close } = room({ doing: [] }, [card("a", "gone")]);
    session.move("a", { column: "doing", before: null });
    session.add("doing", "c");
    press("Moved “a”");
    expect(asked.at(-1)).toBe("move a to gone, end");
    close();
  });

  it("leaves a card alone that was moved again, and says so", () => {
    const { asked, session, cards, close } = room({ todo: ["a"], doing: [], done: [] });
    session.move("a", { column: "doing", before: null });
    session.add("todo", "c");
    cards.set("a", card("a", "done"));
    press("Moved “a”");
    expect(asked).toEqual(["move a to doing, end", "add c"]);
    expect(toasts.list.at(-1)?.text).toContain("was changed after you");
    close();
  });

  it("brings a deleted card back, whatever was done since", () => {
    const { asked, session, close } = room({ todo: ["a"], doing: [] });
    session.remove("a");
    session.add("todo", "c");
    press("Deleted “a”");
    expect(asked).toEqual(["delete a", "add c", "restore a"]);
    close();
  });
});
