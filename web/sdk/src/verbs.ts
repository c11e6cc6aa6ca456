// What a person does to a board, as the engine's commands.

import type { Edit, NewAttachment } from "./api.ts";
import type {
  BlobId,
  CardId,
  Colour,
  ColumnId,
  ColumnRole,
  Command,
  CommentId,
  Conflict,
  ConflictChoice,
  ConflictOwner,
  Day,
  ItemId,
  LabelId,
  Moment,
  Person,
  Position,
  Priority,
  TalkCommand,
  UserId,
} from "./generated.ts";
import { randomId } from "./ids.ts";
import { run, Transaction } from "./transaction.ts";

/** The verbs of a board: each is one command, but for those within `transact`, which are one together. */
export abstract class Verbs {
  /** The innermost transaction whose function runs. */
  #transaction: Transaction | null = null;

  /** Sends a command that is about `id`. */
  protected abstract send(id: string, command: Command): Edit;

  transact(work: () => void): Edit {
    const [outer, transaction] = [this.#transaction, new Transaction()];
    this.#transaction = transaction;
    try {
      run(transaction, work);
    } finally {
      this.#transaction = outer;
    }
    if (outer === null) this.#sendAll(transaction);
    else transaction.join(outer);
    return transaction.edit("");
  }

  #sendAll(transaction: Transaction): void {
    try {
      transaction.settle(this.send("", { type: "transact", commands: transaction.commands }));
    } catch (thrown) {
      transaction.abandon("it could not be sent: nothing of it was done");
      throw thrown;
    }
  }

  protected edit(id: string, command: Command): Edit {
    return this.#transaction?.add(id, command) ?? this.send(id, command);
  }

  renameRoom(title: string): Edit {
    return this.edit("", { type: "renameRoom", title });
  }

  setPerson(person: Person): Edit {
    return this.edit("", { type: "setPerson", person });
  }

  addColumn(column: { title: string; role?: ColumnRole | null; position?: Position<ColumnId> }): Edit {
    const id = randomId();
    const { title, role = null, position = { at: "end" } } = column;
    return this.edit(id, { type: "addColumn", id, title, role, position });
  }

  renameColumn(id: ColumnId, title: string): Edit {
    return this.edit(id, { type: "renameColumn", id, title });
  }

  moveColumn(id: ColumnId, position: Position<ColumnId>): Edit {
    return this.edit(id, { type: "moveColumn", id, position });
  }

  setColumnRole(id: ColumnId, role: ColumnRole | null): Edit {
    return this.edit(id, { type: "setColumnRole", id, role });
  }

  setColumnWip(id: ColumnId, wip: number | null): Edit {
    return this.edit(id, { type: "setColumnWip", id, wip });
  }

  setColumnColour(id: ColumnId, colour: Colour | null): Edit {
    return this.edit(id, { type: "setColumnColour", id, colour });
  }

  deleteColumn(id: ColumnId): Edit {
    return this.edit(id, { type: "deleteColumn", id });
  }

  restoreColumn(id: ColumnId): Edit {
    return this.edit(id, { type: "restoreColumn", id });
  }

  addCard(card: { column: ColumnId; title: string; position?: Position<CardId> }): Edit {
    const id = randomId();
    const { column, title, position = { at: "end" } } = card;
    return this.edit(id, { type: "addCard", id, column, title, position });
  }

  moveCard(id: CardId, to: { column: ColumnId; position?: Position<CardId> }): Edit {
    const { column, position = { at: "end" } } = to;
    return this.edit(id, { type: "moveCard", id, column, position });
  }

  editTitle(id: CardId, title: string): Edit {
    return this.edit(id, { type: "setTitle", id, title });
  }

  archiveCard(id: CardId): Edit {
    return this.edit(id, { type: "archiveCard", id });
  }

  unarchiveCard(id: CardId): Edit {
    return this.edit(id, { type: "unarchiveCard", id });
  }

  deleteCard(id: CardId): Edit {
    return this.edit(id, { type: "deleteCard", id });
  }

  restoreCard(id: CardId): Edit {
    return this.edit(id, { type: "restoreCard", id });
  }

  restoreCardAt(id: CardId, moment: Moment, { body = true }: { readonly body?: boolean } = {}): Edit {
    return this.edit(id, { type: "restoreCardAt", id, moment, body });
  }

  resolve({ owner, field }: Conflict, choice: ConflictChoice): Edit {
    return this.edit(idOf(owner), { type: "resolveConflict", owner, field, choice: choice.id });
  }

