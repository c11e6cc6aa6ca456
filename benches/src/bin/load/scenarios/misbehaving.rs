//! Honest clients, alone and then beside one that never reads, one that writes as fast as it can, and one that sends
//! nonsense again and again.

use anyhow::Result;
use bytes::Bytes;
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::{fan_out, room, writer};
use crate::Options;
use crate::line::{Follower, Line, News};
use crate::report::Report;
use crate::server::{Server, Target};
use crate::writer::Writer;

/// Edits that the flooding writer makes before it sends them.
const FLOOD_EDITS: usize = 10;

pub(super) async fn run(server: &Server, options: &Options) -> Result<Vec<Report>> {
    let quiet = fan_out::run(server, options, "honest alone").await?;
    let what = "honest beside three others";
    let mut others = JoinSet::new();
    let target = server.target();
    others.spawn(stall(target.clone(), room(what, 0)));
    others.spawn(flood(target.clone(), room("flood", 0)));
    others.spawn(send_nonsense(target, room(what, 0)));
    let beside = fan_out::run(server, options, what).await?;
    others.shutdown().await;
    Ok(vec![quiet, beside])
}

/// Asks for the document of the honest and never reads again.
async fn stall(target: Target, room: String) -> Result<()> {
    let mut line = Line::join(&target, &room, &format!("{room}-stalled")).await?;
    Follower::new(&room).request(&mut line).await?;
    std::future::pending().await
}

/// Writes into a document of its own as fast as the server takes it.
async fn flood(target: Target, room: String) -> Result<()> {
    let (exists, _known) = watch::channel(false);
    let (mut line, mut it): (Line, Writer) = writer(&target, &room, 1, &exists).await?;
    loop {
        it.age(FLOOD_EDITS)?;
        it.save(&mut line).await?;
    }
}

/// Sends what is no sync message, is closed, and comes back.
async fn send_nonsense(target: Target, room: String) -> Result<()> {
    let document_id = Follower::new(&room).document_id;
    loop {
        let mut line = Line::join(&target, &room, &format!("{room}-hostile")).await?;
        line.sync(&document_id, Bytes::from_static(&[0x42, 0xff, 0xff, 0xff]), false).await?;
        while !matches!(line.next().await, Err(_) | Ok(News::Bare(_))) {}
    }
}
