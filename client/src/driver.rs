//! The task that owns the machine: wait for one input or the deadline, handle it, do what comes out.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::{broadcast, mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use tokio_tungstenite::tungstenite::handshake::client::Request as Call;
use warroom_engine::{
    Answer as EngineAnswer, Board, Command, CommandError, ConnectionKind, Delta, ImportError,
    ImportFormat, Imported, Output, Peer, Phase, Presence, PresenceDelta, Question, QuestionError,
    Replica, Status, StorageState,
};
use warroom_protocol::{ConnectionId, DocumentId, SaveId, Timestamp};

use crate::clock::Clock;
use crate::connection::{self, Event, Events};
use crate::limits::{CLOSE_WITHIN, FRAMES_IN_MAX, FRAMES_OUT_MAX, OUTBOX_BYTES_MAX};
use crate::spawn;
use crate::store::{self, Answer};

/// What a handle asks for.
#[derive(Debug)]
pub(crate) enum Request {
    Command {
        command: Command,
        answer: oneshot::Sender<Result<u64, CommandError>>,
    },
    Question {
        question: Question,
        answer: oneshot::Sender<Result<EngineAnswer, QuestionError>>,
    },
    Import {
        format: ImportFormat,
        text: String,
        answer: oneshot::Sender<Result<Imported, ImportError>>,
    },
    ImportRoom {
        file: Bytes,
        answer: oneshot::Sender<Result<Imported, ImportError>>,
    },
    Presence {
        presence: Presence,
    },
    Board {
        answer: oneshot::Sender<Board>,
    },
    Peers {
        answer: oneshot::Sender<Vec<Peer>>,
    },
    Retry,
    Close {
        answer: oneshot::Sender<()>,
    },
}

/// The machine and everything it needs of the world.
#[derive(Debug)]
pub(crate) struct Driver {
    replica: Replica,
    clock: Clock,
    relay: Option<Call>,
    /// None when its thread is gone.
    store: Option<store::Channels>,
    /// What the store is still to be given.
    store_requests: VecDeque<store::Request>,
    /// Documents that the store has not answered.
    loads: BTreeSet<DocumentId>,
    /// Saves that the store has not answered.
    saves: BTreeSet<SaveId>,
    /// Who waits for which answer.
    asking: BTreeMap<u64, oneshot::Sender<Result<EngineAnswer, QuestionError>>>,
    questions_asked: u64,
    connections_made: u64,
    link: Option<Link>,
    events: Events,
    incoming: mpsc::Receiver<(ConnectionId, Event)>,
}

/// The connection to the relay, as far as the driver knows it.
#[derive(Debug)]
struct Link {
    id: ConnectionId,
    frames: mpsc::Sender<Bytes>,
    /// Frames that its task has no room for yet, and their bytes.
    outbox: VecDeque<Bytes>,
    outbox_bytes: usize,
    task: JoinHandle<()>,
}

/// Where the outputs go that are for people.
#[derive(Debug)]
struct Audience {
    status: watch::Sender<Status>,
    deltas: broadcast::Sender<Arc<[Delta]>>,
    presence: broadcast::Sender<Arc<[PresenceDelta]>>,
}

/// One thing that happened.
enum Input {
    /// A handle asks; none when the last handle is gone.
    Request(Option<Request>),
    World(World),
}

/// What the world did.
enum World {
    Event(ConnectionId, Event),
    Answer(Option<Answer>),
    /// The store, or the connection's task, took what was waiting for it.
    Handed,
    /// The connection's task is gone; its last event tells why.
    Deaf,
    Timeout,
}

impl Driver {
    pub(crate) fn new(
        replica: Replica,
        clock: Clock,
        relay: Option<Call>,
        store: store::Channels,
    ) -> Self {
        let (events, incoming) = mpsc::channel(FRAMES_IN_MAX);
        Self {
            replica,
            clock,
            relay,
            store: Some(store),
            store_requests: VecDeque::new(),
            loads: BTreeSet::new(),
            saves: BTreeSet::new(),
            asking: BTreeMap::new(),
            questions_asked: 0,
            connections_made: 0,
            link: None,
            events,
            incoming,
        }
    }

