// The values of the engine. Made from the Rust types by
// `cargo run -p warroom-engine --features typescript --bin types`; a test compares, so never edit it by hand.

/**
 * One card. Made by whoever creates the card, so that a caller has it at once.
 */
export type CardId = string;

/**
 * One column.
 */
export type ColumnId = string;

/**
 * One label.
 */
export type LabelId = string;

/**
 * One item of a checklist.
 */
export type ItemId = string;

/**
 * One comment.
 */
export type CommentId = string;

/**
 * The content of a file: SHA-256 of its bytes as 43 characters of base64url.
 */
export type BlobId = string;

/**
 * One person: the principal of an access token, or a random id kept by the device where the relay runs open.
 */
export type UserId = string;

/**
 * Who did something, and when (milliseconds since 1970, as their clock said).
 */
export type Stamp = { 
/**
 * When, in milliseconds since 1970-01-01 UTC. Never used for ordering.
 */
at: number, 
/**
 * Who.
 */
by: UserId, };

/**
 * A day from 0001-01-01 to 9999-12-31 of the Gregorian calendar, written `YYYY-MM-DD` (ISO 8601), so that days sort as
 * texts do.
 */
export type Day = string;

/**
 * How urgent a card is.
 */
export type Priority = "low" | "normal" | "high" | "urgent";

/**
 * A colour of a label or a column, by its name; how it looks is the app's affair.
 */
export type Colour = "red" | "orange" | "yellow" | "green" | "teal" | "blue" | "violet" | "pink" | "brown" | "grey";

/**
 * A label that cards can have.
 */
export type Label = { 
/**
 * Which label.
 */
id: LabelId, 
/**
 * Its name.
 */
name: string, 
/**
 * Its colour, if it has one that is known here.
 */
colour: Colour | null, 
/**
 * It is deleted: cards keep it, and show it again when it is restored.
 */
deleted: boolean, 
/**
 * A value had a wrong type and a default is shown instead.
 */
damaged: boolean, };

/**
 * One line of a checklist. Items are ordered by (`order`, `id`), both as bytes.
 */
export type ChecklistItem = { 
/**
 * Which item.
 */
id: ItemId, 
/**
 * What is to be done.
 */
text: string, 
/**
 * It is done.
 */
done: boolean, 
/**
 * Its fractional order key.
 */
order: string, };

/**
 * What an attachment is.
 */
export type AttachmentKind = "file" | "voice";

/**
 * A file at a card: what is said of it. Its bytes lie outside of the document, under their hash.
 */
export type Attachment = { 
/**
 * The hash of its bytes.
 */
id: BlobId, 
/**
 * What it is.
 */
kind: AttachmentKind, 
/**
 * Its file name.
 */
name: string, 
/**
 * Its media type, as the browser said; not to be trusted.
 */
mime: string, 
/**
 * Its size in bytes.
 */
bytes: number, 
/**
 * How long it plays, in milliseconds.
 */
durationMs: number | null, 
/**
 * Who put it there, and when.
 */
added: Stamp, };

/**
 * A card's face. The order of cards in a column is that of (`order`, `id`), both as bytes.
 */
export type Card = { 
/**
 * Which card.
 */
id: CardId, 
/**
 * The column it names; a column that is deleted or unknown means the lane *Unsorted*.
 */
column: ColumnId, 
/**
 * Its fractional order key in the column.
 */
order: string, 
/**
 * Its title.
 */
title: string, 
/**
 * Whether it has a body (a document of its own).
 */
hasBody: boolean, 
/**
 * Who last wrote in the body, within five minutes.
 */
bodyEdited: Stamp | null, 
/**
 * Who works on it, in the order of their ids.
 */
assignees: Array<UserId>, 
/**
 * Its labels, in the order of their ids; some may be deleted or unknown here.
 */
labels: Array<LabelId>, 
/**
 * Its checklist without deleted items, in order.
 */
checklist: Array<ChecklistItem>, 
/**
 * Its files and voice notes without deleted ones, in the order of their ids.
 */
attachments: Array<Attachment>, 
/**
 * The day it is due.
 */
due: Day | null, 
/**
 * How urgent it is.
 */
priority: Priority, 
/**
 * Who created it.
 */
created: Stamp, 
/**
 * Who moved it into a column of the role [`ColumnRole::Done`], while it has not left such columns. Counts only while
 * it is in one: of two moves at the same time one may win the place and the other this.
 */
done: Stamp | null, 
/**
 * Who archived it, while it is archived.
 */
archived: Stamp | null, 
/**
 * Who deleted it, while it is deleted. An edit after a deletion stays, and restoring brings all of it back.
 */
deleted: Stamp | null, 
/**
 * A value had a wrong type and a default is shown instead.
 */
damaged: boolean, };

