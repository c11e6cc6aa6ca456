// What a frontend sees of a board: snapshots in, verbs out.

import type {
  ActivityPage,
  Answer,
  AttachmentKind,
  Away,
  BlobId,
  Card,
  CardId,
  Colour,
  Column,
  ColumnId,
  ColumnRole,
  CommandErrorCode,
  Comment,
  CommentId,
  Conflict,
  ConflictChoice,
  Cursor,
  Day,
  Hover,
  Imported,
  ImportFormat,
  ItemId,
  Label,
  LabelId,
  Moment,
  Origin,
  PastCard,
  Peer,
  Person,
  Pointer,
  Position,
  Priority,
  QuestionErrorCode,
  Splice,
  StorageState,
  TextFormat,
  TextTarget,
  TypingPlace,
  UserId,
} from "./generated.ts";

/** Stops a subscription. Calling it again does nothing. */
export type Unsubscribe = () => void;

/** What a board is opened with. */
export interface BoardOptions {
  /** The relay's WebSocket address, such as `wss://relay.example.com/sync`. */
  readonly relay: string;
  /** Who works here; shown to others and written into the board's history. */
  readonly person: Person;
  /** Run the engine in a worker (default: where workers exist) or in this thread. */
  readonly worker?: boolean;
  /** Makes the worker; needed only where a bundler wants to see `new Worker(..)` in the app's own code. */
  readonly createWorker?: () => Worker;
  /** Closes the board when it fires. */
  readonly signal?: AbortSignal;
}

/** A column with its living cards, in order. */
export interface ColumnView extends Readonly<Column> {
  /** Cards that are neither archived nor deleted, in order. */
  readonly cards: readonly Card[];
}

/** What went wrong with the engine itself. */
export interface BoardFailure {
  /** `engine`: it could not be loaded or started; `trap`: it broke down again and again; `room`: there can't be such a room. */
  readonly code: "engine" | "trap" | "room";
  /** A sentence for logs and people. */
  readonly message: string;
}

/** Facts that hold in every phase. */
export interface StatusFacts {
  /** Edits of this session that the relay is not known to have on its disk. */
  readonly unsaved: number;
  /** Edits of this session that this device has not stored yet. */
  readonly unstored: number;
  /** Changes on this device, of this and earlier sessions, that the relay is not known to have. */
  readonly waiting: number;
  /** What became of this device's storage. */
  readonly storage: StorageState;
  /** Stored chunks that could not be read; they are kept apart, never deleted. */
  readonly quarantined: number;
  /** Changes of others that would make the engine fail and are kept out of the documents in memory. */
  readonly leftOut: number;
  /** When the board last became `saved` (milliseconds since 1970). */
  readonly lastSavedAt: number | null;
}

/**
 * The state of a board on this device.
 *
 * `opening`: being read from this device. `offline`: no connection, editing goes on. `connecting`: a connection is being
 * made. `syncing`: connected, something is not on the relay or not here yet. `saved`: everything is on the relay's disk.
 * `failed`: the engine does not run; `retry()` tries again. `closed`: after `close()`.
 */
export type BoardStatus = StatusFacts &
  (
    | { readonly phase: "opening" }
    | { readonly phase: "offline"; readonly retryAt: number | null }
    | { readonly phase: "connecting" }
    | { readonly phase: "syncing" }
    | { readonly phase: "saved" }
    | { readonly phase: "failed"; readonly error: BoardFailure }
    | { readonly phase: "closed" }
  );

/** What was said about one card. */
export interface CardTalk {
  /** Comments that are not deleted, newest last. */
  readonly comments: readonly Comment[];
  /** Deleted comments, newest last; they can be restored. */
  readonly deletedComments: readonly Comment[];
  /** How many comments of others I have not seen ({@link Board.markSeen}). */
  readonly unread: number;
  /** Who voted for the card, in the order of their ids. */
  readonly votes: readonly UserId[];
  /** Whether I did. */
  readonly voted: boolean;
  /** By person: when the newest comment that they have seen was written (milliseconds since 1970). */
  readonly seen: Readonly<Record<UserId, number>>;
}

