//! Rooms: to which one this document counts, and, where it is the root of one, who wants to hear what changes there.
//!
//! What is told is read from the store, so it is durable, and a slow reader costs a cursor and one frame: what changes
//! twice before it is told is told once. Its frames share the credit of the document's sync: where both wait, they take
//! turns.

use std::collections::BTreeMap;

use bytes::Bytes;
use warroom_protocol::wire::{Frame, RoomNews};
use warroom_protocol::{ConnectionId, Cursor, DocumentId, PeerId, Timestamp};

use super::{Document, DocumentSettings, Phase};
use crate::core::close::CloseReason;
use crate::core::effect::{DocumentOutput, Lane, RoomPage};
use crate::limits::ROOM_GATHER;

/// What a document knows of rooms.
#[derive(Debug, Default)]
pub(super) struct Rooms {
    /// The room that it counts to.
    pub(super) within: Option<DocumentId>,
    /// Whether the store knows that.
    is_stored: bool,
    /// Whether the save under way tells it.
    is_saving: bool,
    /// Who wants to hear what changes in the room of which it is the root.
    readers: BTreeMap<ConnectionId, Reader>,
    /// What the store is asked for.
    reading: Option<Read>,
    /// Something changed while the store was read.
    is_old: bool,
    /// Something changed; when to read it.
    due_at: Option<Timestamp>,
}

/// What the store is asked for: what changed since then.
#[derive(Debug)]
struct Read {
    since: Option<Cursor>,
}

/// One connection that wants to hear.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
struct Reader {
    /// Up to where it was told.
    since: Option<Cursor>,
    /// There may be more.
    is_due: bool,
    /// It was answered.
    is_answered: bool,
    /// It is being told everything.
    is_whole: bool,
    /// What its socket has not taken yet.
    ready: Option<Bytes>,
    /// The last frame that it was sent told of the room.
    was_last: bool,
}

impl Rooms {
    /// Whether the store has to be told to which room the document counts.
    pub(super) fn is_to_be_stored(&self) -> bool {
        self.within.is_some() && !self.is_stored
    }

    /// A save begins; gives the room that it is to tell the store.
    pub(super) fn begin_save(&mut self) -> Option<DocumentId> {
        self.is_saving = self.within.is_some();
        self.within.clone()
    }

    /// It is durable. A proof that came meanwhile was not in it.
    pub(super) fn handle_saved(&mut self) {
        self.is_stored |= self.is_saving;
    }

    /// Whether the last frame that the connection was sent told of the room; asked once.
    pub(super) fn take_turn(&mut self, connection: ConnectionId) -> bool {
        let reader = self.readers.get_mut(&connection);
        reader.is_some_and(|reader| std::mem::take(&mut reader.was_last))
    }

    /// Whether the connection waits for the store to be read.
    pub(super) fn is_waiting(&self, connection: ConnectionId) -> bool {
        self.readers.get(&connection).is_some_and(|reader| reader.is_due && reader.ready.is_none())
    }

    pub(super) fn leave(&mut self, connection: ConnectionId) {
        self.readers.remove(&connection);
    }

    pub(super) fn next_timeout(&self) -> Option<Timestamp> {
        self.due_at
    }

    /// Begins to read for the first who is due, unless the store is being read.
    fn next_read(&mut self) -> Option<Read> {
        if self.reading.is_some() {
            return None;
        }
        let next = self.readers.values().find(|reader| reader.is_due && reader.ready.is_none());
        let since = next?.since.clone();
        self.is_old = false;
        self.reading = Some(Read { since: since.clone() });
        Some(Read { since })
    }
}

impl Reader {
    /// Takes a page; the frame waits until the socket takes it. A page without news is told only as an answer.
    fn take(
        &mut self,
        settings: &DocumentSettings,
        peer: &PeerId,
        (page, is_old): (&RoomPage, bool),
    ) {
        let RoomPage { documents, cursor, is_whole, has_more } = page;
        self.is_due = *has_more || is_old;
        let Some(cursor) = cursor else { return };
        let is_whole = *is_whole || self.is_whole;
        if !documents.is_empty() || !self.is_answered {
            let frame = Frame::Room(RoomNews {
                sender_id: settings.relay.clone(),
                target_id: peer.clone(),
                root: settings.id.clone(),
                cursor: cursor.clone(),
                documents: documents.clone(),
                is_whole,
                has_more: *has_more,
            });
            self.ready = Some(frame.encode());
        }
        self.is_answered = true;
        self.is_whole = is_whole && *has_more;
        self.since = Some(cursor.clone());
    }
}