/**
 * What a column means for the flow of work.
 */
export type ColumnRole = "todo" | "doing" | "done";

/**
 * A column. Columns are ordered by (`order`, `id`), both as bytes.
 */
export type Column = { 
/**
 * Which column.
 */
id: ColumnId, 
/**
 * Its title.
 */
title: string, 
/**
 * Its fractional order key.
 */
order: string, 
/**
 * What it means, if it says so.
 */
role: ColumnRole | null, 
/**
 * How many cards it should hold at most: a warning in the view, never a rule.
 */
wip: number | null, 
/**
 * Its colour, if it has one that is known here.
 */
colour: Colour | null, 
/**
 * Who deleted it, while it is deleted.
 */
deleted: Stamp | null, 
/**
 * A value had a wrong type and a default is shown instead.
 */
damaged: boolean, };

/**
 * Last known display data of a person, so that history reads well offline.
 */
export type Person = { 
/**
 * Who.
 */
id: UserId, 
/**
 * Display name.
 */
name: string, 
/**
 * Index into the palette of 12 presence colours.
 */
colour: number, };

/**
 * Where something goes in an ordered list, by its neighbours, which stay right whatever others do meanwhile.
 */
export type Position<Id> = { "at": "start" } | { "at": "end" } | { "at": "before", 
/**
 * The neighbour.
 */
id: Id, } | { "at": "after", 
/**
 * The neighbour.
 */
id: Id, };

/**
 * A text that several people may type in at once.
 */
export type TextTarget = { "field": "title", 
/**
 * Which card.
 */
card: CardId, } | { "field": "body", 
/**
 * Which card.
 */
card: CardId, };

/**
 * A replacement in a text, in UTF-16 units, as the DOM counts.
 */
export type Splice = { 
/**
 * Position of the first unit replaced.
 */
at: number, 
/**
 * Units removed.
 */
delete: number, 
/**
 * Text put in their place.
 */
insert: string, };

/**
 * One intent of a person in the talk of a room.
 */
export type TalkCommand = { "type": "addComment", 
/**
 * A fresh id.
 */
id: CommentId, 
/**
 * About which card.
 */
card: CardId, 
/**
 * What (Markdown).
 */
text: string, } | { "type": "editComment", 
/**
 * Which.
 */
id: CommentId, 
/**
 * New text.
 */
text: string, } | { "type": "deleteComment", 
/**
 * Which.
 */
id: CommentId, } | { "type": "restoreComment", 
/**
 * Which.
 */
id: CommentId, } | { "type": "react", 
/**
 * To which.
 */
id: CommentId, 
/**
 * An emoji, or a short word.
 */
reaction: string, } | { "type": "unreact", 
/**
 * To which comment.
 */
id: CommentId, } | { "type": "vote", 
/**
 * Which.
 */
card: CardId, } | { "type": "unvote", 
/**
 * For which card.
 */
card: CardId, } | { "type": "markSeen", 
/**
 * Which card; none: the board.
 */
card: CardId | null, };

/**
 * One intent of a person.
 */
