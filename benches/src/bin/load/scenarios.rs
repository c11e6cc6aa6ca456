//! What clients do.

mod fan_out;
mod joins;
mod misbehaving;
mod presence;
mod rooms;

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use tokio::sync::{Barrier, watch};
use tokio::task::JoinSet;

use crate::Options;
use crate::doors::now;
use crate::line::{Follower, Line, News};
use crate::report::{Latencies, Report};
use crate::server::{Server, Target, Usage};
use crate::writer::Writer;

/// How long clients wait for what has not come when the last was sent.
const DRAIN: Duration = Duration::from_secs(10);

/// Runs one of them.
pub(crate) async fn run(scenario: &str, server: &Server, options: &Options) -> Result<Vec<Report>> {
    Ok(match scenario {
        "fan-out" => vec![fan_out::run(server, options, "fan-out").await?],
        "presence" => vec![presence::run(server, options).await?],
        "cold-joins" => vec![joins::cold(server, options).await?],
        "offline-bursts" => vec![joins::bursts(server, options).await?],
        "idle" => vec![joins::idle(server, options).await?],
        "reconnect-storm" => vec![joins::storm(server, options).await?],
        "misbehaving" => misbehaving::run(server, options).await?,
        other => bail!("no scenario is called {other}"),
    })
}

/// Everybody begins at once, the one who measures included.
pub(crate) struct Start(Arc<Barrier>);

impl Start {
    fn of(clients: usize) -> Self {
        Self(Arc::new(Barrier::new(clients + 1)))
    }

    fn barrier(&self) -> Arc<Barrier> {
        Arc::clone(&self.0)
    }

    /// Waits until everybody is there; a client that fails before would keep all others waiting.
    async fn reached(&self, tasks: &mut JoinSet<Result<Shown>>) -> Result<()> {
        tokio::select! {
            _ = self.0.wait() => {}
            Some(failed) = tasks.join_next() => drop(failed??),
        }
        Ok(())
    }
}

/// What one client has to show.
#[derive(Debug)]
pub(crate) struct Shown {
    latencies: Latencies,
    bytes: (usize, usize),
}

impl Shown {
    fn new(latencies: Latencies, line: &Line) -> Self {
        Self { latencies, bytes: (line.bytes_in, line.bytes_out) }
    }
}

/// The measure of a run: taken when everybody begins, read when all have ended.
pub(crate) struct Measure<'a> {
    server: &'a Server,
    before: Option<Usage>,
    started: Instant,
}

impl<'a> Measure<'a> {
    fn start(server: &'a Server) -> Self {
        Self { server, before: server.usage(), started: now() }
    }

    fn report(self, what: String, expected: usize, shown: Vec<Shown>) -> Result<Report> {
        let (seconds, after) = (self.started.elapsed(), self.server.usage());
        let bytes =
            shown.iter().fold((0, 0), |sum, one| (sum.0 + one.bytes.0, sum.1 + one.bytes.1));
        let sockets = shown.len();
        Ok(Report {
            what,
            server: self.server.kind.to_string(),
            latencies: Latencies::merged(shown.into_iter().map(|one| one.latencies))?,
            expected: u64::try_from(expected)?,
            seconds,
            before: self.before,
            after,
            bytes,
            sockets,
        })
    }
}

/// A room's name, of this run alone.
pub(crate) fn room(scenario: &str, number: usize) -> String {
    format!("load-{}-{scenario}-{number}", std::process::id())
}

/// A writer with a document that the server has, and its socket. Who waits for `exists` is told.
pub(crate) async fn writer(
    target: &Target,
    room: &str,
    edits: usize,
    exists: &watch::Sender<bool>,
) -> Result<(Line, Writer)> {
    let mut line = Line::join(target, room, &format!("{room}-writer")).await?;
    let mut writer = Writer::new(room);
    writer.age(edits)?;
    if !target.is_floor {
        writer.save(&mut line).await?;
    }
    exists.send_replace(true);
    Ok((line, writer))
}

/// A follower that has the document, once there is one.
pub(crate) async fn follower(
    target: &Target,
    room: &str,
    number: usize,
    mut exists: watch::Receiver<bool>,
) -> Result<(Line, Follower)> {
    let mut line = Line::join(target, room, &format!("{room}-{number}")).await?;
    let mut follower = Follower::new(room);
    exists.wait_for(|it| *it).await?;
    follower.request(&mut line).await?;
    while !target.is_floor && follower.heads.is_empty() {
        if let News::Sync(message) = line.next().await? {
            follower.take(&mut line, &message).await?;
        }
    }
    Ok((line, follower))
}
