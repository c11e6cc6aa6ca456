//! Boards for programs that speak HTTP alone: each room that somebody asks for has a peer in this process, which is to
//! the documents what any WebSocket is.
//!
//! This is the only part of the relay that knows what a board is. It takes what it shows from the store and from frames,
//! as clients do, and writes by frames, so that whoever has the board open sees it and nothing is answered before it is
//! durable. A room is worked on by one request after the other; between them it costs memory and no time. What goes wrong
//! with a board ends the peer of that room, and the next request begins a new one.

mod edit;
mod error;
mod face;
mod files;
mod list;
mod peer;
mod room;
mod task;

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use warroom_protocol::DocumentId;

pub(crate) use self::edit::{TaskEdit, Whole};
pub(crate) use self::error::{Kind, TaskError};
pub(crate) use self::face::{Feed, NewRoom, RoomEdit};
pub(crate) use self::files::FileFormat;
pub(crate) use self::list::{Paging, fresh_board};
pub(crate) use self::room::{Listing, Room};
pub(crate) use self::task::{Task, tag};
use crate::limits::{
    TASK_FILE_WITHIN, TASK_FILES_MAX, TASK_ROOM_IDLE, TASK_ROOMS_MAX, TASK_WITHIN,
};
use crate::registry::{NotReady, Registry};
use crate::spawn;

/// What a request is going to do to a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Use {
    /// Look. A room that nobody wrote in is not made by it, and reads as a new one.
    Read,
    /// Write.
    Write,
}

/// The rooms that somebody asked for lately.
#[derive(Debug)]
pub(crate) struct Rooms {
    registry: Arc<Registry>,
    open: Mutex<BTreeMap<DocumentId, Open>>,
    requests: spawn::Tasks,
    /// The files that may be read and written now.
    files: Arc<Semaphore>,
}

#[derive(Debug)]
struct Open {
    /// None before its first request, and after one that ended it.
    room: Arc<tokio::sync::Mutex<Option<Room>>>,
    /// When it was last asked for, as the clock had run.
    used: Duration,
}

impl Rooms {
    /// No rooms yet. `requests` counts what is under way, for who waits for its end.
    pub(crate) fn new(registry: &Arc<Registry>, requests: spawn::Tasks) -> Self {
        Self {
            registry: Arc::clone(registry),
            open: Mutex::default(),
            requests,
            files: Arc::new(Semaphore::new(TASK_FILES_MAX)),
        }
    }

    /// Works on a room, after those who came before. The work goes on to its end also when nobody waits for it any more.
    ///
    /// # Errors
    /// [`TaskError`]. After [`TaskError::Late`], [`TaskError::Ended`] and [`TaskError::Failed`] it is not known what of it was
    /// done; after all others nothing was.
    pub(crate) async fn run<T: Send + 'static>(
        self: &Arc<Self>,
        board: DocumentId,
        intent: Use,
        work: impl for<'a> FnOnce(&'a mut Room) -> BoxFuture<'a, Result<T, TaskError>> + Send + 'static,
    ) -> Result<T, TaskError> {
        self.run_within((TASK_WITHIN, None), board, intent, work).await
    }

    /// As [`Self::run`], for what takes long and holds much in memory.
    ///
    /// # Errors
    /// As there, and [`TaskError::Files`].
    pub(crate) async fn run_file<T: Send + 'static>(
        self: &Arc<Self>,
        board: DocumentId,
        intent: Use,
        work: impl for<'a> FnOnce(&'a mut Room) -> BoxFuture<'a, Result<T, TaskError>> + Send + 'static,
    ) -> Result<T, TaskError> {
        let place = Arc::clone(&self.files).try_acquire_owned().map_err(|_| TaskError::Files)?;
        self.run_within((TASK_FILE_WITHIN, Some(place)), board, intent, work).await
    }

    /// Works on a room for so long at most. The place of a file is taken until the work has ended, whoever waits for it.
    async fn run_within<T: Send + 'static>(
        self: &Arc<Self>,
        (within, place): (Duration, Option<OwnedSemaphorePermit>),
        board: DocumentId,
        intent: Use,
        work: impl for<'a> FnOnce(&'a mut Room) -> BoxFuture<'a, Result<T, TaskError>> + Send + 'static,
    ) -> Result<T, TaskError> {
        match self.registry.readiness() {
            // what is stored can be read also when nothing can be written
            Err(NotReady::Store) if intent == Use::Read => {}
            readiness => readiness.map_err(TaskError::NotReady)?,
        }
        let (answer, answered) = oneshot::channel();
        let rooms = Arc::clone(self);
        self.requests.spawn("task", async move {
            let _place = place;
            let worked = tokio::select! {
                worked = rooms.work(board, intent, work) => worked,
                () = rooms.registry.clock.sleep(within) => Err(TaskError::Late),
            };
            // whoever asked may have gone
            drop(answer.send(worked));
        });
        answered.await.unwrap_or(Err(TaskError::Failed))
    }

    async fn work<T>(
        &self,
        board: DocumentId,
        intent: Use,
        work: impl for<'a> FnOnce(&'a mut Room) -> BoxFuture<'a, Result<T, TaskError>>,
    ) -> Result<T, TaskError> {
        let entry = self.entry(&board)?;
        let mut entered = entry.lock().await;
        // a panic, and a request that is cut off, drop it
        let known = entered.take().filter(Room::is_kept);
        let mut room = match known {
            Some(room) => room,
            None => Room::open(&self.registry, board).await?,
        };
        room.enter(intent).await?;
        let worked = work(&mut room).await;
        if room.is_kept() {
            *entered = Some(room);
        }
        worked
    }

    /// The place of a room, where there is one for it.
    fn entry(
        &self,
        board: &DocumentId,
    ) -> Result<Arc<tokio::sync::Mutex<Option<Room>>>, TaskError> {
        let used = self.registry.clock.uptime();
        let mut open = lock(&self.open);
        if !open.contains_key(board) && open.len() >= TASK_ROOMS_MAX {
            let free = open.iter().filter(|(_, open)| open.is_free());
            let oldest = free.min_by_key(|(_, open)| open.used).map(|(board, _)| board.clone());
            open.remove(&oldest.ok_or(TaskError::Rooms)?);
        }
        let open = open.entry(board.clone());
        let open = open.or_insert_with(|| Open { room: Arc::default(), used });
        open.used = used;
        Ok(Arc::clone(&open.room))
    }

    /// Lets go of rooms that nobody asks for, for ever.
    pub(crate) async fn let_go(&self) -> Infallible {
        loop {
            self.registry.clock.sleep(TASK_ROOM_IDLE).await;
            let now = self.registry.clock.uptime();
            let is_idle = |open: &Open| now.saturating_sub(open.used) >= TASK_ROOM_IDLE;
            lock(&self.open).retain(|_, open| !open.is_free() || !is_idle(open));
        }
    }
}

impl Open {
    /// Whether no request holds it.
    fn is_free(&self) -> bool {
        Arc::strong_count(&self.room) == 1
    }
}

/// How a room is named by the id of its board.
pub(crate) fn address_of(board: &DocumentId) -> String {
    format!("automerge:{board}")
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // plain data: whoever panicked left it whole
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
