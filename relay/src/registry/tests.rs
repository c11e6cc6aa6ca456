//! Goal: nothing is lost or left behind between the lives of a document. Method: stores that fail, and many
//! connections.

use std::collections::VecDeque;

use bytes::Bytes;
use futures_util::future::{BoxFuture, ready};
use tokio::sync::{Barrier, Semaphore};
use warroom_protocol::StorageId;
use warroom_protocol::sync_message::SyncMessage;

use self::written::changes;
use super::*;
use crate::core::{Access, RoomPage};
use crate::error::StoreError;
use crate::store::{Append, Loaded, Page, PageRequest, RoomRequest};

#[path = "../../tests/support/written.rs"]
mod written;

/// A store that can't be read: every document fails at once, and its task ends when nobody holds it.
#[derive(Debug)]
pub(crate) struct Unreadable;

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
    fn room(&self, _: RoomRequest) -> BoxFuture<'static, Result<RoomPage, StoreError>> {
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

pub(crate) fn registry(store: Arc<dyn Store>) -> Arc<Registry> {
    let peer_id = PeerId::new("relay").unwrap();
    Arc::new(Registry::new(store, Clock::start(), peer_id))
}

fn sync(changes: Vec<Bytes>) -> DocumentInput {
    let frame_bytes = changes.iter().map(Bytes::len).sum();
    DocumentInput::Sync {
        frame_bytes,
        peer: PeerId::new("anna").unwrap(),
        access: Access::Write,
        is_request: true,
        message: SyncMessage { changes, ..SyncMessage::default() },
        storage: None,
    }
}

/// Goal: a message that comes while its document closes is not lost. Method: many connections open, use and leave
/// one document that closes whenever it can; each must get its answer.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_message_is_lost_between_two_lives_of_a_document() {
    let registry = registry(Arc::new(Unreadable));
    let connections = Tasks::default();
    let answered = Arc::new(Mutex::new(0));
    // two, so that there are moments when nobody holds it
    let pause = Arc::new(Barrier::new(2));
    for _ in 0..2 {
        let (registry, answered) = (Arc::clone(&registry), Arc::clone(&answered));
        let pause = Arc::clone(&pause);
        connections.spawn("connection", async move {
            for round in 0..2_000 {
                if round % 8 == 0 {
                    // however busy the machine is
                    pause.wait().await;
                }
                let link = registry.connect();
                let document_id = DocumentId::from_room_name("room");
                let handle = registry.document(&document_id, &link);
                assert_eq!(handle.try_send(sync(Vec::new())), Ok(None));
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
    let patience = Duration::from_mins(1);
    tokio::time::timeout(patience, connections.ended()).await.unwrap();
    assert_eq!(*lock(&answered), 2 * 2_000);
    tokio::time::timeout(patience, registry.document_tasks.ended()).await.unwrap();
    assert!(lock(&registry.documents).entries.is_empty());
    assert_eq!(registry.connections(), 0);
    assert!(lock(&registry.documents).last_task > 1, "the document lived more than once");
}

#[tokio::test]
async fn a_newer_connection_keeps_the_name_when_the_older_goes() {
    let registry = registry(Arc::new(Unreadable));
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

/// A store whose loads are answered by the test, and which keeps what is appended.
#[derive(Debug)]
struct Scripted {
    loads: Mutex<VecDeque<oneshot::Receiver<Result<Loaded, StoreError>>>>,
    appended: Mutex<Vec<Append>>,
    /// How many appends may still succeed.
    gate: Arc<Semaphore>,
}

impl Scripted {
    fn new(appends: usize) -> Arc<Self> {
        let gate = Arc::new(Semaphore::new(appends));
        Arc::new(Self { loads: Mutex::default(), appended: Mutex::default(), gate })
    }

    /// What answers the next load that nobody has answered yet.
    fn next_load(&self) -> oneshot::Sender<Result<Loaded, StoreError>> {
        let (answer, load) = oneshot::channel();
        lock(&self.loads).push_back(load);
        answer
    }
}

impl Store for Scripted {
    fn append(&self, append: Append) -> BoxFuture<'static, Result<(), StoreError>> {
        lock(&self.appended).push(append);
        let gate = Arc::clone(&self.gate);
        Box::pin(async move {
            gate.acquire().await.unwrap().forget();
            Ok(())
        })
    }
    fn load(&self, _: DocumentId) -> BoxFuture<'static, Result<Loaded, StoreError>> {
        let load = lock(&self.loads).pop_front().unwrap();
        Box::pin(async move { load.await.unwrap() })
    }
    fn list(&self, _: PageRequest) -> BoxFuture<'static, Result<Page, StoreError>> {
        Box::pin(ready(Ok(Page::default())))
    }
    fn room(&self, _: RoomRequest) -> BoxFuture<'static, Result<RoomPage, StoreError>> {
        Box::pin(ready(Ok(RoomPage::default())))
    }
    fn is_writable(&self) -> bool {
        true
    }
    fn storage_id(&self) -> StorageId {
        StorageId::new("scripted").unwrap()
    }
    fn heal(&self) -> BoxFuture<'static, ()> {
        Box::pin(ready(()))
    }
    fn close(&self) -> BoxFuture<'static, ()> {
        Box::pin(ready(()))
    }
}