/** What is said in the room. It is read after the board. */
export interface TalkView {
  /** False until this device's copy has been read; verbs wait so long. */
  readonly ready: boolean;
  /** The talk was made by a newer version: verbs are refused. */
  readonly readOnly: boolean;
  /** Cards about which something was said, that were voted for or seen. What did not change keeps its identity. */
  readonly cards: ReadonlyMap<CardId, CardTalk>;
  /** By person: when they last saw the board (milliseconds since 1970). */
  readonly seen: ReadonlyMap<UserId, number>;
}

/** The board at one moment. Immutable: what did not change since the last snapshot keeps its identity. */
export interface BoardSnapshot {
  /** False until this device's copy has been read. */
  readonly ready: boolean;
  /** The room's title; empty until somebody gives one. */
  readonly title: string;
  /** Columns that are not deleted, in order, each with its living cards. */
  readonly columns: readonly ColumnView[];
  /** Living cards whose column is deleted or unknown here, in order. */
  readonly unsorted: readonly Card[];
  /** Archived cards that are not deleted, latest first. */
  readonly archived: readonly Card[];
  /** Deleted cards, latest first. */
  readonly deletedCards: readonly Card[];
  /** Deleted columns, latest first. */
  readonly deletedColumns: readonly Column[];
  /** Every label, deleted ones included, by id. */
  readonly labels: ReadonlyMap<LabelId, Label>;
  /** Everybody who ever wrote here, by id. */
  readonly people: ReadonlyMap<string, Person>;
  /** Comments, votes and read markers. */
  readonly talk: TalkView;
  /** Everybody else who is here now, in the order of their peer ids. */
  readonly peers: readonly Peer[];
  /** How safe the edits are. */
  readonly status: BoardStatus;
  /** The board was made by a newer version: verbs are refused. */
  readonly readOnly: boolean;
}

/** Why a verb changed nothing. */
export type RefusalCode =
  | CommandErrorCode
  /** The engine could not read the command: SDK and engine are of different versions. */
  | "badCommand"
  /** The board is closed, or the queue of waiting edits is full. */
  | "closed"
  | "queueFull"
  /** The function that was given to {@link Board.transact} threw. */
  | "abandoned"
  /** The engine broke down over an undo or redo, which may be done or not. */
  | "brokeDown";

/** A verb that changed nothing, and why. */
export class CommandRefused extends Error {
  /** Which reason. */
  readonly code: RefusalCode;

  constructor(code: RefusalCode, message: string) {
    super(message);
    this.name = "CommandRefused";
    this.code = code;
  }
}

/** Why a question was not answered. */
export type QuestionCode =
  | QuestionErrorCode
  /** The engine could not read the question: SDK and engine are of different versions. */
  | "badCommand"
  /** The board is closed. */
  | "closed"
  /** Two engines broke down while they worked on it. */
  | "brokeDown";

/** A question that was not answered, and why. */
export class QuestionRefused extends Error {
  /** Which reason. */
  readonly code: QuestionCode;

  constructor(code: QuestionCode, message: string) {
    super(message);
    this.name = "QuestionRefused";
    this.code = code;
  }
}

/** Why a file was not imported. */
export type ImportCode =
  | CommandErrorCode
  /** The file is not as it has to be: the message says where, what and what to do. */
  | "badFile"
  /** What reads this format could not be loaded: try again with a network. */
  | "noFormats"
  /** The engine does not know the format: SDK and engine are of different versions. */
  | "badCommand"
  /** The board is closed. */
  | "closed"
  /** The engine broke down over it. Look at the board before you try again: some of the file may be there. */
  | "brokeDown";

/** A file that was not imported, and why. */
export class ImportRefused extends Error {
  /** Which reason. */
  readonly code: ImportCode;

  constructor(code: ImportCode, message: string) {
    super(message);
    this.name = "ImportRefused";
    this.code = code;
  }
}

/** What a search found. */
export type Found = Extract<Answer, { type: "found" }>;

/** What is asked of {@link Board.history}. */
export interface ActivityOptions {
  /** To this card alone, with what was typed in its body. */
  readonly card?: CardId;
  /** Where the page begins: the `next` of the page before; now by default. */
  readonly before?: Cursor | null;
  /** How many entries at most (50; no page has more than 200). */
  readonly limit?: number;
}

/** What others changed since a moment, and the moment that is seen with it. */
export interface SinceAway extends Away {
  readonly seen: Moment;
}

/** A board as it was: no person is there and nothing of it is on its way. */
export type PastBoard = Omit<BoardSnapshot, "talk" | "peers" | "status">;

