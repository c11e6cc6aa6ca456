//! Random schedules of edits, drops, reconnects, relay crashes and restored backups: clients that run automerge's own
//! sync end with the same heads as the relay's change graph, without endless chatter, and are told only what is
//! durable.
//!
//! Goal: `core/answer.rs` and automerge's sync have one outcome. Method: clients are `automerge::Automerge` with
//! `automerge::sync::State`; everything between them and the document goes through encoded frames.
use std::collections::{BTreeMap, BTreeSet, VecDeque};

use automerge::sync::{Message, State, SyncDoc};
use automerge::{Automerge, ReadDoc};
use bytes::Bytes;
use warroom_protocol::guard::check_change;
use warroom_protocol::sync_message::SyncMessage;
use warroom_protocol::wire::Frame;
use warroom_protocol::{ChangeHash, ConnectionId, Dice, SaveId, Seed, Timestamp};
use warroom_relay::core::{
    Access, Compacted, Document, DocumentInput, DocumentOutput, DocumentSettings, Lane, Outbox,
    SavedChange,
};

use crate::support::{checked, compacted, document_id, heads, peer, put, relay_peer, replica};

/// Runs of the random schedules; a few seconds.
const SEEDS: u64 = 120;

struct Client {
    replica: Automerge,
    state: State,
    /// What a stock client persists of its sync state.
    persisted: Vec<u8>,
    connection: Option<ConnectionId>,
    /// Messages on their way to the relay; lost when the connection is.
    sent: VecDeque<Bytes>,
    outbox: Outbox,
    is_loaded: bool,
}

struct World {
    seed: u64,
    dice: Dice,
    now: Timestamp,
    document: Document,
    /// Durable chunks in the order of their saves, and how many each save ended with.
    stored: Vec<Bytes>,
    durable: BTreeSet<ChangeHash>,
    /// What the store has in one chunk.
    compacted: Option<Compacted>,
    save: Option<(SaveId, Vec<SavedChange>)>,
    clients: Vec<Client>,
    connections: u64,
    actors: u32,
    frames: usize,
    counts: BTreeMap<&'static str, u64>,
    fast: u64,
    generic: u64,
    /// Answers that began with a compacted document.
    cold: u64,
    /// Planted on purpose: saves are called durable, and never are.
    lies: bool,
    /// Heads and changes that were told and are not on disk.
    broken: usize,
}

/// The hashes of the changes in a chunk of either kind.
#[expect(clippy::disallowed_methods, reason = "nothing is written, and no text is counted")]
fn hashes(chunk: &Bytes) -> Vec<ChangeHash> {
    if let Ok(change) = check_change(chunk) {
        return vec![change.hash];
    }
    let mut document = replica(0);
    document.load_incremental(chunk).unwrap();
    document.get_changes_meta(&[]).iter().map(|change| ChangeHash(change.hash.0)).collect()
}

fn open(now: Timestamp) -> Document {
    let settings = DocumentSettings { id: document_id(), relay: relay_peer(), is_writable: true };
    Document::open(now, settings)
}