/// Goal: a document that ends takes along nothing that waits in its mailbox. Method: in one thread, so that nothing
/// runs between, the document fails to load just when somebody hands over a change and leaves: its task comes to
/// where it may end, nobody holds it, and the change waits.
#[tokio::test(flavor = "current_thread")]
async fn a_document_is_not_evicted_while_an_input_waits_in_its_mailbox() {
    let store = Scripted::new(1);
    let (first, second) = (store.next_load(), store.next_load());
    let shared: Arc<dyn Store> = Arc::<Scripted>::clone(&store);
    let registry = registry(shared);
    let document_id = DocumentId::from_room_name("room");
    let (reader, writer) = (registry.connect(), registry.connect());
    let handle = registry.document(&document_id, &reader);
    assert_eq!(handle.try_send(sync(Vec::new())), Ok(None));
    while lock(&store.loads).len() == 2 {
        tokio::task::yield_now().await;
    }

    first.send(Err(StoreError::Unreadable)).unwrap();
    let late = registry.document(&document_id, &writer);
    assert_eq!(late.try_send(sync(changes(1, 1))), Ok(None));
    drop((handle, late));
    second.send(Ok(Loaded::default())).unwrap();

    while lock(&store.appended).is_empty() && !lock(&registry.documents).entries.is_empty() {
        tokio::task::yield_now().await;
    }
    assert_eq!(lock(&store.appended).len(), 1, "what was handed over is saved");
    registry.close_documents().await;
    assert_eq!(lock(&registry.documents).last_task, 1, "by the same task");
}

/// Hands over messages as a socket does, one after the other, as fast as there is room.
async fn hand_over(handle: DocumentHandle, changes: Vec<Bytes>, left: Arc<Mutex<usize>>) {
    for change in changes {
        if let Some(input) = handle.try_send(sync(vec![change])).unwrap() {
            handle.turn(&input).await.send(input).unwrap();
        }
        *lock(&left) -= 1;
    }
    std::future::pending::<()>().await;
}

/// Lets every task run until none has anything more to do.
async fn settle() {
    for _ in 0..2_000 {
        tokio::task::yield_now().await;
    }
}

