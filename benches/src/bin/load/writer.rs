//! A client that writes: a real document behind the socket.

use anyhow::{Context, Result};
use automerge::sync::{Message as AutomergeMessage, State, SyncDoc};
use automerge::transaction::Transactable;
use automerge::{ActorId, AutoCommit};
use bytes::Bytes;
use warroom_protocol::sync_message::SyncMessage;

use crate::line::{Checksum, Line, News, checksum};
use warroom_protocol::DocumentId;

/// Keys of the document: edits go round them.
const KEYS: usize = 100;

/// A document and what is known of the server's.
pub(crate) struct Writer {
    document_id: DocumentId,
    document: AutoCommit,
    state: State,
    edits: usize,
}

impl Writer {
    /// An empty document of a room.
    #[expect(
        clippy::disallowed_methods,
        reason = "a document of this program alone, whose actor is set at once"
    )]
    pub(crate) fn new(room: &str) -> Self {
        let document_id = DocumentId::from_room_name(room);
        let actor = ActorId::from(document_id.as_bytes());
        let document = AutoCommit::new().with_actor(actor);
        Self { document_id, document, state: State::new(), edits: 0 }
    }

    /// Makes one change, and gives its chunk.
    pub(crate) fn edit(&mut self) -> Result<Bytes> {
        let (key, value) =
            (format!("key {}", self.edits % KEYS), format!("edit number {}", self.edits));
        self.document.put(automerge::ROOT, key, value)?;
        self.document.commit();
        self.edits += 1;
        let change = self.document.get_last_local_change().context("a change")?;
        Ok(Bytes::copy_from_slice(change.raw_bytes()))
    }

    /// Makes so many.
    pub(crate) fn age(&mut self, edits: usize) -> Result<()> {
        (0..edits).try_for_each(|_| self.edit().map(drop))
    }

    /// Sends what there is to tell.
    pub(crate) async fn speak(&mut self, line: &mut Line) -> Result<()> {
        let message = self.document.sync().generate_sync_message(&mut self.state);
        if let Some(message) = message {
            line.sync(&self.document_id, message.encode().into(), false).await?;
        }
        Ok(())
    }

    /// Takes in a message.
    pub(crate) fn hear(&mut self, message: &SyncMessage) -> Result<()> {
        let message = AutomergeMessage::decode(&message.encode())?;
        Ok(self.document.sync().receive_sync_message(&mut self.state, message)?)
    }

    /// Whether the server has told that it has everything, which ours does when it is durable.
    pub(crate) fn is_saved(&mut self) -> bool {
        let heads = self.document.get_heads();
        self.state.their_heads.as_ref().is_some_and(|theirs| *theirs == heads)
    }

    /// Speaks and listens until it is.
    pub(crate) async fn save(&mut self, line: &mut Line) -> Result<()> {
        loop {
            self.speak(line).await?;
            if self.is_saved() {
                return Ok(());
            }
            if let News::Sync(message) = line.next().await? {
                self.hear(&message)?;
            }
        }
    }
}

/// What tells a chunk from others.
pub(crate) fn named(chunk: &Bytes) -> Result<Checksum> {
    checksum(chunk).context("a chunk is longer than its envelope")
}
