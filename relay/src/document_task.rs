//! One task for one open document: inputs and the store's answers go into its machine, frames come out.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::sync::{Notify, OwnedSemaphorePermit, mpsc, oneshot};
use warroom_protocol::{ConnectionId, DocumentId, SaveId};

use crate::core::{
    CloseReason, Compacted, Document, DocumentInput, DocumentOutput, DocumentSettings, Frames,
    RoomPage,
};
use crate::error::StoreError;
use crate::limits::MAILBOX_INPUTS_MAX;
use crate::link::Link;
use crate::registry::Registry;
use crate::spawn;
use crate::store::{Append, Loaded, RoomRequest};
use crate::telemetry::duration_us;

/// What comes into a document's mailbox.
#[derive(Debug)]
pub(crate) enum Item {
    /// Something happened to a connection.
    Input {
        /// The connection.
        link: Arc<Link>,
        /// What happened.
        input: DocumentInput,
        /// Since when it waits, as the clock had run.
        since: Duration,
        /// Its room in the mailbox, given back when it is taken in.
        held: Option<OwnedSemaphorePermit>,
    },
    /// Answer when everything before this is saved and told.
    Flush(oneshot::Sender<()>),
    /// The store takes changes again.
    Writable,
    /// The document was compacted.
    Compacted(Compacted),
    /// Let go of what nobody has open, without waiting whether somebody comes.
    Rest,
    /// End, once everything before this is saved.
    Stop,
}

/// The shell of one [`Document`].
pub(crate) struct DocumentTask {
    registry: Arc<Registry>,
    document_id: DocumentId,
    number: u64,
    inputs: mpsc::Receiver<Item>,
    /// `None` while nobody needs the document, and after it failed until the next input.
    machine: Option<Machine>,
    links: BTreeMap<ConnectionId, Arc<Link>>,
    storing: Option<BoxFuture<'static, Answer>>,
    /// What changed in the room of which the document is the root, on its way from the store.
    reading: Option<BoxFuture<'static, Result<RoomPage, StoreError>>>,
    /// Set when something in that room is durable that was not.
    stirred: Arc<AtomicBool>,
    /// Whether it counts to a room of which it is not the root.
    is_derived: bool,
    /// What was given to the store.
    saved: Frames,
    /// Since when the store saves, as the clock had run; `None` while it does not.
    saving_since: Option<Duration>,
    /// Who waits until so many messages are saved and told.
    flushes: Vec<(u64, oneshot::Sender<()>)>,
    is_stopping: bool,
    is_finished: bool,
}

struct Machine {
    document: Document,
    is_writable: bool,
}

enum Answer {
    Loaded(Result<Loaded, StoreError>),
    Saved(SaveId, Result<(), StoreError>),
}

enum Event {
    Answered(Answer),
    RoomRead(Result<RoomPage, StoreError>),
    Came(Option<Item>),
    Released,
    Due,
}

impl DocumentTask {
    pub(crate) fn new(
        registry: &Arc<Registry>,
        document_id: &DocumentId,
        number: u64,
        (inputs, stirred): (mpsc::Receiver<Item>, Arc<AtomicBool>),
    ) -> Self {
        Self {
            registry: Arc::clone(registry),
            document_id: document_id.clone(),
            number,
            inputs,
            machine: None,
            links: BTreeMap::new(),
            storing: None,
            reading: None,
            stirred,
            is_derived: false,
            saved: Frames::default(),
            saving_since: None,
            flushes: Vec::new(),
            is_stopping: false,
            is_finished: false,
        }
    }

    /// Runs until nobody needs the document. `released` tells that a handle was given back.
    pub(crate) async fn run(mut self, released: Arc<Notify>) {
        let opened = self.registry.clock.uptime();
        tracing::debug!(document_id = %self.document_id, "document opened");
        while !self.may_end() {
            let event = self.next(&released).await;
            self.handle(event);
            // whatever comes, the other tasks of this thread get their turn
            tokio::task::yield_now().await;
        }
        self.is_finished = true;
        self.log_life(self.registry.clock.uptime().saturating_sub(opened));
    }

    /// One line for a room: the documents that are derived from its root may be a thousand.
    fn log_life(&self, took: Duration) {
        let (document_id, duration_us) = (&self.document_id, duration_us(took));
        let Frames { count: saves, bytes } = self.saved;
        if self.is_derived {
            tracing::debug!(%document_id, saves, bytes, duration_us, "document closed");
        } else {
            tracing::info!(%document_id, saves, bytes, duration_us, "room closed");
        }
    }

