//! The store's own thread: everything that waits is committed at once, and a disk that failed is opened again.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::sync::mpsc::error::TryRecvError;
use tokio::sync::{Semaphore, mpsc, oneshot};
use warroom_protocol::{DocumentId, StorageId};

use super::reading::Records;
use super::redb::{Packed, RedbStore};
use super::snapshot::Snapshot;
use super::{Append, Compaction, Loaded, Page, PageRequest, RoomRequest, Store, StoreStats};
use crate::clock::Clock;
use crate::core::RoomPage;
use crate::error::{OpenError, StoreError};
use crate::limits::{STORE_COMMIT_BYTES_MAX, STORE_LOADS_MAX, STORE_REQUESTS_MAX};
use crate::spawn;
use crate::telemetry::duration_us;

/// What a [`StoreThread`] opens its store on, again after a failure.
pub trait Disk: Send + 'static {
    /// What it is called in errors.
    fn path(&self) -> &Path;

    /// Whether writing has a chance again; asked before the old store is given up, since it can still be read.
    ///
    /// # Errors
    /// It has none.
    fn probe(&mut self) -> io::Result<()>;

    /// Opens the store, or makes it where there is none.
    ///
    /// # Errors
    /// [`OpenError`]; nothing was written over.
    fn open(&mut self) -> Result<RedbStore, OpenError>;

    /// Opens the store that was open before. Makes none: where it is gone, its disk is, and an empty one would take
    /// its place without anybody noticing.
    ///
    /// # Errors
    /// [`OpenError`]; nothing was written over.
    fn reopen(&mut self) -> Result<RedbStore, OpenError>;

    /// Bytes that the store takes on it; `None` where nobody knows.
    fn bytes(&self) -> Option<u64> {
        None
    }
}

/// A [`RedbStore`] in a thread of its own behind a bounded channel.
///
/// While a commit is under way, appends gather, and the next commit takes them all: the disk sets the pace, and a
/// hundred documents cost one fsync. A commit that fails turns the store read-only until it was opened again; it is
/// never tried twice.
#[derive(Debug)]
pub struct StoreThread {
    requests: mpsc::Sender<Request>,
    storage_id: StorageId,
    writable: Arc<AtomicBool>,
    /// Loads that may be under way: their records are in memory twice for a moment.
    loads: Arc<Semaphore>,
    stats: StoreStats,
    clock: Clock,
}

#[derive(Debug)]
enum Request {
    Append { append: Append, since: Duration, reply: oneshot::Sender<Result<(), StoreError>> },
    Read { document_id: DocumentId, reply: oneshot::Sender<Result<Records, StoreError>> },
    Repair { document_id: DocumentId, reply: oneshot::Sender<Result<Loaded, StoreError>> },
    List { page: PageRequest, reply: oneshot::Sender<Result<Page, StoreError>> },
    Room { request: RoomRequest, reply: oneshot::Sender<Result<RoomPage, StoreError>> },
    Snapshot { reply: oneshot::Sender<Result<Snapshot, StoreError>> },
    NextCompaction { reply: oneshot::Sender<Result<Option<DocumentId>, StoreError>> },
    NoteCompaction { compaction: Compaction, reply: oneshot::Sender<Result<(), StoreError>> },
    Heal { reply: oneshot::Sender<()> },
    Close { reply: oneshot::Sender<()> },
}

impl StoreThread {
    /// Opens the store on `disk` and starts its thread. `fresh` becomes its storage id when it is new.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn open(mut disk: impl Disk, fresh: &StorageId) -> Result<Self, OpenError> {
        let mut store = disk.open()?;
        let storage_id = store.storage_id(fresh).map_err(|error| OpenError::Io {
            path: disk.path().to_path_buf(),
            source: io::Error::other(error),
        })?;
        let begun = store.begin_epoch(fresh.as_str()).map_err(|error| {
            tracing::error!(%error, "the store can't be written and is read-only for now");
        });
        let (requests, waiting) = mpsc::channel(STORE_REQUESTS_MAX);
        let writable = Arc::new(AtomicBool::new(begun.is_ok()));
        let (stats, clock) = (StoreStats::default(), Clock::start());
        let worker = Worker {
            stats: stats.clone(),
            clock,
            disk: Box::new(disk),
            store: Some(store),
            storage_id: storage_id.clone(),
            fresh: fresh.clone(),
            heals: 0,
            writable: Writable(Arc::clone(&writable)),
        };
        worker.measure();
        spawn::thread("warroom-store", move || worker.run(waiting)).map_err(OpenError::Thread)?;
        let loads = Arc::new(Semaphore::new(STORE_LOADS_MAX));
        Ok(Self { requests, storage_id, writable, loads, stats, clock })
    }

    /// Sends a request and waits for its answer.
    fn ask<T: Send + 'static, R: FnOnce(oneshot::Sender<T>) -> Request>(
        &self,
        request: R,
    ) -> impl Future<Output = Result<T, StoreError>> + Send + use<T, R> {
        let (reply, answer) = oneshot::channel();
        let request = request(reply);
        let requests = self.requests.clone();
        async move {
            requests.send(request).await.map_err(|_| StoreError::Closed)?;
            let failed = |_| {
                if requests.is_closed() { StoreError::Closed } else { StoreError::Unreadable }
            };
            answer.await.map_err(failed)
        }
    }
}

