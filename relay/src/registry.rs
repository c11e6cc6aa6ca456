//! Who and what is open: document id → the task of the open document, peer id → connection.
//!
//! There is one task for a document at any moment. Whoever talks to it holds a [`DocumentHandle`], which is only given
//! out under the registry's lock; a task ends only under the same lock, when there is no handle and nothing in its
//! mailbox. So no message can be on its way to a task that ended, and no second task can be there meanwhile.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::join_all;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, mpsc, oneshot};
use warroom_protocol::{ConnectionId, DocumentId, PeerId};

use crate::clock::Clock;
use crate::core::{
    Access, CloseReason, Compacted, Connection, ConnectionSettings, Counters, DocumentInput,
};
use crate::document_task::{DocumentTask, Item};
use crate::limits::{MAILBOX_BYTES_MAX, MAILBOX_INPUTS_MAX};
use crate::link::Link;
use crate::metrics::Metrics;
use crate::spawn::Tasks;
use crate::store::Store;

/// What is open in one relay.
#[derive(Debug)]
pub(crate) struct Registry {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) clock: Clock,
    /// The relay's own peer id; fresh for each start.
    pub(crate) peer_id: PeerId,
    documents: Mutex<Documents>,
    connections: Mutex<Connections>,
    pub(crate) metrics: Metrics,
    is_draining: AtomicBool,
    document_tasks: Tasks,
}

/// Why a relay is not ready.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotReady {
    /// Its store is being opened.
    Starting,
    /// It is about to stop.
    Draining,
    /// The store can't be written.
    Store,
}

impl NotReady {
    /// One word for programs.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Draining => "draining",
            Self::Store => "store",
        }
    }

    /// One sentence for people.
    pub(crate) fn sentence(self) -> &'static str {
        match self {
            Self::Starting => "the relay starts and reads its store: try again in a few seconds",
            Self::Draining => "the relay restarts: try again in a few seconds",
            Self::Store => {
                "the store can't be written: free space on the disk or look at its health, then it opens by itself"
            }
        }
    }
}

#[derive(Debug, Default)]
struct Documents {
    last_task: u64,
    entries: BTreeMap<DocumentId, Entry>,
}

#[derive(Debug)]
struct Entry {
    /// Tells one task of a document from a later one.
    task: u64,
    mailbox: mpsc::Sender<Item>,
    room: Arc<Semaphore>,
    released: Arc<Notify>,
    /// Tells, with `released`, that something in the room of which it is the root is durable that was not.
    stirred: Arc<AtomicBool>,
    handles: usize,
}

#[derive(Debug, Default)]
struct Connections {
    last_id: u64,
    links: BTreeMap<ConnectionId, Arc<Link>>,
    link_by_peer: BTreeMap<PeerId, Arc<Link>>,
}

impl Registry {
    pub(crate) fn new(store: Arc<dyn Store>, clock: Clock, peer_id: PeerId) -> Self {
        Self {
            metrics: Metrics::new(&store.stats()),
            store,
            clock,
            peer_id,
            documents: Mutex::default(),
            connections: Mutex::default(),
            is_draining: AtomicBool::new(false),
            document_tasks: Tasks::default(),
        }
    }

    /// A way to the document for one connection, opening it when it is not.
    pub(crate) fn document(
        self: &Arc<Self>,
        document_id: &DocumentId,
        link: &Arc<Link>,
    ) -> DocumentHandle {
        let mut documents = lock(&self.documents);
        let Documents { last_task, entries } = &mut *documents;
        let entry = entries.entry(document_id.clone()).or_insert_with(|| {
            *last_task += 1;
            let task = *last_task;
            let (mailbox, inputs) = mpsc::channel(MAILBOX_INPUTS_MAX);
            let room = Arc::new(Semaphore::new(MAILBOX_BYTES_MAX));
            let released = Arc::new(Notify::new());
            let stirred = Arc::new(AtomicBool::new(false));
            let inputs = (inputs, Arc::clone(&stirred));
            let document = DocumentTask::new(self, document_id, task, inputs);
            self.metrics.documents_opened.inc();
            self.document_tasks.spawn("document", document.run(Arc::clone(&released)));
            Entry { task, mailbox, room, released, stirred, handles: 0 }
        });
        entry.handles += 1;
        DocumentHandle {
            mailbox: entry.mailbox.clone(),
            room: Arc::clone(&entry.room),
            link: Arc::clone(link),
            release: Release {
                registry: Arc::clone(self),
                document_id: document_id.clone(),
                task: entry.task,
                released: Arc::clone(&entry.released),
            },
        }
    }

