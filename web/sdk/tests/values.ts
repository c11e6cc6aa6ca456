// Values that tests share: cards and columns with everything filled in.

import type { Card, Column, Person, Status } from "../src/generated.ts";

export const ann: Person = { id: "ann", name: "Ann", colour: 1 };

export function column(id: string, over: Partial<Column> = {}): Column {
  return { id, title: id, order: id, role: null,
    wip: null,
    colour: null, deleted: null, damaged: false, ...over };
}

export function card(id: string, over: Partial<Card> = {}): Card {
  return {
    id,
    column: "todo",
    order: id,
    title: id,
    hasBody: false,
    bodyEdited: null,
    assignees: [],
    labels: [],
    checklist: [],
    attachments: [],
    due: null,
    priority: "normal",
    done: null,
    created: { at: 1, by: "ann" },
    archived: null,
    deleted: null,
    damaged: false,
    ...over,
  };
}

export function status(over: Partial<Status> = {}): Status {
  return {
    phase: "saved",
    editsMade: 0,
    editsStored: 0,
    editsOnRelay: 0,
    waiting: 0,
    retryAt: null,
    storage: "durable",
    quarantined: 0,
    leftOut: 0,
    ...over,
  };
}