impl Store for StoreThread {
    fn append(&self, append: Append) -> BoxFuture<'static, Result<(), StoreError>> {
        let since = self.clock.uptime();
        let answer = self.ask(move |reply| Request::Append { append, since, reply });
        Box::pin(async move { answer.await? })
    }

    fn load(&self, document_id: DocumentId) -> BoxFuture<'static, Result<Loaded, StoreError>> {
        let read = self.ask({
            let document_id = document_id.clone();
            |reply| Request::Read { document_id, reply }
        });
        let repair = self.ask(|reply| Request::Repair { document_id, reply });
        let loads = Arc::clone(&self.loads);
        Box::pin(async move {
            let _turn = loads.acquire().await.map_err(|_| StoreError::Closed)?;
            let records = read.await??;
            // whoever waits for a commit need not wait for this
            let reading = spawn::heavy(|| records.check());
            if reading.is_clean() { Ok(reading.into_loaded()) } else { repair.await? }
        })
    }

    fn list(&self, page: PageRequest) -> BoxFuture<'static, Result<Page, StoreError>> {
        let answer = self.ask(|reply| Request::List { page, reply });
        Box::pin(async move { answer.await? })
    }

    fn room(&self, request: RoomRequest) -> BoxFuture<'static, Result<RoomPage, StoreError>> {
        let answer = self.ask(|reply| Request::Room { request, reply });
        Box::pin(async move { answer.await? })
    }

    fn snapshot(&self) -> BoxFuture<'static, Result<Snapshot, StoreError>> {
        let answer = self.ask(|reply| Request::Snapshot { reply });
        Box::pin(async move { answer.await? })
    }

    fn next_compaction(&self) -> BoxFuture<'static, Result<Option<DocumentId>, StoreError>> {
        let answer = self.ask(|reply| Request::NextCompaction { reply });
        Box::pin(async move { answer.await? })
    }

    fn note_compaction(
        &self,
        compaction: Compaction,
    ) -> BoxFuture<'static, Result<(), StoreError>> {
        let answer = self.ask(|reply| Request::NoteCompaction { compaction, reply });
        Box::pin(async move { answer.await? })
    }

    fn is_writable(&self) -> bool {
        self.writable.load(Ordering::Acquire)
    }

    fn stats(&self) -> StoreStats {
        self.stats.clone()
    }

    fn storage_id(&self) -> StorageId {
        self.storage_id.clone()
    }

    fn heal(&self) -> BoxFuture<'static, ()> {
        let answer = self.ask(|reply| Request::Heal { reply });
        // a closed store has nothing to heal
        Box::pin(async move { answer.await.unwrap_or(()) })
    }

    fn close(&self) -> BoxFuture<'static, ()> {
        let answer = self.ask(|reply| Request::Close { reply });
        // closed already is closed
        Box::pin(async move { answer.await.unwrap_or(()) })
    }
}

/// Tells readiness; also that the thread is gone, by whatever way it went.
struct Writable(Arc<AtomicBool>);

impl Writable {
    fn set(&self, writable: bool) {
        self.0.store(writable, Ordering::Release);
    }

