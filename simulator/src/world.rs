//! The loop: one event or timer at a time, and the checkers beside it.

mod checks;
mod devices;
mod network;
mod server;

use std::any::Any;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use warroom_engine::Replica;
use warroom_protocol::{ChangeHash, ConnectionId, Cursor, Dice, DocumentId, Timestamp};

use self::network::Link;
use crate::client::{Client, Replacing, Writing};
use crate::disk::Disk;
use crate::plan::{Plan, Plant};
use crate::queue::Queue;
use crate::relay::{self, Relay};
use crate::trace::Trace;

#[derive(Debug)]
enum Event {
    Act(usize),
    Disconnect,
    CrashRelay,
    StartRelay,
    CrashClient,
    StartClient(usize),
    Dialed(usize, u64),
    Projected(usize, u64, DocumentId),
    Loaded(usize, u64, DocumentId),
    Stored(usize, u64, Writing),
    Replaces(usize, u64, Replacing),
    ToRelay(ConnectionId),
    ToClient(ConnectionId),
    ClientNotices(ConnectionId),
    RelayNotices(ConnectionId),
    RelayLoads(u64, DocumentId),
    RelayReadsRoom(u64, DocumentId, Option<Cursor>),
    RelayCommits(u64),
    RelayWrites(u64, ConnectionId),
}

/// A broken promise, with the trace that led to it.
#[derive(Debug)]
pub struct Failure {
    /// The run's number: the same number fails again.
    pub seed: u64,
    /// What went wrong.
    pub what: String,
    /// What happened before, when the trace was kept.
    pub trace: Vec<String>,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "seed {}: {} (again: cargo run -p warroom-simulator -- --seed {})",
            self.seed, self.what, self.seed
        )
    }
}

/// What a run was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// Equal for equal traces.
    pub digest: u64,
    /// Commands that were taken.
    pub edits: u64,
    /// Frames that arrived.
    pub frames: u64,
    /// Commits of the relay.
    pub commits: u64,
    /// Connections that broke, crashes of the relay, crashes of clients.
    pub faults: [u64; 3],
    /// Heads that the relay told, each a promise.
    pub told: u64,
    /// Documents of clients whose chunks became one.
    pub compactions: u64,
    /// Most events that ever waited.
    pub queue_max: usize,
}

/// One run.
#[derive(Debug)]
pub struct World {
    plan: Plan,
    dice: Dice,
    now: Timestamp,
    queue: Queue<Event>,
    trace: Trace,
    clients: Vec<Client>,
    links: BTreeMap<ConnectionId, Link>,
    connections: u64,
    disk: Disk,
    relay: Option<Relay>,
    relay_life: u64,
    commit_planned: bool,
    is_working: bool,
    /// Heads that reached somebody from the relay: the relay must have them for ever.
    told: BTreeMap<DocumentId, BTreeSet<ChangeHash>>,
    summary: Summary,
}

impl World {
    /// Plays a plan to its end.
    ///
    /// # Errors
    /// [`Failure`]: a promise was broken.
    pub fn run(plan: Plan, keep_trace: bool) -> Result<Summary, Failure> {
        let seed = plan.seed;
        let mut world = Self::new(plan, keep_trace);
        // a broken invariant of a machine is a failure with a number, too
        let outcome = catch_unwind(AssertUnwindSafe(|| world.play()))
            .unwrap_or_else(|panic| Err(format!("a machine panicked: {}", text_of(&*panic))));
        world.summary.digest = world.trace.digest();
        match outcome {
            Ok(()) => Ok(world.summary),
            Err(what) => Err(Failure { seed, what, trace: world.trace.into_lines() }),
        }
    }

    fn new(plan: Plan, keep_trace: bool) -> Self {
        let mut dice = Plan::dice(plan.seed.wrapping_add(0x5eed));
        let board = DocumentId::from_room_name("simulation");
        let clients = (0..plan.clients).map(|n| Client::new(n, board.clone(), &mut dice)).collect();
        let disk = Disk::new(plan.plant == Some(Plant::SyncIsALie));
        let summary = Summary {
            digest: 0,
            edits: 0,
            frames: 0,
            commits: 0,
            faults: [0; 3],
            told: 0,
            compactions: 0,
            queue_max: 0,
        };
        Self {
            dice,
            now: Timestamp(1_000_000),
            queue: Queue::default(),
            trace: Trace::new(keep_trace),
            clients,
            links: BTreeMap::new(),
            connections: 0,
            disk,
            relay: None,
            relay_life: 0,
            commit_planned: false,
            is_working: true,
            told: BTreeMap::new(),
            summary,
            plan,
        }
    }

