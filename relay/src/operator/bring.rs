//! Changes that an operator brings to a document: taken in as those of a peer are, so that everybody who has it open is told.

use std::collections::BTreeSet;
use std::sync::Arc;

use bytes::Bytes;
use warroom_protocol::guard::{CheckedChange, check_change, chunks};
use warroom_protocol::limits::CHANGE_OPS_MAX;
use warroom_protocol::sync_message::SyncMessage;
use warroom_protocol::{DocumentId, GuardError, PeerId};

use crate::core::{Access, CloseReason, DocumentInput};
use crate::error::BringError;
use crate::limits::OPERATOR_MESSAGE_BYTES;
use crate::registry::Registry;
use crate::spawn;

/// Takes in what a document lacks of the changes that these bytes are, and gives how many that were. They are durable
/// then.
///
/// # Errors
/// [`BringError`]. Nothing was taken in, unless one does not fit the document: those before it may have been.
pub(super) async fn bring(
    registry: &Arc<Registry>,
    document_id: &DocumentId,
    root: Option<DocumentId>,
    bytes: &Bytes,
) -> Result<usize, BringError> {
    let changes = spawn::heavy(|| read(bytes))?;
    let hashes: Vec<_> = changes.iter().map(|change| change.hash).collect();
    let before = registry.store.snapshot().await?;
    // all or nothing, as far as it can be known before
    let known: BTreeSet<_> = hashes.iter().copied().collect();
    let outside = changes.iter().flat_map(|change| &change.deps).copied();
    let outside: Vec<_> = outside.filter(|hash| !known.contains(hash)).collect();
    let missing = before.lacking(document_id, &outside).map_err(BringError::unread)?.len();
    if missing > 0 {
        return Err(BringError::Missing { missing });
    }
    let lacking = before.lacking(document_id, &hashes).map_err(BringError::unread)?;
    let is_counted = before.is_counted(document_id).map_err(BringError::unread)?;
    drop(before);
    let (count, root) = (lacking.len(), root.filter(|_| !is_counted));
    if count == 0 && root.is_none() {
        return Ok(0);
    }
    let link = registry.guest();
    let document = registry.document(document_id, &link);
    let send = async |input: DocumentInput| {
        let turn = document.turn(&input).await;
        turn.send(input).map_err(|_| BringError::Refused(CloseReason::Internal))
    };
    if let Some(root) = root {
        send(DocumentInput::Counts(root)).await?;
    }
    let wanted = changes.into_iter().filter(|change| lacking.contains(&change.hash));
    for message in messages(wanted) {
        send(input(message)?).await?;
        document.flushed().await;
        if let Some(reason) = link.take_refusal() {
            return Err(BringError::Refused(reason));
        }
    }
    drop(document);
    registry.rest(document_id).await;
    // a store that takes nothing, and changes that wait for others, refuse nobody
    let left = registry.store.snapshot().await?.lacking(document_id, &hashes);
    match left.map_err(BringError::unread)?.len() {
        0 => Ok(count),
        _ if !registry.store.is_writable() => Err(BringError::Refused(CloseReason::Store)),
        _ => Err(BringError::Refused(CloseReason::Overloaded)),
    }
}

/// The changes that the bytes are, one chunk after the other.
fn read(bytes: &Bytes) -> Result<Vec<CheckedChange>, GuardError> {
    chunks(bytes).map(|chunk| check_change(&chunk?.bytes)).collect()
}

/// Cuts changes into messages of which each is a moment's work.
fn messages(changes: impl Iterator<Item = CheckedChange>) -> Vec<Vec<Bytes>> {
    let mut messages = vec![Vec::new()];
    let (mut ops, mut bytes) = (0, 0);
    for change in changes {
        ops += change.max_op().saturating_sub(change.start_op).saturating_add(1);
        bytes += change.chunk.len();
        if ops > CHANGE_OPS_MAX || bytes > OPERATOR_MESSAGE_BYTES {
            messages.push(Vec::new());
            (ops, bytes) = (0, 0);
        }
        if let Some(message) = messages.last_mut() {
            message.push(change.chunk);
        }
    }
    messages
}

fn input(changes: Vec<Bytes>) -> Result<DocumentInput, BringError> {
    let peer = PeerId::new("operator").map_err(|_| BringError::Refused(CloseReason::Internal))?;
    Ok(DocumentInput::Sync {
        peer,
        access: Access::Write,
        is_request: false,
        frame_bytes: changes.iter().map(Bytes::len).sum(),
        message: SyncMessage { changes, ..SyncMessage::default() },
        storage: None,
    })
}