    /// A number for who brings changes without a socket.
    pub(crate) fn guest(&self) -> Arc<Link> {
        let mut connections = lock(&self.connections);
        connections.last_id += 1;
        Arc::new(Link::new(ConnectionId(connections.last_id)))
    }

    /// Lets go of the document in memory, where nobody else has it open.
    pub(crate) async fn rest(&self, document_id: &DocumentId) {
        self.tell(document_id, Item::Rest).await;
    }

    /// Tells a document that is open that it was compacted.
    pub(crate) async fn tell_compacted(&self, document_id: &DocumentId, compacted: Compacted) {
        self.tell(document_id, Item::Compacted(compacted)).await;
    }

    async fn tell(&self, document_id: &DocumentId, item: Item) {
        let entry =
            lock(&self.documents).entries.get(document_id).map(|entry| entry.mailbox.clone());
        if let Some(mailbox) = entry {
            // a task that ended needs to hear nothing
            mailbox.send(item).await.unwrap_or(());
        }
    }

    /// Something in the room of this root is durable that was not. Nobody waits to hear of it where the root is not open.
    pub(crate) fn stir(&self, root: &DocumentId) {
        if let Some(entry) = lock(&self.documents).entries.get(root) {
            entry.stirred.store(true, Ordering::Release);
            entry.released.notify_one();
        }
    }

    /// Whether the task may end: nobody can reach it and nothing waits for it. It is forgotten then.
    pub(crate) fn evict(
        &self,
        document_id: &DocumentId,
        task: u64,
        inputs: &mpsc::Receiver<Item>,
    ) -> bool {
        let mut documents = lock(&self.documents);
        let is_needed = documents
            .entries
            .get(document_id)
            .is_some_and(|entry| entry.task == task && (entry.handles > 0 || !inputs.is_empty()));
        if !is_needed {
            documents.remove(document_id, task);
        }
        !is_needed
    }

    /// Forgets a task that failed, whoever holds handles to it.
    pub(crate) fn forget(&self, document_id: &DocumentId, task: u64) {
        lock(&self.documents).remove(document_id, task);
    }

    /// Waits until everything that documents were given before is saved and told. All are asked at once: one that is
    /// slow holds up no other.
    pub(crate) async fn flush(&self) {
        let flushes = self.mailboxes().into_iter().map(|mailbox| async move {
            let (done, flushed) = oneshot::channel();
            if mailbox.send(Item::Flush(done)).await.is_ok() {
                // a task that ends has nothing left to flush
                flushed.await.unwrap_or(());
            }
        });
        join_all(flushes).await;
    }

    /// Ends all document tasks once their mailboxes are empty, and waits for it.
    pub(crate) async fn close_documents(&self) {
        for mailbox in self.mailboxes() {
            // a task that ended needs no end
            mailbox.send(Item::Stop).await.unwrap_or(());
        }
        self.document_tasks.ended().await;
    }

    /// Tells documents that were opened while the store took nothing that it does again.
    pub(crate) async fn announce_writable(&self) {
        // a commit of which nobody knew whether it was one may have been, and loading may have repaired what it found
        for entry in lock(&self.documents).entries.values() {
            entry.stirred.store(true, Ordering::Release);
            entry.released.notify_one();
        }
        for mailbox in self.mailboxes() {
            // a task that ended opens writable the next time
            mailbox.send(Item::Writable).await.unwrap_or(());
        }
    }

    fn mailboxes(&self) -> Vec<mpsc::Sender<Item>> {
        lock(&self.documents).entries.values().map(|entry| entry.mailbox.clone()).collect()
    }