impl Document {
    /// The store counts the document to this room: to be told before [`Self::handle_loaded`].
    pub fn handle_counted(&mut self, root: DocumentId) {
        self.rooms.within = Some(root);
        self.rooms.is_stored = true;
    }

    /// Something in the room of which this document is the root is durable that was not.
    pub fn handle_room_changed(&mut self, now: Timestamp) {
        if !self.rooms.readers.is_empty() || self.rooms.reading.is_some() {
            self.rooms.due_at.get_or_insert(now + ROOM_GATHER);
        }
    }

    /// Answers [`DocumentOutput::ReadRoom`].
    pub fn handle_room_read(&mut self, page: &RoomPage) {
        let Some(Read { since }) = self.rooms.reading.take() else { return };
        let is_old = self.rooms.is_old;
        for (connection, reader) in &mut self.rooms.readers {
            let Some(subscriber) = self.subscribers.get(connection) else { continue };
            if reader.is_due && reader.ready.is_none() && reader.since == since {
                reader.take(&self.settings, &subscriber.peer, (page, is_old));
            }
        }
        self.tell_rooms(None);
        self.read_room();
    }

    /// [`DocumentOutput::ReadRoom`] can't be answered: who waits for it is refused and comes back later.
    pub fn handle_room_read_failed(&mut self) {
        self.rooms.reading = None;
        let waiting = self.rooms.readers.extract_if(.., |_, reader| reader.is_due);
        for connection in waiting.map(|(connection, _)| connection).collect::<Vec<_>>() {
            self.refuse(connection, CloseReason::Store);
        }
    }

    /// The connection proved to which room the document counts.
    pub(super) fn count_to(&mut self, root: DocumentId) {
        self.rooms.within.get_or_insert(root);
    }

    /// A connection that has the root open asks what changed, once.
    pub(super) fn ask_room(&mut self, connection: ConnectionId, since: Option<Cursor>) {
        let is_known = self.subscribers.contains_key(&connection);
        if !is_known || self.rooms.readers.contains_key(&connection) {
            self.counters.frames_ignored += 1;
            return;
        }
        let reader = Reader { since, is_due: true, ..Reader::default() };
        self.rooms.readers.insert(connection, reader);
        self.read_room();
    }

    /// Reads what was gathered, if it is time.
    pub(super) fn read_due_room(&mut self, now: Timestamp) {
        if self.rooms.due_at.is_some_and(|at| at <= now) {
            self.rooms.due_at = None;
            self.rooms.is_old = true;
            self.rooms.readers.values_mut().for_each(|reader| reader.is_due = true);
            self.read_room();
        }
    }

    /// Who else is to hear that something of this document is durable.
    pub(super) fn tell_root(&mut self) {
        if let Some(root) = self.rooms.within.clone() {
            self.outputs.push_back(DocumentOutput::RoomChanged(root));
        }
    }

    /// Sends what waits, where the socket can take it: to one connection, or to all.
    pub(super) fn tell_rooms(&mut self, only: Option<ConnectionId>) {
        let readers = match only {
            Some(connection) => self.rooms.readers.range_mut(connection..=connection),
            None => self.rooms.readers.range_mut(..),
        };
        for (&connection, reader) in readers {
            if reader.ready.is_none() {
                continue;
            }
            let subscriber = self.subscribers.get_mut(&connection);
            let Some(subscriber) = subscriber.filter(|it| it.has_credit && !it.is_refused) else {
                continue;
            };
            if let Some(frame) = reader.ready.take() {
                subscriber.has_credit = false;
                reader.was_last = true;
                self.counters.rooms_told += 1;
                let lane = Lane::Sync;
                self.outputs.push_back(DocumentOutput::Send { connection, lane, frame });
            }
        }
    }

    pub(super) fn read_room(&mut self) {
        if !matches!(self.phase, Phase::Done(_))
            && let Some(Read { since }) = self.rooms.next_read()
        {
            self.outputs.push_back(DocumentOutput::ReadRoom { since });
        }
    }
}