    fn may_end(&self) -> bool {
        let is_resting = |machine: &Machine| {
            self.is_stopping && machine.document.settled() == machine.document.received()
        };
        if self.storing.is_some()
            || self.reading.is_some()
            || !self.machine.as_ref().is_none_or(is_resting)
        {
            return false;
        }
        if self.is_stopping {
            self.registry.forget(&self.document_id, self.number);
            return true;
        }
        self.registry.evict(&self.document_id, self.number, &self.inputs)
    }

    async fn next(&mut self, released: &Notify) -> Event {
        let is_taking = self.machine.as_ref().is_none_or(|machine| machine.document.is_taking());
        let due = self.machine.as_ref().and_then(|machine| machine.document.next_timeout());
        let storing = async {
            match self.storing.as_mut() {
                Some(storing) => storing.await,
                None => std::future::pending().await,
            }
        };
        let reading = async {
            match self.reading.as_mut() {
                Some(reading) => reading.await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            answer = storing => Event::Answered(answer),
            read = reading => Event::RoomRead(read),
            () = self.registry.clock.sleep_until(due) => Event::Due,
            item = self.inputs.recv(), if is_taking => Event::Came(item),
            () = released.notified() => Event::Released,
        }
    }

    fn handle(&mut self, event: Event) {
        // whatever woke the task: the root of a busy board would hear of its room only in a pause
        if self.stirred.swap(false, Ordering::AcqRel)
            && let Some(machine) = &mut self.machine
        {
            machine.document.handle_room_changed(self.registry.clock.now());
        }
        match event {
            Event::Answered(answer) => {
                self.storing = None;
                let round = self.saving_since.take();
                self.answer(answer);
                self.drain();
                if let Some(since) = round {
                    let took = self.registry.clock.uptime().saturating_sub(since);
                    self.registry.metrics.observe_round(took);
                }
            }
            Event::Came(Some(item)) => {
                self.take(item);
                // a burst becomes one save, but of who sends without an end no more than fits the mailbox
                for _ in 1..MAILBOX_INPUTS_MAX {
                    if self.machine.as_ref().is_some_and(|machine| !machine.document.is_taking()) {
                        break;
                    }
                    let Ok(item) = self.inputs.try_recv() else { break };
                    self.take(item);
                }
            }
            Event::RoomRead(read) => {
                self.reading = None;
                self.answer_room(read);
                self.drain();
            }
            // the registry holds a sender as long as the task runs
            Event::Came(None) | Event::Released => {}
            Event::Due => {
                let now = self.registry.clock.now();
                if let Some(machine) = &mut self.machine {
                    machine.document.handle_timeout(now);
                }
                self.drain();
            }
        }
    }

    /// Takes in one item, and sends on what it led to before the next: what waits for a socket is bounded, what waits
    /// here would not be.
    fn take(&mut self, item: Item) {
        match item {
            Item::Input { link, input, since, held } => {
                let waited = self.registry.clock.uptime().saturating_sub(since);
                self.registry.metrics.observe_queue(waited);
                self.input(&link, input);
                drop(held);
            }
            Item::Flush(done) => {
                let received =
                    self.machine.as_ref().map_or(0, |machine| machine.document.received());
                self.flushes.push((received, done));
            }
            Item::Writable => self.become_writable(),
            Item::Compacted(compacted) => {
                if let Some(machine) = &mut self.machine {
                    machine.document.handle_compacted(compacted);
                }
            }
            Item::Rest => self.rest(),
            Item::Stop => self.is_stopping = true,
        }
        self.drain();
    }

    fn input(&mut self, link: &Arc<Link>, input: DocumentInput) {
        let is_end = matches!(input, DocumentInput::Left);
        if is_end {
            self.links.remove(&link.id());
        } else {
            self.links.entry(link.id()).or_insert_with(|| Arc::clone(link));
        }
        let now = self.registry.clock.now();
        if self.machine.is_none() && !is_end && !matches!(input, DocumentInput::Credit) {
            self.open();
        }
        if let Some(machine) = &mut self.machine {
            machine.document.handle_input(now, link.id(), input);
        }
    }

    fn open(&mut self) {
        let is_writable = self.registry.store.is_writable();
        let settings = DocumentSettings {
            id: self.document_id.clone(),
            relay: self.registry.peer_id.clone(),
            is_writable,
        };
        let document = Document::open(self.registry.clock.now(), settings);
        self.machine = Some(Machine { document, is_writable });
    }

    /// A machine that was told that nothing can be saved does not ask for changes; the peers come back to one that
    /// does.
    fn become_writable(&mut self) {
        if self.machine.as_ref().is_some_and(|machine| !machine.is_writable) {
            self.machine = None;
            self.storing = None;
            self.reading = None;
            self.refuse_all(&CloseReason::Restart);
        }
    }

    fn rest(&mut self) {
        let rests = |machine: &Machine| {
            let document = &machine.document;
            document.subscribers() == 0 && document.settled() == document.received()
        };
        if self.storing.is_none()
            && let Some(mut machine) = self.machine.take_if(|machine| rests(machine))
        {
            self.registry.count(&machine.document.take_counters());
        }
    }

    fn answer(&mut self, answer: Answer) {
        let now = self.registry.clock.now();
        let Some(Machine { document, is_writable: _ }) = &mut self.machine else { return };
        match answer {
            Answer::Loaded(Ok(loaded)) => {
                if let Some(root) = loaded.room {
                    if loaded.quarantined > 0 {
                        // the store forgot changes, and numbered the document anew for who has them
                        self.registry.stir(&root);
                    }
                    document.handle_counted(root);
                }
                if let Some(compacted) = loaded.compacted {
                    document.handle_compacted(compacted);
                }
                let loaded = spawn::heavy(|| document.handle_loaded(now, loaded.changes));
                if let Err(error) = loaded {
                    tracing::error!(document_id = %self.document_id, %error, "a stored document is not served");
                }
            }
            Answer::Loaded(Err(error)) => {
                tracing::error!(document_id = %self.document_id, %error, "load failed");
                document.handle_load_failed(now);
            }
            Answer::Saved(save_id, Ok(())) => document.handle_saved(now, save_id),
            Answer::Saved(save_id, Err(error)) => {
                tracing::error!(document_id = %self.document_id, save_id = save_id.0, %error, "save failed");
                document.handle_save_failed(now, save_id);
            }
        }
    }

    fn answer_room(&mut self, read: Result<RoomPage, StoreError>) {
        let Some(Machine { document, is_writable: _ }) = &mut self.machine else { return };
        match read {
            Ok(page) => document.handle_room_read(&page),
            Err(error) => {
                tracing::error!(document_id = %self.document_id, %error, "a room could not be read");
                document.handle_room_read_failed();
            }
        }
    }

    /// Does what the machine wants.
    fn drain(&mut self) {
        while let Some(output) =
            self.machine.as_mut().and_then(|machine| machine.document.poll_output())
        {
            self.obey(output);
        }
        if let Some(machine) = &mut self.machine {
            self.is_derived |= machine.document.is_derived();
            self.registry.count(&machine.document.take_counters());
        }
        self.answer_flushes();
    }

    /// Answers who waits for messages that are saved and told now, or that no machine has any more.
    fn answer_flushes(&mut self) {
        let settled = self.machine.as_ref().map_or(u64::MAX, |machine| machine.document.settled());
        for (_, flush) in self.flushes.extract_if(.., |(received, _)| *received <= settled) {
            // whoever asked may have given up
            flush.send(()).unwrap_or(());
        }
    }

    fn obey(&mut self, output: DocumentOutput) {
        match output {
            DocumentOutput::Load => {
                let loading = self.registry.store.load(self.document_id.clone());
                self.storing = Some(Box::pin(async move { Answer::Loaded(loading.await) }));
            }
            DocumentOutput::Save { save, changes, room } => {
                let append = Append { document_id: self.document_id.clone(), changes, room };
                self.saved.add(append.bytes());
                let saving = self.registry.store.append(append);
                self.saving_since = Some(self.registry.clock.uptime());
                self.storing = Some(Box::pin(async move { Answer::Saved(save, saving.await) }));
            }
            DocumentOutput::RoomChanged(root) => self.registry.stir(&root),
            DocumentOutput::ReadRoom { since } => {
                let root = self.document_id.clone();
                self.reading = Some(self.registry.store.room(RoomRequest { root, since }));
            }
            DocumentOutput::Send { connection, lane, frame } => {
                if let Some(link) = self.links.get(&connection) {
                    link.send(&self.document_id, lane, frame);
                }
            }
            DocumentOutput::Refuse { connection, reason } => {
                if let Some(link) = self.links.get(&connection) {
                    link.refuse(reason);
                }
            }
            DocumentOutput::Idle => {
                if let Some(mut machine) = self.machine.take() {
                    self.registry.count(&machine.document.take_counters());
                }
            }
        }
    }

    fn refuse_all(&self, reason: &CloseReason) {
        for link in self.links.values() {
            link.refuse(reason.clone());
        }
    }
}

impl Drop for DocumentTask {
    /// A task that panicked takes its document's connections along, and nobody else: they come back to a fresh one.
    fn drop(&mut self) {
        if self.is_finished {
            return;
        }
        self.registry.metrics.documents_failed.inc();
        tracing::error!(document_id = %self.document_id, "a document failed; its connections are closed");
        self.registry.forget(&self.document_id, self.number);
        self.refuse_all(&CloseReason::Internal);
        self.inputs.close();
        while let Ok(item) = self.inputs.try_recv() {
            if let Item::Input { link, .. } = item {
                link.refuse(CloseReason::Internal);
            }
        }
    }
}

#[cfg(test)]
mod tests;
