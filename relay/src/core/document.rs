//! One open Automerge document, in rounds: take in what waits, one save, then tell.
//!
//! Nothing is taken in while a save is under way, and nothing about changes goes out until it is durable, so heads
//! that a peer hears are heads that a crash keeps. Telling reads the ledger of the one phase in which all of it is
//! durable; there is no other way to reach it.

mod room;
mod subscriber;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use warroom_protocol::guard::CheckedChange;
use warroom_protocol::presence::PresenceMessage;
use warroom_protocol::sync_message::SyncMessage;
use warroom_protocol::wire::{Ephemeral, SharedFrame};
use warroom_protocol::{
    ChangeHash, ConnectionId, DocumentId, PeerId, SaveId, StorageId, Timestamp,
};

use crate::core::close::{ChangeRefusal, CloseReason};
use crate::core::counters::Counters;
use crate::core::document::room::Rooms;
use crate::core::document::subscriber::{Shared, Subscriber, remote_heads};
use crate::core::effect::{Access, Compacted, DocumentInput, DocumentOutput, Lane, SavedChange};
use crate::core::history::{History, LoadError, Place};
use crate::core::ledger::{Fault, Ledger, TakenIn};
use crate::core::limit::Limit;
use crate::core::orphans::Orphans;
use crate::limits::{DOCUMENT_IDLE, ROUND_OPS_MAX, WAITING_BYTES_MAX, WAITING_MESSAGES_MAX};

/// What a document is opened with.
#[derive(Debug, Clone)]
pub struct DocumentSettings {
    /// Which document.
    pub id: DocumentId,
    /// The relay's own peer id: the sender of what it sends.
    pub relay: PeerId,
    /// False while the store takes nothing: reads and ephemerals go on, changes are not asked for, and what comes
    /// anyway is neither kept nor acknowledged.
    pub is_writable: bool,
}

#[derive(Debug)]
enum Phase {
    /// Waits for the stored changes.
    Loading,
    /// Everything in the ledger is durable.
    Idle(Ledger),
    /// Some of the ledger is not durable before `save` is.
    Saving { save: SaveId, ledger: Ledger },
    /// The store failed; who comes hears why, and the machine is to be dropped.
    Done(CloseReason),
}

/// A sync message that waits for the next round.
#[derive(Debug)]
struct Waiting {
    connection: ConnectionId,
    access: Access,
    is_request: bool,
    message: SyncMessage,
    /// Bytes that it keeps in memory.
    bytes: usize,
}

/// One open Automerge document.
#[derive(Debug)]
pub struct Document {
    settings: DocumentSettings,
    phase: Phase,
    waiting: VecDeque<Waiting>,
    waiting_bytes: usize,
    /// How many messages have come, and how many of them are taken in, durable and told.
    received: u64,
    settled: u64,
    /// When to go on with what waits although nothing is saved: the last round had enough.
    resume_at: Option<Timestamp>,
    subscribers: BTreeMap<ConnectionId, Subscriber>,
    rooms: Rooms,
    /// What is to stand for changes that are not loaded yet.
    compacted: Option<Compacted>,
    saves: u64,
    /// Since when nobody is subscribed.
    idle_since: Option<Timestamp>,
    is_idle: bool,
    outputs: VecDeque<DocumentOutput>,
    counters: Counters,
}

impl Document {
    /// Opens the document; its first output is [`DocumentOutput::Load`].
    pub fn open(now: Timestamp, settings: DocumentSettings) -> Self {
        Self {
            settings,
            phase: Phase::Loading,
            waiting: VecDeque::new(),
            waiting_bytes: 0,
            received: 0,
            settled: 0,
            resume_at: None,
            subscribers: BTreeMap::new(),
            rooms: Rooms::default(),
            compacted: None,
            saves: 0,
            idle_since: Some(now),
            is_idle: false,
            outputs: VecDeque::from([DocumentOutput::Load]),
            counters: Counters::default(),
        }
    }

    /// Which document.
    pub fn id(&self) -> &DocumentId {
        &self.settings.id
    }