export type Command = { "type": "renameRoom", 
/**
 * New title.
 */
title: string, } | { "type": "addColumn", 
/**
 * A fresh id.
 */
id: ColumnId, 
/**
 * Its title.
 */
title: string, 
/**
 * What it means.
 */
role: ColumnRole | null, 
/**
 * Where.
 */
position: Position<ColumnId>, } | { "type": "renameColumn", 
/**
 * Which.
 */
id: ColumnId, 
/**
 * New title.
 */
title: string, } | { "type": "moveColumn", 
/**
 * Which.
 */
id: ColumnId, 
/**
 * Where to.
 */
position: Position<ColumnId>, } | { "type": "setColumnRole", 
/**
 * Which.
 */
id: ColumnId, 
/**
 * What it means, or none.
 */
role: ColumnRole | null, } | { "type": "setColumnWip", 
/**
 * Which.
 */
id: ColumnId, 
/**
 * The limit, or none.
 */
wip: number | null, } | { "type": "setColumnColour", 
/**
 * Which.
 */
id: ColumnId, 
/**
 * The colour, or none.
 */
colour: Colour | null, } | { "type": "deleteColumn", 
/**
 * Which.
 */
id: ColumnId, } | { "type": "restoreColumn", 
/**
 * Which.
 */
id: ColumnId, } | { "type": "addCard", 
/**
 * A fresh id.
 */
id: CardId, 
/**
 * In which column.
 */
column: ColumnId, 
/**
 * Its title.
 */
title: string, 
/**
 * Where in the column.
 */
position: Position<CardId>, } | { "type": "moveCard", 
/**
 * Which.
 */
id: CardId, 
/**
 * To which column.
 */
column: ColumnId, 
/**
 * Where in the column.
 */
position: Position<CardId>, } | { "type": "archiveCard", 
/**
 * Which.
 */
id: CardId, } | { "type": "unarchiveCard", 
/**
 * Which.
 */
id: CardId, } | { "type": "deleteCard", 
/**
 * Which.
 */
id: CardId, } | { "type": "restoreCard", 
/**
 * Which.
 */
id: CardId, } | { "type": "setTitle", 
/**
 * Which.
 */
id: CardId, 
/**
 * New title.
 */
title: string, } | { "type": "assign", 
/**
 * Which card.
 */
id: CardId, 
/**
 * Whom.
 */
person: UserId, } | { "type": "unassign", 
/**
 * Which card.
 */
id: CardId, 
/**
 * Whom.
 */
person: UserId, } | { "type": "attachLabel", 
/**
 * Which card.
 */
id: CardId, 
/**
 * Which label.
 */
label: LabelId, } | { "type": "detachLabel", 
/**
 * Which card.
 */
id: CardId, 
/**
 * Which label.
 */
label: LabelId, } | { "type": "setDue", 
/**
 * Which card.
 */
id: CardId, 
/**
 * The day, or none.
 */
due: Day | null, } | { "type": "setPriority", 
/**
 * Which card.
 */
id: CardId, 
/**
 * How urgent.
 */
priority: Priority, } | { "type": "addItem", 
/**
 * Which card.
 */
card: CardId, 
/**
 * A fresh id.
 */
id: ItemId, 
/**
 * What is to be done.
 */
text: string, 
/**
 * Where in the list.
 */
position: Position<ItemId>, } | { "type": "editItem", 
/**
 * Which card.
 */
card: CardId, 
/**
 * Which item.
 */
id: ItemId, 
/**
 * New text.
 */
text: string, } | { "type": "moveItem", 
/**
 * Which card.
 */
card: CardId, 
/**
 * Which item.
 */
id: ItemId, 
/**
 * Where to.
 */
position: Position<ItemId>, } | { "type": "setItemDone", 
/**
 * Which card.
 */
card: CardId, 
/**
 * Which item.
 */
id: ItemId, 
/**
 * Whether it is done.
 */
done: boolean, } | { "type": "deleteItem", 
/**
 * Which card.
 */
card: CardId, 
/**
 * Which item.
 */
id: ItemId, } | { "type": "restoreItem", 
/**
 * Which card.
 */
card: CardId, 
/**
 * Which item.
 */
id: ItemId, } | { "type": "addAttachment", 
/**
 * Which card.
 */
card: CardId, 
/**
 * The hash of its bytes.
 */
id: BlobId, 
/**
 * What it is.
 */
kind: AttachmentKind, 
/**
 * Its file name.
 */
name: string, 
/**
 * Its media type.
 */
mime: string, 
/**
 * Its size in bytes.
 */
bytes: number, 
/**
 * How long it plays, in milliseconds.
 */
durationMs: number | null, } | { "type": "deleteAttachment", 
/**
 * Which card.
 */
card: CardId, 
/**
 * Which file.
 */
id: BlobId, } | { "type": "restoreAttachment", 
/**
 * Which card.
 */
card: CardId, 
/**
 * Which file.
 */
id: BlobId, } | { "type": "addLabel", 
/**
 * A fresh id.
 */
id: LabelId, 
/**
 * Its name.
 */
name: string, 
/**
 * Its colour, or none.
 */
colour: Colour | null, } | { "type": "renameLabel", 
/**
 * Which.
 */
id: LabelId, 
/**
 * New name.
 */
name: string, } | { "type": "setLabelColour", 
/**
 * Which.
 */
id: LabelId, 
/**
 * The colour, or none.
 */
colour: Colour | null, } | { "type": "deleteLabel", 
/**
 * Which.
 */
id: LabelId, } | { "type": "restoreLabel", 
/**
 * Which.
 */
id: LabelId, } | { "type": "openText", 
/**
 * Which.
 */
text: TextTarget, } | { "type": "editText", 
/**
 * Which.
 */
text: TextTarget, 
/**
 * How many remote splices of this text ([`crate::Delta::TextSpliced`] of remote origin since `TextOpened`) the
 * typist had seen; later ones are transformed against.
 */
seen: number, 
/**
 * What is replaced.
 */
splice: Splice, } | { "type": "flushText", 
/**
 * Which.
 */
text: TextTarget, } | { "type": "closeText", 
/**
 * Which.
 */
text: TextTarget, } | { "type": "setPerson", 
/**
 * Who.
 */
person: Person, } | { "type": "talk", 
/**
 * What.
 */
command: TalkCommand, } | { "type": "resolveConflict", 
/**
 * Whose register.
 */
owner: ConflictOwner, 
/**
 * Which.
 */
field: ConflictField, 
/**
 * The id of one of its values, as `conflicts` lists them.
 */
choice: string, } | { "type": "restoreCardAt", 
/**
 * Which.
 */
id: CardId, 
/**
 * When.
 */
moment: Moment, 
/**
 * The body too. Where it has to be read first, it follows in a moment, and so does what is not known without it;
 * what goes wrong then is told by [`crate::Delta::RestoreSkipped`].
 */
body: boolean, } | { "type": "transact", 
/**
 * At most [`crate::limits::TRANSACTION_COMMANDS_MAX`], in order. None writes nothing.
 */
commands: Array<Command>, } | { "type": "undo" } | { "type": "redo" };

