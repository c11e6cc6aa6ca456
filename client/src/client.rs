//! The handle: what a program does to a room and reads of it.

use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::{broadcast, mpsc, oneshot, watch};
use warroom_engine::{
    Answer, Board, Command, Delta, ImportFormat, Imported, Peer, Person, Presence, PresenceDelta,
    Question, Replica, RoomOptions, Status, TextFormat,
};
use warroom_protocol::DocumentId;

use crate::clock::Clock;
use crate::dice::fresh_seed;
use crate::driver::{Driver, Request};
use crate::error::{ClientError, OpenError};
use crate::limits::{DELTAS_KEPT_MAX, REQUESTS_MAX};
use crate::store::{self, Store};
use crate::{connection, spawn};

/// What a client is opened with.
#[derive(Debug, Clone)]
pub struct ClientOptions {
    /// The relay, as `ws://host:port/sync`; none works offline.
    pub relay: Option<String>,
    /// Sent to the relay as `Authorization: Bearer`.
    pub token: Option<String>,
    /// The board: `DocumentId::from_room_name` or an `automerge:` address.
    pub board: DocumentId,
    /// Who works here.
    pub person: Person,
    /// Where the board is kept.
    pub store: Store,
}

/// The number of an edit of this client, from 1, rising.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct EditNumber(pub u64);

/// A room on this device. Clones share it; it closes with the last of them, or by [`Client::close`].
#[derive(Debug, Clone)]
pub struct Client {
    requests: mpsc::Sender<Request>,
    status: watch::Receiver<Status>,
    // the task alone keeps these channels open: they end with it
    deltas: broadcast::WeakSender<Arc<[Delta]>>,
    presence: broadcast::WeakSender<Arc<[PresenceDelta]>>,
}

impl Client {
    /// Opens a room. To be called within a tokio runtime. It does not wait for the relay, nor for what is stored.
    ///
    /// # Errors
    /// [`OpenError`]: what was given can't be used. A relay that can't be reached is no error but a status.
    pub fn open(options: ClientOptions) -> Result<Self, OpenError> {
        let ClientOptions { relay, token, board, person, store } = options;
        let relay = relay.map(|relay| connection::call(&relay, token.as_deref())).transpose()?;
        let storage = store.state();
        let seed = fresh_seed()?;
        let store = store::start(store)?;
        let clock = Clock::start();
        // here panics are caught, and what is harmful is left out at once
        let breakdowns = Vec::new();
        let options = RoomOptions { board, person, storage, breakdowns };
        let replica = Replica::open(clock.now(), seed, options);
        let (requests, waiting) = mpsc::channel(REQUESTS_MAX);
        let (told, status) = watch::channel(replica.status().clone());
        let (deltas, _) = broadcast::channel(DELTAS_KEPT_MAX);
        let (presence, _) = broadcast::channel(DELTAS_KEPT_MAX);
        let (weak_deltas, weak_presence) = (deltas.downgrade(), presence.downgrade());
        let client = Self { requests, status, deltas: weak_deltas, presence: weak_presence };
        let driver = Driver::new(replica, clock, relay, store);
        let task = driver.run(waiting, told, deltas, presence);
        drop(spawn::task("warroom-client", task));
        Ok(client)
    }

    /// Does what a person would. Waits only until the board and what was said about it were read from storage.
    ///
    /// # Errors
    /// [`ClientError::Command`]: nothing was changed.
    pub async fn command(&self, command: Command) -> Result<EditNumber, ClientError> {
        let (answer, answered) = oneshot::channel();
        self.request(Request::Command { command, answer }).await?;
        let edit = answered.await.map_err(|_| ClientError::Closed)??;
        Ok(EditNumber(edit))
    }

    /// Waits until an edit, and every one before it, is durable on the relay.
    ///
    /// # Errors
    /// [`ClientError::Closed`] when the client closes before.
    pub async fn saved(&self, edit: EditNumber) -> Result<(), ClientError> {
        self.status_when(|status| status.edits_on_relay >= edit.0).await.map(drop)
    }

    /// Waits until an edit, and every one before it, is durable on this device.
    ///
    /// # Errors
    /// [`ClientError::Closed`] when the client closes before.
    pub async fn stored(&self, edit: EditNumber) -> Result<(), ClientError> {
        self.status_when(|status| status.edits_stored >= edit.0).await.map(drop)
    }

    /// Waits for a status.
    ///
    /// # Errors
    /// [`ClientError::Closed`] when the client closes before.
    pub async fn status_when(
        &self,
        is_it: impl FnMut(&Status) -> bool,
    ) -> Result<Status, ClientError> {
        let mut status = self.status.clone();
        let found = status.wait_for(is_it).await.map_err(|_| ClientError::Closed)?;
        Ok(found.clone())
    }

    /// The status now.
    pub fn status(&self) -> Status {
        self.status.borrow().clone()
    }

    /// The board as it is now; waits until it was read from storage.
    ///
    /// # Errors
    /// [`ClientError::Closed`].
    pub async fn board(&self) -> Result<Board, ClientError> {
        let (answer, answered) = oneshot::channel();
        self.request(Request::Board { answer }).await?;
        answered.await.map_err(|_| ClientError::Closed)
    }

