/** "While you were away" in one line, wherever one is; the activity has the rest. */

import type { SinceAway } from "@warroom/sdk";

import { t } from "../i18n/strings.ts";
import { router } from "./route.svelte.ts";
import type { Session } from "./session.svelte.ts";
import { toasts } from "./toasts.svelte.ts";

/** Tells what others changed. It stays on screen where it was much. */
export function tellAway(session: Session, { changes, by, cards: [first, ...more] }: SinceAway): void {
  const who = t.and(by.map((user) => session.nameOf(user)));
  const text = first === undefined ? t.away.board(who) : more.length > 0 ? t.away.many(who, changes, more.length + 1) : t.away.one(who, session.titleOf(first.card), first.changes);
  const show = (): void => { router.go({ name: "board", room: session.board.room, card: null, side: "activity" }); };
  toasts.show(text, { label: t.away.show, run: show }, more.length > 0);
}
