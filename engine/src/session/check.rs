//! What stands between a sync message and automerge: the guard, piece by piece.

use automerge::sync;
use bytes::Bytes;
use thiserror::Error;
use warroom_protocol::GuardError;
use warroom_protocol::guard::{self, CheckedChange, ChunkKind};
use warroom_protocol::sync_message::SyncMessage;

/// Why a sync message was not given to automerge; the connection is to be closed with it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum SyncRefusal {
    /// The guard refused it.
    #[error(transparent)]
    Guard(#[from] GuardError),
    /// A kind of chunk that no peer of this version sends.
    #[error("a bundle of changes, which this version does not take")]
    Bundle,
    /// A chunk that does not fit its checksum.
    #[error("a document whose checksum does not fit")]
    Torn,
    /// Another change has the same actor and number, or numbers are left out.
    #[error("a change whose number is not its actor's next")]
    Number,
    /// A change names operations that nobody made.
    #[error("a change that builds on operations which it can't know")]
    Foreign,
    /// Automerge does not read what the guard does.
    #[error("automerge does not read the message: {0}")]
    Unread(String),
}

/// A sync message that automerge may see, and the changes in it.
#[derive(Debug)]
pub(crate) struct Checked {
    pub(crate) message: sync::Message,
    /// The changes that it holds as such. Whole documents are not taken apart: they are bounded by the frame.
    pub(crate) changes: Vec<CheckedChange>,
}

/// Checks everything in a message that can be checked without the document.
pub(crate) fn check(data: &Bytes) -> Result<Checked, SyncRefusal> {
    let parts = SyncMessage::decode(data)?;
    let mut changes = Vec::new();
    for chunk in parts.changes.iter().flat_map(guard::chunks) {
        let chunk = chunk?;
        match chunk.kind {
            ChunkKind::Change | ChunkKind::DeflatedChange => {
                changes.push(guard::check_change(&chunk.bytes)?);
            }
            ChunkKind::Document if chunk.is_intact() => {}
            ChunkKind::Document => return Err(SyncRefusal::Torn),
            ChunkKind::Bundle => return Err(SyncRefusal::Bundle),
        }
    }
    let message = sync::Message::decode(data);
    let message = message.map_err(|error| SyncRefusal::Unread(error.to_string()))?;
    Ok(Checked { message, changes })
}
