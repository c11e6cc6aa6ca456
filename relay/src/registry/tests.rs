//! Goal: nothing is lost or left behind between the lives of a document. Method: stores that fail, and many
//! connections.

use futures_util::future::{BoxFuture, ready};
use warroom_protocol::StorageId;
use warroom_protocol::sync_message::SyncMessage;

use super::*;
use crate::core::Access;
use crate::error::StoreError;
use crate::store::{Append, Loaded, Page, PageRequest};

/// A store that can't be read: every document fails at once, and its task ends when nobody holds it.
#[derive(Debug)]
struct Unreadable;

impl Store for Unreadable {
    fn append(&self, _: Append) -> BoxFuture<'static, Result<(), StoreError>> {
        Box::pin(ready(Err(StoreError::ReadOnly)))
    }
    fn load(&self, _: DocumentId) -> BoxFuture<'static, Result<Loaded, StoreError>> {
        Box::pin(ready(Err(StoreError::Unreadable)))
    }
    fn list(&self, _: PageRequest) -> BoxFuture<'static, Result<Page, StoreError>> {
        Box::pin(ready(Err(StoreError::Unreadable)))
    }
    fn is_writable(&self) -> bool {
        false
    }
    fn storage_id(&self) -> StorageId {
        StorageId::new("unreadable").unwrap()
    }
    fn heal(&self) -> BoxFuture<'static, ()> {
        Box::pin(ready(()))
    }
    fn close(&self) -> BoxFuture<'static, ()> {
        Box::pin(ready(()))
    }
}

fn registry() -> Arc<Registry> {
    let peer_id = PeerId::new("relay").unwrap();
    Arc::new(Registry::new(Arc::new(Unreadable), Clock::start(), peer_id))
}

fn sync() -> DocumentInput {
    DocumentInput::Sync {
        peer: PeerId::new("anna").unwrap(),
        access: Access::Write,
        is_request: true,
        message: SyncMessage::default(),
        storage: None,
    }
}

/// Goal: a message that comes while its document closes is not lost. Method: many connections open, use and leave
/// one document that closes whenever it can; each must get its answer.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_message_is_lost_between_two_lives_of_a_document() {
    let registry = registry();
    let connections = Tasks::default();
    let answered = Arc::new(Mutex::new(0));
    // two, so that there are moments when nobody holds it
    for _ in 0..2 {
        let (registry, answered) = (Arc::clone(&registry), Arc::clone(&answered));
        connections.spawn("connection", async move {
            for _ in 0..2_000 {
                let link = registry.connect();
                let document_id = DocumentId::from_room_name("room");
                let handle = registry.document(&document_id, &link);
                assert_eq!(handle.try_send(sync()), Ok(None));
                while link.take_refusal() != Some(CloseReason::Unreadable) {
                    link.changed().await;
                }
                drop(handle);
                registry.disconnect(&link, None);
                *lock(&answered) += 1;
                tokio::task::yield_now().await;
            }
        });
    }
    let patience = std::time::Duration::from_mins(1);
    tokio::time::timeout(patience, connections.ended()).await.unwrap();
    assert_eq!(*lock(&answered), 2 * 2_000);
    tokio::time::timeout(patience, registry.document_tasks.ended()).await.unwrap();
    assert!(lock(&registry.documents).entries.is_empty());
    assert_eq!(registry.connections(), 0);
    assert!(lock(&registry.documents).last_task > 1, "the document lived more than once");
}

#[tokio::test]
async fn a_newer_connection_keeps_the_name_when_the_older_goes() {
    let registry = registry();
    let peer_id = PeerId::new("anna").unwrap();
    let (older, newer) = (registry.connect(), registry.connect());
    registry.join(&older, peer_id.clone());
    registry.join(&newer, peer_id.clone());
    assert_eq!(older.take_refusal(), Some(CloseReason::Replaced));
    registry.disconnect(&older, Some(&peer_id));
    let newest = registry.connect();
    registry.join(&newest, peer_id);
    assert_eq!(newer.take_refusal(), Some(CloseReason::Replaced));
}