    /// Asks something that changes nothing; waits until what it needs was read from storage.
    ///
    /// # Errors
    /// [`ClientError::Question`] when it is not answered.
    pub async fn ask(&self, question: Question) -> Result<Answer, ClientError> {
        let (answer, answered) = oneshot::channel();
        self.request(Request::Question { question, answer }).await?;
        Ok(answered.await.map_err(|_| ClientError::Closed)??)
    }

    /// Imports a file of text: everything in it, or nothing.
    ///
    /// # Errors
    /// [`ClientError::Import`]: nothing was changed.
    pub async fn import(
        &self,
        format: ImportFormat,
        text: String,
    ) -> Result<Imported, ClientError> {
        let (answer, answered) = oneshot::channel();
        self.request(Request::Import { format, text, answer }).await?;
        Ok(answered.await.map_err(|_| ClientError::Closed)??)
    }

    /// Imports the file of this room ([`Self::export_room`]): what it has more is taken in, as if a peer had brought it, and
    /// nothing comes twice. It can't be undone.
    ///
    /// # Errors
    /// [`ClientError::Import`]: nothing was changed. The file of another room is refused.
    pub async fn import_room(&self, file: Bytes) -> Result<Imported, ClientError> {
        let (answer, answered) = oneshot::channel();
        self.request(Request::ImportRoom { file, answer }).await?;
        Ok(answered.await.map_err(|_| ClientError::Closed)??)
    }

    /// The room as a file of text, with the bodies that are on this device.
    ///
    /// # Errors
    /// [`ClientError::Question`].
    pub async fn export(&self, format: TextFormat) -> Result<String, ClientError> {
        let answer = self.ask(Question::Export { format }).await?;
        let Answer::Exported { text } = answer else {
            unreachable!("the answer to an export is a text: {answer:?}")
        };
        Ok(text)
    }

    /// The room as one file, with the history of every document that is on this device.
    ///
    /// # Errors
    /// [`ClientError::Question`]: it is too large to be imported again.
    pub async fn export_room(&self) -> Result<Bytes, ClientError> {
        let answer = self.ask(Question::ExportRoom).await?;
        let Answer::ExportedRoom { file } = answer else {
            unreachable!("the answer to an export of the room is a file: {answer:?}")
        };
        Ok(file)
    }

    /// Does several commands together, or none where one is refused ([`Command::Transact`]): one change and one step to undo.
    ///
    /// # Errors
    /// [`ClientError::Command`]: nothing was changed.
    pub async fn transact(&self, commands: Vec<Command>) -> Result<EditNumber, ClientError> {
        self.command(Command::Transact { commands }).await
    }

    /// Waits for a board, looking again after every change.
    ///
    /// # Errors
    /// [`ClientError::Closed`] when the client closes before.
    pub async fn board_when(
        &self,
        mut is_it: impl FnMut(&Board) -> bool,
    ) -> Result<Board, ClientError> {
        let mut deltas = self.deltas();
        loop {
            let board = self.board().await?;
            if is_it(&board) {
                return Ok(board);
            }
            match deltas.recv().await {
                Ok(_) | Err(broadcast::error::RecvError::Lagged(_)) => {}
                Err(broadcast::error::RecvError::Closed) => return Err(ClientError::Closed),
            }
        }
    }

    /// The changes of the view from now on, in order. Who lags behind is told so, and reads the board again. The
    /// channel ends when the client is closed.
    pub fn deltas(&self) -> broadcast::Receiver<Arc<[Delta]>> {
        subscribe(&self.deltas)
    }

    /// Says what the person does: looks at, types in or moves.
    ///
    /// # Errors
    /// [`ClientError::Closed`].
    pub async fn presence(&self, presence: Presence) -> Result<(), ClientError> {
        self.request(Request::Presence { presence }).await
    }

    /// Everybody else who is here now.
    ///
    /// # Errors
    /// [`ClientError::Closed`].
    pub async fn peers(&self) -> Result<Vec<Peer>, ClientError> {
        let (answer, answered) = oneshot::channel();
        self.request(Request::Peers { answer }).await?;
        answered.await.map_err(|_| ClientError::Closed)
    }

    /// The changes of who is here from now on, as [`Self::deltas`].
    pub fn presence_deltas(&self) -> broadcast::Receiver<Arc<[PresenceDelta]>> {
        subscribe(&self.presence)
    }

    /// Dials the relay now, rather than after the wait.
    ///
    /// # Errors
    /// [`ClientError::Closed`].
    pub async fn retry(&self) -> Result<(), ClientError> {
        self.request(Request::Retry).await
    }

    /// Writes out what was typed, stores and sends what can be within five seconds, says goodbye and closes. Other
    /// handles find the client closed.
    pub async fn close(self) {
        let (answer, answered) = oneshot::channel();
        if self.request(Request::Close { answer }).await.is_ok() {
            // an error means that it is closed already
            drop(answered.await);
        }
    }

    async fn request(&self, request: Request) -> Result<(), ClientError> {
        self.requests.send(request).await.map_err(|_| ClientError::Closed)
    }
}

/// Listens to a channel; one that has ended when its sender is gone.
fn subscribe<T: Clone>(sender: &broadcast::WeakSender<T>) -> broadcast::Receiver<T> {
    sender.upgrade().map_or_else(|| broadcast::channel(1).1, |sender| sender.subscribe())
}