/** An edit on its way. Nobody has to wait for it: it shows in the next snapshot. */
export interface Edit {
  /** The id of what the verb is about; empty for `transact`, `undo`, `redo`, `renameRoom` and `setPerson`. */
  readonly id: string;
  /** Resolves when this device has it on disk. Rejects with {@link CommandRefused}. */
  stored(): Promise<void>;
  /** Resolves when the relay has it on its disk. Rejects with {@link CommandRefused}. */
  saved(): Promise<void>;
}

/** Something a person may want to be told once. */
export type Notice =
  /** An undo was skipped, because somebody changed the same thing since. */
  | { readonly type: "undoSkipped"; readonly card: CardId | null }
  /** A verb was refused; nothing was changed, or, where a card is made again with its body, not all. */
  | { readonly type: "refused"; readonly code: RefusalCode; readonly message: string }
  /** The engine broke down and was started again, and these edits of the last moments could not be kept. */
  | { readonly type: "notKept"; readonly edits: number };

/** One change of an open text. */
export interface TextChange {
  /** `local`: by this handle's `splice`; `remote`: by somebody else; `reset`: the whole content is new. */
  readonly origin: Origin | "reset";
  /** What was replaced, in the content before it. For a reset: everything. */
  readonly splice: Splice;
}

/** A title or a body, open for typing by several people at once. Positions are UTF-16 units, as the DOM counts. */
export interface TextHandle {
  /** Which text. */
  readonly target: TextTarget;
  /** False until the engine has opened it; typing before that is kept and joined with what it finds. */
  readonly ready: boolean;
  /** What it says now, own typing included at once. */
  readonly content: string;
  /** Replaces `remove` units at `at` by `insert`. Positions are brought into range. */
  splice(at: number, remove: number, insert: string): void;
  /** Makes the content this, by the smallest splice. */
  replace(content: string): void;
  /** Calls `listener` after each change, in order. */
  onChange(listener: (change: TextChange) => void): Unsubscribe;
  /** Writes out what was typed (blur, hidden page). */
  flush(): void;
  /** Writes out what was typed and stops. */
  close(): void;
  [Symbol.dispose](): void;
}

/** Why a grab is over although it was not released. */
export type GrabLost =
  /** `denied`: somebody was moving one of them already. `revoked`: somebody picked one up first. `by` has it. */
  | { readonly reason: "denied" | "revoked"; readonly card: CardId; readonly by: Peer }
  /** Nothing was carried for a minute. */
  | { readonly reason: "expired"; readonly cards: readonly CardId[] };

/** Cards in the hand. Lift at once; when it is lost put them back and commit nothing. */
export interface Grab {
  /** False once it was lost or released. */
  readonly held: boolean;
  /** The cards hover here now. */
  carry(hover: Hover | null): void;
  /** Put down; commit the move first, so that others never see them loose but unmoved. */
  release(): void;
}

/** Who is here and what they do; what I do. Never stored. */
export interface BoardPresence {
  /** I have this card open, or none. */
  viewing(card: CardId | null): void;
  /** I type here, or stopped. Ends a second after the last call: call it with every key. */
  typing(place: TypingPlace | null): void;
  /** My pointer is here, or left the board. */
  pointing(pointer: Pointer | null): void;
  /** No input from me for a while, or the page is hidden. */
  idle(idle: boolean): void;
  /** I pick these cards up. `lost` is called at most once, and not before this returns. */
  grab(cards: readonly CardId[], lost: (loss: GrabLost) => void): Grab;
  /** Everybody else who is here, in the order of their peer ids. */
  getPeers(): readonly Peer[];
  /** Calls `listener` with the peers now and after each change. */
  subscribe(listener: (peers: readonly Peer[]) => void): Unsubscribe;
}

/** What is said of a file. */
export interface NewAttachment {
  /** SHA-256 of its bytes as 43 characters of base64url. */
  readonly id: BlobId;
  readonly kind: AttachmentKind;
  readonly name: string;
  /** Its media type. */
  readonly mime: string;
  /** Its size in bytes. */
  readonly bytes: number;
  /** How long it plays, in milliseconds. */
  readonly durationMs?: number | null;
}

/** A room on this device. */
export interface Board {
  /** The name or `automerge:` address it was opened with. */
  readonly room: string;
  /** Who is here. */
  readonly presence: BoardPresence;