    /// Runs until a handle closes it or the last one is dropped.
    pub(crate) async fn run(
        mut self,
        mut requests: mpsc::Receiver<Request>,
        status: watch::Sender<Status>,
        deltas: broadcast::Sender<Arc<[Delta]>>,
        presence: broadcast::Sender<Arc<[PresenceDelta]>>,
    ) {
        let audience = Audience { status, deltas, presence };
        self.drain(&audience);
        let closed = loop {
            // Nothing can be done to a board or a talk that was not read yet: requests wait in their channel.
            let is_read = self.replica.talk().is_some();
            let is_open = self.replica.status().phase != Phase::Opening && is_read;
            match self.next_input(is_open.then_some(&mut requests)).await {
                Input::Request(None) => break None,
                Input::Request(Some(Request::Close { answer })) => break Some(answer),
                Input::Request(Some(request)) => self.handle_request(request),
                Input::World(event) => self.handle_world(event),
            }
            self.drain(&audience);
        };
        self.close(&audience).await;
        if let Some(answer) = closed {
            confirm(answer);
        }
    }

    async fn next_input(&mut self, requests: Option<&mut mpsc::Receiver<Request>>) -> Input {
        let deadline = self.replica.next_timeout();
        let link = self.link.as_mut().filter(|link| !link.outbox.is_empty());
        let store = self.store.as_mut();
        let (store, answers) = store.map(|store| (&store.requests, &mut store.answers)).unzip();
        let store = store.filter(|_| !self.store_requests.is_empty());
        tokio::select! {
            request = recv(requests) => Input::Request(request),
            Some((id, event)) = self.incoming.recv() => Input::World(World::Event(id, event)),
            answer = recv(answers) => Input::World(World::Answer(answer)),
            Some(permit) = reserve(store) => {
                if let Some(request) = self.store_requests.pop_front() {
                    permit.send(request);
                }
                Input::World(World::Handed)
            }
            has_room = hand_over(link) => {
                Input::World(if has_room { World::Handed } else { World::Deaf })
            }
            () = self.clock.sleep_until(deadline) => Input::World(World::Timeout),
        }
    }

    fn handle_request(&mut self, request: Request) {
        let now = self.clock.now();
        // who asked may have stopped waiting for an answer
        match request {
            Request::Command { command, answer } => {
                drop(answer.send(self.replica.handle_command(now, command)));
            }
            Request::Question { question, answer } => {
                self.questions_asked += 1;
                self.asking.insert(self.questions_asked, answer);
                self.replica.handle_question(now, self.questions_asked, question);
            }
            Request::Import { format, text, answer } => {
                drop(answer.send(self.replica.handle_import(now, format, &text)));
            }
            Request::ImportRoom { file, answer } => {
                drop(answer.send(self.replica.handle_room_import(now, &file)));
            }
            Request::Presence { presence } => self.replica.handle_presence(now, presence),
            Request::Board { answer } => {
                drop(answer.send(self.replica.board().cloned().unwrap_or_default()));
            }
            Request::Peers { answer } => drop(answer.send(self.replica.peers())),
            Request::Retry => self.replica.handle_retry(now),
            Request::Close { answer } => confirm(answer),
        }
    }

    fn handle_world(&mut self, event: World) {
        let now = self.clock.now();
        match event {
            World::Event(id, event) => self.handle_event(now, id, event),
            World::Answer(Some(Answer::Projection { document, bytes })) => {
                self.replica.handle_projection(now, &document, bytes.as_ref());
            }
            World::Answer(Some(Answer::Loaded { document, chunks, is_whole })) => {
                self.loads.remove(&document);
                self.replica.handle_loaded(now, &document, chunks);
                if !is_whole {
                    self.replica.handle_load_failed(now, &document);
                }
            }
            World::Answer(Some(Answer::LoadFailed { document })) => {
                self.loads.remove(&document);
                self.replica.handle_load_failed(now, &document);
            }
            World::Answer(Some(Answer::Stored { save })) => {
                self.saves.remove(&save);
                self.replica.handle_stored(now, save);
            }
            World::Answer(Some(Answer::Compacted { document, is_done })) => {
                self.replica.handle_compacted(now, &document, is_done);
            }
            World::Answer(Some(Answer::Failed { save, state })) => {
                self.saves.remove(&save);
                self.replica.handle_store_failed(now, save, state);
            }
            World::Timeout => self.replica.handle_timeout(now),
            // The store's thread lives as long as this task, unless it panicked.
            World::Answer(None) => self.store = None,
            World::Deaf => {
                if let Some(link) = &mut self.link {
                    link.outbox.clear();
                }
            }
            World::Handed => {}
        }
    }

    fn handle_event(&mut self, now: Timestamp, id: ConnectionId, event: Event) {
        if self.link.as_ref().is_none_or(|link| link.id != id) {
            return;
        }
        match event {
            Event::Open => self.replica.handle_connected(now, id, ConnectionKind::Relay),
            Event::Frame(frame) => self.replica.handle_received(now, id, &frame),
            Event::Failed => {
                self.link = None;
                self.replica.handle_dial_failed(now);
            }
            Event::Closed => {
                self.link = None;
                self.replica.handle_disconnected(now, id);
            }
        }
    }