/**
 * One person's reaction to a comment.
 */
export type Reaction = { 
/**
 * Whose.
 */
by: UserId, 
/**
 * An emoji, or a short word.
 */
reaction: string, };

/**
 * Something said about a card. Comments of a card are ordered by (`created.at`, `id`), newest last.
 */
export type Comment = { 
/**
 * Which comment.
 */
id: CommentId, 
/**
 * About which card.
 */
card: CardId, 
/**
 * Who said it, and when: never before a comment that its writer had before them, as long as their clocks are not
 * more than a day apart.
 */
created: Stamp, 
/**
 * What (Markdown).
 */
text: string, 
/**
 * When it was last edited, in milliseconds since 1970, if it was.
 */
edited: number | null, 
/**
 * It is deleted: not to be shown, and not counted.
 */
deleted: boolean, 
/**
 * What others think of it, in the order of their ids.
 */
reactions: Array<Reaction>, 
/**
 * A value had a wrong type and a default is shown instead.
 */
damaged: boolean, };

/**
 * The votes for a card.
 */
export type Votes = { 
/**
 * Which card.
 */
card: CardId, 
/**
 * Whose, in the order of their ids.
 */
by: Array<UserId>, };

/**
 * How far a person has read.
 */
export type Seen = { 
/**
 * Who.
 */
by: UserId, 
/**
 * The comments of which card; none: the board.
 */
card: CardId | null, 
/**
 * Of a card: when the newest comment that they have seen was written. Of the board: when they last saw it. In
 * milliseconds since 1970.
 */
at: number, };

/**
 * Whose change it was.
 */
export type Origin = "local" | "remote";

/**
 * One change of the view.
 */
