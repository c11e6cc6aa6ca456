//! What changed in the room while this device was away: one question to the relay, instead of one about each body.
//!
//! What the relay named up to the cursor is in storage, but for what is owed: that is kept with the cursor, and holds
//! whatever happens between. Nothing is concluded from a body's silence but that the relay has not taken anything in since: what
//! of it waits for the relay is found by reading it from storage, once for each start.

use automerge::ChangeHash;
use warroom_protocol::sorted::{SortedMap, SortedSet};
use warroom_protocol::wire::{Frame, RoomNews, Within};
use warroom_protocol::{ConnectionId, Cursor, DocumentId, Timestamp};

use super::connection::Connection;
use super::opened::{Kind, Opened};
use super::{Output, Replica, StorageState};
use crate::limits::{OWED_MAX, ROOM_ANSWER};
use crate::projection::Projection;

/// How far the relay told what changed in the room, and what of that is still to be fetched.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub(super) struct CatchUp {
    stage: Stage,
    /// Storage has answered what it keeps of this.
    is_read: bool,
    /// Up to where the relay told.
    cursor: Option<Cursor>,
    /// Documents that were named and are not known to be here, with their heads; none where those are not known.
    owed: SortedMap<DocumentId, Vec<ChangeHash>>,
    /// Bodies of which a relay told to have something that it has not named up to the cursor: it may be another than the
    /// cursor's, or one that is restored to a moment after the cursor and before that. And those that it named without heads
    /// while they were open. To be asked for on the next connection.
    unconfirmed: SortedSet<DocumentId>,
    /// Some of these are not written down.
    is_exposed: bool,
    /// More was named than is remembered: everything is owed, and the cursor is worth nothing any more.
    is_lost: bool,
    /// It is not as storage has it.
    is_changed: bool,
}

/// Where the question is on this connection.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// There is no relay, or one that does not speak of rooms, or says that it does and does not answer: each body is asked
    /// for.
    #[default]
    Apart,
    /// The question is still to be asked.
    Unasked,
    /// Asked; a list of everything is coming, where it says so. It is waited for until then.
    Asked { is_whole: bool, until: Timestamp },
    /// Everything was told, and what changes is.
    Told,
}

/// Of a document that is owed, and that nothing is known of.
static UNKNOWN_HEADS: Vec<ChangeHash> = Vec::new();

impl CatchUp {
    /// A relay answered the join.
    pub(super) fn handle_joined(&mut self, has_rooms: bool) {
        self.stage = if has_rooms { Stage::Unasked } else { Stage::Apart };
    }

    /// The relay is gone; the next may be another.
    pub(super) fn handle_left(&mut self) {
        self.stage = Stage::Apart;
        for document in std::mem::take(&mut self.unconfirmed).iter() {
            self.owe(document, Vec::new());
        }
    }

    /// A relay told to have more of a body than it was known to have: that is worth noting only with this. Without a cursor
    /// everything is told anyway.
    pub(super) fn handle_acknowledged(&mut self, document: &DocumentId, heads: &[ChangeHash]) {
        let is_worthless = self.cursor.is_none() && self.is_read;
        if !is_worthless && self.owed.get(document).is_none_or(|named| named != heads) {
            self.unconfirmed.insert(document.clone());
            (self.is_exposed, self.is_changed) = (true, true);
        }
    }

    /// Whether it may be written down that the relay has all of a document.
    pub(super) fn may_note(&self, document: &DocumentId) -> bool {
        !self.is_exposed || !self.unconfirmed.contains(document)
    }

    /// Whether the relay has not answered in time, and is taken for one that does not speak of rooms from now on.
    pub(super) fn handle_timeout(&mut self, now: Timestamp) -> bool {
        let is_late = self.next_timeout().is_some_and(|until| until <= now);
        if is_late {
            self.stage = Stage::Apart;
        }
        is_late
    }

    /// When to call `handle_timeout`.
    pub(super) fn next_timeout(&self) -> Option<Timestamp> {
        match self.stage {
            Stage::Asked { is_whole: _, until } => Some(until),
            Stage::Apart | Stage::Unasked | Stage::Told => None,
        }
    }

    /// Whether the relay tells what changes, so that a body need not be asked for.
    pub(super) fn has_rooms(&self) -> bool {
        self.stage != Stage::Apart
    }

    /// Whether it is known which bodies are to be visited.
    pub(super) fn is_told(&self) -> bool {
        matches!(self.stage, Stage::Apart | Stage::Told)
    }