    fn is(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

impl Drop for Writable {
    fn drop(&mut self) {
        self.set(false);
    }
}

struct Worker {
    disk: Box<dyn Disk>,
    /// `None` when the last opening failed: nothing can be read either.
    store: Option<RedbStore>,
    storage_id: StorageId,
    /// What nobody else has: the name of this life of the store, with the number of times that it was opened again.
    fresh: StorageId,
    heals: u64,
    writable: Writable,
    stats: StoreStats,
    clock: Clock,
}

/// The requests that one turn of the thread answers.
#[derive(Default)]
struct Round {
    appends: Vec<Append>,
    replies: Vec<oneshot::Sender<Result<(), StoreError>>>,
    bytes: usize,
    /// When each append was asked for, as the clock had run.
    since: Vec<Duration>,
    others: Vec<Request>,
}

impl Round {
    fn take(&mut self, request: Request) {
        match request {
            Request::Append { append, since, reply } => {
                self.since.push(since);
                self.bytes = self.bytes.saturating_add(append.bytes());
                self.appends.push(append);
                self.replies.push(reply);
            }
            other @ (Request::Read { .. }
            | Request::Repair { .. }
            | Request::List { .. }
            | Request::Room { .. }
            | Request::Snapshot { .. }
            | Request::NextCompaction { .. }
            | Request::NoteCompaction { .. }
            | Request::Heal { .. }
            | Request::Close { .. }) => self.others.push(other),
        }
    }

    /// Whether the round takes another request. Its appends are committed first, so that a request that isn't one sees
    /// everything that came before it, and perhaps more.
    fn has_room(&self) -> bool {
        self.bytes < STORE_COMMIT_BYTES_MAX
            && self.appends.len() < STORE_REQUESTS_MAX
            && self.others.len() < STORE_REQUESTS_MAX
    }
}

impl Worker {
    fn run(mut self, mut waiting: mpsc::Receiver<Request>) {
        while let Some(first) = self.next(&mut waiting) {
            let mut round = Round::default();
            round.take(first);
            while round.has_room() {
                let Ok(next) = waiting.try_recv() else { break };
                round.take(next);
            }
            // redb trusts some of what it reads; after a panic it is given up and opened again, not used
            let worked = catch_unwind(AssertUnwindSafe(|| self.work(round)));
            match worked {
                Ok(true) => {}
                Ok(false) => return,
                Err(_) => self.give_up(),
            }
        }
    }

    /// The next request. While none waits the log is packed, a step at a time.
    fn next(&mut self, waiting: &mut mpsc::Receiver<Request>) -> Option<Request> {
        while self.writable.is() && self.store.as_ref().is_some_and(RedbStore::is_packing_due) {
            match waiting.try_recv() {
                Ok(request) => return Some(request),
                Err(TryRecvError::Disconnected) => return None,
                Err(TryRecvError::Empty) => {}
            }
            if catch_unwind(AssertUnwindSafe(|| self.pack())).is_err() {
                self.give_up();
            }
        }
        waiting.blocking_recv()
    }

    /// Does one step of packing.
    fn pack(&mut self) {
        let begun = self.clock.uptime();
        match self.store.as_mut().map(RedbStore::pack) {
            None => {}
            Some(Ok(Packed { records, bytes })) => {
                let took = self.clock.uptime().saturating_sub(begun);
                self.stats.records_packed.inc_by(records);
                self.stats.packed_bytes.inc_by(bytes);
                self.measure();
                tracing::debug!(records, bytes, duration_us = duration_us(took), "packed");
            }
            Some(Err(error)) => {
                self.writable.set(false);
                self.stats.commits_failed.inc();
                tracing::error!(%error, "the log can't be packed, and the store is read-only now");
            }
        }
    }

    /// Notes how much of the disk the store takes now.
    fn measure(&self) {
        if let Some(bytes) = self.disk.bytes() {
            self.stats.bytes.set(i64::try_from(bytes).unwrap_or(i64::MAX));
        }
    }

    /// Does one round. False: the thread ends.
    fn work(&mut self, round: Round) -> bool {
        let Round { appends, replies, bytes, since, others } = round;
        let begun = self.clock.uptime();
        for since in since {
            self.stats.observe_queue(begun.saturating_sub(since));
        }
        self.append(&appends, replies, bytes);
        others.into_iter().all(|request| self.answer(request))
    }

    /// Lets go of a store that panicked; whoever waited for an answer hears that there is none.
    fn give_up(&mut self) {
        tracing::error!("the store failed and is closed until it can be opened again");
        self.writable.set(false);
        let store = self.store.take();
        if catch_unwind(AssertUnwindSafe(|| drop(store))).is_err() {
            tracing::error!("the store could not be closed");
        }
    }

    fn append(
        &mut self,
        appends: &[Append],
        replies: Vec<oneshot::Sender<Result<(), StoreError>>>,
        bytes: usize,
    ) {
        if appends.is_empty() {
            return;
        }
        let begun = self.clock.uptime();
        let outcomes = match self.store.as_mut().filter(|_| self.writable.is()) {
            Some(store) => store.commit(appends).map_err(|error| {
                self.writable.set(false);
                self.stats.commits_failed.inc();
                tracing::error!(%error, bytes, "the store can't be written and is read-only now");
            }),
            None => Err(()),
        };
        match outcomes {
            Ok(outcomes) => {
                let took = self.clock.uptime().saturating_sub(begun);
                self.stats.observe_commit(took, appends.len());
                self.stats.commit_bytes.inc_by(u64::try_from(bytes).unwrap_or(u64::MAX));
                let refused = outcomes.iter().filter(|outcome| outcome.is_err()).count();
                self.stats.appends_refused.inc_by(u64::try_from(refused).unwrap_or(u64::MAX));
                self.measure();
                tracing::debug!(
                    appends = appends.len(),
                    bytes,
                    duration_us = duration_us(took),
                    "committed"
                );
                for (reply, outcome) in replies.into_iter().zip(outcomes) {
                    tell(reply, outcome.map_err(|_| StoreError::Refused));
                }
            }
            Err(()) => {
                for reply in replies {
                    tell(reply, Err(StoreError::ReadOnly));
                }
            }
        }
    }

    /// Answers a request that isn't an append. False: the thread ends.
    fn answer(&mut self, request: Request) -> bool {
        match request {
            Request::Append { append, since: _, reply } => {
                let bytes = append.bytes();
                self.append(&[append], vec![reply], bytes);
            }
            Request::Read { document_id, reply } => {
                tell(reply, self.read(|store| store.read(&document_id)));
            }
            Request::Repair { document_id, reply } => {
                tell(reply, self.read(|store| store.load(&document_id)));
            }
            Request::List { page, reply } => tell(reply, self.read(|store| store.list(&page))),
            Request::Room { request, reply } => {
                tell(reply, self.read(|store| store.room(&request)));
            }
            Request::Snapshot { reply } => tell(reply, self.read(|store| store.snapshot())),
            Request::NextCompaction { reply } => {
                tell(reply, self.read(|store| Ok(store.next_compaction())));
            }
            Request::NoteCompaction { compaction, reply } => {
                tell(reply, self.note_compaction(&compaction));
            }
            Request::Heal { reply } => {
                self.heal();
                tell(reply, ());
            }
            Request::Close { reply } => {
                self.writable.set(false);
                if let Some(Err(error)) = self.store.take().map(RedbStore::close) {
                    tracing::warn!(%error, "the store did not close cleanly; what was committed is there");
                }
                tell(reply, ());
                return false;
            }
        }
        true
    }

    fn note_compaction(&mut self, compaction: &Compaction) -> Result<(), StoreError> {
        let store = self.store.as_mut().filter(|_| self.writable.is());
        let store = store.ok_or(StoreError::ReadOnly)?;
        store.note_compaction(compaction).map_err(|error| {
            self.writable.set(false);
            self.stats.commits_failed.inc();
            tracing::error!(%error, "the store can't be written and is read-only now");
            StoreError::ReadOnly
        })
    }

    fn read<T>(
        &mut self,
        read: impl FnOnce(&mut RedbStore) -> Result<T, redb::Error>,
    ) -> Result<T, StoreError> {
        let store = self.store.as_mut().ok_or(StoreError::Unreadable)?;
        read(store).map_err(|error| {
            self.writable.set(false);
            self.stats.reads_failed.inc();
            tracing::error!(%error, "the store can't be read");
            StoreError::Unreadable
        })
    }

    /// After a failed write redb answers every later one with the same failure, so the file is opened anew; reading
    /// goes on until there is a chance that this works.
    fn heal(&mut self) {
        if self.writable.is() {
            return;
        }
        if let Err(error) = self.disk.probe() {
            tracing::warn!(%error, "the disk still can't be written");
            return;
        }
        // the old one has to let go of its lock first
        drop(self.store.take());
        let reopened = self.reopen().and_then(|mut store| {
            self.heals += 1;
            let name = format!("{}-{}", self.fresh, self.heals);
            store.begin_epoch(&name).map_err(|error| self.failed(error))?;
            Ok(store)
        });
        match reopened {
            Ok(store) => {
                self.store = Some(store);
                self.writable.set(true);
                self.stats.reopened.inc();
                self.measure();
                tracing::info!("the store is open again");
            }
            Err(error) => tracing::warn!(%error, "the store can't be opened again yet"),
        }
    }

    /// Opens the store again, if it is still the same one.
    fn reopen(&mut self) -> Result<RedbStore, OpenError> {
        let store = self.disk.reopen()?;
        let stored = store.stored_id().map_err(|error| self.failed(error))?;
        let path = self.disk.path();
        if stored.as_ref() == Some(&self.storage_id) {
            Ok(store)
        } else {
            Err(OpenError::Replaced { path: path.to_path_buf() })
        }
    }

    fn failed(&self, error: redb::Error) -> OpenError {
        OpenError::Io { path: self.disk.path().to_path_buf(), source: io::Error::other(error) }
    }
}

/// Whoever asked may have gone; then nobody needs the answer.
fn tell<T>(reply: oneshot::Sender<T>, answer: T) {
    drop(reply.send(answer));
}
