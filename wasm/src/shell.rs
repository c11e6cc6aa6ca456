//! One room in this browser: what happens goes into the replica, what the replica asks for is done, in order.

mod tabs;

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::fmt;
use std::rc::{Rc, Weak};

use bytes::Bytes;
use js_sys::Function;
use warroom_engine::{
    Command, CommandError, ConnectionKind, ImportFormat, Imported, Output, Presence, Question,
    QuestionError, Replica, RoomOptions, StorageState,
};
use warroom_protocol::{ConnectionId, DocumentId, Timestamp};
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};

use self::tabs::Tabs;
use crate::channel::{Channel, TabEvent};
use crate::clock::Clock;
use crate::convert::{self, Options, Said};
use crate::error::CallError;
use crate::socket::{Socket, SocketEvent};
use crate::storage::{Database, Request, Save, StorageEvent};
use crate::timer::Timer;
use crate::{dice, js, trap};

/// What happened outside. All of it is handled by the pump, so nothing is dropped or called while it runs itself.
#[derive(Debug)]
enum Event {
    Storage(StorageEvent),
    Socket(ConnectionId, SocketEvent),
    Tab(TabEvent),
    Due,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Running,
    /// Waits for the disk.
    Closing,
    Closed,
}

/// A room.
pub(crate) struct Shell {
    myself: Weak<Self>,
    board: DocumentId,
    options: Options,
    clock: Clock,
    phase: Cell<Phase>,
    /// None until it is known whether this device keeps anything.
    replica: RefCell<Option<Replica>>,
    storage: Rc<Database>,
    socket: RefCell<Option<(ConnectionId, Socket)>>,
    channel: RefCell<Option<Channel>>,
    tabs: RefCell<Tabs>,
    next_connection: Cell<u64>,
    timer: Timer,
    inbox: RefCell<VecDeque<Event>>,
    pump: Closure<dyn FnMut()>,
    pump_waits: Cell<bool>,
    /// The next write waits for the disk itself.
    strict: Cell<bool>,
    outputs: Function,
    _trapped: Rc<Function>,
}

impl Shell {
    /// Opens a room. `outputs` gets JSON, `trapped` a sentence and hashes.
    ///
    /// # Errors
    /// [`CallError::BadRoom`].
    pub(crate) fn open(
        options: Options,
        outputs: Function,
        trapped: Function,
    ) -> Result<Rc<Self>, CallError> {
        let board = convert::board_of(&options.room)?;
        let trapped = Rc::new(trapped);
        trap::watch(&trapped);
        let shell = Rc::new_cyclic(|myself: &Weak<Self>| {
            let teller = |wrap: fn(StorageEvent) -> Event| {
                let shell = Weak::clone(myself);
                move |event| post(&shell, wrap(event))
            };
            let (pumped, due) = (Weak::clone(myself), Weak::clone(myself));
            Self {
                myself: Weak::clone(myself),
                board,
                options,
                clock: Clock::new(),
                phase: Cell::new(Phase::Running),
                replica: RefCell::new(None),
                storage: Database::new(teller(Event::Storage)),
                socket: RefCell::new(None),
                channel: RefCell::new(None),
                tabs: RefCell::default(),
                next_connection: Cell::new(1),
                timer: Timer::new(move || post(&due, Event::Due)),
                inbox: RefCell::default(),
                pump: Closure::new(move || {
                    if let Some(shell) = pumped.upgrade() {
                        shell.pump();
                    }
                }),
                pump_waits: Cell::new(false),
                strict: Cell::new(false),
                outputs,
                _trapped: trapped,
            }
        });
        // not before: what the database tells at once has to find the shell
        shell.storage.open();
        Ok(shell)
    }

    /// Puts a command in; answers the number of the edit.
    ///
    /// # Errors
    /// Why nothing was changed.
    pub(crate) fn command(&self, command: Command) -> Result<u64, CallError> {
        if self.phase.get() != Phase::Running {
            return Err(CallError::Closed);
        }
        let result = self.with_replica(|replica, now| replica.handle_command(now, command));
        Ok(result.unwrap_or(Err(CommandError::NotLoaded))?)
    }