    /// The heads that a document was named with and that are not known to be here.
    pub(super) fn owed(&self, document: &DocumentId) -> Option<&Vec<ChangeHash>> {
        self.owed.get(document).or_else(|| self.is_lost.then_some(&UNKNOWN_HEADS))
    }

    /// A document is to be fetched.
    pub(super) fn owe(&mut self, document: &DocumentId, heads: Vec<ChangeHash>) {
        if self.owed.len() >= OWED_MAX && !self.owed.contains_key(document) {
            (self.is_lost, self.cursor, self.is_changed) = (true, None, true);
            return;
        }
        self.owed.insert(document.clone(), heads);
        self.is_changed = true;
    }

    /// What was named of a document is here, on a connection to who named it.
    pub(super) fn repay(&mut self, document: &DocumentId) {
        self.is_changed |= self.owed.remove(document).is_some();
    }

    /// Whether there is something to write down.
    pub(super) fn needs_note(&self) -> bool {
        self.is_changed
    }

    /// As it is written down: the cursor, then what is owed, a line each. Nothing without a cursor: everything is told then.
    fn write(&self) -> String {
        let Some(cursor) = &self.cursor else { return String::new() };
        let mut content = cursor.as_str().to_owned();
        for document in self.owed.keys().chain(self.unconfirmed.iter()) {
            content.push('\n');
            content.push_str(&document.to_string());
        }
        content
    }

    /// What was written down, if all of it can be read.
    fn read(&mut self, content: &str) -> Option<()> {
        let mut lines = content.lines();
        let cursor = Cursor::new(lines.next()?).ok()?;
        for line in lines {
            self.owed.insert(line.parse().ok()?, Vec::new());
        }
        self.cursor = Some(cursor);
        Some(())
    }
}

impl Replica {
    /// Under which name this device keeps how far it was told. Tabs of one browser share it, as they share what it is about.
    pub(super) fn catch_up_id(&self) -> DocumentId {
        DocumentId::derived(&self.options.board, "cursor")
    }

    /// Storage says how far this device was told.
    pub(super) fn learn_catch_up(&mut self, read: Option<&Projection>) {
        if !self.catch_up.is_read {
            self.catch_up.is_read = true;
            if let Some(read) = read
                && self.catch_up.read(&read.content).is_none()
            {
                self.catch_up =
                    CatchUp { is_read: true, stage: self.catch_up.stage, ..CatchUp::default() };
            }
        }
    }

    /// Writes down how far this device was told, where all that it was told by is durable here.
    pub(super) fn keep_catch_up(&mut self) {
        if !self.catch_up.needs_note()
            || self.storage != StorageState::Durable
            || !self.saves.is_empty()
            || !self.catch_up.is_read
        {
            return;
        }
        (self.catch_up.is_changed, self.catch_up.is_exposed) = (false, false);
        let (document, content) = (self.catch_up_id(), self.catch_up.write());
        let bytes = Projection { heads: Vec::new(), content }.write(&document);
        self.outputs.push_back(Output::StoreProjection { document, bytes });
    }

    /// Asks what changed in the room, once the board is on its way to the relay and storage has said since when.
    pub(super) fn ask_room(&mut self, now: Timestamp, relay: ConnectionId) {
        if self.catch_up.stage != Stage::Unasked || !self.catch_up.is_read {
            return;
        }
        let root = self.options.board.clone();
        if !self.has_session(relay, &root) {
            return;
        }
        let Some(known) = self.connections.get(&relay) else { return };
        let Some(target_id) = known.other().cloned() else { return };
        self.catch_up.stage = Stage::Asked { is_whole: false, until: now + ROOM_ANSWER };
        let since = self.catch_up.cursor.clone();
        let sender_id = self.peer.clone();
        self.send(relay, &Frame::RoomSince { sender_id, target_id, root, since });
    }