    /// The machine of a new connection.
    pub(crate) fn open_connection(&self) -> Connection {
        let settings = ConnectionSettings {
            relay: self.peer_id.clone(),
            storage: self.store.storage_id(),
            access: Access::Write,
        };
        Connection::open(self.clock.now(), settings)
    }

    /// Numbers a new connection.
    pub(crate) fn connect(&self) -> Arc<Link> {
        let mut connections = lock(&self.connections);
        connections.last_id += 1;
        self.metrics.connections_opened.inc();
        let link = Arc::new(Link::new(ConnectionId(connections.last_id)));
        connections.links.insert(link.id(), Arc::clone(&link));
        if self.is_draining() {
            link.refuse(CloseReason::Restart);
        }
        link
    }

    /// The connection belongs to `peer_id` now; another one that did is closed.
    pub(crate) fn join(&self, link: &Arc<Link>, peer_id: PeerId) {
        let older = lock(&self.connections).link_by_peer.insert(peer_id, Arc::clone(link));
        if let Some(older) = older.filter(|older| older.id() != link.id()) {
            older.refuse(CloseReason::Replaced);
        }
    }

    /// The connection is gone.
    pub(crate) fn disconnect(&self, link: &Link, peer_id: Option<&PeerId>) {
        let mut connections = lock(&self.connections);
        connections.links.remove(&link.id());
        if let Some(peer_id) = peer_id {
            let is_holder = |holder: &Arc<Link>| holder.id() == link.id();
            if connections.link_by_peer.get(peer_id).is_some_and(is_holder) {
                connections.link_by_peer.remove(peer_id);
            }
        }
    }

    /// How many connections are open.
    pub(crate) fn connections(&self) -> usize {
        lock(&self.connections).links.len()
    }

    /// Has every connection closed, the ones that come from now on too.
    pub(crate) fn drain(&self) {
        let links: Vec<_> = lock(&self.connections).links.values().map(Arc::clone).collect();
        for link in links {
            link.refuse(CloseReason::Restart);
        }
    }

    /// From now on the relay is not ready and takes no new connections.
    pub(crate) fn start_draining(&self) {
        self.is_draining.store(true, Ordering::Release);
    }

    /// Whether the relay is about to stop.
    pub(crate) fn is_draining(&self) -> bool {
        self.is_draining.load(Ordering::Acquire)
    }

    /// How many documents are open.
    pub(crate) fn documents(&self) -> usize {
        lock(&self.documents).entries.len()
    }

    /// Whether the relay takes connections and changes; why not, otherwise.
    pub(crate) fn readiness(&self) -> Result<(), NotReady> {
        if self.is_draining() {
            Err(NotReady::Draining)
        } else if self.store.is_writable() {
            Ok(())
        } else {
            Err(NotReady::Store)
        }
    }

    /// Adds what a machine counted.
    pub(crate) fn count(&self, counters: &Counters) {
        self.metrics.count(counters);
    }
}

impl Documents {
    fn entry_of(&mut self, document_id: &DocumentId, task: u64) -> Option<&mut Entry> {
        self.entries.get_mut(document_id).filter(|entry| entry.task == task)
    }

    fn remove(&mut self, document_id: &DocumentId, task: u64) {
        if self.entry_of(document_id, task).is_some() {
            self.entries.remove(document_id);
        }
    }
}

/// One connection's way to one open document. Dropping it tells the document that the connection left.
#[derive(Debug)]
pub(crate) struct DocumentHandle {
    mailbox: mpsc::Sender<Item>,
    /// The bytes that may still come into the mailbox.
    room: Arc<Semaphore>,
    link: Arc<Link>,
    /// Dropped after this handle has sent its last message.
    release: Release,
}

/// The task of the document failed; its connections are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct DocumentGone;

impl DocumentHandle {
    /// Hands an input over when there is room; gives it back when there is none.
    pub(crate) fn try_send(
        &self,
        input: DocumentInput,
    ) -> Result<Option<DocumentInput>, DocumentGone> {
        let Ok(held) = Arc::clone(&self.room).try_acquire_many_owned(weight(&input)) else {
            return Ok(Some(input));
        };
        let since = self.release.registry.clock.uptime();
        let item = Item::Input { link: Arc::clone(&self.link), input, since, held: Some(held) };
        match self.mailbox.try_send(item) {
            Err(mpsc::error::TrySendError::Full(Item::Input { input, .. })) => Ok(Some(input)),
            Ok(())
            | Err(mpsc::error::TrySendError::Full(
                Item::Flush(_) | Item::Writable | Item::Compacted(_) | Item::Rest | Item::Stop,
            )) => Ok(None),
            Err(mpsc::error::TrySendError::Closed(_)) => Err(DocumentGone),
        }
    }

