//! Every limit of the engine, each with its unit and its reason.

use std::time::Duration;

/// Bytes of the longest id on a board. Ours have 22; the rest leaves room for importers.
pub const ID_BYTES_MAX: usize = 64;
/// UTF-16 units of the longest card title that a command may make. A title is read at a glance; longer text belongs in the body.
pub const TITLE_UNITS_MAX: usize = 1_000;
/// UTF-16 units of the longest body that a command may make: far beyond any description, below what slows a phone's editor.
pub const BODY_UNITS_MAX: usize = 500_000;
/// UTF-16 units of the longest name of a column, a room or a person.
pub const NAME_UNITS_MAX: usize = 200;
/// Items of one checklist that a command may make; beyond, cards of their own are easier to work with.
pub const CHECKLIST_ITEMS_MAX: usize = 200;
/// UTF-16 units of the longest item of a checklist: a line or two.
pub const ITEM_UNITS_MAX: usize = 500;
/// Files and voice notes of one card that a command may add.
pub const ATTACHMENTS_MAX: usize = 100;
/// UTF-16 units of the longest file name and media type: what file systems take, in characters of one byte.
pub const FILE_NAME_UNITS_MAX: usize = 255;
/// Labels of one card, and people on it, that a command may add: more than a face can show.
pub const MARKS_MAX: usize = 50;
/// UTF-16 units of the longest comment that a command may make: some pages; longer text belongs in the body.
pub const COMMENT_UNITS_MAX: usize = 10_000;
/// Comments on one card that a command may make, deleted ones included: a conversation that somebody can still read.
pub const COMMENTS_MAX: usize = 5_000;
/// UTF-16 units of the longest reaction: the longest emoji have some 15.
pub const REACTION_UNITS_MAX: usize = 32;
/// Reactions to one comment, and votes for one card: more people than work in one room.
pub const VOICES_MAX: usize = 1_000;
/// Read markers of a person are written at most once in this time, so that reading adds next to nothing to the history.
pub const SEEN_EVERY: Duration = Duration::from_secs(10);
/// Devices' clocks are minutes apart, or hours where a time zone is set wrongly. What comes from further ahead is wrong, and
/// nothing is put after it.
pub const CLOCKS_APART_MAX: Duration = Duration::from_hours(24);
/// Cards in one claim: a screenful, whose ids (22 bytes each) leave room in a presence message of 2 KiB.
pub const CLAIM_CARDS_MAX: usize = 32;
/// A claim and typing are renewed after this long, well within [`FLEETING_EXPIRES`].
pub const FLEETING_BEAT: Duration = Duration::from_millis(900);
/// A claim or typing that was not told again for this long has ended: its maker's tab died.
pub const FLEETING_EXPIRES: Duration = Duration::from_secs(4);
/// Typing ends this long after the last key.
pub const TYPING_STOPS: Duration = Duration::from_secs(1);
/// A claim ends by itself this long after the last move, so that nobody blocks a card from a lunch table.
pub const CLAIM_STILL: Duration = Duration::from_mins(1);
/// Bytes of the longest order key that is made; at this length neighbours are re-keyed. 10⁵ random moves stay below half.
pub const ORDER_BYTES_MAX: usize = 64;
/// Colours of the presence palette; a person's is an index below.
pub const PALETTE_COLOURS: u8 = 12;
/// Splices of others that a typist may not have acknowledged; beyond, the text is opened anew. Reading acknowledges
/// nothing, so a text that is only looked at is opened anew after as many. Memory ≤ about 100 bytes each and their text.
pub const UNSEEN_SPLICES_MAX: usize = 4_096;
/// Typing is written out after a pause of this length: shorter than people wait for each other, longer than a keystroke.
pub const TYPING_PAUSE: Duration = Duration::from_millis(300);
/// Typing is written out after this long at the latest, so that little is lost with a device.
pub const TYPING_WAIT_MAX: Duration = Duration::from_secs(1);
/// Typing is written out after this long while somebody else has the card open: it reads as live.
pub const TYPING_WAIT_WATCHED: Duration = Duration::from_millis(100);
/// Operations of one change of typing. A pasted unit is one operation; changes of this size take a peer some 80 ms at
/// most, so a long paste never holds up its frames (a change of more than
/// [`warroom_protocol::limits::CHANGE_OPS_MAX`] would be refused by everyone).
pub const TYPING_OPS_MAX: usize = 8_000;
/// Units of one step of writing a paste out; two steps, one deleting and one inserting, fit a change.
pub const TYPING_PIECE_UNITS: usize = TYPING_OPS_MAX / 2;
/// A person leaves the mark of having written in a card's body at most once in this time, so that typing in bodies adds
/// next to nothing to the board's history.
pub const BODY_MARK_EVERY: Duration = Duration::from_mins(5);
/// Intents that can be undone, the newest; more than anybody goes back by hand.
pub const UNDO_MAX: usize = 100;
/// Intents that can be undone after a reload: more than anybody remembers, and a few kilobytes to write.
pub const UNDO_KEPT_MAX: usize = 30;
/// Changes of all intents that can be undone, unless one alone has more: 50 bytes each are stored with every command.
pub const UNDO_CHANGES_MAX: usize = 400;
/// Stretches of what was undone and stands again under another name; beyond, older intents count as changed by others.
/// Memory ≤ about 100 bytes each.
pub const RENEWED_MAX: usize = 1_000;
/// Typing in one text is one intent, unless it pauses for this long: a thought, or a look at something else.
pub const TYPING_INTENT_PAUSE: Duration = Duration::from_secs(2);
/// Typing in one text is one intent for this long at most: a sentence or two, which one wants back or not.
pub const TYPING_INTENT: Duration = Duration::from_secs(10);
/// Bytes of the longest file of text that is imported: several times a Trello export of [`IMPORT_CARDS_MAX`] cards. In a
/// browser it becomes two trees (some ten times as much each), the converter's and then the engine's: one after the other,
/// because the converter's memory is let go in between, so that a phone's tab has to hold one at a time.
pub const IMPORT_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Bytes of the longest file of a room that is imported: four times the longest message of a peer. Memory ≤ this, the same
/// again for what is to be stored, and the largest document in it.
pub const ROOM_FILE_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Documents of one file of a room: the board, the talk, and the bodies of twice as many cards as an import may bring, because
/// deleted cards keep theirs. Each is opened on trial, which takes some 50 µs.
pub const ROOM_FILE_SECTIONS_MAX: usize = 2 * IMPORT_CARDS_MAX + 2;
/// Operations of one file of a room: as many messages of a peer as [`ROOM_FILE_BYTES_MAX`] is. Time ≤ 2 s.
pub const ROOM_FILE_OPS_MAX: u64 = 4 * warroom_protocol::limits::MESSAGE_OPS_MAX;
/// Cards of one import: the largest board that the engine is measured on.
pub const IMPORT_CARDS_MAX: usize = 10_000;
/// Columns, labels and people of one import, of each so many: more than anybody finds their way among. Files without ids name
/// them, at most [`MARKS_MAX`] on each of [`IMPORT_CARDS_MAX`] cards, and each name is looked for among all of them.
pub const IMPORT_PARTS_MAX: usize = 1_000;
/// People of one change of an import: 64 KB at most, with names of [`NAME_UNITS_MAX`].
pub const IMPORT_PEOPLE_AT_ONCE: usize = 100;
/// Operations of one change of an import: some hundred cards, and about as much for a peer to take in at once as a piece of a
/// long paste ([`TYPING_OPS_MAX`]). A change a card would make each of them cost what a change costs, for ever.
pub const IMPORT_OPS_MAX: usize = 10_000;
/// Operations of all changes of an import: half of what one sync message may bring
/// ([`warroom_protocol::limits::MESSAGE_OPS_MAX`]), so that the board can be told whole to somebody who has nothing of it.
pub const IMPORT_OPS_TOTAL_MAX: usize = 1_000_000;
/// Commands of one transaction: more than a person selects by hand. Each is tried on a copy of the document, with what a change
/// costs (some 100 µs on a board of 1,000 cards).
pub const TRANSACTION_COMMANDS_MAX: usize = 500;
/// Operations of one transaction in one document: as of a change of an import ([`IMPORT_OPS_MAX`]), which a peer takes in at once.
pub const TRANSACTION_OPS_MAX: u64 = 10_000;
/// Bytes of the texts and keys that are whole values, in one change of a transaction or an import: half of
/// [`warroom_protocol::limits::INFLATE_BYTES_FREE`]. The rest is for what operations take, so that no peer refuses the change, however
/// often a text repeats itself. In a transaction the texts that are replaced count too, because undoing it puts them back.
pub const CHANGE_TEXT_BYTES_MAX: usize = warroom_protocol::limits::INFLATE_BYTES_FREE / 2;
/// Bodies that are asked of the relay at the same time while all of them are fetched in the background.
pub const BODY_VISITS_MAX: usize = 4;
/// A body that the relay says nothing about for this long is not waited for, until the next connection.
pub const BODY_VISIT: Duration = Duration::from_secs(20);
/// A relay that says it tells what changed in a room, and does not for this long after it was asked or said that more follows,
/// is not waited for: each body is asked for, as of a relay without rooms. The answer takes milliseconds, but it comes after
/// what is told of the board, and that may be one long frame over a slow line ([`RELAY_SILENCE`]).
pub const ROOM_ANSWER: Duration = RELAY_SILENCE;
/// Documents that the relay named and that are not fetched yet, as many as are remembered: bodies of a large board on a new
/// device. Of a room with more every body is asked for, on this connection and at the next start. Memory ≤ this × some 100
/// bytes.
pub const OWED_MAX: usize = 8_192;
/// Bodies kept in memory after they were closed or visited: a person goes back and forth between a few cards.
/// Memory ≤ 8 × about 2 MB (a body of 100,000 characters with its history).
pub const BODIES_KEPT_MAX: usize = 8;
/// Sync messages kept for a body that is being read from storage; a peer waits for an answer after one or two, and
/// the connection closes beyond this. Memory ≤ 16 × [`warroom_protocol::limits::FRAME_BYTES_MAX`] a body.
pub const HELD_MESSAGES_MAX: usize = 16;
/// Connections of one replica: a relay and the other tabs of one browser. Further ones are closed.
pub const CONNECTIONS_MAX: usize = 64;
/// A save that failed is tried again after this long.
pub const SAVE_RETRY: Duration = Duration::from_secs(30);
/// What the relay has is noted in storage after this long without news, so that a burst costs one note.
pub const NOTE_AFTER: Duration = Duration::from_secs(2);
/// What a document reads as is written beside its chunks after this long without changes: a person who reloads has looked
/// for longer, and a burst costs one writing (5 ms and 400 KB for 1,000 cards).
pub const PROJECT_AFTER: Duration = Duration::from_secs(3);
/// Where changes never pause it is written after this long, so that what the next start shows first is not much older.
pub const PROJECT_WAIT_MAX: Duration = Duration::from_mins(1);
/// Chunks of one document since its last snapshot below which they are left alone: as many are read in a millisecond or two.
pub const COMPACT_CHUNKS_MIN: usize = 32;
/// They are replaced when they have this share of the snapshot's bytes (one part in so many): so a byte is written five
/// times on average, however large the document becomes.
pub const COMPACT_SHARE: usize = 4;
/// They are replaced when there are this many, whatever their bytes: applying a thousand changes takes some 100 ms, which
/// every opening would wait for.
pub const COMPACT_CHUNKS_MAX: usize = 1_024;
/// Chunks are replaced after this long without changes: it takes as long as two openings, and nobody is to wait for it.
pub const COMPACT_AFTER: Duration = Duration::from_secs(5);
/// Where changes never pause they are replaced after this long: one pause of a second in ten minutes, instead of a start
/// that gets slower by the day.
pub const COMPACT_WAIT_MAX: Duration = Duration::from_mins(10);
/// A relay that has not everything yet and says nothing for this long is called anew. An answer takes a round trip and a
/// commit, but one long frame on its way here is silence too; a socket whose network is gone is silent for a quarter of an hour.
pub const RELAY_SILENCE: Duration = Duration::from_mins(1);
/// Bytes a second that the slowest line takes on which a relay is still waited for (128 kbit/s): what is on its way adds
/// its time to [`RELAY_SILENCE`], so that a large first upload is not cut off again and again.
pub const RELAY_UPLOAD_BYTES_PER_SECOND: u64 = 16 * 1024;
/// Questions that may wait for an answer; an interface asks a handful at a time.
pub const QUESTIONS_MAX: usize = 64;
/// UTF-16 units of the longest text to search for: far beyond what anybody types, and the search takes time by its words.
pub const SEARCH_UNITS_MAX: usize = 200;
/// Cards that a search gives at most: more than a person reads through.
pub const SEARCH_HITS_MAX: usize = 200;
/// Characters of an excerpt: two lines of a list.
pub const EXCERPT_CHARACTERS: usize = 160;
/// Bytes of the bodies' texts that are kept for the next search: a thousand bodies of some pages. What is beyond is read
/// from storage again.
pub const TEXTS_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Entries of one page of the activity: a few screenfuls.
pub const ACTIVITY_PAGE_MAX: usize = 200;
/// Changes that one page of the activity looks through; beyond, it ends and another follows: an answer
/// must not keep the engine from what is typed meanwhile.
pub const ACTIVITY_SCAN_MAX: usize = 2_000;
/// Cards of one change that are told one by one; of more (an import), the rest is a number.
pub const ACTIVITY_CARDS_MAX: usize = 8;
/// Typing in one text by one person is one entry as long as no pause is longer: as [`BODY_MARK_EVERY`].
pub const ACTIVITY_TYPING_PAUSE: Duration = Duration::from_mins(5);
/// Entries of one kind by one person, each within [`ACTIVITY_FLOOD_PAUSE`] of the next, that become one: as many as a
/// person reads one by one.
pub const ACTIVITY_FLOOD: usize = 8;
/// See [`ACTIVITY_FLOOD`].
pub const ACTIVITY_FLOOD_PAUSE: Duration = Duration::from_mins(1);
/// Objects of the board of which it is remembered where they lie: those of some 500 cards, the ones that others work on.
/// Memory ≤ 4,096 × about 150 bytes.
pub const PLACES_KNOWN_MAX: usize = 4_096;
/// Changes that a summary of an absence looks at, the newest: weeks of work of a busy team.
pub const AWAY_CHANGES_MAX: usize = 10_000;
/// Cards that a summary of an absence tells of; who was away longer looks at the board.
pub const AWAY_CARDS_MAX: usize = 200;
/// Conflicts that are listed at once: more than anybody settles one by one.
pub const CONFLICTS_MAX: usize = 500;