  assign(id: CardId, person: UserId): Edit {
    return this.edit(id, { type: "assign", id, person });
  }

  unassign(id: CardId, person: UserId): Edit {
    return this.edit(id, { type: "unassign", id, person });
  }

  attachLabel(id: CardId, label: LabelId): Edit {
    return this.edit(id, { type: "attachLabel", id, label });
  }

  detachLabel(id: CardId, label: LabelId): Edit {
    return this.edit(id, { type: "detachLabel", id, label });
  }

  setDue(id: CardId, due: Day | null): Edit {
    return this.edit(id, { type: "setDue", id, due });
  }

  setPriority(id: CardId, priority: Priority): Edit {
    return this.edit(id, { type: "setPriority", id, priority });
  }

  addItem(card: CardId, item: { text: string; position?: Position<ItemId> }): Edit {
    const id = randomId();
    const { text, position = { at: "end" } } = item;
    return this.edit(id, { type: "addItem", card, id, text, position });
  }

  editItem(card: CardId, id: ItemId, text: string): Edit {
    return this.edit(id, { type: "editItem", card, id, text });
  }

  moveItem(card: CardId, id: ItemId, position: Position<ItemId>): Edit {
    return this.edit(id, { type: "moveItem", card, id, position });
  }

  setItemDone(card: CardId, id: ItemId, done: boolean): Edit {
    return this.edit(id, { type: "setItemDone", card, id, done });
  }

  deleteItem(card: CardId, id: ItemId): Edit {
    return this.edit(id, { type: "deleteItem", card, id });
  }

  restoreItem(card: CardId, id: ItemId): Edit {
    return this.edit(id, { type: "restoreItem", card, id });
  }

  addAttachment(card: CardId, file: NewAttachment): Edit {
    const { id, kind, name, mime, bytes, durationMs = null } = file;
    return this.edit(id, { type: "addAttachment", card, id, kind, name, mime, bytes, durationMs });
  }

  deleteAttachment(card: CardId, id: BlobId): Edit {
    return this.edit(id, { type: "deleteAttachment", card, id });
  }

  restoreAttachment(card: CardId, id: BlobId): Edit {
    return this.edit(id, { type: "restoreAttachment", card, id });
  }

  addLabel(label: { name: string; colour?: Colour | null }): Edit {
    const id = randomId();
    const { name, colour = null } = label;
    return this.edit(id, { type: "addLabel", id, name, colour });
  }

  renameLabel(id: LabelId, name: string): Edit {
    return this.edit(id, { type: "renameLabel", id, name });
  }

  setLabelColour(id: LabelId, colour: Colour | null): Edit {
    return this.edit(id, { type: "setLabelColour", id, colour });
  }

  deleteLabel(id: LabelId): Edit {
    return this.edit(id, { type: "deleteLabel", id });
  }

  restoreLabel(id: LabelId): Edit {
    return this.edit(id, { type: "restoreLabel", id });
  }

  addComment(card: CardId, text: string): Edit {
    const id = randomId();
    return this.#talk(id, { type: "addComment", id, card, text });
  }

  editComment(id: CommentId, text: string): Edit {
    return this.#talk(id, { type: "editComment", id, text });
  }

  deleteComment(id: CommentId): Edit {
    return this.#talk(id, { type: "deleteComment", id });
  }

  restoreComment(id: CommentId): Edit {
    return this.#talk(id, { type: "restoreComment", id });
  }

  react(id: CommentId, reaction: string | null): Edit {
    return this.#talk(id, reaction === null ? { type: "unreact", id } : { type: "react", id, reaction });
  }

  vote(card: CardId): Edit {
    return this.#talk(card, { type: "vote", card });
  }

  unvote(card: CardId): Edit {
    return this.#talk(card, { type: "unvote", card });
  }

  markSeen(card: CardId | null): Edit {
    return this.#talk(card ?? "", { type: "markSeen", card });
  }

  #talk(id: string, command: TalkCommand): Edit {
    return this.edit(id, { type: "talk", command });
  }

  undo(): Edit {
    return this.edit("", { type: "undo" });
  }

  redo(): Edit {
    return this.edit("", { type: "redo" });
  }
}

/** The id of what a conflict is about. */
function idOf(owner: ConflictOwner): string {
  switch (owner.of) {
    case "room":
      return "";
    case "column":
      return owner.column;
    case "label":
      return owner.label;
    case "card":
      return owner.card;
    case "item":
      return owner.item;
  }
}