    /// Waits until everything before this is saved and told.
    pub(crate) async fn flushed(&self) {
        let (done, flushed) = oneshot::channel();
        if self.mailbox.send(Item::Flush(done)).await.is_ok() {
            // a task that failed has nothing left to flush
            flushed.await.unwrap_or(());
        }
    }

    /// Waits for a place for `input` in a mailbox that has no room, behind those who waited before. To be awaited to its end: who
    /// asks anew waits at the end of the queue.
    pub(crate) fn turn(&self, input: &DocumentInput) -> impl Future<Output = Turn> + Send + use<> {
        let (mailbox, link) = (self.mailbox.clone(), Arc::clone(&self.link));
        let (room, weight) = (Arc::clone(&self.room), weight(input));
        let since = self.release.registry.clock.uptime();
        async move {
            let held = room.acquire_many_owned(weight).await.ok();
            Turn { place: mailbox.reserve_owned().await.ok(), link, since, held }
        }
    }
}

/// A place in a mailbox that is one connection's own. Were it only told that there is room, whoever floods the document
/// would have filled it again before.
#[derive(Debug)]
pub(crate) struct Turn {
    /// `None` when the task failed meanwhile.
    place: Option<mpsc::OwnedPermit<Item>>,
    link: Arc<Link>,
    /// Since when it waited, as the clock had run.
    since: Duration,
    held: Option<OwnedSemaphorePermit>,
}

impl Turn {
    /// Hands an input over.
    pub(crate) fn send(self, input: DocumentInput) -> Result<(), DocumentGone> {
        let place = self.place.ok_or(DocumentGone)?;
        let Self { place: _, link, since, held } = self;
        let mailbox = place.send(Item::Input { link, input, since, held });
        // a task that failed before may not have seen it
        if mailbox.is_closed() { Err(DocumentGone) } else { Ok(()) }
    }
}

impl Drop for DocumentHandle {
    fn drop(&mut self) {
        let link = Arc::clone(&self.link);
        let since = self.release.registry.clock.uptime();
        let left = Item::Input { link, input: DocumentInput::Left, since, held: None };
        if let Err(mpsc::error::TrySendError::Full(left)) = self.mailbox.try_send(left) {
            let mailbox = self.mailbox.clone();
            let release = self.release.again();
            self.release.registry.document_tasks.spawn("leave", async move {
                // a task that failed has forgotten the connection already
                mailbox.send(left).await.unwrap_or(());
                drop(release);
            });
        }
    }
}

/// How much of the room of a mailbox an input takes.
fn weight(input: &DocumentInput) -> u32 {
    u32::try_from(input.bytes().min(MAILBOX_BYTES_MAX)).unwrap_or(u32::MAX)
}

/// Counts one handle of a document; uncounts it when dropped.
#[derive(Debug)]
struct Release {
    registry: Arc<Registry>,
    document_id: DocumentId,
    task: u64,
    released: Arc<Notify>,
}

impl Release {
    /// One more.
    fn again(&self) -> Self {
        if let Some(entry) = lock(&self.registry.documents).entry_of(&self.document_id, self.task) {
            entry.handles += 1;
        }
        Self {
            registry: Arc::clone(&self.registry),
            document_id: self.document_id.clone(),
            task: self.task,
            released: Arc::clone(&self.released),
        }
    }
}

impl Drop for Release {
    fn drop(&mut self) {
        if let Some(entry) = lock(&self.registry.documents).entry_of(&self.document_id, self.task) {
            entry.handles = entry.handles.saturating_sub(1);
        }
        self.released.notify_one();
    }
}

/// What is behind these locks is changed in single steps, so a panic elsewhere leaves it whole.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
pub(crate) mod tests;