export type Delta = { "type": "reset", 
/**
 * The room's title.
 */
title: string, 
/**
 * All columns, deleted ones included, in order.
 */
columns: Array<Column>, 
/**
 * All cards, archived and deleted ones included, in the order of their ids.
 */
cards: Array<Card>, 
/**
 * All labels, deleted ones included, in the order of their ids.
 */
labels: Array<Label>, 
/**
 * All people, in the order of their ids.
 */
people: Array<Person>, 
/**
 * The document is of a newer major schema: commands answer `ReadOnly`.
 */
readOnly: boolean, } | { "type": "roomRenamed", 
/**
 * The title.
 */
title: string, } | { "type": "columnPut", 
/**
 * The column as it is now.
 */
column: Column, } | { "type": "cardPut", 
/**
 * The card as it is now.
 */
card: Card, } | { "type": "labelPut", 
/**
 * The label as it is now.
 */
label: Label, } | { "type": "personPut", 
/**
 * The person as it is now.
 */
person: Person, } | { "type": "talkReset", 
/**
 * All comments, deleted ones included, in the order of their ids.
 */
comments: Array<Comment>, 
/**
 * All votes, in the order of their cards' ids.
 */
votes: Array<Votes>, 
/**
 * All read markers.
 */
seen: Array<Seen>, 
/**
 * The document is of a newer major schema: commands answer `ReadOnly`.
 */
readOnly: boolean, } | { "type": "commentPut", 
/**
 * The comment as it is now.
 */
comment: Comment, } | { "type": "votesPut", 
/**
 * All of them.
 */
votes: Votes, } | { "type": "seenPut", 
/**
 * How far.
 */
seen: Seen, } | { "type": "textProjected", 
/**
 * Which.
 */
text: TextTarget, 
/**
 * Its content.
 */
content: string, } | { "type": "textOpened", 
/**
 * Which.
 */
text: TextTarget, 
/**
 * Its content.
 */
content: string, } | { "type": "textSpliced", 
/**
 * Which.
 */
text: TextTarget, 
/**
 * Whose change. A local one is the echo of one `EditText`, transformed as it was applied; everything else is
 * remote, also what another command of this replica did to the text.
 */
origin: Origin, 
/**
 * What was replaced.
 */
splice: Splice, } | { "type": "restoreSkipped", 
/**
 * The card.
 */
card: CardId, } | { "type": "undoSkipped", 
/**
 * The card in question, where it was one.
 */
card: CardId | null, };

/**
 * The one word for the state of a room on this device.
 */
export type Phase = "opening" | "offline" | "connecting" | "syncing" | "saved";

/**
 * What became of this device's storage.
 */
export type StorageState = "durable" | "memoryOnly" | "full" | "failed";

/**
 * The status of a room on this device. Edits are numbered from 1 in the order they were made here.
 */
export type Status = { 
/**
 * The one word.
 */
phase: Phase, 
/**
 * The newest edit made here in this session; 0 when none was.
 */
editsMade: number, 
/**
 * Every edit up to this one is stored on this device.
 */
editsStored: number, 
/**
 * Every edit up to this one is durable on the relay.
 */
editsOnRelay: number, 
/**
 * Changes on this device, of this and earlier sessions, that the relay is not known to have.
 */
waiting: number, 
/**
 * When the next connection is tried (milliseconds since 1970), while offline.
 */
retryAt: number | null, 
/**
 * What became of this device's storage.
 */
storage: StorageState, 
/**
 * Stored chunks that could not be read; they are kept apart, never deleted.
 */
quarantined: number, 
/**
 * Changes of others that the engine can't live with: known to make it fail, kept out of the documents in memory.
 */
leftOut: number, };

/**
 * Where somebody types.
 */
export type TypingPlace = { "in": "card", 
/**
 * Which card.
 */
card: CardId, } | { "in": "composer", 
/**
 * Which column.
 */
column: ColumnId, };

/**
 * A pointer over the board, as fractions, because sizes differ from screen to screen.
 */
export type Pointer = { 
/**
 * The column under it.
 */
column: ColumnId, 
/**
 * The card under it.
 */
card: CardId | null, 
/**
 * Fraction of the card's (or column's) width, 0 to 1.
 */
fx: number, 
/**
 * Fraction of the card's (or column's) height, 0 to 1.
 */
fy: number, };

/**
 * Where a carried card hovers.
 */
export type Hover = { 
/**
 * Over which column.
 */
column: ColumnId, 
/**
 * Before which card; none: at the end.
 */
before: CardId | null, };

/**
 * "I am moving these": a courtesy lock. Of two concurrent claims on a card the one with the lower
 * (`lamport`, peer id) stands; the other is revoked.
 */
export type Claim = { 
/**
 * The cards being moved.
 */
cards: Array<CardId>, 
/**
 * One more than the highest that its maker had seen.
 */
lamport: number, 
/**
 * Where they hover.
 */
hover: Hover | null, };

