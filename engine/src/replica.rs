//! One room on one device: its board, its talk, its open bodies, their sync and where each is saved, as one machine.
//!
//! What happened goes in by `handle_*`, what is to be done comes out of one ordered queue by `poll_output`, and
//! `next_timeout` says when to call `handle_timeout`. Time and randomness are arguments; there is no I/O here.

mod acknowledged;
mod bodies;
mod catch_up;
mod commands;
mod compaction;
mod connection;
mod dialer;
mod files;
mod frames;
mod ledger;
mod mark;
mod open_documents;
mod opened;
mod pause;
mod projections;
mod questions;
mod restore;
mod room;
mod saves;
mod settle;
mod silence;
#[cfg(test)]
mod tests;
mod texts;
mod undo;

use std::collections::VecDeque;

use bytes::Bytes;
use warroom_protocol::ephemeral::{EphemeralSession, Heard};
use warroom_protocol::limits::PRESENCE_PEERS_MAX;
use warroom_protocol::presence::Roster;
use warroom_protocol::sorted::SortedMap;
use warroom_protocol::{ConnectionId, Dice, DocumentId, PeerId, SaveId, Seed, Timestamp};

use crate::board::{Board, BoardDocument, Imported, Person};
use crate::body::BodyDocument;
use crate::command::Command;
use crate::document::{Hash, LoadReport, Stored, Suspects};
use crate::error::CommandError;
use crate::import::{ImportError, ImportFormat};
use crate::output::{Chunk, Output};
use crate::presence::{Peer, Presence, PresenceRoom};
use crate::projection::Projection;
use crate::question::Question;
use crate::status::{Phase, Status, StorageState};
use crate::talk::{Talk, TalkDocument, talk_id};
use crate::undo::UndoStack;

use bodies::{Bodies, Stage};
use catch_up::CatchUp;
use compaction::Compactor;
use connection::{Connection, Link};
use dialer::Dialer;
use ledger::Ledger;
use mark::Mark;
use open_documents::OpenDocuments;
use opened::{Kind, Opened};
use projections::Projector;
use questions::Questions;
use saves::Saves;
use silence::Silence;
use texts::Texts;
use undo::StepsBack;

/// What a replica is opened with.
#[derive(Debug, Clone)]
pub struct RoomOptions {
    /// The board's document: `DocumentId::from_room_name` or an `automerge:` address.
    pub board: DocumentId,
    /// Who works here.
    pub person: Person,
    /// Whether this device keeps what it is given.
    pub storage: StorageState,
    /// Where a panic ends the process (WASM): what was in hand ([`crate::in_hand`]) at each breakdown of an earlier
    /// replica of this room. What was there alone is left out from now on, which is noted in storage; of several it is
    /// one, so they are given to automerge one at a time.
    pub breakdowns: Vec<Vec<Hash>>,
}

/// What is at the other end of a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConnectionKind {
    /// A relay: the replica joins as its client, and what it acknowledges is durable. A second one replaces the first.
    Relay,
    /// Another tab of this device, which shares its storage: no handshake, and no acknowledgement counts. Frames for
    /// other tabs may come along and are ignored.
    Tab {
        /// The other tab's peer id.
        peer: PeerId,
    },
}

/// One room on one device.
///
/// The board is asked of storage at once and the talk after it, and loading never waits for the network. With nothing stored
/// it is an empty board, never "unavailable". Bodies are asked of storage when they are opened, and one after the other while the
/// relay is there, so that they are here when it is not.
#[derive(Debug)]
pub struct Replica {
    options: RoomOptions,
    peer: PeerId,
    dice: Dice,
    outputs: VecDeque<Output>,
    opened: OpenDocuments,
    /// The talk's document.
    talk: DocumentId,
    /// Whether storage was asked for it.
    talk_asked: bool,
    bodies: Bodies,
    catch_up: CatchUp,
    connections: SortedMap<ConnectionId, Connection>,
    dialer: Dialer,
    silence: Silence,
    presence: PresenceRoom,
    voice: EphemeralSession,
    heard: Heard,
    ledger: Ledger,
    saves: Saves,
    questions: Questions,
    undo: UndoStack,
    steps_back: StepsBack,
    texts: Texts,
    status: Status,
    storage: StorageState,
    /// Something that is stored could not be read.
    unread: bool,
    quarantined: u32,
    suspects: Suspects,
    /// When to note in storage what the relay has.
    note_at: Option<Timestamp>,
    /// Connections that were closed because of what came from them.
    refused: u64,
    /// The board as it is shown until its history is here.
    shown: Option<Projection>,
}