    /// Does what comes out of the machine, in order, until nothing more does.
    fn drain(&mut self, audience: &Audience) {
        loop {
            self.drain_outputs(audience);
            if self.store.is_some() {
                break;
            }
            self.store_requests.clear();
            if self.loads.is_empty() && self.saves.is_empty() {
                break;
            }
            self.fail_for_store();
        }
    }

    /// Says of all that was asked of a store whose thread is gone that it failed.
    fn fail_for_store(&mut self) {
        let now = self.clock.now();
        for document in std::mem::take(&mut self.loads) {
            self.replica.handle_load_failed(now, &document);
        }
        for save in std::mem::take(&mut self.saves) {
            self.replica.handle_store_failed(now, save, StorageState::Failed);
        }
    }

    fn drain_outputs(&mut self, audience: &Audience) {
        while let Some(output) = self.replica.poll_output() {
            match output {
                // nobody may be listening
                Output::Deltas(deltas) => drop(audience.deltas.send(deltas.into())),
                Output::Presence(deltas) => drop(audience.presence.send(deltas.into())),
                Output::Status(status) => drop(audience.status.send_replace(status)),
                Output::Answer { number, answer } => {
                    // who asked may have stopped waiting
                    let asking = self.asking.remove(&number);
                    drop(asking.map(|asking| asking.send(answer)));
                }
                Output::Projected { json } => {
                    if let Some(reset) = Delta::of_json(&json) {
                        drop(audience.deltas.send([reset].into()));
                    }
                }
                Output::LoadProjection { document } => {
                    self.store_requests.push_back(store::Request::LoadProjection { document });
                }
                Output::Compact { document, chunks, replaced } => {
                    let request = store::Request::Compact { document, chunks, replaced };
                    self.store_requests.push_back(request);
                }
                Output::StoreProjection { document, bytes } => {
                    let request = store::Request::StoreProjection { document, bytes };
                    self.store_requests.push_back(request);
                }
                Output::Load { document } => {
                    self.loads.insert(document.clone());
                    self.store_requests.push_back(store::Request::Load { document });
                }
                Output::Store { save, document, chunk } => {
                    self.saves.insert(save);
                    let request = store::Request::Store { save, document, chunk };
                    self.store_requests.push_back(request);
                }
                Output::Quarantine { document, chunk } => {
                    tracing::warn!(%document, bytes = chunk.bytes.len(), "an unreadable chunk");
                    self.store_requests.push_back(store::Request::Quarantine { document, chunk });
                }
                Output::Send { connection, frame } => self.send(connection, frame),
                Output::Dial => self.dial(),
                Output::Close { connection, reason } => {
                    tracing::info!(connection_id = connection.0, reason, "closing");
                    if self.link.as_ref().is_some_and(|link| link.id == connection) {
                        self.link = None;
                    }
                }
            }
        }
    }

    fn dial(&mut self) {
        let Some(call) = self.relay.clone() else {
            self.replica.handle_dial_failed(self.clock.now());
            return;
        };
        self.connections_made += 1;
        let id = ConnectionId(self.connections_made);
        let (frames, waiting) = mpsc::channel(FRAMES_OUT_MAX);
        let run = connection::run(id, call, self.clock, self.events.clone(), waiting);
        let task = spawn::task("warroom-connection", run);
        self.link = Some(Link { id, frames, outbox: VecDeque::new(), outbox_bytes: 0, task });
    }

    /// Queues a frame. A relay that takes too little is given up: the next connection syncs from what it has.
    fn send(&mut self, connection: ConnectionId, frame: Bytes) {
        let Some(link) = self.link.as_mut().filter(|link| link.id == connection) else { return };
        link.outbox_bytes += frame.len();
        link.outbox.push_back(frame);
        if link.outbox_bytes > OUTBOX_BYTES_MAX {
            tracing::warn!(connection_id = connection.0, "the relay takes too little: giving up");
            link.task.abort();
            self.link = None;
            self.replica.handle_disconnected(self.clock.now(), connection);
        }
    }