/**
 * What a person does here, told to the replica by its frontend.
 */
export type Presence = { "type": "viewing", 
/**
 * Which.
 */
card: CardId | null, } | { "type": "typing", 
/**
 * Where.
 */
place: TypingPlace | null, } | { "type": "pointing", 
/**
 * Where.
 */
pointer: Pointer | null, } | { "type": "idle", 
/**
 * Whether.
 */
idle: boolean, } | { "type": "grab", 
/**
 * Which.
 */
cards: Array<CardId>, } | { "type": "carry", 
/**
 * Where.
 */
hover: Hover | null, } | { "type": "release" };

/**
 * Another tab or person, as this replica knows it now.
 */
export type Peer = { 
/**
 * The tab's or program's peer id.
 */
peer: string, 
/**
 * The person, if the peer says who it is.
 */
user: UserId | null, 
/**
 * Display name; empty when unknown.
 */
name: string, 
/**
 * Index into the palette of 12 presence colours.
 */
colour: number, 
/**
 * No input for a while.
 */
idle: boolean, 
/**
 * The card it has open.
 */
viewing: CardId | null, 
/**
 * Where it types.
 */
typing: TypingPlace | null, 
/**
 * Where its pointer is.
 */
pointer: Pointer | null, 
/**
 * What it is moving.
 */
claim: Claim | null, };

/**
 * A change of who is here.
 */
export type PresenceDelta = { "type": "peerPut", 
/**
 * The peer as it is now.
 */
peer: Peer, } | { "type": "peerGone", 
/**
 * Its peer id.
 */
peer: string, } | { "type": "grabDenied", 
/**
 * The card.
 */
card: CardId, 
/**
 * Who moves it.
 */
by: Peer, } | { "type": "grabRevoked", 
/**
 * The card.
 */
card: CardId, 
/**
 * Who has it.
 */
by: Peer, } | { "type": "grabExpired", 
/**
 * The cards that I was moving.
 */
cards: Array<CardId>, };

/**
 * The formats in which a room is written as text; `docs/FORMATS.md` says what each holds.
 */
export type TextFormat = "json" | "csv" | "markdown";

/**
 * The formats of text that are imported; `docs/FORMATS.md` says what each holds.
 */
export type ImportFormat = "json" | "csv" | "markdown" | "trello";

/**
 * What an import has put on the board.
 */
export type Imported = { 
/**
 * How many cards.
 */
cards: number, 
/**
 * How many columns are new.
 */
columns: number, 
/**
 * How many labels are new.
 */
labels: number, 
/**
 * How many people are new.
 */
people: number, 
/**
 * How many comments, deleted ones included.
 */
comments: number, };

/**
 * A question.
 */
export type Question = { "type": "search", 
/**
 * The words.
 */
text: string, } | { "type": "export", 
/**
 * In which format.
 */
format: TextFormat, } | { "type": "exportRoom" } | { "type": "activity", 
/**
 * Of this card alone.
 */
card: CardId | null, 
/**
 * Where the page begins; none: now.
 */
before: Cursor | null, 
/**
 * How many entries at most; no page has more than 200.
 */
limit: number, } | { "type": "boardAt", 
/**
 * When.
 */
moment: Moment, } | { "type": "conflicts" } | { "type": "away", 
/**
 * Since when.
 */
since: Moment, } | { "type": "cardAt", 
/**
 * Which.
 */
card: CardId, 
/**
 * When.
 */
moment: Moment, };

/**
 * Where a word was found.
 */
export type Field = "title" | "item" | "label" | "person" | "body" | "comment";

/**
 * A stretch of text, in UTF-16 units.
 */
export type Stretch = { 
/**
 * Where it begins.
 */
at: number, 
/**
 * How long it is.
 */
length: number, };

/**
 * A card that was found.
 */
export type Hit = { 
/**
 * Which.
 */
card: CardId, 
/**
 * What the excerpt is of: what holds most of the words.
 */
field: Field, 
/**
 * The text around the first word there.
 */
excerpt: string, 
/**
 * The words in the excerpt, in order.
 */
marks: Array<Stretch>, };

/**
 * What is answered.
 */