impl Replica {
    /// Opens a room. Asks for its board by [`Output::Load`] and dials the relay at once.
    pub fn open(now: Timestamp, seed: Seed, mut options: RoomOptions) -> Self {
        let suspects = Suspects::of(std::mem::take(&mut options.breakdowns));
        let mut dice = Dice::new(seed);
        let peer = PeerId::random(&mut dice);
        let presence = PresenceRoom::new(now, peer.clone(), options.person.clone());
        let voice = EphemeralSession::new(peer.clone(), &mut dice);
        let storage = options.storage;
        let status = Status {
            phase: Phase::Opening,
            edits_made: 0,
            edits_stored: 0,
            edits_on_relay: 0,
            waiting: 0,
            retry_at: None,
            storage,
            quarantined: 0,
            left_out: 0,
        };
        let first = Output::LoadProjection { document: options.board.clone() };
        let load = Output::Load { document: options.board.clone() };
        let outputs = VecDeque::from([first, load, Output::Dial, Output::Status(status.clone())]);
        let mut replica = Self {
            talk: talk_id(&options.board),
            talk_asked: false,
            options,
            peer,
            dice,
            outputs,
            opened: OpenDocuments::default(),
            bodies: Bodies::default(),
            catch_up: CatchUp::default(),
            connections: SortedMap::new(),
            dialer: Dialer::new(),
            silence: Silence::default(),
            presence,
            voice,
            heard: Heard::new(PRESENCE_PEERS_MAX),
            ledger: Ledger::default(),
            saves: Saves::default(),
            questions: Questions::default(),
            undo: UndoStack::default(),
            steps_back: StepsBack::default(),
            texts: Texts::default(),
            status,
            storage,
            unread: false,
            quarantined: 0,
            suspects,
            note_at: None,
            refused: 0,
            shown: None,
        };
        for document in [replica.catch_up_id(), replica.undo_id()] {
            replica.outputs.insert(1, Output::LoadProjection { document });
        }
        replica
    }

    /// This replica's name on the wire: fresh for each opening.
    pub fn peer_id(&self) -> &PeerId {
        &self.peer
    }

    /// Answers [`Output::Load`] with every chunk that this device has of the document, in any order.
    pub fn handle_loaded(&mut self, now: Timestamp, document: &DocumentId, chunks: Vec<Chunk>) {
        if self.opened.contains_key(document) {
            return;
        }
        if *document == self.options.board {
            self.open_board(now, chunks);
        } else if *document == self.talk {
            self.open_talk(now, chunks);
        } else if !self.open_body(now, document, chunks) {
            return;
        }
        self.begin_everywhere(now, document);
        self.go_back(now);
        // saves may have ended while it was away
        self.settle(now, document);
        self.finish(now);
    }

    /// [`Output::Load`] can't be answered: what this device has of the document can't be read now. It is worked on as if
    /// there were nothing, which harms nothing that is there, and the status says that the storage failed until the
    /// next start. When a part can be read, [`Self::handle_loaded`] is given that part before.
    pub fn handle_load_failed(&mut self, now: Timestamp, document: &DocumentId) {
        self.unread = true;
        self.storage = StorageState::Failed;
        self.handle_loaded(now, document, Vec::new());
        self.finish(now);
    }

    /// A person did something. Returns the number of the edit ([`Status::edits_made`]); commands that edit nothing
    /// return the number of the newest edit.
    ///
    /// # Errors
    /// [`CommandError`]: nothing was changed. [`CommandError::NotLoaded`] until the board was read
    /// ([`Phase::Opening`]), for commands of the talk until that was ([`crate::Delta::TalkReset`]); the shell keeps commands
    /// back for so long, or tells the person.
    pub fn handle_command(
        &mut self,
        now: Timestamp,
        command: Command,
    ) -> Result<u64, CommandError> {
        let applied = self.apply_command(now, command);
        self.finish(now);
        applied.map(|()| self.ledger.made())
    }