    /// Whether there is room for another input. While this is false the shell leaves inputs in its bounded mailbox,
    /// which holds up the sockets that feed it; the answers of the store are always taken.
    pub fn is_taking(&self) -> bool {
        self.waiting.len() < WAITING_MESSAGES_MAX && self.waiting_bytes < WAITING_BYTES_MAX
    }

    /// Takes what happened to `connection`.
    pub fn handle_input(&mut self, now: Timestamp, connection: ConnectionId, input: DocumentInput) {
        if let (Phase::Done(reason), DocumentInput::Sync { .. }) = (&self.phase, &input) {
            let reason = reason.clone();
            self.outputs.push_back(DocumentOutput::Refuse { connection, reason });
            return;
        }
        match input {
            DocumentInput::Sync { peer, access, is_request, message, storage, frame_bytes } => {
                self.subscribe(connection, peer, access, storage);
                let bytes = frame_bytes;
                self.wait(Waiting { connection, access, is_request, message, bytes });
                self.round(now);
            }
            DocumentInput::Counts(root) => self.count_to(root),
            DocumentInput::RoomSince(since) => self.ask_room(connection, since),
            DocumentInput::Ephemeral(message) => self.relay_ephemeral(connection, &message),
            DocumentInput::Watch(storages) => self.watch(now, connection, storages),
            DocumentInput::Credit => {
                if let Some(subscriber) = self.subscribers.get_mut(&connection) {
                    subscriber.has_credit = true;
                }
                if self.rooms.take_turn(connection) {
                    self.tell(Some(connection));
                    self.tell_rooms(Some(connection));
                } else {
                    self.tell_rooms(Some(connection));
                    self.tell(Some(connection));
                }
                if self.rooms.is_waiting(connection) {
                    self.read_room();
                }
            }
            DocumentInput::Left => self.leave(now, connection),
        }
    }

    /// Answers [`DocumentOutput::Load`] with all stored changes, in any order; none for a document that is not stored.
    ///
    /// # Errors
    /// [`LoadError`] for the operator's log: what is stored is no document. Everyone is refused and the machine is done.
    pub fn handle_loaded(
        &mut self,
        now: Timestamp,
        changes: Vec<CheckedChange>,
    ) -> Result<(), LoadError> {
        if !matches!(self.phase, Phase::Loading) {
            return Ok(());
        }
        match History::load(changes) {
            Ok(mut history) => {
                if let Some(compacted) = self.compacted.take() {
                    history.compact(compacted);
                }
                self.phase = Phase::Idle(Ledger { history, orphans: Orphans::default() });
                self.round(now);
                Ok(())
            }
            Err(error) => {
                self.fail(CloseReason::Unreadable);
                Err(error)
            }
        }
    }

    /// Some of the stored changes as one chunk, for who lacks them: before they are loaded, or at any time after.
    pub fn handle_compacted(&mut self, compacted: Compacted) {
        match &mut self.phase {
            Phase::Loading => self.compacted = Some(compacted),
            Phase::Idle(ledger) | Phase::Saving { ledger, .. } => ledger.history.compact(compacted),
            Phase::Done(_) => {}
        }
    }

    /// The store could not read the document: everyone is refused and the machine is done.
    pub fn handle_load_failed(&mut self, now: Timestamp) {
        let _ = now;
        if matches!(self.phase, Phase::Loading) {
            self.fail(CloseReason::Unreadable);
        }
    }

    /// The changes of `save` are durable: everyone is told, then the next round begins.
    pub fn handle_saved(&mut self, now: Timestamp, save: SaveId) {
        match std::mem::replace(&mut self.phase, Phase::Loading) {
            Phase::Saving { save: waited_for, ledger } if waited_for == save => {
                self.phase = Phase::Idle(ledger);
                self.rooms.handle_saved();
                self.tell_root();
                self.subscribers.values_mut().for_each(|subscriber| subscriber.is_due = true);
                self.tell(None);
                self.settle();
                self.round(now);
            }
            other @ (Phase::Loading | Phase::Idle(_) | Phase::Saving { .. } | Phase::Done(_)) => {
                self.phase = other;
            }
        }
    }

