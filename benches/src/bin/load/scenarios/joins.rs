//! Clients that come: with nothing, with what they wrote offline, with nothing new, and those that stay and say nothing.

use std::sync::Arc;

use anyhow::{Context, Result};
use tokio::sync::{Barrier, watch};
use tokio::task::JoinSet;

use super::{Measure, Shown, Start, follower, room, writer};
use crate::Options;
use crate::doors::{all, now};
use crate::line::{Follower, Line, News};
use crate::report::{Latencies, Report};
use crate::server::{Server, Target};
use crate::writer::Writer;

/// Sockets that are opened at a time where that is not what is measured: a listener's queue has an end.
const AT_A_TIME: usize = 64;

/// Runs tasks that wait for the start, and measures from there.
async fn measured(
    server: &Server,
    what: String,
    start: Start,
    mut tasks: JoinSet<Result<Shown>>,
) -> Result<Report> {
    let expected = tasks.len();
    start.reached(&mut tasks).await?;
    let measure = Measure::start(server);
    let shown = all(tasks).await?;
    measure.report(what, expected, shown)
}

/// Everybody asks for one document with a history at once.
pub(super) async fn cold(server: &Server, options: &Options) -> Result<Report> {
    let (target, name) = (server.target(), room("cold-joins", 0));
    let (exists, _) = watch::channel(false);
    let (line, _) = writer(&target, &name, options.changes, &exists).await?;
    let clients = options.rooms * options.clients;
    let (start, mut tasks) = (Start::of(clients), JoinSet::new());
    for number in 0..clients {
        tasks.spawn(join_cold(
            (target.clone(), name.clone()),
            number,
            options.changes,
            start.barrier(),
        ));
    }
    let what = format!("cold joins, {clients} at once, {} changes", options.changes);
    let report = measured(server, what, start, tasks).await;
    drop(line);
    report
}

async fn join_cold(
    (target, room): (Target, String),
    number: usize,
    changes: usize,
    start: Arc<Barrier>,
) -> Result<Shown> {
    start.wait().await;
    let started = now();
    let mut line = Line::join(&target, &room, &format!("{room}-{number}")).await?;
    let mut it = Follower::new(&room);
    it.request(&mut line).await?;
    let (mut brought, mut is_whole) = (0, false);
    while brought < changes && !is_whole {
        if let News::Sync(message) = line.next().await? {
            // a type byte of 0: a whole document in one chunk
            is_whole = message.changes.iter().any(|chunk| chunk.get(8) == Some(&0));
            brought += it.take(&mut line, &message).await?.len();
        }
    }
    let mut latencies = Latencies::new()?;
    latencies.add(started.elapsed());
    Ok(Shown::new(latencies, &line))
}

/// Everybody comes back at once with changes made offline, each to a document of their own.
pub(super) async fn bursts(server: &Server, options: &Options) -> Result<Report> {
    let clients = options.rooms * options.clients;
    let (start, mut tasks) = (Start::of(clients), JoinSet::new());
    for number in 0..clients {
        let mut writer = Writer::new(&room("offline-bursts", number));
        writer.age(options.changes)?;
        tasks.spawn(burst(
            server.target(),
            room("offline-bursts", number),
            writer,
            start.barrier(),
        ));
    }
    let what = format!("offline bursts, {clients} at once, {} changes each", options.changes);
    measured(server, what, start, tasks).await
}

async fn burst(
    target: Target,
    room: String,
    mut writer: Writer,
    start: Arc<Barrier>,
) -> Result<Shown> {
    start.wait().await;
    let started = now();
    let mut line = Line::join(&target, &room, &room).await?;
    writer.save(&mut line).await?;
    let mut latencies = Latencies::new()?;
    latencies.add(started.elapsed());
    Ok(Shown::new(latencies, &line))
}

/// Sockets that joined, opened a document and say nothing more.
pub(super) async fn idle(server: &Server, options: &Options) -> Result<Report> {
    let target = server.target();
    let (exists, known) = watch::channel(false);
    let first = writer(&target, &room("idle", 0), 1, &exists).await?;
    let clients = options.rooms * options.clients;
    let measure = Measure::start(server);
    let (mut shown, mut open, mut tasks) = (Vec::new(), Vec::new(), JoinSet::new());
    for number in 0..clients {
        while tasks.len() >= AT_A_TIME {
            open.push(tasks.join_next().await.context("a task")???);
        }
        let (target, known) = (target.clone(), known.clone());
        tasks.spawn(async move {
            let started = now();
            let (line, _) = follower(&target, &room("idle", 0), number, known).await?;
            anyhow::Ok((line, started.elapsed()))
        });
    }
    open.extend(all(tasks).await?);
    for (line, joined) in &open {
        let mut latencies = Latencies::new()?;
        latencies.add(*joined);
        shown.push(Shown::new(latencies, line));
    }
    let report = measure.report(format!("idle, {clients} sockets"), clients, shown);
    drop((first, open));
    report
}

/// Everybody comes back at once, with nothing new.
pub(super) async fn storm(server: &Server, options: &Options) -> Result<Report> {
    let start = Start::of(options.rooms * options.clients);
    let mut tasks = JoinSet::new();
    for number in 0..options.rooms {
        let (target, name) = (server.target(), room("reconnect-storm", number));
        let (exists, known) = watch::channel(false);
        let (line, _) = writer(&target, &name, 100, &exists).await?;
        let (line, it) = {
            drop(line);
            // a name of its own: a stock server that has not seen the old socket end answers the new one no more
            follower(&target, &name, options.clients, known).await?
        };
        drop(line);
        for number in 0..options.clients {
            tasks.spawn(come_back(
                (target.clone(), name.clone()),
                number,
                it.clone(),
                start.barrier(),
            ));
        }
    }
    let what = format!("reconnect storm, {} × {}", options.rooms, options.clients);
    measured(server, what, start, tasks).await
}

async fn come_back(
    (target, room): (Target, String),
    number: usize,
    it: Follower,
    start: Arc<Barrier>,
) -> Result<Shown> {
    start.wait().await;
    let started = now();
    let mut line = Line::join(&target, &room, &format!("{room}-{number}")).await?;
    it.request(&mut line).await?;
    loop {
        if let News::Sync(message) = line.next().await?
            && message.heads == it.heads
        {
            break;
        }
    }
    let mut latencies = Latencies::new()?;
    latencies.add(started.elapsed());
    Ok(Shown::new(latencies, &line))
}