    /// A person imports a file of text: everything in it, or nothing. One edit ([`Status::edits_made`]), a second one where
    /// it says something about cards, and one step to undo; `bodies` and `talk` of the answer are written already.
    ///
    /// # Errors
    /// [`ImportError`]: nothing of it is on the board. [`CommandError::NotLoaded`] also for a file that says something about cards
    /// until the talk was read.
    pub fn handle_import(
        &mut self,
        now: Timestamp,
        format: ImportFormat,
        text: &str,
    ) -> Result<Imported, ImportError> {
        let imported = self.import(now, format, text);
        self.finish(now);
        imported
    }

    /// A person imports the file of this room ([`crate::Question::ExportRoom`]): what it has more is taken in, as if a peer
    /// had brought it. Nothing of it can be undone, as what peers bring can't.
    ///
    /// # Errors
    /// [`ImportError`]: nothing was changed.
    pub fn handle_room_import(
        &mut self,
        now: Timestamp,
        file: &Bytes,
    ) -> Result<Imported, ImportError> {
        let imported = self.import_room(now, file);
        self.finish(now);
        imported
    }

    /// A person moves, types or looks somewhere.
    pub fn handle_presence(&mut self, now: Timestamp, presence: Presence) {
        self.presence.handle_presence(now, presence);
        self.finish(now);
    }

    /// A person asks something; [`Output::Answer`] with this number follows, at once or when what it needs was read.
    pub fn handle_question(&mut self, now: Timestamp, number: u64, question: Question) {
        self.ask(number, question);
        self.finish(now);
    }

    /// A connection is open.
    pub fn handle_connected(
        &mut self,
        now: Timestamp,
        connection: ConnectionId,
        kind: ConnectionKind,
    ) {
        self.connect(now, connection, kind);
        self.finish(now);
    }

    /// A frame arrived.
    pub fn handle_received(&mut self, now: Timestamp, connection: ConnectionId, frame: &Bytes) {
        self.receive(now, connection, frame);
        self.finish(now);
    }

    /// A connection is closed; what was in flight is lost. Also well after an [`Output::Close`].
    pub fn handle_disconnected(&mut self, now: Timestamp, connection: ConnectionId) {
        self.disconnect(now, connection);
        self.finish(now);
    }

    /// [`Output::Dial`] did not succeed; the next one comes after a full-jitter backoff.
    pub fn handle_dial_failed(&mut self, now: Timestamp) {
        self.dialer.handle_failed(now, &mut self.dice);
        self.finish(now);
    }

    /// The device says that the network is back, or a person asks to retry: dial now.
    pub fn handle_retry(&mut self, now: Timestamp) {
        if self.dialer.handle_retry() {
            self.outputs.push_back(Output::Dial);
        }
        self.finish(now);
    }

    /// A [`Output::Store`] is durable.
    pub fn handle_stored(&mut self, now: Timestamp, save: SaveId) {
        if let Some(document) = self.saves.handle_stored(save)
            && let Some(opened) = self.opened.get_mut(&document)
        {
            opened.pending.remove(&save);
            self.ledger.handle_stored(&document, opened.pending.first().copied());
        }
        let had_failed = matches!(self.storage, StorageState::Full | StorageState::Failed);
        if had_failed && !self.unread && !self.saves.has_failed() {
            self.storage = StorageState::Durable;
        }
        self.compact_due();
        self.finish(now);
    }

    /// A [`Output::Store`] failed. Editing goes on in memory; the status says so. The same chunk is to be stored again
    /// after a while, unless there is no storage any more ([`StorageState::MemoryOnly`]).
    pub fn handle_store_failed(&mut self, now: Timestamp, save: SaveId, storage: StorageState) {
        self.storage = storage;
        match storage {
            StorageState::MemoryOnly => {
                for document in self.opened.ids() {
                    if let Some(opened) = self.opened.get_mut(&document) {
                        opened.pending.clear();
                    }
                }
                self.keep_unstored(now);
            }
            StorageState::Full | StorageState::Failed | StorageState::Durable => {
                self.saves.handle_failed(now, save);
            }
        }
        self.finish(now);
    }