    fn play(&mut self) -> Result<(), String> {
        self.start_relay()?;
        self.disk.settle();
        for number in 0..self.clients.len() {
            self.start_client(number)?;
            self.plan_in(self.plan.act_every_ms, Event::Act(number));
        }
        self.plan_fault(self.plan.disconnect_every_ms, Event::Disconnect);
        self.plan_fault(self.plan.relay_crash_every_ms, Event::CrashRelay);
        self.plan_fault(self.plan.client_crash_every_ms, Event::CrashClient);
        let end = self.now + Duration::from_millis(self.plan.work_ms);
        while self.now < end && self.step()? {}
        self.heal()?;
        self.settle("the boards")?;
        self.check_bodies_on_disks()?;
        self.open_all_bodies()?;
        self.settle("the bodies")?;
        self.check_the_end()
    }

    /// Lets one thing happen; false when nothing is left to happen.
    fn step(&mut self) -> Result<bool, String> {
        self.summary.queue_max = self.summary.queue_max.max(self.queue.len());
        let Some(next) = self.next_at() else { return Ok(false) };
        self.now = self.now.max(next);
        if self.queue.next_at().is_some_and(|at| at <= self.now) {
            if let Some(event) = self.queue.pop() {
                self.handle(event)?;
            }
        } else {
            self.handle_timers()?;
        }
        Ok(true)
    }

    /// When the next thing happens.
    fn next_at(&self) -> Option<Timestamp> {
        let replicas = self.clients.iter().filter_map(|client| client.replica.as_ref());
        let timers = replicas.filter_map(Replica::next_timeout);
        let relay = self.relay.as_ref().and_then(Relay::next_timeout);
        timers.chain(relay).chain(self.queue.next_at()).min()
    }

    fn handle_timers(&mut self) -> Result<(), String> {
        for number in 0..self.clients.len() {
            let now = self.now;
            let client = self.clients.get_mut(number).filter(|client| client.is_due(now));
            let Some(replica) = client.and_then(|client| client.replica.as_mut()) else { continue };
            replica.handle_timeout(now);
            self.drain_client(number)?;
            if self.clients.get(number).is_some_and(|client| client.is_due(now)) {
                return Err(format!("client {number} asks for the time again and again"));
            }
        }
        if let Some(relay) = &mut self.relay {
            let wishes = relay.handle_timeout(self.now);
            self.grant(wishes);
        }
        Ok(())
    }

    fn handle(&mut self, event: Event) -> Result<(), String> {
        match event {
            Event::Act(number) => self.act(number)?,
            Event::Disconnect if self.is_working => self.disconnect_one(),
            Event::CrashRelay if self.is_working => self.crash_relay(),
            Event::CrashClient if self.is_working => self.crash_client(),
            Event::Disconnect | Event::CrashRelay | Event::CrashClient => {}
            Event::StartRelay => self.start_relay()?,
            Event::StartClient(number) => self.start_client(number)?,
            Event::Dialed(number, life) => self.dialed(number, life)?,
            Event::Projected(number, life, document) => self.projected(number, life, &document)?,
            Event::Loaded(number, life, document) => self.loaded(number, life, &document)?,
            Event::Stored(number, life, writing) => self.stored(number, life, writing)?,
            Event::Replaces(number, life, step) => self.replaces(number, life, step)?,
            Event::ToRelay(link) => self.reach_relay(link),
            Event::ToClient(link) => self.reach_client(link)?,
            Event::ClientNotices(link) => self.client_notices(link)?,
            Event::RelayNotices(link) => {
                if let Some(relay) = &mut self.relay {
                    let wishes = relay.disconnect(self.now, link);
                    self.grant(wishes);
                }
            }
            Event::RelayLoads(life, document) => {
                self.with_relay(life, |relay, now| relay.load(now, &document))?;
            }
            Event::RelayReadsRoom(life, root, since) => {
                self.with_relay(life, |relay, now| relay.read_room(now, &root, since))?;
            }
            Event::RelayCommits(life) => {
                if life == self.relay_life {
                    self.commit_planned = false;
                    self.summary.commits += 1;
                }
                self.with_relay(life, Relay::commit)?;
            }
            Event::RelayWrites(life, link) => self.relay_writes(life, link)?,
        }
        Ok(())
    }

    fn with_relay(
        &mut self,
        life: u64,
        work: impl FnOnce(&mut Relay, Timestamp) -> Result<Vec<relay::Wish>, String>,
    ) -> Result<(), String> {
        if let Some(relay) = self.relay.as_mut().filter(|_| life == self.relay_life) {
            let wishes = work(relay, self.now)?;
            self.grant(wishes);
        }
        Ok(())
    }

    /// Plans an event within twice the mean, so that it comes after the mean on average.
    fn plan_in(&mut self, ms_max: u64, event: Event) {
        let at = self.now + Duration::from_millis(1 + self.dice.below(ms_max));
        self.queue.plan(at, event);
    }

    fn plan_fault(&mut self, every_ms: Option<u64>, event: Event) {
        if let Some(every_ms) = every_ms.filter(|_| self.is_working) {
            self.plan_in(every_ms * 2, event);
        }
    }

    fn roll(&mut self, count: usize) -> usize {
        let count = u64::try_from(count).unwrap_or(0);
        usize::try_from(self.dice.below(count)).unwrap_or(0)
    }
}

fn text_of(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned())).unwrap_or_default()
}