    /// Puts a file in.
    ///
    /// # Errors
    /// Why nothing was changed.
    pub(crate) fn import(&self, format: ImportFormat, text: &str) -> Result<Imported, CallError> {
        if self.phase.get() != Phase::Running {
            return Err(CallError::Closed);
        }
        // the others come by way of `wasm/formats`
        if format != ImportFormat::Json {
            return Err(QuestionError::NoFormats.into());
        }
        let result = self.with_replica(|replica, now| replica.handle_import(now, format, text));
        Ok(result.unwrap_or(Err(CommandError::NotLoaded.into()))?)
    }

    /// Puts the file of a room in.
    ///
    /// # Errors
    /// Why nothing was changed.
    pub(crate) fn import_room(&self, file: &Bytes) -> Result<Imported, CallError> {
        if self.phase.get() != Phase::Running {
            return Err(CallError::Closed);
        }
        let result = self.with_replica(|replica, now| replica.handle_room_import(now, file));
        Ok(result.unwrap_or(Err(CommandError::NotLoaded.into()))?)
    }

    /// Puts a question in.
    ///
    /// # Errors
    /// [`CallError::Closed`], or that the board is still opening.
    pub(crate) fn ask(&self, number: u64, question: Question) -> Result<(), CallError> {
        if self.phase.get() != Phase::Running {
            return Err(CallError::Closed);
        }
        let asked =
            self.with_replica(|replica, now| replica.handle_question(now, number, question));
        asked.ok_or(CallError::Question(QuestionError::NotLoaded))
    }

    /// Puts a presence in.
    pub(crate) fn presence(&self, presence: Presence) {
        let _unopened = self.with_replica(|replica, now| replica.handle_presence(now, presence));
    }

    /// Dials the relay now.
    pub(crate) fn retry(&self) {
        let _unopened = self.with_replica(Replica::handle_retry);
    }

    /// The device says that it lost the network: a socket would notice after minutes only.
    pub(crate) fn handle_offline(&self) {
        let lost = self.socket.take();
        if let Some((connection, socket)) = lost {
            let event = if socket.is_open() { SocketEvent::Closed } else { SocketEvent::Failed };
            self.post(Event::Socket(connection, event));
        }
    }

    /// The page is being hidden, and may be ended: the next write is a strict one.
    pub(crate) fn flush(&self) {
        self.strict.set(true);
        let _unopened = self.with_replica(Replica::handle_hidden);
        self.schedule();
    }

    /// Writes out, says goodbye and stops; [`Said::Closed`] is the last thing said.
    pub(crate) fn close(&self) {
        if self.phase.get() == Phase::Running {
            let _unopened = self.with_replica(Replica::handle_closing);
            self.phase.set(Phase::Closing);
            self.strict.set(true);
            self.schedule();
        }
    }

    fn with_replica<T>(&self, act: impl FnOnce(&mut Replica, Timestamp) -> T) -> Option<T> {
        if trap::is_trapped() {
            return None;
        }
        let now = self.clock.now();
        let answer = self.replica.borrow_mut().as_mut().map(|replica| act(replica, now));
        self.schedule();
        answer
    }

    fn post(&self, event: Event) {
        self.inbox.borrow_mut().push_back(event);
        self.schedule();
    }

    fn schedule(&self) {
        if !self.pump_waits.replace(true) {
            js::queue_microtask(self.pump.as_ref().unchecked_ref());
        }
    }

    /// Handles what happened, then does what is asked for.
    fn pump(&self) {
        self.pump_waits.set(false);
        if trap::is_trapped() || self.phase.get() == Phase::Closed {
            return;
        }
        loop {
            let Some(event) = self.inbox.borrow_mut().pop_front() else { break };
            self.handle(event);
        }
        let (outputs, due) = {
            let mut replica = self.replica.borrow_mut();
            let Some(replica) = replica.as_mut() else { return self.close_when_idle() };
            let outputs: Vec<Output> = std::iter::from_fn(|| replica.poll_output()).collect();
            (outputs, replica.next_timeout())
        };
        self.act(outputs);
        match due {
            Some(due) => self.timer.set(due.since(self.clock.now())),
            None => self.timer.cancel(),
        }
        self.close_when_idle();
    }