export type Answer = { "type": "found", 
/**
 * The cards that are not deleted, archived ones included: those whose title holds more of the words first, then
 * those whose body was edited last, or that were made last.
 */
hits: Array<Hit>, 
/**
 * There are more than a person would read through.
 */
more: boolean, } | { "type": "exported", 
/**
 * The whole file.
 */
text: string, } | { "type": "exportedRoom", 
/**
 * The whole file; in JSON as base64 (RFC 4648).
 */
base64: string, } | { "type": "activity", 
/**
 * The page.
 */
page: ActivityPage, } | { "type": "boardAt", 
/**
 * The whole board, as a [`Delta::Reset`].
 */
board: Delta, } | { "type": "conflicts", 
/**
 * In the order of the board's parts and their ids; at most 500.
 */
conflicts: Array<Conflict>, } | { "type": "away", 
/**
 * What they changed, and the heads that this person has seen now, to ask from next time.
 */
away: Away, 
/**
 * See `away`.
 */
seen: Array<ChangeId>, } | { "type": "cardAt", 
/**
 * The card as it was.
 */
past: PastCard, };

/**
 * A change of a document, by its hash. Written as 64 hexadecimal digits, small letters.
 */
export type ChangeId = string;

/**
 * Where a page begins: just before (older than) a change. It means the same whatever arrives later: nothing is told
 * twice, and nothing that was there is left out.
 */
export type Cursor = string;

/**
 * A moment in the life of a room.
 */
export type Moment = { "kind": "time", 
/**
 * Milliseconds since 1970. Changes say their time in seconds.
 */
at: number, } | { "kind": "heads", 
/**
 * Which changes.
 */
heads: Array<ChangeId>, };

/**
 * What somebody did. What it was before is what they saw before it.
 */
export type Action = { "type": "roomRenamed", before: string, after: string, } | { "type": "columnAdded", column: ColumnId, title: string, } | { "type": "columnRenamed", column: ColumnId, before: string, after: string, } | { "type": "columnMoved", column: ColumnId, } | { "type": "columnRoleSet", column: ColumnId, before: ColumnRole | null, after: ColumnRole | null, } | { "type": "columnWipSet", column: ColumnId, before: number | null, after: number | null, } | { "type": "columnColourSet", column: ColumnId, before: Colour | null, after: Colour | null, } | { "type": "columnDeleted", column: ColumnId, } | { "type": "columnRestored", column: ColumnId, } | { "type": "labelAdded", label: LabelId, name: string, } | { "type": "labelRenamed", label: LabelId, before: string, after: string, } | { "type": "labelColourSet", label: LabelId, before: Colour | null, after: Colour | null, } | { "type": "labelDeleted", label: LabelId, } | { "type": "labelRestored", label: LabelId, } | { "type": "personSet", person: UserId, name: string, } | { "type": "cardAdded", column: ColumnId, title: string, } | { "type": "moved", from: ColumnId, to: ColumnId, } | { "type": "completed", from: ColumnId, to: ColumnId, } | { "type": "titled", before: string, after: string, } | { "type": "bodyEdited", } | { "type": "bodyTyped", characters: number, } | { "type": "commented", comment: CommentId, } | { "type": "assigned", person: UserId, } | { "type": "unassigned", person: UserId, } | { "type": "labelled", label: LabelId, } | { "type": "unlabelled", label: LabelId, } | { "type": "dueSet", before: Day | null, after: Day | null, } | { "type": "prioritySet", before: Priority, after: Priority, } | { "type": "itemAdded", item: ItemId, text: string, } | { "type": "itemEdited", item: ItemId, before: string, after: string, } | { "type": "itemTicked", item: ItemId, text: string, } | { "type": "itemUnticked", item: ItemId, text: string, } | { "type": "itemMoved", item: ItemId, text: string, } | { "type": "itemDeleted", item: ItemId, text: string, } | { "type": "attachmentAdded", name: string, } | { "type": "attachmentDeleted", name: string, } | { "type": "archived", } | { "type": "unarchived", } | { "type": "deleted", } | { "type": "restored", };

/**
 * One thing that somebody did.
 */
