//! One writer a room edits; everybody else of the room hears of it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use anyhow::Result;
use tokio::sync::watch;
use tokio::time::MissedTickBehavior;

use super::{DRAIN, Shown, follower, rooms, writer};
use crate::Options;
use crate::doors::{now, rest};
use crate::line::{Checksum, Line, News, checksum};
use crate::report::{Latencies, Report};
use crate::server::Server;
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

type Room = rooms::Room<Sent>;

pub(super) async fn run(server: &Server, options: &Options, what: &str) -> Result<Report> {
    rooms::run((server, options, what), write, follow).await
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
