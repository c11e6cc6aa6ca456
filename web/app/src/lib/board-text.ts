/** A board as a text that people and other tools can read: Markdown, columns as headings, cards as list entries. */

import type { BoardSnapshot, Card, CardId } from "@warroom/sdk";

import { t } from "../i18n/strings.ts";

/**
 * The living cards of a board, column by column. `bodies` has the descriptions that are known; a card that has one which is
 * not known says so.
 */
export function boardText(title: string, when: string, snapshot: Pick<BoardSnapshot, "columns" | "unsorted">, bodies: ReadonlyMap<CardId, string>): string {
  const lanes = snapshot.columns.map(({ title: name, cards }) => ({ name, cards }));
  if (snapshot.unsorted.length > 0) lanes.push({ name: t.board.unsorted, cards: snapshot.unsorted });
  const parts = lanes.map(({ name, cards }) => [`## ${oneLine(name)}`, "", ...cards.map((card) => entry(card, bodies.get(card.id)))].join("\n"));
  return `${[`# ${oneLine(title)}`, t.copy.by(when), ...parts].join("\n\n")}\n`;
}

function entry(card: Card, body: string | undefined): string {
  const text = body ?? (card.hasBody ? t.copy.noBody : "");
  const lines = text.trim() === "" ? [] : ["", ...text.trimEnd().split("\n"), ""];
  return [`- ${oneLine(card.title)}`, ...lines.map((line) => (line === "" ? "" : `  ${line}`))].join("\n");
}

function oneLine(text: string): string {
  const line = text.replace(/\s+/gu, " ").trim();
  return line === "" ? t.card.untitled : line;
}
