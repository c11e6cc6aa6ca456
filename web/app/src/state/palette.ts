/** What the command palette offers: things to do, cards to open, rooms to go to. */

import { paletteWords as words } from "../i18n/palette.ts";
import { t } from "../i18n/strings.ts";
import { PALETTE_ROWS_MAX } from "../lib/limits.ts";
import { matchesWords, wordsOf } from "../lib/words.ts";
import { rooms, roomTitle } from "./rooms.svelte.ts";
import { router } from "./route.svelte.ts";
import { titleOf, UNSORTED, type Session } from "./session.svelte.ts";
import { share } from "./share.ts";
import { theme } from "./theme.svelte.ts";

/** One row. */
export interface Offer {
  readonly key: string;
  readonly group: keyof typeof words.groups;
  readonly label: string;
  /** Where it is, or which key does the same. */
  readonly note?: string;
  readonly run: () => void;
}

/** What fits the words that were typed, the best first. `showShortcuts`: opens the keyboard sheet. */
export function offers(session: Session, text: string, showShortcuts: () => void): readonly Offer[] {
  const sought = wordsOf(text);
  const fitting = (list: readonly Offer[], most: number): readonly Offer[] => list.filter(({ label }) => matchesWords(label, sought)).slice(0, most);
  const cards = sought.length === 0 ? [] : fitting(cardsOf(session), PALETTE_ROWS_MAX);
  return [...cards, ...fitting(actionsOf(session, showShortcuts), PALETTE_ROWS_MAX), ...fitting(roomsOf(session), PALETTE_ROWS_MAX)];
}

function cardsOf(session: Session): readonly Offer[] {
  const lanes = [...session.snapshot.columns, { id: UNSORTED, cards: session.snapshot.unsorted }];
  return lanes.flatMap(({ id, cards }) => cards.map((card): Offer => ({
    key: `card ${card.id}`,
    group: "card",
    label: titleOf(card),
    note: words.on(session.laneTitle(id)),
    run: () => { router.go({ name: "board", room: session.board.room, card: card.id }); },
  })));
}

function actionsOf(session: Session, showShortcuts: () => void): readonly Offer[] {
  const { room } = session.board;
  const does = (key: string, label: string, note: string | null, run: () => void): Offer => ({ key, group: "do", label, ...(note === null ? {} : { note }), run });
  const first = session.snapshot.columns[0];
  const writing = session.snapshot.readOnly || !session.snapshot.ready ? [] : [
    ...(first === undefined ? [] : [does("new", words.newCard(first.title), "N", () => { session.composing = first.id; })]),
    does("undo", t.undo.undo, t.keys.undo, () => { session.undo(); }),
    does("redo", t.undo.redo, t.keys.redo, () => { session.redo(); }),
  ];
  return [
    ...writing,
    does("find", t.header.find, t.keys.find, () => { session.filter.isOpen = true; }),
    does("activity", t.header.activity, null, () => { router.go({ name: "board", room, card: null, side: "activity" }); }),
    does("archive", t.header.archive, null, () => { router.go({ name: "board", room, card: null, side: "archive" }); }),
    does("share", t.header.share, null, () => { void share(room); }),
    does("theme", theme.name === "dark" ? t.theme.toLight : t.theme.toDark, null, () => { theme.toggle(); }),
    does("keys", t.shortcuts.title, "?", showShortcuts),
    does("lobby", t.rail.lobby, null, () => { router.go({ name: "lobby" }); }),
  ];
}

function roomsOf(session: Session): readonly Offer[] {
  const others = rooms.list.filter(({ room }) => room !== session.board.room);
  return others.map(({ room, title }): Offer => ({
    key: `room ${room}`,
    group: "room",
    label: roomTitle(room, title),
    run: () => { router.go({ name: "board", room, card: null }); },
  }));
}
