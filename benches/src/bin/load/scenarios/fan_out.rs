//! One writer a room edits; everybody else of the room hears of it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use anyhow::Result;
use tokio::sync::{Barrier, watch};
use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;

use super::{DRAIN, Measure, Shown, Start, follower, room, writer};
use crate::Options;
use crate::doors::{all, now, rest};
use crate::line::{Checksum, Line, News, checksum};
use crate::report::{Latencies, Report};
use crate::server::{Server, Target};
use crate::writer::{Writer, named};

/// When each change of a room was sent.
#[derive(Debug, Clone, Default)]
struct Sent(Arc<Mutex<BTreeMap<Checksum, Instant>>>);

impl Sent {
    fn note(&self, change: Checksum) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(change, now());
    }

    fn of(&self, change: Checksum) -> Option<Instant> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&change).copied()
    }
}

/// What the clients of a room share.
#[derive(Clone)]
struct Room {
    target: Target,
    name: String,
    sent: Sent,
    options: Options,
    start: Arc<Barrier>,
}

pub(super) async fn run(server: &Server, options: &Options, what: &str) -> Result<Report> {
    let start = Start::of(options.rooms * options.clients);
    let mut tasks = JoinSet::new();
    for number in 0..options.rooms {
        let (exists, known) = watch::channel(false);
        let (target, name) = (server.target(), room(what, number));
        let (sent, options) = (Sent::default(), options.clone());
        let room = Room { target, name, sent, options, start: start.clone() };
        for number in 1..room.options.clients {
            tasks.spawn(follow(room.clone(), number, known.clone()));
        }
        tasks.spawn(write(room, exists));
    }
    // who fails before the start would keep all others waiting
    tokio::select! {
        _ = start.0.wait() => {}
        Some(failed) = tasks.join_next() => drop(failed??),
    }
    let measure = Measure::start(server);
    let shown = all(tasks).await?;
    let heard = options.rooms * (options.clients - 1);
    let expected = heard * usize::try_from(options.rounds())?;
    let what =
        format!("{what}, {} × {}, every {} ms", options.rooms, options.clients, options.every);
    measure.report(what, expected, shown)
}

async fn write(room: Room, exists: watch::Sender<bool>) -> Result<Shown> {
    let (mut line, mut it) = writer(&room.target, &room.name, 1, &exists).await?;
    room.start.wait().await;
    let mut ticks = tokio::time::interval(room.options.every());
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut round = 0;
    while round < room.options.rounds() {
        tokio::select! {
            _ = ticks.tick() => {
                edit(&room, &mut line, &mut it).await?;
                round += 1;
            }
            news = line.next() => {
                if let News::Sync(message) = news? {
                    it.hear(&message)?;
                    it.speak(&mut line).await?;
                }
            }
        }
    }
    if !room.target.is_floor {
        it.save(&mut line).await?;
    }
    Ok(Shown::new(Latencies::new()?, &line))
}

async fn edit(room: &Room, line: &mut Line, it: &mut Writer) -> Result<()> {
    let chunk = it.edit()?;
    room.sent.note(named(&chunk)?);
    if line.is_bare { line.send_bytes(chunk).await } else { it.speak(line).await }
}

async fn follow(room: Room, number: usize, exists: watch::Receiver<bool>) -> Result<Shown> {
    let (mut line, mut it) = follower(&room.target, &room.name, number, exists).await?;
    room.start.wait().await;
    let mut latencies = Latencies::new()?;
    let end = rest(room.options.every() * u32::try_from(room.options.rounds())? + DRAIN);
    tokio::pin!(end);
    while latencies.count() < room.options.rounds() {
        let news = tokio::select! {
            news = line.next() => news?,
            () = &mut end => break,
        };
        let brought = match news {
            News::Sync(message) => it.take(&mut line, &message).await?,
            News::Bare(chunk) => checksum(&chunk).into_iter().collect(),
            News::Presence(_) | News::Other => Vec::new(),
        };
        for sent in brought.into_iter().filter_map(|change| room.sent.of(change)) {
            latencies.add(sent.elapsed());
        }
    }
    Ok(Shown::new(latencies, &line))
}