    /// The relay told what changed in the room.
    pub(super) fn receive_room(
        &mut self,
        now: Timestamp,
        connection: ConnectionId,
        news: RoomNews,
    ) {
        let is_asked = matches!(self.catch_up.stage, Stage::Asked { .. } | Stage::Told);
        if self.dialer.joined() != Some(connection) || news.root != self.options.board || !is_asked
        {
            return;
        }
        self.dialer.handle_worked(connection);
        if let Stage::Asked { is_whole: was_whole, until: _ } = self.catch_up.stage {
            let is_whole = was_whole || news.is_whole;
            self.catch_up.stage = Stage::Asked { is_whole, until: now + ROOM_ANSWER };
            if is_whole && !was_whole {
                // what this relay does not name it may lack, whatever another had
                for document in self.bodies.known() {
                    self.catch_up.owe(&document, Vec::new());
                }
            }
        }
        for named in news.documents {
            let (document, heads) = (named.document_id, named.heads);
            self.catch_up.unconfirmed.remove(&document);
            let heads: Vec<ChangeHash> = heads.iter().map(|head| ChangeHash(head.0)).collect();
            let here = self.opened.get(&document).map(Opened::heads);
            let here = here.or_else(|| self.bodies.heads_of(&document));
            if document == self.talk || here.is_some_and(|here| here == heads) {
                self.catch_up.repay(&document);
            } else if heads.is_empty() && self.has_session(connection, &document) {
                // it comes by itself on this connection; that it came can't be seen
                self.catch_up.unconfirmed.insert(document);
            } else {
                self.catch_up.owe(&document, heads);
                self.bodies.visit_named(&document);
            }
        }
        if !self.catch_up.is_lost {
            self.catch_up.cursor = Some(news.cursor);
            self.catch_up.is_changed = true;
        }
        if !news.has_more {
            if self.catch_up.stage != Stage::Told {
                let all = self.catch_up.is_lost.then(|| self.bodies.known());
                let all = all.unwrap_or_else(|| self.catch_up.owed.keys().cloned().collect());
                for document in &all {
                    self.bodies.visit_named(document);
                }
            }
            self.catch_up.stage = Stage::Told;
        }
    }

    /// Whether a document was asked for on a connection.
    fn has_session(&self, connection: ConnectionId, document: &DocumentId) -> bool {
        self.connections.get(&connection).is_some_and(|known| known.sessions.contains_key(document))
    }

    /// Whether the other end of a connection is to be asked for a document: a relay that tells what changes is not, for a body
    /// that nobody reads, that it has all of, and that it named nothing else of.
    pub(super) fn must_ask(&self, connection: ConnectionId, document: &DocumentId) -> bool {
        if !self.catch_up.has_rooms() || self.dialer.joined() != Some(connection) {
            return true;
        }
        let Some(opened) = self.opened.get(document) else { return true };
        match &opened.kind {
            Kind::Board(_) | Kind::Talk(_) => true,
            Kind::Body(_) => {
                self.bodies.is_wanted(document)
                    || !opened.is_on_relay()
                    || self.catch_up.owed(document).is_some_and(|heads| *heads != opened.heads())
            }
        }
    }

    /// Whether all that a document was named with is here, but for what is left out, which never comes.
    pub(super) fn has_named(&self, document: &DocumentId) -> bool {
        let Some(heads) = self.catch_up.owed(document) else { return true };
        let opened = self.opened.get(document);
        opened.is_some_and(|opened| heads.iter().all(|head| opened.has(head)))
    }

    /// To which room a document belongs, for a relay that keeps count.
    pub(super) fn within(
        &mut self,
        connection: ConnectionId,
        document: &DocumentId,
    ) -> Option<Within> {
        let keeps_count = self.connections.get(&connection).is_some_and(Connection::has_rooms);
        if !keeps_count || *document == self.options.board {
            return None;
        }
        let label = if *document == self.talk {
            "talk".to_owned()
        } else {
            format!("body/{}", self.bodies.get_mut(document)?.card)
        };
        Some(Within { root: self.options.board.clone(), label })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_read_as_it_was_written_and_not_by_halves() {
        let mut catch_up = CatchUp::default();
        assert_eq!(catch_up.write(), "", "nothing was told");
        catch_up.cursor = Cursor::new("7:start").ok();
        for name in ["a", "b"] {
            catch_up.owe(&DocumentId::from_room_name(name), vec![ChangeHash([1; 32])]);
        }
        let content = catch_up.write();
        let mut read = CatchUp::default();
        read.read(&content).unwrap();
        assert_eq!((&read.write(), read.owed.len()), (&content, 2));
        assert!(read.owed.values().all(Vec::is_empty), "heads are asked for again");
        for torn in ["", "7:start\nno id"] {
            assert!(CatchUp::default().read(torn).is_none(), "{torn:?}");
        }
    }

    #[test]
    fn more_than_is_remembered_makes_the_cursor_worthless() {
        let mut catch_up = CatchUp { cursor: Cursor::new("c").ok(), ..CatchUp::default() };
        for number in 0..=OWED_MAX {
            catch_up.owe(&DocumentId::from_room_name(&number.to_string()), Vec::new());
        }
        assert!(catch_up.needs_note());
        assert_eq!((catch_up.write().as_str(), catch_up.owed.len()), ("", OWED_MAX));
        assert!(catch_up.owed(&DocumentId::from_room_name("any other")).is_some());
    }
}