  /** The board now. The same object until something changes. */
  getSnapshot(): BoardSnapshot;
  /** Calls `listener` with the snapshot now and after each change (the Svelte store contract; React: `useSyncExternalStore`). */
  subscribe(listener: (snapshot: BoardSnapshot) => void): Unsubscribe;
  /** Calls `listener` with what a person may want to be told. */
  onNotice(listener: (notice: Notice) => void): Unsubscribe;
  /** A card by its id, archived and deleted ones included. */
  card(id: CardId): Card | undefined;

  renameRoom(title: string): Edit;
  setPerson(person: Person): Edit;

  addColumn(column: { title: string; role?: ColumnRole | null; position?: Position<ColumnId> }): Edit;
  renameColumn(id: ColumnId, title: string): Edit;
  moveColumn(id: ColumnId, position: Position<ColumnId>): Edit;
  setColumnRole(id: ColumnId, role: ColumnRole | null): Edit;
  /** How many cards it should hold at most: a warning to show, never a rule. */
  setColumnWip(id: ColumnId, wip: number | null): Edit;
  setColumnColour(id: ColumnId, colour: Colour | null): Edit;
  deleteColumn(id: ColumnId): Edit;
  restoreColumn(id: ColumnId): Edit;

  addCard(card: { column: ColumnId; title: string; position?: Position<CardId> }): Edit;
  moveCard(id: CardId, to: { column: ColumnId; position?: Position<CardId> }): Edit;
  /** Replaces a whole title by its smallest difference; for typing use {@link Board.openText}. */
  editTitle(id: CardId, title: string): Edit;
  archiveCard(id: CardId): Edit;
  unarchiveCard(id: CardId): Edit;
  deleteCard(id: CardId): Edit;
  restoreCard(id: CardId): Edit;
  assign(id: CardId, person: UserId): Edit;
  unassign(id: CardId, person: UserId): Edit;
  attachLabel(id: CardId, label: LabelId): Edit;
  detachLabel(id: CardId, label: LabelId): Edit;
  /** The day it is due, `YYYY-MM-DD`. */
  setDue(id: CardId, due: Day | null): Edit;
  setPriority(id: CardId, priority: Priority): Edit;

  addItem(card: CardId, item: { text: string; position?: Position<ItemId> }): Edit;
  editItem(card: CardId, id: ItemId, text: string): Edit;
  moveItem(card: CardId, id: ItemId, position: Position<ItemId>): Edit;
  setItemDone(card: CardId, id: ItemId, done: boolean): Edit;
  deleteItem(card: CardId, id: ItemId): Edit;
  restoreItem(card: CardId, id: ItemId): Edit;

  /** Says that a file belongs to a card. Its bytes are kept elsewhere, under their hash. */
  addAttachment(card: CardId, file: NewAttachment): Edit;
  deleteAttachment(card: CardId, id: BlobId): Edit;
  restoreAttachment(card: CardId, id: BlobId): Edit;

  addLabel(label: { name: string; colour?: Colour | null }): Edit;
  renameLabel(id: LabelId, name: string): Edit;
  setLabelColour(id: LabelId, colour: Colour | null): Edit;
  /** Cards keep a deleted label, so that restoring shows it again. */
  deleteLabel(id: LabelId): Edit;
  restoreLabel(id: LabelId): Edit;

  /** Says something about a card (Markdown). */
  addComment(card: CardId, text: string): Edit;
  /** Replaces the text of a comment of mine; others' are refused with `notYours`. */
  editComment(id: CommentId, text: string): Edit;
  deleteComment(id: CommentId): Edit;
  restoreComment(id: CommentId): Edit;
  /** Reacts to a comment with an emoji or a short word, in place of my earlier reaction; null takes it back. */
  react(id: CommentId, reaction: string | null): Edit;
  vote(card: CardId): Edit;
  unvote(card: CardId): Edit;
  /**
   * I have read the comments on this card, or (null) seen the board. Shown at once; others hear of it within ten
   * seconds. It is no edit that is waited for: `stored()` and `saved()` speak of the edits before it, and a breakdown may forget it.
   */
  markSeen(card: CardId | null): Edit;