    /// The changes of `save` are not durable, or nobody knows: everyone is refused with a sentence and the machine
    /// is done. Nothing of the save was told. The shell opens the document anew with `is_writable` false until its
    /// store takes changes again.
    pub fn handle_save_failed(&mut self, now: Timestamp, save: SaveId) {
        let _ = now;
        if matches!(&self.phase, Phase::Saving { save: waited_for, .. } if *waited_for == save) {
            self.fail(CloseReason::Store);
        }
    }

    /// Does what is due at `now`.
    pub fn handle_timeout(&mut self, now: Timestamp) {
        if let Phase::Idle(ledger) | Phase::Saving { ledger, .. } = &mut self.phase {
            let senders = ledger.orphans.expire(now);
            for connection in senders {
                self.counters.orphans_dropped += 1;
                let refusal = ChangeRefusal::Orphans(Limit::OrphansFor);
                self.refuse(connection, Fault::from(refusal).of(&self.settings.id));
            }
        }
        self.read_due_room(now);
        if self.resume_at.is_some_and(|at| at <= now) {
            self.round(now);
        }
        if self.idle_at().is_some_and(|at| at <= now) {
            self.idle_since = None;
            self.is_idle = true;
            self.outputs.push_back(DocumentOutput::Idle);
        }
    }

    /// When to call [`Self::handle_timeout`], if nothing happens before.
    pub fn next_timeout(&self) -> Option<Timestamp> {
        let orphans = match &self.phase {
            Phase::Idle(ledger) | Phase::Saving { ledger, .. } => ledger.orphans.next_timeout(),
            Phase::Loading | Phase::Done(_) => None,
        };
        let others = self.resume_at.into_iter().chain(self.rooms.next_timeout());
        self.idle_at().into_iter().chain(orphans).chain(others).min()
    }

    /// The next thing to do; call until `None` after every `handle_*`.
    pub fn poll_output(&mut self) -> Option<DocumentOutput> {
        self.outputs.pop_front()
    }

    /// Whether the machine may be dropped: it said [`DocumentOutput::Idle`] and nobody subscribed since.
    pub fn is_idle(&self) -> bool {
        self.is_idle
    }

    /// Whether it is known to count to a room of which another document is the root.
    pub fn is_derived(&self) -> bool {
        self.rooms.within.is_some()
    }

    /// The durable heads, sorted; `None` unless all that is here is durable.
    pub fn durable_heads(&self) -> Option<Vec<ChangeHash>> {
        match &self.phase {
            Phase::Idle(ledger) => Some(ledger.history.head_hashes()),
            Phase::Loading | Phase::Saving { .. } | Phase::Done(_) => None,
        }
    }

    /// How many messages have come since it was opened.
    pub fn received(&self) -> u64 {
        self.received
    }

    /// How many of them, from the first on, are durable and told, as far as there was anything to save or to tell.
    pub fn settled(&self) -> u64 {
        self.settled
    }

    /// How many connections are subscribed.
    pub fn subscribers(&self) -> usize {
        self.subscribers.len()
    }

    /// What was counted since the last call.
    pub fn take_counters(&mut self) -> Counters {
        std::mem::take(&mut self.counters)
    }

    fn subscribe(
        &mut self,
        connection: ConnectionId,
        peer: PeerId,
        access: Access,
        storage: Option<StorageId>,
    ) {
        self.idle_since = None;
        self.is_idle = false;
        self.subscribers
            .entry(connection)
            .and_modify(|subscriber| subscriber.access = access)
            .or_insert_with(|| Subscriber::new(peer, access, storage));
    }

    fn wait(&mut self, waiting: Waiting) {
        if !self.is_taking() {
            return self.refuse(waiting.connection, CloseReason::Overloaded);
        }
        self.waiting_bytes = self.waiting_bytes.saturating_add(waiting.bytes);
        self.waiting.push_back(waiting);
        self.received += 1;
    }

    /// Counts what was taken in as durable and told.
    fn settle(&mut self) {
        let waiting = u64::try_from(self.waiting.len()).unwrap_or(u64::MAX);
        self.settled = self.received.saturating_sub(waiting);
    }

