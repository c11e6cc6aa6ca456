//! One room on one device: its board, its open bodies, their sync and where each is saved, as one machine.
//!
//! What happened goes in by `handle_*`, what is to be done comes out of one ordered queue by `poll_output`, and
//! `next_timeout` says when to call `handle_timeout`. Time and randomness are arguments; there is no I/O here.

use bytes::Bytes;
use warroom_protocol::{ConnectionId, DocumentId, PeerId, SaveId, Seed, Timestamp};

use crate::board::Person;
use crate::command::Command;
use crate::error::CommandError;
use crate::output::{Chunk, Output};
use crate::presence::{Peer, Presence};
use crate::status::{Status, StorageState};

/// What a replica is opened with.
#[derive(Debug, Clone)]
pub struct RoomOptions {
    /// The board's document: `DocumentId::from_room_name` or an `automerge:` address.
    pub board: DocumentId,
    /// Who works here.
    pub person: Person,
    /// Whether this device keeps what it is given.
    pub storage: StorageState,
}

/// What is at the other end of a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConnectionKind {
    /// A relay: the replica joins as its client, and what it acknowledges is durable.
    Relay,
    /// Another tab of this device, which shares its storage: no handshake, and no acknowledgement counts.
    Tab {
        /// The other tab's peer id.
        peer: PeerId,
    },
}

/// One room on one device.
#[derive(Debug)]
pub struct Replica {}

impl Replica {
    /// Opens a room. Asks for its board by [`Output::Load`] and dials the relay at once.
    pub fn open(now: Timestamp, seed: Seed, options: RoomOptions) -> Self {
        let _ = (now, seed, options);
        todo!()
    }

    /// This replica's name on the wire: fresh for each opening.
    pub fn peer_id(&self) -> &PeerId {
        todo!()
    }

    /// Answers [`Output::Load`] with every chunk that this device has of the document, in any order.
    pub fn handle_loaded(&mut self, now: Timestamp, document: &DocumentId, chunks: Vec<Chunk>) {
        let _ = (now, document, chunks);
        todo!()
    }

    /// A person did something. Returns the number of the edit ([`Status::edits_made`]); commands that edit nothing
    /// return the number of the newest edit.
    ///
    /// # Errors
    /// [`CommandError`]: nothing was changed.
    pub fn handle_command(
        &mut self,
        now: Timestamp,
        command: Command,
    ) -> Result<u64, CommandError> {
        let _ = (now, command);
        todo!()
    }

    /// A person moves, types or looks somewhere.
    pub fn handle_presence(&mut self, now: Timestamp, presence: Presence) {
        let _ = (now, presence);
        todo!()
    }

    /// A connection is open.
    pub fn handle_connected(
        &mut self,
        now: Timestamp,
        connection: ConnectionId,
        kind: ConnectionKind,
    ) {
        let _ = (now, connection, kind);
        todo!()
    }

    /// A frame arrived.
    pub fn handle_received(&mut self, now: Timestamp, connection: ConnectionId, frame: &Bytes) {
        let _ = (now, connection, frame);
        todo!()
    }

    /// A connection is closed; what was in flight is lost.
    pub fn handle_disconnected(&mut self, now: Timestamp, connection: ConnectionId) {
        let _ = (now, connection);
        todo!()
    }

    /// [`Output::Dial`] did not succeed; the next one comes after a full-jitter backoff.
    pub fn handle_dial_failed(&mut self, now: Timestamp) {
        let _ = now;
        todo!()
    }

    /// The device says that the network is back, or a person asks to retry: dial now.
    pub fn handle_retry(&mut self, now: Timestamp) {
        let _ = now;
        todo!()
    }

    /// A [`Output::Store`] is durable.
    pub fn handle_stored(&mut self, now: Timestamp, save: SaveId) {
        let _ = (now, save);
        todo!()
    }

    /// A [`Output::Store`] failed. Editing goes on in memory; the status says so.
    pub fn handle_store_failed(&mut self, now: Timestamp, save: SaveId, storage: StorageState) {
        let _ = (now, save, storage);
        todo!()
    }

    /// The moment that `next_timeout` named has come.
    pub fn handle_timeout(&mut self, now: Timestamp) {
        let _ = now;
        todo!()
    }

    /// The next thing to do.
    pub fn poll_output(&mut self) -> Option<Output> {
        todo!()
    }

    /// When to call `handle_timeout`, if at all.
    pub fn next_timeout(&self) -> Option<Timestamp> {
        todo!()
    }

    /// The status, as last told by [`Output::Status`].
    pub fn status(&self) -> &Status {
        todo!()
    }

    /// Everybody else who is here, in the order of their peer ids.
    pub fn peers(&self) -> Vec<Peer> {
        todo!()
    }
}
