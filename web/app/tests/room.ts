/** A room for tests without a browser: a page that has nothing, and a session on a board that writes down what it is asked to do. */

import type { Board, BoardSnapshot, Card, ColumnView, Edit } from "@warroom/sdk";
import { vi } from "vitest";

import { Session } from "../src/state/session.svelte.ts";

/**
 * Puts in place what a session asks of a page, until `vi.unstubAllGlobals()`. `focused`: the id of what has the focus. `search`: what the
 * address says after its question mark. Answers what was written there since.
 */
export function stubPage(focused: string | null = null, search = ""): string[] {
  const page = new EventTarget();
  const addresses: string[] = [];
  vi.stubGlobal("location", { pathname: "/r/room", search });
  vi.stubGlobal("history", { state: null, replaceState: (_state: unknown, _title: string, address: string) => { addresses.push(address); } });
  vi.stubGlobal("removeEventListener", (...given: Parameters<EventTarget["removeEventListener"]>) => { page.removeEventListener(...given); });
  const listen = (...given: Parameters<EventTarget["addEventListener"]>): void => { page.addEventListener(...given); };
  vi.stubGlobal("addEventListener", listen);
  vi.stubGlobal("document", { hidden: false, activeElement: focused === null ? null : { id: focused }, addEventListener: listen });
  vi.stubGlobal("HTMLElement", EventTarget);
  vi.stubGlobal("navigator", { onLine: true });
  const stored = new Map<string, string>();
  vi.stubGlobal("localStorage", {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => { stored.set(key, value); },
    removeItem: (key: string) => { stored.delete(key); },
  });
  return addresses;
}

const STAMP = { at: 0, by: "adam" };
/** A card in a column. */
export const card = (id: string, column: string): Card =>
  ({ id, column, title: id, created: STAMP, bodyEdited: null, archived: null, deleted: null, hasBody: false, damaged: false }) as unknown as Card;

/** A board with these cards by column; columns that are not named are gone, and their cards unsorted. */
export function room(columns: Readonly<Record<string, readonly string[]>>, unsorted: readonly Card[] = []) {
  const asked: string[] = [];
  const edit = (what: string): Edit => {
    asked.push(what);
    return { id: "new", stored: () => Promise.resolve(), saved: () => Promise.resolve() };
  };
  const viewsOf = (shown: typeof columns): readonly ColumnView[] =>
    Object.entries(shown).map(([id, ids]) => ({ id, title: id, role: null, cards: ids.map((one) => card(one, id)) }) as unknown as ColumnView);
  const views = viewsOf(columns);
  const cards = new Map([...views.flatMap((view) => view.cards), ...unsorted].map((one) => [one.id, one]));
  const status = { phase: "saved", unsaved: 0, unstored: 0, waiting: 0, storage: "durable", quarantined: 0, leftOut: 0, lastSavedAt: null };
  const snapshot = { ready: true, title: "", columns: views, unsorted, archived: [], deletedCards: [], deletedColumns: [], labels: new Map(), people: new Map(), peers: [], status, readOnly: false };
  const nothing = (): void => undefined;
  let hear: (snapshot: BoardSnapshot) => void = nothing;
  const board = {
    room: "room",
    presence: { idle: nothing, typing: nothing, viewing: nothing },
    getSnapshot: () => snapshot as unknown as BoardSnapshot,
    subscribe: (listener: (snapshot: BoardSnapshot) => void) => {
      hear = listener;
      return nothing;
    },
    onNotice: () => nothing,
    card: (id: string) => cards.get(id),
    moveCard: (id: string, to: { column: string; position: { at: string; id?: string } }) => {
      cards.set(id, card(id, to.column));
      return edit(`move ${id} to ${to.column}, ${to.position.at} ${to.position.id ?? ""}`.trim());
    },
    addCard: ({ title }: { title: string }) => edit(`add ${title}`),
    deleteCard: (id: string) => edit(`delete ${id}`),
    restoreCard: (id: string) => edit(`restore ${id}`),
    search: (text: string) => {
      asked.push(`search ${text}`);
      return Promise.resolve({ type: "found", hits: [{ card: "c" }], more: false });
    },
    undo: () => edit("undo"),
    redo: () => edit("redo"),
    close: nothing,
  };
  const session = new Session(board as unknown as Board, { id: "adam", name: "Adam", colour: 0 });
  /** The board has these cards now. */
  const see = (next: typeof columns): void => { hear({ ...snapshot, columns: viewsOf(next) } as unknown as BoardSnapshot); };
  return { asked, session, cards, see, close: () => { session.close(); } };
}