  /**
   * Does what the verbs that `work` calls do, together or not at all: one change, and one step to undo. The verbs give their ids at
   * once; when the engine has answered, one snapshot shows all of it, and each `saved()` speaks of all. Where one is refused, nothing is
   * done, and the message says which. Where `work` throws, nothing is done either. `work` must not be `async`: that throws, but can't
   * stop what follows its first `await`, where each verb is an edit of its own. Within another
   * `transact` it is a part of that. Not among them may be `undo`, `redo`, `setPerson`, `markSeen` and `restoreCardAt`, which throw; typing in an open text goes its own way.
   * More than 500 verbs or 128 KiB of texts are refused.
   */
  transact(work: () => void): Edit;

  /** Takes back my last undoable edit, where its effect still stands. */
  undo(): Edit;
  /** Does again what my last undo took back, where that still stands. Another edit of mine ends it. */
  redo(): Edit;

  /**
   * Which cards hold every word of `text`: in the title, the checklist, the names of labels and people, the body, or a comment, as far
   * as these are on this device. Upper and lower case are alike. Rejects with {@link QuestionRefused}.
   */
  search(text: string): Promise<Found>;

  /**
   * The room as a file: `json` with everything, `markdown` for Obsidian's Kanban plugin, `csv` for a spreadsheet. Bodies are those
   * that are on this device. Rejects with {@link QuestionRefused}: with `noFormats` where what writes Markdown and CSV could not be
   * loaded, which is fetched when it is first needed, with `tooLarge` where it can't write this board, which `json` still can; see
   * `docs/FORMATS.md`.
   */
  export(format: TextFormat): Promise<string>;
  /**
   * Puts on the board what a file says, wholly or not at all, as one step to undo: `trello` is the JSON that Trello exports. On a
   * board that nobody has touched the file's columns take the place of the first ones, on any other the cards come behind those that
   * are there. It waits until the board and what
   * was said have been read; when it resolves, the snapshot shows it. Rejects with {@link ImportRefused}.
   */
  importFile(format: ImportFormat, text: string): Promise<Imported>;
  /**
   * The room as one file, with the history of all that is on this device. Rejects with {@link QuestionRefused}: with `tooLarge` where
   * the file could not be imported again.
   */
  exportRoom(): Promise<Uint8Array>;
  /**
   * Takes in what the file of this room ({@link exportRoom}) has more, as if somebody had brought it: nothing comes twice. The file
   * of another room is refused. Rejects with {@link ImportRefused}.
   */
  importRoom(file: Uint8Array): Promise<Imported>;

  /**
   * What happened, newest first, a page at a time. A page may be shorter than asked for, even empty, while its `next` names another. The
   * id of an entry is a moment, but for one that tells of a comment: `{ kind: "heads", heads: [entry.id] }` is just after it. Rejects with {@link QuestionRefused}.
   */
  history(options?: ActivityOptions): Promise<ActivityPage>;
  /** The board as it was. Rejects with {@link QuestionRefused}. */
  at(moment: Moment): Promise<PastBoard>;
  /** Every register that several people wrote at the same time, with their values. Rejects with {@link QuestionRefused}. */
  conflicts(): Promise<readonly Conflict[]>;
  /** Settles one: writes one of its values anew. */
  resolve(conflict: Conflict, choice: ConflictChoice): Edit;
  /**
   * What others changed since a moment, summed up for each card; `seen` is the moment to ask from next time. Rejects with
   * {@link QuestionRefused}.
   */
  away(since: Moment): Promise<SinceAway>;
  /** A card as it was, with its body; its `card` is null where it was not there yet. Rejects with {@link QuestionRefused}. */
  cardAt(card: CardId, moment: Moment): Promise<PastCard>;

  /**
   * Makes a card again as it was: what differs is written, and nothing else; with its body, unless that is not wanted. Where the body has
   * to be read first, it follows in a moment; what goes wrong then is told by a {@link Notice}.
   */
  restoreCardAt(card: CardId, moment: Moment, options?: { readonly body?: boolean }): Edit;

  /** Opens a title or body for typing. Several handles on one text share it. */
  openText(target: TextTarget): TextHandle;

  /** Writes out all typing; call it when the page is hidden. */
  flush(): void;
  /** Connects now instead of when the pause is over; starts a failed engine again. */
  retry(): void;
  /** Writes out, says goodbye, stops. Further verbs are refused with `closed`. */
  close(): void;
  [Symbol.dispose](): void;
}