impl World {
    fn new(seed: u64, clients: u32) -> Self {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&seed.to_le_bytes());
        let now = Timestamp(1);
        let client = |actor| Client {
            replica: replica(actor),
            state: State::new(),
            persisted: State::new().encode(),
            connection: None,
            sent: VecDeque::new(),
            outbox: Outbox::new(),
            is_loaded: false,
        };
        let mut world = Self {
            seed,
            dice: Dice::new(Seed(bytes)),
            now,
            document: open(now),
            stored: Vec::new(),
            durable: BTreeSet::new(),
            compacted: None,
            save: None,
            clients: (1..=clients).map(client).collect(),
            connections: 0,
            actors: clients,
            frames: 0,
            counts: BTreeMap::new(),
            fast: 0,
            generic: 0,
            cold: 0,
            lies: false,
            broken: 0,
        };
        world.drain();
        world
    }

    fn roll(&mut self, end: usize) -> usize {
        self.dice.below(end as u64) as usize
    }

    fn count(&mut self, what: &'static str) {
        *self.counts.entry(what).or_default() += 1;
    }

    fn count_answers(&mut self) {
        let counters = self.document.take_counters();
        self.fast += counters.answers_fast;
        self.generic += counters.answers_generic;
        self.cold += counters.answers_compacted;
    }

    fn step(&mut self) {
        let at = self.roll(self.clients.len());
        match self.roll(1_000) {
            0..200 => self.edit(at),
            200..430 => drop(self.generate(at)),
            430..610 => drop(self.deliver(at)),
            610..790 => drop(self.take(at)),
            790..900 => drop(self.finish_save()),
            900..930 => self.disconnect(at),
            930..985 => self.connect(at),
            985..994 => self.compact(),
            994..998 => self.crash(false),
            _ => self.crash(true),
        }
    }

    fn edit(&mut self, at: usize) {
        let (key, value) = (self.roll(5), self.roll(1_000));
        put(&mut self.clients[at].replica, &format!("k{key}"), value as i64);
    }

    /// The client says what it has to say, if it is connected.
    fn generate(&mut self, at: usize) -> bool {
        let client = &mut self.clients[at];
        if client.connection.is_none() {
            return false;
        }
        let Some(message) = client.replica.generate_sync_message(&mut client.state) else {
            return false;
        };
        client.sent.push_back(message.encode().into());
        self.frames += 1;
        true
    }

    /// The next message of the client reaches the document.
    fn deliver(&mut self, at: usize) -> bool {
        let client = &mut self.clients[at];
        let (Some(connection), Some(data)) = (client.connection, client.sent.pop_front()) else {
            return false;
        };
        let message = SyncMessage::decode(&data).unwrap();
        // A stock client asks by request as long as it has nothing itself.
        let is_request = message.heads.is_empty() && !client.is_loaded;
        let peer = peer(&format!("p{at}"));
        let (access, storage) = (Access::Write, None);
        let input =
            DocumentInput::Sync { peer, access, is_request, message, storage, frame_bytes: 0 };
        self.document.handle_input(self.now, connection, input);
        self.drain();
        true
    }

    /// The client's socket takes the next frame, and the client reads it.
    fn take(&mut self, at: usize) -> bool {
        let Some(taken) = self.clients[at].outbox.take_next() else { return false };
        self.frames += 1;
        if taken.credit.is_some() {
            let connection = self.clients[at].connection.unwrap();
            self.document.handle_input(self.now, connection, DocumentInput::Credit);
            self.drain();
        }
        let Frame::Sync { data, target_id, .. } = Frame::decode(&taken.frame, 1 << 24).unwrap()
        else {
            self.count("unavailable");
            return true;
        };
        assert_eq!(target_id, peer(&format!("p{at}")), "each peer gets its own frames");
        self.check_promise(&SyncMessage::decode(&data).unwrap());
        let client = &mut self.clients[at];
        client.is_loaded = true;
        let message = Message::decode(&data).unwrap();
        client.replica.receive_sync_message(&mut client.state, message).unwrap();
        client.persisted = client.state.encode();
        true
    }

    /// SY6: what the relay says it has, it has on disk.
    fn check_promise(&mut self, message: &SyncMessage) {
        let sent = message.changes.iter().flat_map(hashes);
        let told: BTreeSet<_> = message.heads.iter().copied().chain(sent).collect();
        self.broken += told.difference(&self.durable).count();
        let seed = self.seed;
        assert!(self.lies || self.broken == 0, "seed {seed}: told something that is not on disk");
    }

    fn finish_save(&mut self) -> bool {
        if self.lies {
            return false;
        }
        let Some((save, changes)) = self.save.take() else { return false };
        self.keep(changes);
        self.document.handle_saved(self.now, save);
        self.drain();
        true
    }

    fn keep(&mut self, changes: Vec<SavedChange>) {
        for change in changes {
            assert!(self.durable.insert(change.hash), "a change is saved once");
            self.stored.push(change.chunk);
        }
    }

    fn connect(&mut self, at: usize) {
        if self.clients[at].connection.is_some() {
            return;
        }
        self.connections += 1;
        let remembers = self.roll(2) == 0;
        let client = &mut self.clients[at];
        client.connection = Some(ConnectionId(self.connections));
        client.state =
            if remembers { State::decode(&client.persisted).unwrap() } else { State::new() };
        client.is_loaded = false;
        // Every start writes as a fresh actor.
        self.actors += 1;
        let actor = replica(self.actors).get_actor().clone();
        self.clients[at].replica.set_actor(actor);
        self.count("connects");
    }

    fn disconnect(&mut self, at: usize) {
        let client = &mut self.clients[at];
        if let Some(connection) = client.connection.take() {
            client.sent.clear();
            client.outbox = Outbox::new();
            self.document.handle_input(self.now, connection, DocumentInput::Left);
            self.drain();
        }
    }

    /// The relay dies, perhaps with a save half way, perhaps to come back from a backup.
    fn crash(&mut self, is_backup: bool) {
        if let Some((_, changes)) = self.save.take()
            && self.roll(2) == 0
        {
            self.keep(changes);
        }
        if is_backup {
            let length = self.roll(self.stored.len() + 1);
            self.stored.truncate(length);
            self.durable =
                self.stored.iter().map(|chunk| check_change(chunk).unwrap().hash).collect();
            let durable = &self.durable;
            self.compacted
                .take_if(|compacted| compacted.heads.iter().any(|head| !durable.contains(head)));
            self.count("backups");
        }
        self.count_answers();
        self.document = open(self.now);
        for client in &mut self.clients {
            client.connection = None;
            client.sent.clear();
            client.outbox = Outbox::new();
        }
        self.count("crashes");
        self.drain();
    }

    fn drain(&mut self) {
        while let Some(output) = self.document.poll_output() {
            match output {
                DocumentOutput::Load => {
                    if let Some(compacted) = self.compacted.clone() {
                        self.document.handle_compacted(compacted);
                    }
                    self.document.handle_loaded(self.now, checked(&self.stored)).unwrap();
                }
                DocumentOutput::Save { save, changes, .. } => {
                    if self.lies {
                        self.document.handle_saved(self.now, save);
                        continue;
                    }
                    assert!(self.save.is_none() && !changes.is_empty(), "one save at a time");
                    self.save = Some((save, changes));
                }
                DocumentOutput::Send { connection, lane, frame } => {
                    assert_eq!(lane, Lane::Sync);
                    let client = self
                        .clients
                        .iter_mut()
                        .find(|client| client.connection == Some(connection));
                    client.unwrap().outbox.push(&document_id(), lane, frame).unwrap();
                }
                DocumentOutput::Refuse { connection, reason } => {
                    panic!("seed {}: {connection:?} was refused: {reason}", self.seed);
                }
                DocumentOutput::RoomChanged(_) | DocumentOutput::ReadRoom { .. } => {
                    panic!("nobody speaks of rooms here");
                }
                DocumentOutput::Idle => {}
            }
        }
    }

    /// A worker made one chunk of what is on disk.
    fn compact(&mut self) {
        if self.stored.is_empty() {
            return;
        }
        let compacted = compacted(&self.stored);
        self.document.handle_compacted(compacted.clone());
        self.compacted = Some(compacted);
        self.count("compactions");
        self.drain();
    }

    /// Everyone reconnects and works until nobody has anything to say.
    fn settle(&mut self) {
        for at in 0..self.clients.len() {
            self.connect(at);
        }
        self.frames = 0;
        let mut rounds = 0;
        loop {
            let mut is_busy = self.finish_save();
            for at in 0..self.clients.len() {
                is_busy |= self.generate(at);
                while self.deliver(at) {
                    is_busy = true;
                }
                while self.take(at) {
                    is_busy = true;
                }
            }
            if !is_busy {
                break;
            }
            rounds += 1;
            assert!(rounds <= 60, "seed {}: no end, {} frames", self.seed, self.frames);
        }
    }

    fn check_converged(&self) {
        let relay = self.document.durable_heads().unwrap();
        for (at, client) in self.clients.iter().enumerate() {
            assert_eq!(heads(&client.replica), relay, "seed {} client {at}", self.seed);
            assert!(client.replica.get_missing_deps(&[]).is_empty(), "client {at} lacks nothing");
        }
    }
}

