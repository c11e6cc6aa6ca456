//! One person a room moves a pointer; everybody else of the room sees it.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use anyhow::Result;
use bytes::Bytes;
use tokio::sync::watch;

use super::{DRAIN, Shown, follower, rooms, writer};
use crate::Options;
use crate::doors::{now, rest};
use crate::line::{Follower, News};
use crate::report::{Latencies, Report};
use crate::server::Server;

/// Bytes of what is sent: what a pointer, a name and a state take in CBOR.
const BYTES: usize = 200;

/// When each was sent, by its count.
type Sent = Arc<Mutex<Vec<Instant>>>;
type Room = rooms::Room<Sent>;

pub(super) async fn run(server: &Server, options: &Options) -> Result<Report> {
    rooms::run((server, options, "presence"), point, watch).await
}

async fn point(room: Room, exists: watch::Sender<bool>) -> Result<Shown> {
    let (mut line, mut it) = writer(&room.target, &room.name, 1, &exists).await?;
    room.start.wait().await;
    let mut ticks = tokio::time::interval(room.options.every());
    // a CBOR byte string of two bytes' length
    let mut data = vec![0x59, 0, 0];
    data.resize(BYTES, 0);
    data.splice(1..3, u16::try_from(BYTES - 3)?.to_be_bytes());
    let data = Bytes::from(data);
    let document_id = Follower::new(&room.name).document_id;
    let mut count = 0;
    // one more: a server drops what a socket that closes has not read
    while count <= room.options.rounds() {
        tokio::select! {
            _ = ticks.tick() => {
                count += 1;
                if count <= room.options.rounds() {
                    room.sent.lock().unwrap_or_else(PoisonError::into_inner).push(now());
                    line.presence(&document_id, count, data.clone()).await?;
                }
            }
            // pings are answered where somebody reads
            news = line.next() => {
                if let News::Sync(message) = news? {
                    it.hear(&message)?;
                }
            }
        }
    }
    Ok(Shown::new(Latencies::new()?, &line))
}

async fn watch(room: Room, number: usize, exists: watch::Receiver<bool>) -> Result<Shown> {
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
        let count = match news {
            News::Presence(message) => message.count,
            News::Bare(bytes) => bytes.first_chunk().map_or(0, |count| u64::from_be_bytes(*count)),
            News::Sync(message) => {
                it.take(&mut line, &message).await?;
                continue;
            }
            News::Other => continue,
        };
        let sent = room.sent.lock().unwrap_or_else(PoisonError::into_inner);
        let place = usize::try_from(count)?.checked_sub(1);
        if let Some(sent) = place.and_then(|place| sent.get(place)) {
            latencies.add(sent.elapsed());
        }
    }
    Ok(Shown::new(latencies, &line))
}