    fn handle(&self, event: Event) {
        let now = self.clock.now();
        if let Event::Storage(StorageEvent::Opened(storage)) = event {
            self.open_replica(now, storage);
            return;
        }
        let mut replica = self.replica.borrow_mut();
        let Some(replica) = replica.as_mut() else { return };
        match event {
            Event::Storage(event) => handle_storage(replica, now, event),
            Event::Socket(connection, event) => self.handle_socket(replica, now, connection, event),
            Event::Tab(event) => self.handle_tab(replica, now, event),
            Event::Due => replica.handle_timeout(now),
        }
    }

    fn open_replica(&self, now: Timestamp, storage: StorageState) {
        let options = RoomOptions {
            board: self.board.clone(),
            person: self.options.person.clone(),
            storage,
            breakdowns: self.options.breakdowns.clone(),
        };
        let replica = Replica::open(now, dice::seed(), options);
        let shell = Weak::clone(&self.myself);
        let joined = Channel::join(&self.board, replica.peer_id(), move |event| {
            post(&shell, Event::Tab(event));
        });
        // a browser without such channels: tabs meet at the relay only
        *self.channel.borrow_mut() = joined.ok();
        *self.replica.borrow_mut() = Some(replica);
    }

    fn handle_socket(
        &self,
        replica: &mut Replica,
        now: Timestamp,
        connection: ConnectionId,
        event: SocketEvent,
    ) {
        match event {
            SocketEvent::Opened => {
                replica.handle_connected(now, connection, ConnectionKind::Relay);
            }
            SocketEvent::Received(frame) => replica.handle_received(now, connection, &frame),
            SocketEvent::Failed => {
                self.drop_socket(connection);
                replica.handle_dial_failed(now);
            }
            SocketEvent::Closed => {
                self.drop_socket(connection);
                replica.handle_disconnected(now, connection);
            }
        }
    }

    fn handle_tab(&self, replica: &mut Replica, now: Timestamp, event: TabEvent) {
        let mut tabs = self.tabs.borrow_mut();
        match event {
            TabEvent::Hello(peer) => {
                if let Some(channel) = &*self.channel.borrow() {
                    channel.answer(&peer);
                }
                tabs.connect(replica, now, peer, || self.number_connection());
            }
            TabEvent::Here(peer) => {
                tabs.connect(replica, now, peer, || self.number_connection());
            }
            TabEvent::Bye(peer) => tabs.disconnect(replica, now, &peer),
            TabEvent::Received(peer, frame) => {
                if let Some(connection) = tabs.hear(&peer) {
                    replica.handle_received(now, connection, &frame);
                }
            }
        }
    }

    /// Does what the replica asks for, in order; what it says goes first, because nothing waits for it.
    fn act(&self, outputs: Vec<Output>) {
        let mut said = Vec::new();
        let mut saves = Vec::new();
        let mut rest = Vec::new();
        for output in outputs {
            match output {
                Output::Deltas(deltas) => said.push(Said::Deltas { deltas }),
                Output::Presence(deltas) => said.push(Said::Presence { deltas }),
                Output::Status(status) => said.push(Said::Status { status }),
                Output::Answer { number, answer: Ok(answer) } => {
                    said.push(Said::Answer { number, answer });
                }
                Output::Answer { number, answer: Err(error) } => {
                    let (code, message) = (error.code(), error.to_string());
                    said.push(Said::Unanswered { number, code, message });
                }
                Output::Projected { json } => said.push(Said::Projected { json }),
                Output::Store { save, document, chunk } => {
                    saves.push(Save { id: save, document, chunk });
                }
                Output::LoadProjection { .. }
                | Output::Load { .. }
                | Output::StoreProjection { .. }
                | Output::Compact { .. }
                | Output::Quarantine { .. }
                | Output::Send { .. }
                | Output::Dial
                | Output::Close { .. } => rest.push(output),
            }
        }
        self.say(&said);
        if !saves.is_empty() {
            // one transaction for all that came together
            self.storage.request(Request::Store { saves, strict: self.strict.replace(false) });
        }
        for output in rest {
            self.act_outside(output);
        }
    }