    /// Takes in the waiting messages, as many as one round may cost; then saves what is new, or tells if nothing is.
    fn round(&mut self, now: Timestamp) {
        let mut ledger = match std::mem::replace(&mut self.phase, Phase::Loading) {
            Phase::Idle(ledger) => ledger,
            other @ (Phase::Loading | Phase::Saving { .. } | Phase::Done(_)) => {
                self.phase = other;
                return;
            }
        };
        let (mut places, mut ops) = (Vec::new(), 0_u64);
        while ops < ROUND_OPS_MAX {
            let Some(waiting) = self.waiting.pop_front() else { break };
            self.waiting_bytes = self.waiting_bytes.saturating_sub(waiting.bytes);
            let taken = self.take_in(now, &mut ledger, &waiting);
            ops = ops.saturating_add(taken.ops);
            places.extend(taken.places);
        }
        let is_more = places.is_empty() && !self.waiting.is_empty();
        self.resume_at = is_more.then_some(now);
        let is_counted =
            self.settings.is_writable && self.rooms.is_to_be_stored() && !ledger.history.is_empty();
        if places.is_empty() && !is_counted {
            self.phase = Phase::Idle(ledger);
            self.tell(None);
            self.settle();
        } else {
            self.save(ledger, &places);
        }
    }

    fn save(&mut self, ledger: Ledger, places: &[Place]) {
        self.saves += 1;
        self.counters.saves += 1;
        let save = SaveId(self.saves);
        let history = &ledger.history;
        let saved = |&place: &Place| SavedChange {
            hash: history.hash(place),
            chunk: history.chunk(place).clone(),
        };
        let changes = places.iter().map(saved).collect();
        let room = self.rooms.begin_save();
        self.outputs.push_back(DocumentOutput::Save { save, changes, room });
        self.phase = Phase::Saving { save, ledger };
    }

    /// Takes in one message.
    fn take_in(&mut self, now: Timestamp, ledger: &mut Ledger, waiting: &Waiting) -> TakenIn {
        let Waiting { connection, access, is_request, message, bytes: _ } = waiting;
        let mut taken = TakenIn::default();
        if self.settings.is_writable && *access == Access::Write {
            taken = ledger.take_in(now, *connection, &message.changes, &mut self.counters);
            for (from, fault) in taken.refused.drain(..) {
                self.refuse(from, fault.of(&self.settings.id));
            }
        } else if !message.changes.is_empty() {
            self.counters.changes_forbidden += 1;
        }
        // Who left meanwhile is not told, but what it sent before stays.
        let Some(subscriber) = self.subscribers.get_mut(connection) else { return taken };
        let has_moved = subscriber.link.their_heads() != message.heads;
        let hit = subscriber.link.receive(&ledger.history, message);
        if let Some(limit) = hit {
            self.counters.add_hits(limit, 1);
        }
        subscriber.is_due = true;
        subscriber.has_requested |= *is_request && message.heads.is_empty();
        if has_moved {
            self.tell_watchers(now, *connection);
        }
        taken
    }

    /// Sends every subscriber, or the one, that has credit what is due to it.
    fn tell(&mut self, only: Option<ConnectionId>) {
        let Phase::Idle(ledger) = &self.phase else { return };
        let mut shared = Shared::new();
        let (first, last) =
            (only.unwrap_or(ConnectionId(0)), only.unwrap_or(ConnectionId(u64::MAX)));
        for (&connection, subscriber) in self.subscribers.range_mut(first..=last) {
            let frame =
                subscriber.next_frame(&self.settings, ledger, &mut shared, &mut self.counters);
            if let Some(frame) = frame {
                self.outputs.push_back(DocumentOutput::Send {
                    connection,
                    lane: Lane::Sync,
                    frame,
                });
            }
        }
    }

    /// Passes an ephemeral message on to every other subscriber, its data unread.
    fn relay_ephemeral(&mut self, connection: ConnectionId, message: &Ephemeral) {
        let Some(subscriber) = self.subscribers.get_mut(&connection) else { return };
        subscriber.spoke = Some((message.session_id.clone(), message.count));
        let sent = self.fan_out(connection, message);
        self.counters.ephemerals_sent = self.counters.ephemerals_sent.saturating_add(sent);
    }

