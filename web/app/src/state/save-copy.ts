/** A copy of the board as a file: for the day on which this device keeps nothing. */

import type { Board, CardId, TextHandle } from "@warroom/sdk";

import { fullMoment, later, now } from "../doors/clock.ts";
import { t } from "../i18n/strings.ts";
import { boardText } from "../lib/board-text.ts";
import { COPY_BODIES_MS_MAX } from "../lib/limits.ts";
import { roomTitle, slug } from "./rooms.svelte.ts";
import { toasts } from "./toasts.svelte.ts";

/** Offers the board with all descriptions that can be had as a Markdown file. */
export async function saveCopy(board: Board): Promise<void> {
  try {
    const { columns, unsorted, title } = board.getSnapshot();
    const cards = [...columns.flatMap((column) => column.cards), ...unsorted];
    const bodies = await bodiesOf(board, cards.filter((card) => card.hasBody).map((card) => card.id));
    const name = roomTitle(board.room, title);
    offer(boardText(name, fullMoment(now()), board.getSnapshot(), bodies), t.copy.file(slug(name)));
  } catch {
    toasts.show(t.alarm.copyFailed, null, true);
  }
}

/** The descriptions of these cards. One that does not come in time is left out. */
async function bodiesOf(board: Board, cards: readonly CardId[]): Promise<ReadonlyMap<CardId, string>> {
  const handles = cards.map((card) => board.openText({ field: "body", card }));
  try {
    const isUp = new Promise<void>((resolve) => { later(COPY_BODIES_MS_MAX, resolve); });
    await Promise.race([Promise.all(handles.map(opened)), isUp]);
    return new Map(handles.filter((handle) => handle.ready).map((handle) => [handle.target.card, handle.content]));
  } finally {
    for (const handle of handles) handle.close();
  }
}

function opened(handle: TextHandle): Promise<void> {
  return new Promise((resolve) => {
    if (handle.ready) resolve();
    else handle.onChange(() => { if (handle.ready) resolve(); });
  });
}

function offer(text: string, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/markdown;charset=utf-8" }));
  link.download = name;
  link.click();
  later(0, () => { URL.revokeObjectURL(link.href); });
}
