//! What others may do with a connection: put frames into its outbox, or have it closed.

use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tokio::sync::Notify;
use warroom_protocol::{ConnectionId, DocumentId};

use crate::core::{CloseReason, Lane, Limit, Outbox, Taken};

/// One end is held by the socket's task, the other by documents and the registry. The lock is never held across an
/// await.
#[derive(Debug)]
pub(crate) struct Link {
    id: ConnectionId,
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct State {
    outbox: Outbox,
    refusal: Option<CloseReason>,
}

impl Link {
    pub(crate) fn new(id: ConnectionId) -> Self {
        Self { id, state: Mutex::default(), changed: Notify::new() }
    }

    pub(crate) fn id(&self) -> ConnectionId {
        self.id
    }

    /// Puts a frame of a document into the outbox; a connection that can't take it is refused.
    pub(crate) fn send(&self, document_id: &DocumentId, lane: Lane, frame: Bytes) {
        let pushed = self.lock().outbox.push(document_id, lane, frame);
        match pushed {
            Ok(()) => self.changed.notify_one(),
            Err(_) => self.refuse(CloseReason::Overloaded),
        }
    }

    /// Puts a frame of the connection itself into the outbox; a connection that can't take it is refused.
    pub(crate) fn send_control(&self, frame: Bytes) {
        let pushed = self.lock().outbox.push_control(frame);
        match pushed {
            Ok(()) => self.changed.notify_one(),
            Err(_) => self.refuse(CloseReason::Overloaded),
        }
    }

    /// Has the connection closed. The first reason stays.
    pub(crate) fn refuse(&self, reason: CloseReason) {
        self.lock().refusal.get_or_insert(reason);
        self.changed.notify_one();
    }

    /// The next frame for the socket.
    pub(crate) fn take_next(&self) -> Option<Taken> {
        self.lock().outbox.take_next()
    }

    /// The next frame that is still sent before a close.
    pub(crate) fn take_control(&self) -> Option<Taken> {
        let frame = self.lock().outbox.take_control()?;
        Some(Taken { frame, lane: None, credit: None })
    }

    /// How many presence frames were dropped because the socket did not take them since the last call, and for which
    /// limit.
    pub(crate) fn take_dropped(&self) -> [(Limit, u64); 2] {
        self.lock().outbox.take_dropped()
    }

    /// Why the connection is to be closed, once.
    pub(crate) fn take_refusal(&self) -> Option<CloseReason> {
        self.lock().refusal.take()
    }

    /// Waits until something was sent or refused since the last wait.
    pub(crate) async fn changed(&self) {
        self.changed.notified().await;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // plain data: whoever panicked left it whole
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