fn run(seed: u64, clients: u32, steps: usize) -> World {
    let mut world = World::new(seed, clients);
    for at in 0..world.clients.len() {
        world.connect(at);
    }
    for _ in 0..steps {
        world.step();
    }
    world.settle();
    world.check_converged();
    world
}

#[test]
fn sy4_sy6_sy7_random_schedules_converge_and_keep_the_promise() {
    let mut counts = BTreeMap::<_, u64>::new();
    let (mut fast, mut generic, mut cold, mut frames_max) = (0, 0, 0, 0);
    for seed in 0..SEEDS {
        let clients = 2 + (seed % 4) as u32;
        let mut world = run(seed, clients, 600);
        for (what, count) in &world.counts {
            *counts.entry(*what).or_default() += count;
        }
        world.count_answers();
        fast += world.fast;
        generic += world.generic;
        cold += world.cold;
        frames_max = frames_max.max(world.frames);
    }
    // What the schedules are for did happen.
    for what in ["connects", "crashes", "backups", "unavailable"] {
        assert!(counts.get(what).is_some_and(|&count| count > 50), "{what}: {counts:?}");
    }
    assert!(
        fast > 1_000 && generic > 1_000,
        "both shapes of answers: {fast} fast, {generic} generic"
    );
    assert!(cold > 50, "{cold} answers with a compacted document");
    assert!(frames_max < 200, "settling took {frames_max} frames");
}

#[test]
fn sy6_an_acknowledgement_before_the_save_is_caught() {
    for seed in 0..20 {
        let mut world = World::new(seed, 3);
        world.lies = true;
        (0..3).for_each(|at| world.connect(at));
        (0..1_000).for_each(|_| world.step());
        assert!(world.broken > 0, "the checker of the promise sees nothing in seed {seed}");
    }
}

#[test]
fn sy4_long_offline_branches_converge() {
    for seed in 1_000..1_020 {
        let mut world = World::new(seed, 3);
        for at in 0..3 {
            world.connect(at);
        }
        for round in 0..4 {
            let away = round % 3;
            world.settle();
            world.disconnect(away);
            for _ in 0..150 {
                let at = world.roll(3);
                world.edit(at);
                world.generate(at);
                world.deliver(at);
                world.take(at);
                world.finish_save();
            }
        }
        world.settle();
        world.check_converged();
        assert!(world.frames < 60, "seed {seed}: {} frames", world.frames);
    }
}

#[test]
fn the_same_seed_gives_the_same_run() {
    let (one, two) = (run(7, 4, 500), run(7, 4, 500));
    assert_eq!(one.stored, two.stored);
    assert_eq!(one.frames, two.frames);
    assert_eq!(one.counts, two.counts);
}