    /// Stores and sends what there is, within [`CLOSE_WITHIN`].
    async fn close(mut self, audience: &Audience) {
        self.replica.handle_closing(self.clock.now());
        self.drain(audience);
        let until = self.clock.now() + CLOSE_WITHIN;
        while !self.is_settled() && self.clock.now() < until {
            let left = until.since(self.clock.now());
            let Some(input) = Clock::within(left, self.next_input(None)).await else { break };
            match input {
                Input::World(event) => self.handle_world(event),
                Input::Request(_) => {}
            }
            self.drain(audience);
        }
        let Some(Link { frames, task, .. }) = self.link.take() else { return };
        // its task writes what it was given, closes the socket and ends
        drop(frames);
        self.incoming.close();
        drop(Clock::within(until.since(self.clock.now()), task).await);
    }

    fn is_settled(&self) -> bool {
        let is_sent = self.link.as_ref().is_none_or(|link| link.outbox.is_empty());
        is_sent && self.store_requests.is_empty() && self.saves.is_empty()
    }
}

/// Tells who asked for it that the client is closed.
fn confirm(answer: oneshot::Sender<()>) {
    if answer.send(()).is_err() {
        tracing::trace!("nobody waits for the end");
    }
}

/// The next message, when there is a channel to wait on.
async fn recv<T>(messages: Option<&mut mpsc::Receiver<T>>) -> Option<T> {
    match messages {
        Some(messages) => messages.recv().await,
        None => std::future::pending().await,
    }
}

/// Room in a channel, when there is one to send to. None when nobody receives any more.
async fn reserve<T>(messages: Option<&mpsc::Sender<T>>) -> Option<mpsc::Permit<'_, T>> {
    match messages {
        Some(messages) => messages.reserve().await.ok(),
        None => std::future::pending().await,
    }
}

/// Hands the first frame of an outbox to its connection's task once it has room. False when the task is gone.
async fn hand_over(link: Option<&mut Link>) -> bool {
    let Some(link) = link else { return std::future::pending().await };
    let Ok(permit) = link.frames.reserve().await else { return false };
    if let Some(frame) = link.outbox.pop_front() {
        link.outbox_bytes = link.outbox_bytes.saturating_sub(frame.len());
        permit.send(frame);
    }
    true
}

#[cfg(test)]
mod tests {
    use warroom_engine::{ColumnId, Person, Position, RoomOptions, UserId};
    use warroom_protocol::Seed;

    use super::*;

    fn replica(now: Timestamp) -> Replica {
        let options = RoomOptions {
            board: DocumentId::from_room_name("ops"),
            person: Person { id: UserId::new("adam").unwrap(), name: "Adam".to_owned(), colour: 1 },
            storage: StorageState::Durable,
            breakdowns: Vec::new(),
        };
        Replica::open(now, Seed([7; 32]), options)
    }

    /// A store that answers some loads, and whose thread dies at the next request.
    async fn mortal_store(
        mut requests: mpsc::Receiver<store::Request>,
        answers: mpsc::Sender<Answer>,
        loads: usize,
    ) {
        for _ in 0..loads {
            if let Some(store::Request::Load { document }) = requests.recv().await {
                let chunks = Vec::new();
                let loaded = Answer::Loaded { document, chunks, is_whole: true };
                answers.send(loaded).await.unwrap();
            }
        }
        drop(requests.recv().await);
    }

    async fn ask<T>(
        requests: &mpsc::Sender<Request>,
        request: impl FnOnce(oneshot::Sender<T>) -> Request,
    ) -> T {
        let (answer, answered) = oneshot::channel();
        requests.send(request(answer)).await.unwrap();
        answered.await.unwrap()
    }

    #[tokio::test]
    async fn without_its_store_a_client_works_on_says_so_and_closes() {
        for loads in [0, 1] {
            let clock = Clock::start();
            let replica = replica(clock.now());
            let (store_requests, to_store) = mpsc::channel(1);
            let (from_store, answers) = mpsc::channel(1);
            let channels = store::Channels { requests: store_requests, answers };
            let (requests, waiting) = mpsc::channel(1);
            let (told, mut status) = watch::channel(replica.status().clone());
            let (deltas, presence) = (broadcast::channel(1).0, broadcast::channel(1).0);
            let driver =
                Driver::new(replica, clock, None, channels).run(waiting, told, deltas, presence);
            let person = async {
                let command = Command::AddColumn {
                    id: ColumnId::new("ideas").unwrap(),
                    title: "Ideas".to_owned(),
                    role: None,
                    position: Position::End,
                };
                let command = |answer| Request::Command { command, answer };
                assert_eq!(ask(&requests, command).await, Ok(1), "{loads} loads");
                let failed = |status: &Status| status.storage == StorageState::Failed;
                status.wait_for(failed).await.unwrap();
                ask(&requests, |answer| Request::Close { answer }).await;
            };
            tokio::join!(driver, person, mortal_store(to_store, from_store, loads));
        }
    }
}