export type Activity = { 
/**
 * The newest change that it was. As a moment ([`super::Moment::Heads`]) it means just after it: of the board, and of a
 * card. That of [`Action::BodyTyped`] is a change of the body, so a moment of the card alone;
 * that of [`Action::Commented`] is one of the talk, and no moment of either.
 */
id: ChangeId, 
/**
 * When, milliseconds since 1970, in whole seconds, as their clock said.
 */
at: number, 
/**
 * Where it went on for a while (typing), since when; otherwise as `at`.
 */
since: number, 
/**
 * Who: the author that signed the first change of this writer, or who stamped what was written; unknown otherwise.
 */
by: UserId, 
/**
 * On which card, where it was one.
 */
card: CardId | null, 
/**
 * How many things of this kind it stands for: 1, or more where somebody did the same to many (an import), and this
 * is the newest of them.
 */
count: number, 
/**
 * What.
 */
what: Action, };

/**
 * A part of the list, newest first.
 */
export type ActivityPage = { 
/**
 * Newest first.
 */
entries: Array<Activity>, 
/**
 * Where the next page begins; none when there is no more. A page may be shorter than was asked for, even empty,
 * and another follow: only so much is looked through at once.
 */
next: Cursor | null, };

/**
 * A card as it was.
 */
export type PastCard = { 
/**
 * Its face; none where it was not there yet.
 */
card: Card | null, 
/**
 * What its body said.
 */
body: string, };

/**
 * A register that can have several values.
 */
export type ConflictField = "title" | "order" | "role" | "wip" | "colour" | "name" | "place" | "due" | "priority" | "text" | "done";

/**
 * Whose register it is.
 */
export type ConflictOwner = { "of": "room" } | { "of": "column", 
/**
 * Which.
 */
column: ColumnId, } | { "of": "label", 
/**
 * Which.
 */
label: LabelId, } | { "of": "card", 
/**
 * Which.
 */
card: CardId, } | { "of": "item", 
/**
 * On which card.
 */
card: CardId, 
/**
 * Which.
 */
item: ItemId, };

/**
 * A value of a register.
 */
export type ConflictValue = { "type": "nothing" } | { "type": "text", text: string, } | { "type": "number", number: number, } | { "type": "truth", truth: boolean, } | { "type": "place", column: ColumnId, order: string, };

/**
 * One of several values.
 */
export type ConflictChoice = { 
/**
 * Names it, the same on every device.
 */
id: string, 
/**
 * Who wrote it, as far as that is known.
 */
by: UserId, 
/**
 * When, milliseconds since 1970, in whole seconds, as their clock said.
 */
at: number, 
/**
 * What they wrote.
 */
value: ConflictValue, };

/**
 * A register with several values.
 */
export type Conflict = { 
/**
 * Whose.
 */
owner: ConflictOwner, 
/**
 * Which register.
 */
field: ConflictField, 
/**
 * Its values: the one that shows first.
 */
choices: Array<ConflictChoice>, };

/**
 * What others changed since a moment.
 */
export type Away = { 
/**
 * Changes that others made, whether anything is left of them or not.
 */
changes: number, 
/**
 * Who made them, in the order of their ids.
 */
by: Array<UserId>, 
/**
 * What they changed of columns, labels, people and the room, as [`AwayCard::what`].
 */
board: Array<Action>, 
/**
 * The cards they changed, the latest first; at most 200.
 */
cards: Array<AwayCard>, 
/**
 * Cards that are new, were completed, were deleted.
 */
added: number, 
/**
 * See `added`.
 */
completed: number, 
/**
 * See `added`.
 */
deleted: number, 
/**
 * There was more than could be looked at: the latest is told.
 */
more: boolean, };

/**
 * What others changed of one card.
 */
export type AwayCard = { 
/**
 * Which.
 */
card: CardId, 
/**
 * In how many changes.
 */
changes: number, 
/**
 * Who, in the order of their ids.
 */
by: Array<UserId>, 
/**
 * When last, milliseconds since 1970.
 */
at: number, 
/**
 * What, from what it was to what it is: one move, however many there were. A key that this person wrote last is
 * left out.
 */
what: Array<Action>, };

/** Why a command changed nothing. */
export type CommandErrorCode = "badId" | "badDay" | "unknownCard" | "unknownColumn" | "unknownPart" | "idTaken" | "tooLong" | "outsideText" | "notLoaded" | "notYours" | "readOnly" | "nothingToUndo" | "nothingToRedo" | "tooMany" | "unknownMoment" | "notTogether" | "refused";

/** Why a question is not answered. */
export type QuestionErrorCode = "notLoaded" | "tooMany" | "tooLong" | "unknownMoment" | "tooLarge" | "noFormats";