    fn act_outside(&self, output: Output) {
        match output {
            Output::LoadProjection { document } => {
                self.storage.request(Request::LoadProjection(document));
            }
            Output::Load { document } => self.storage.request(Request::Load(document)),
            Output::StoreProjection { document, bytes } => {
                self.storage.request(Request::StoreProjection { document, bytes });
            }
            Output::Compact { document, chunks, replaced } => {
                self.storage.request(Request::Compact { document, chunks, replaced });
            }
            Output::Quarantine { document, chunk } => {
                self.storage.request(Request::Quarantine { document, chunk });
            }
            Output::Send { connection, frame } => self.send(connection, &frame),
            Output::Dial => self.dial(),
            Output::Close { connection, reason: _ } => self.hang_up(connection),
            Output::Deltas(_)
            | Output::Presence(_)
            | Output::Status(_)
            | Output::Answer { .. }
            | Output::Projected { .. }
            | Output::Store { .. } => {}
        }
    }

    fn say(&self, said: &[Said]) {
        if !said.is_empty() {
            let json = JsValue::from_str(&convert::said(said));
            // what JavaScript throws there is its own affair
            let _thrown = self.outputs.call1(&JsValue::NULL, &json);
        }
    }

    fn send(&self, connection: ConnectionId, frame: &[u8]) {
        if let Some((open, socket)) = &*self.socket.borrow()
            && *open == connection
        {
            socket.send(frame);
            return;
        }
        if let (Some(channel), Some(peer)) =
            (&*self.channel.borrow(), self.tabs.borrow().peer(connection))
        {
            channel.send(peer, frame);
        }
    }

    fn dial(&self) {
        if self.phase.get() != Phase::Running {
            return;
        }
        let connection = self.number_connection();
        let shell = Weak::clone(&self.myself);
        let dialled = Socket::dial(&self.options.relay, move |event| {
            post(&shell, Event::Socket(connection, event));
        });
        let dialled = dialled.ok().map(|socket| (connection, socket));
        if dialled.is_none() {
            self.post(Event::Socket(connection, SocketEvent::Failed));
        }
        let _earlier = self.socket.replace(dialled);
    }

    /// Closes a connection for the replica, which has forgotten it.
    fn hang_up(&self, connection: ConnectionId) {
        self.drop_socket(connection);
        self.tabs.borrow_mut().forget(connection);
    }

    fn drop_socket(&self, connection: ConnectionId) {
        let mut socket = self.socket.borrow_mut();
        if socket.as_ref().is_some_and(|(open, _)| *open == connection) {
            *socket = None;
        }
    }

    fn number_connection(&self) -> ConnectionId {
        let number = self.next_connection.get();
        self.next_connection.set(number + 1);
        ConnectionId(number)
    }

    fn close_when_idle(&self) {
        let is_done = self.storage.is_idle() && self.inbox.borrow().is_empty();
        if self.phase.get() != Phase::Closing || !is_done {
            return;
        }
        self.phase.set(Phase::Closed);
        self.timer.cancel();
        let _goodbye = self.channel.take();
        let _hung_up = self.socket.take();
        self.storage.close();
        self.say(&[Said::Closed]);
    }
}

fn post(shell: &Weak<Shell>, event: Event) {
    if let Some(shell) = shell.upgrade() {
        shell.post(event);
    }
}

fn handle_storage(replica: &mut Replica, now: Timestamp, event: StorageEvent) {
    match event {
        StorageEvent::Opened(_) => {}
        StorageEvent::Projected { document, bytes } => {
            replica.handle_projection(now, &document, bytes.as_ref());
        }
        StorageEvent::Loaded { document, chunks } => replica.handle_loaded(now, &document, chunks),
        StorageEvent::Compacted { document, is_done } => {
            replica.handle_compacted(now, &document, is_done);
        }
        StorageEvent::LoadFailed(document) => replica.handle_load_failed(now, &document),
        StorageEvent::Stored(saves) => {
            for save in saves {
                replica.handle_stored(now, save);
            }
        }
        StorageEvent::Failed { saves, state } => {
            for save in saves {
                replica.handle_store_failed(now, save, state);
            }
        }
    }
}

impl fmt::Debug for Shell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shell")
            .field("board", &self.board)
            .field("phase", &self.phase)
            .finish_non_exhaustive()
    }
}