    /// The moment that `next_timeout` named has come.
    pub fn handle_timeout(&mut self, now: Timestamp) {
        if self.dialer.handle_timeout(now) {
            self.outputs.push_back(Output::Dial);
        }
        self.close_unanswered(now);
        self.close_silent(now);
        for document in self.opened.timed() {
            if let Some(opened) = self.opened.get_mut(&document) {
                opened.handle_timeout(now);
            }
        }
        self.presence.handle_timeout(now);
        self.bodies.handle_timeout(now);
        if self.catch_up.handle_timeout(now) {
            self.bodies.handle_joined(false);
        }
        self.outputs.extend(self.saves.handle_timeout(now));
        if self.note_at.is_some_and(|at| at <= now) {
            self.note_acknowledged();
        }
        self.compact_due();
        self.finish(now);
    }

    /// Nobody looks at the board any more, and the shell may be ended at any time: what was typed is written out, and
    /// so is what the documents read as, once all of it is durable. What is to be done in a pause is done.
    pub fn handle_hidden(&mut self, now: Timestamp) {
        self.write_out(now);
        for document in self.opened.ids() {
            if let Some(opened) = self.opened.get_mut(&document) {
                opened.compactor.hurry(now);
            }
        }
        self.finish(now);
    }

    /// The shell is about to go: what was typed is written out and sent, and the others are told goodbye. The shell
    /// does what comes out, tells how the saves ended and does what comes out then, and closes its connections.
    pub fn handle_closing(&mut self, now: Timestamp) {
        self.write_out(now);
        self.note_acknowledged();
        self.finish(now);
        self.say(Roster::goodbye());
    }

    /// Writes out what was typed, and what the documents read as once all of it is durable.
    fn write_out(&mut self, now: Timestamp) {
        for document in self.opened.ids() {
            let Some(opened) = self.opened.get_mut(&document) else { continue };
            opened.flush(now);
            opened.projector.handle_closing();
        }
    }

    /// The next thing to do.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When to call `handle_timeout`, if at all.
    pub fn next_timeout(&self) -> Option<Timestamp> {
        let handshakes =
            self.connections.values().filter_map(|connection| match &connection.link {
                Link::Relay(handshake) => handshake.next_timeout(),
                Link::Tab { peer: _ } => None,
            });
        let all = [
            self.opened.next_timeout(),
            handshakes.min(),
            self.dialer.retry_at(),
            self.silence.next_timeout(),
            self.presence.next_timeout(),
            self.bodies.next_timeout(),
            self.catch_up.next_timeout(),
            self.saves.next_timeout(),
            self.note_at,
        ];
        all.into_iter().flatten().min()
    }

    /// The status, as last told by [`Output::Status`].
    pub fn status(&self) -> &Status {
        &self.status
    }

    /// Everybody else who is here, in the order of their peer ids.
    pub fn peers(&self) -> Vec<Peer> {
        self.presence.peers()
    }

    /// The board, once it was read from storage ([`Output::Load`]).
    pub fn board(&self) -> Option<&Board> {
        Some(self.board_document()?.board())
    }

    /// The talk, once it was read from storage: asked for as soon as the board is there.
    pub fn talk(&self) -> Option<&Talk> {
        match &self.opened.get(&self.talk)?.kind {
            Kind::Talk(talk) => Some(talk.talk()),
            Kind::Board(_) | Kind::Body(_) => None,
        }
    }

    /// How many connections were closed because of what came from them.
    pub fn refused(&self) -> u64 {
        self.refused
    }

    fn board_document(&self) -> Option<&BoardDocument> {
        match &self.opened.get(&self.options.board)?.kind {
            Kind::Board(board) => Some(board),
            Kind::Body(_) | Kind::Talk(_) => None,
        }
    }

    fn board_document_mut(&mut self) -> Option<&mut BoardDocument> {
        match &mut self.opened.get_mut(&self.options.board)?.kind {
            Kind::Board(board) => Some(board),
            Kind::Body(_) | Kind::Talk(_) => None,
        }
    }

    /// The talk, which is asked of storage right after the board.
    fn talk_mut(&mut self) -> Result<&mut TalkDocument, CommandError> {
        match self.opened.get_mut(&self.talk).map(|opened| &mut opened.kind) {
            Some(Kind::Talk(talk)) => Ok(talk),
            Some(Kind::Board(_) | Kind::Body(_)) | None => Err(CommandError::NotLoaded),
        }
    }

