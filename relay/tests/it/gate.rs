//! A store that does what another does, but only when the test lets it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::future::BoxFuture;
use tokio::sync::Semaphore;
use warroom_protocol::{DocumentId, StorageId};
use warroom_relay::core::RoomPage;
use warroom_relay::error::StoreError;
use warroom_relay::store::{
    Append, Loaded, Page, PageRequest, RoomRequest, Store, StoreStats, StoreThread,
};

use crate::disk::FaultyDisk;
use crate::relay::within;

/// A store whose appends wait at a gate, and which can panic.
#[derive(Debug)]
pub(crate) struct GatedStore {
    inner: Arc<StoreThread>,
    open: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
    panics: AtomicBool,
}

impl GatedStore {
    pub(crate) fn new() -> Arc<Self> {
        let name = StorageId::new("gated").unwrap();
        Arc::new(Self {
            inner: Arc::new(StoreThread::open(FaultyDisk::default(), &name).unwrap()),
            open: Arc::new(Semaphore::new(0)),
            waiting: Arc::new(Semaphore::new(0)),
            panics: AtomicBool::new(false),
        })
    }

    /// Waits until an append stands at the gate.
    pub(crate) async fn waiting(&self) {
        within("an append", self.waiting.acquire()).await.unwrap().forget();
    }

    /// Lets appends through.
    pub(crate) fn let_through(&self, appends: usize) {
        self.open.add_permits(appends);
    }

    /// The next load panics.
    pub(crate) fn panic_once(&self) {
        self.panics.store(true, Ordering::Release);
    }
}

impl Store for GatedStore {
    fn append(&self, append: Append) -> BoxFuture<'static, Result<(), StoreError>> {
        let (inner, open) = (Arc::clone(&self.inner), Arc::clone(&self.open));
        self.waiting.add_permits(1);
        Box::pin(async move {
            open.acquire().await.unwrap().forget();
            inner.append(append).await
        })
    }

    fn load(&self, document_id: DocumentId) -> BoxFuture<'static, Result<Loaded, StoreError>> {
        assert!(!self.panics.swap(false, Ordering::AcqRel), "as the test asked");
        self.inner.load(document_id)
    }

    fn list(&self, page: PageRequest) -> BoxFuture<'static, Result<Page, StoreError>> {
        self.inner.list(page)
    }

    fn room(&self, request: RoomRequest) -> BoxFuture<'static, Result<RoomPage, StoreError>> {
        self.inner.room(request)
    }

    fn is_writable(&self) -> bool {
        self.inner.is_writable()
    }

    fn stats(&self) -> StoreStats {
        self.inner.stats()
    }

    fn storage_id(&self) -> StorageId {
        self.inner.storage_id()
    }

    fn heal(&self) -> BoxFuture<'static, ()> {
        self.inner.heal()
    }

    fn close(&self) -> BoxFuture<'static, ()> {
        self.inner.close()
    }
}