/// Goal: floods delay an honest edit by a bounded number of saves, however many flood, for a mailbox is first come,
/// first served. Method: in one thread, connections that hand over far more than a document takes in at a time; then
/// one honest edit; then one save at a time.
#[tokio::test(flavor = "current_thread")]
async fn a_flood_delays_an_honest_edit_by_few_saves() {
    for floods in [1, 100] {
        let store = Scripted::new(0);
        store.next_load().send(Ok(Loaded::default())).unwrap();
        let shared: Arc<dyn Store> = Arc::<Scripted>::clone(&store);
        let registry = registry(shared);
        let document_id = DocumentId::from_room_name("room");
        let sockets = Tasks::default();
        let left = Arc::new(Mutex::new(2_000));
        for flood in 0..floods {
            let changes = changes(flood + 1, 2_000 / i64::from(floods));
            let handle = registry.document(&document_id, &registry.connect());
            sockets.spawn("flood", hand_over(handle, changes, Arc::clone(&left)));
        }
        settle().await;
        let honest = changes(200, 1);
        let handle = registry.document(&document_id, &registry.connect());
        let told = Arc::new(Mutex::new(1));
        sockets.spawn("honest", hand_over(handle, honest.clone(), Arc::clone(&told)));
        settle().await;
        assert_eq!(*lock(&told), 1, "there is no room for it yet");
        let is_saved = |append: &Append| append.changes.iter().any(|one| one.chunk == honest[0]);
        let mut saves = 0;
        while !lock(&store.appended).last().is_some_and(is_saved) {
            saves += 1;
            // the one under way, the one of what had come before, and its own
            assert!(saves <= 3, "{floods} floods, {} messages of them left", lock(&left));
            store.gate.add_permits(1);
            settle().await;
        }
        assert!(*lock(&left) > 500, "{floods} floods go on: {} messages left", lock(&left));
    }
}

/// Goal: a document that never rests keeps no relay from stopping. Method: a flood that goes on; a flush is done when what
/// came before it is saved, after a bounded number of saves.
#[tokio::test(flavor = "current_thread")]
async fn a_flush_waits_for_what_came_before_it_and_for_nothing_else() {
    let store = Scripted::new(0);
    store.next_load().send(Ok(Loaded::default())).unwrap();
    let shared: Arc<dyn Store> = Arc::<Scripted>::clone(&store);
    let registry = registry(shared);
    let document_id = DocumentId::from_room_name("room");
    let sockets = Tasks::default();
    let left = Arc::new(Mutex::new(2_000));
    let handle = registry.document(&document_id, &registry.connect());
    sockets.spawn("flood", hand_over(handle, changes(1, 2_000), Arc::clone(&left)));
    settle().await;
    let flushes = Tasks::default();
    let is_flushed = Arc::new(AtomicBool::new(false));
    flushes.spawn("flush", {
        let (registry, is_flushed) = (Arc::clone(&registry), Arc::clone(&is_flushed));
        async move {
            registry.flush().await;
            is_flushed.store(true, Ordering::Release);
        }
    });
    settle().await;
    let mut saves = 0;
    while !is_flushed.load(Ordering::Acquire) {
        saves += 1;
        // the one under way, the one of what waited, and the one of what was in the mailbox
        assert!(saves <= 3, "{} messages left", lock(&left));
        store.gate.add_permits(1);
        settle().await;
    }
    assert!(*lock(&left) > 500, "the flood goes on: {} messages left", lock(&left));
}

#[tokio::test(flavor = "current_thread")]
async fn a_mailbox_holds_bytes_as_of_one_long_frame_and_who_brings_more_waits() {
    let registry = registry(Arc::new(Unreadable));
    let handle = registry.document(&DocumentId::from_room_name("room"), &registry.connect());
    let framed = |frame_bytes| DocumentInput::Sync {
        peer: PeerId::new("anna").unwrap(),
        access: Access::Write,
        is_request: false,
        message: SyncMessage::default(),
        storage: None,
        frame_bytes,
    };
    assert_eq!(handle.try_send(framed(MAILBOX_BYTES_MAX - 1)), Ok(None));
    assert_eq!(handle.try_send(framed(1)), Ok(None));
    let left = handle.try_send(framed(1)).unwrap().unwrap();
    assert_eq!(handle.try_send(DocumentInput::Credit), Ok(None), "it holds nothing");
    let turn = handle.turn(&left);
    // the document takes in what waits, which gives the room back
    assert_eq!(turn.await.send(left), Ok(()));
    assert_eq!(
        handle.try_send(framed(10 * MAILBOX_BYTES_MAX)),
        Ok(Some(framed(10 * MAILBOX_BYTES_MAX)))
    );
    settle().await;
    assert_eq!(handle.try_send(framed(10 * MAILBOX_BYTES_MAX)), Ok(None), "one frame always fits");
}