    fn open_board(&mut self, now: Timestamp, mut chunks: Vec<Chunk>) {
        let notes = Mark::notes(&chunks);
        let on_relay = Mark::OnRelay.take(&mut chunks);
        let is_noted = self.suspects.learn(Mark::LeftOut.take(&mut chunks));
        let (id, person) = (self.options.board.clone(), self.options.person.id.clone());
        let stored = Stored { chunks, suspects: self.suspects.clone() };
        let (mut board, report) = BoardDocument::open(id.clone(), person, self.dice.fork(), stored);
        let shown = self.take_shown(&mut board);
        let projector = Projector::new(shown);
        let opened =
            Opened::new(Kind::Board(Box::new(board)), on_relay, projector, Compactor::new(notes));
        self.insert(now, &id, opened, report);
        if !is_noted {
            let note = Mark::LeftOut.write(self.suspects.harmful());
            if let Some(opened) = self.opened.get_mut(&id) {
                opened.compactor.notes.push(note.hash);
            }
            self.store(&id, note);
        }
    }

    fn open_talk(&mut self, now: Timestamp, mut chunks: Vec<Chunk>) {
        let notes = Mark::notes(&chunks);
        let on_relay = Mark::OnRelay.take(&mut chunks);
        let person = self.options.person.id.clone();
        let stored = Stored { chunks, suspects: self.suspects.clone() };
        let (talk, report) = TalkDocument::open(person, self.dice.fork(), stored);
        let (projector, compactor) = (Projector::default(), Compactor::new(notes));
        let opened = Opened::new(Kind::Talk(Box::new(talk)), on_relay, projector, compactor);
        self.insert(now, &self.talk.clone(), opened, report);
    }

    /// False when nobody asked for it.
    fn open_body(&mut self, now: Timestamp, document: &DocumentId, mut chunks: Vec<Chunk>) -> bool {
        let Some(body) = self.bodies.get_mut(document) else { return false };
        if body.stage != Stage::Loading {
            return false;
        }
        body.stage = Stage::Here;
        let (card, is_wanted) = (body.card.clone(), body.is_wanted);
        let projected = body.projected.take();
        let notes = Mark::notes(&chunks);
        // what an import has just stored may not be found there yet
        for chunk in self.saves.chunks_of(document) {
            if chunks.iter().all(|found| found.hash != chunk.hash) {
                chunks.push(chunk);
            }
        }
        let on_relay = Mark::OnRelay.take(&mut chunks);
        let person = self.options.person.id.clone();
        let stored = Stored { chunks, suspects: self.suspects.clone() };
        let (mut text, report) = BodyDocument::open(card, person, self.dice.fork(), stored);
        let shown = match &projected {
            _ if !is_wanted => Ok(()),
            Some(shown) => text.open_text_from(now, shown),
            None => text.open_text(now),
        };
        self.refused += u64::from(shown.is_err());
        self.bodies.touch(document);
        let projector = Projector::new(projected.map(|shown| shown.heads).unwrap_or_default());
        let opened =
            Opened::new(Kind::Body(Box::new(text)), on_relay, projector, Compactor::new(notes));
        self.insert(now, document, opened, report);
        true
    }

    /// Puts a document that was just read in its place. Where a part of it could not be read, what could is stored
    /// once more, because the chunk that held it is put apart.
    fn insert(
        &mut self,
        now: Timestamp,
        document: &DocumentId,
        mut opened: Opened,
        report: LoadReport,
    ) {
        self.plan_projection(now, &mut opened);
        opened.pending = self.saves.pending_of(document);
        let whole = (!report.quarantined.is_empty()).then(|| opened.whole_chunk());
        self.opened.insert(document.clone(), opened);
        if let Some(whole) = whole {
            self.store(document, whole);
        }
        if !report.quarantined.is_empty() && *document != self.options.board {
            // what was lost is to be fetched again
            self.catch_up.owe(document, Vec::new());
        }
        for chunk in report.quarantined {
            self.quarantined = self.quarantined.saturating_add(1);
            self.outputs.push_back(Output::Quarantine { document: document.clone(), chunk });
        }
    }
}