    fn fan_out(&mut self, origin: ConnectionId, message: &Ephemeral) -> u64 {
        let shared = SharedFrame::ephemeral(message);
        let mut sent = 0;
        for (&connection, subscriber) in &self.subscribers {
            if connection != origin && !subscriber.is_refused {
                let frame = shared.to(&subscriber.peer);
                let lane = Lane::Presence;
                self.outputs.push_back(DocumentOutput::Send { connection, lane, frame });
                sent += 1;
            }
        }
        sent
    }

    fn watch(&mut self, now: Timestamp, connection: ConnectionId, storages: Vec<StorageId>) {
        let Some(subscriber) = self.subscribers.get_mut(&connection) else { return };
        let after: BTreeSet<StorageId> = storages.into_iter().collect();
        let before = std::mem::replace(&mut subscriber.watched, after.clone());
        let target = subscriber.peer.clone();
        let others: Vec<_> = self.subscribers.iter().filter(|(id, _)| **id != connection).collect();
        for (_, other) in others {
            let Some(storage) = other.storage.clone() else { continue };
            let heads = other.link.their_heads();
            if after.contains(&storage) && !before.contains(&storage) && !heads.is_empty() {
                let frame = remote_heads(&self.settings, target.clone(), (storage, heads, now));
                let lane = Lane::Presence;
                self.outputs.push_back(DocumentOutput::Send { connection, lane, frame });
                self.counters.remote_heads_sent += 1;
            }
        }
    }

    /// Tells who watches the storage of `origin` what it has now.
    fn tell_watchers(&mut self, now: Timestamp, origin: ConnectionId) {
        let Some(subscriber) = self.subscribers.get(&origin) else { return };
        let Some(storage) = &subscriber.storage else { return };
        let heads = subscriber.link.their_heads();
        for (&connection, other) in &self.subscribers {
            if connection != origin && !other.is_refused && other.watched.contains(storage) {
                let told = (storage.clone(), heads, now);
                let frame = remote_heads(&self.settings, other.peer.clone(), told);
                let lane = Lane::Presence;
                self.outputs.push_back(DocumentOutput::Send { connection, lane, frame });
                self.counters.remote_heads_sent += 1;
            }
        }
    }

    /// Forgets a connection, and says goodbye in its name unless its peer is here on another one.
    fn leave(&mut self, now: Timestamp, connection: ConnectionId) {
        self.rooms.leave(connection);
        let Some(gone) = self.subscribers.remove(&connection) else { return };
        if self.subscribers.is_empty() {
            self.idle_since = Some(now);
        }
        let is_here = self.subscribers.values().any(|other| other.peer == gone.peer);
        let goodbye = gone.goodbye(&self.settings, PresenceMessage::Goodbye.encode());
        if let Some(goodbye) = goodbye.filter(|_| !is_here) {
            let sent = self.fan_out(connection, &goodbye);
            self.counters.goodbyes_sent = self.counters.goodbyes_sent.saturating_add(sent);
        }
    }

    fn refuse(&mut self, connection: ConnectionId, reason: CloseReason) {
        if let Some(subscriber) = self.subscribers.get_mut(&connection)
            && !subscriber.is_refused
        {
            subscriber.is_refused = true;
            self.outputs.push_back(DocumentOutput::Refuse { connection, reason });
        }
    }

    fn fail(&mut self, reason: CloseReason) {
        let connections: Vec<_> = self.subscribers.keys().copied().collect();
        for connection in connections {
            self.refuse(connection, reason.clone());
        }
        self.waiting.clear();
        self.waiting_bytes = 0;
        self.resume_at = None;
        self.subscribers.clear();
        self.rooms = Rooms::default();
        self.phase = Phase::Done(reason);
        self.is_idle = true;
        self.outputs.push_back(DocumentOutput::Idle);
    }

    /// When the machine may be dropped, while nothing is under way.
    fn idle_at(&self) -> Option<Timestamp> {
        let is_resting = matches!(self.phase, Phase::Idle(_))
            && self.subscribers.is_empty()
            && self.waiting.is_empty();
        self.idle_since.filter(|_| is_resting).map(|since| since + DOCUMENT_IDLE)
    }
}
