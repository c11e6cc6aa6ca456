//! Changes for tests that need no document.

use automerge::transaction::Transactable;
use automerge::{ActorId, AutoCommit, ROOT};
use bytes::Bytes;

/// Changes of one actor, each on the one before.
#[expect(clippy::disallowed_methods, reason = "the actor is set at once, and no text is counted")]
pub(crate) fn changes(actor: u8, count: i64) -> Vec<Bytes> {
    let mut document = AutoCommit::new().with_actor(ActorId::from([actor; 16]));
    for number in 0..count {
        document.put(ROOT, "key", number).unwrap();
        document.commit();
    }
    let changes = document.get_changes(&[]);
    changes.iter().map(|change| Bytes::copy_from_slice(change.raw_bytes())).collect()
}
