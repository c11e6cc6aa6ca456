//! Rooms of clients: one leads, everybody else follows, and all begin at once.

use std::sync::Arc;

use anyhow::Result;
use tokio::sync::{Barrier, watch};
use tokio::task::JoinSet;

use super::{Measure, Shown, Start, room};
use crate::Options;
use crate::doors::all;
use crate::report::Report;
use crate::server::{Server, Target};

/// What the clients of a room share, `S` being what tells when something was sent.
#[derive(Debug, Clone)]
pub(super) struct Room<S> {
    pub(super) target: Target,
    pub(super) name: String,
    pub(super) sent: S,
    pub(super) options: Options,
    pub(super) start: Arc<Barrier>,
}

/// Runs a leader, who tells when there is a document, and followers in each room; each follower is to hear of every round.
pub(super) async fn run<S, L, F>(
    (server, options, what): (&Server, &Options, &str),
    lead: impl Fn(Room<S>, watch::Sender<bool>) -> L,
    follow: impl Fn(Room<S>, usize, watch::Receiver<bool>) -> F,
) -> Result<Report>
where
    S: Clone + Default,
    L: Future<Output = Result<Shown>> + Send + 'static,
    F: Future<Output = Result<Shown>> + Send + 'static,
{
    let start = Start::of(options.rooms * options.clients);
    let mut tasks = JoinSet::new();
    for number in 0..options.rooms {
        let (exists, known) = watch::channel(false);
        let (target, name) = (server.target(), room(what, number));
        let (sent, options, start) = (S::default(), options.clone(), start.barrier());
        let room = Room { target, name, sent, options, start };
        for number in 1..room.options.clients {
            tasks.spawn(follow(room.clone(), number, known.clone()));
        }
        tasks.spawn(lead(room, exists));
    }
    start.reached(&mut tasks).await?;
    let measure = Measure::start(server);
    let shown = all(tasks).await?;
    let followers = options.rooms * options.clients.saturating_sub(1);
    let expected = followers * usize::try_from(options.rounds())?;
    let what =
        format!("{what}, {} × {}, every {} ms", options.rooms, options.clients, options.every);
    measure.report(what, expected, shown)
}
